package org.espalier.op;

import static org.espalier.kernel.KernelAssertions.assertSameBits;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.espalier.infer.Plan;
import org.espalier.infer.PlanOptions;
import org.espalier.infer.Rewrites;
import org.espalier.model.Graph;
import org.espalier.model.Initializer;
import org.espalier.model.Operator;
import org.espalier.model.Parameter;
import org.espalier.model.Zoo;
import org.espalier.parallel.ThreadPool;
import org.espalier.tensor.BitMask;
import org.espalier.tensor.Shape;
import org.espalier.tensor.Subset;
import org.espalier.tensor.Tensor;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ConvNetworkTest {
  private static final int BATCH = 19; // one whole group of images and a part of one
  private static final Clock CLOCK = new Clock(1, 1);

  private final SplittableRandom random = new SplittableRandom(77);

  static Stream<Named<Graph>> graphs() {
    Shape input = Shape.of(2, 7, 6);
    return Stream.of(
        Named.of(
            "convolutions with bias, both poolings",
            Graph.input(input)
                .conv("conv1", 5, 3, 1, 1, true)
                .relu()
                .maxPool(3, 2, 1)
                .conv("conv2", 4, 3, 2, 1, true)
                .averagePool(2, 1, 0)
                .flatten()
                .linear("logits", 3)
                .build()),
        Named.of("normalised residual blocks", residual(input)),
        Named.of("pre-activated", preActivated(input)),
        Named.of(
            "the input used twice, groups, a rectifier by itself",
            Graph.input(input)
                .relu()
                .add("conv1", new Operator.Conv2d(2, 4, 3, 1, 1, 0, 2, false))
                .averagePool(3, 2, 1)
                .globalAveragePool()
                .flatten()
                .linear("logits", 3)
                .build()));
  }

  private static Graph residual(Shape input) {
    Graph.Builder b = Graph.input(input).conv("conv1", 4, 3, 1).batchNorm("bn1").relu();
    String before = b.last();
    b.conv("conv2", 4, 3, 1).batchNorm("bn2").plus(before).relu();
    before = b.last();
    b.conv("conv3", 6, 3, 2).batchNorm("bn3");
    String branch = b.last();
    b.from(before).conv("shortcut", 6, 1, 2).batchNorm("bns");
    String shortcut = b.last();
    b.from(branch).plus(shortcut).relu();
    before = b.last();
    b.conv("conv4", 8, 3, 2).batchNorm("bn4");
    branch = b.last();
    b.from(before).add("free", new Operator.Shortcut(8, 2));
    shortcut = b.last();
    return b.from(branch)
        .plus(shortcut)
        .relu()
        .globalAveragePool()
        .flatten()
        .linear("logits", 3)
        .build();
  }

  private static Graph preActivated(Shape input) {
    Graph.Builder b = Graph.input(input).conv("conv1", 4, 3, 1);
    String before = b.last();
    b.batchNorm("bn1").relu().conv("conv2", 4, 3, 1).batchNorm("bn2").relu().conv("conv3", 4, 3, 1);
    b.plus(before);
    before = b.last();
    b.batchNorm("bn3").relu();
    String activated = b.last();
    b.conv("shortcut", 5, 1, 2);
    String shortcut = b.last();
    b.from(activated).conv("conv4", 5, 3, 2).plus(shortcut);
    return b.batchNorm("bn4").relu().globalAveragePool().flatten().linear("logits", 3).build();
  }

  private Graph initialized(Graph graph) {
    Graph g = graph.copy();
    Initializer.HE_NORMAL.initialize(g, 5);
    for (Parameter p : g.parameters()) {
      if (p.kind() != Parameter.Kind.WEIGHT) {
        for (int i = 0; i < p.value().cols(); i++) {
          p.value().set(0, i, p.value().get(0, i) + (float) random.nextDouble(0.1, 0.4));
        }
      }
    }
    return g;
  }

  private Tensor input(Graph graph) {
    Tensor x = Tensor.zeros(BATCH, graph.inputShape().size());
    for (int r = 0; r < BATCH; r++) {
      for (int c = 0; c < x.cols(); c++) {
        x.set(r, c, (float) random.nextGaussian());
      }
    }
    return x;
  }

  /** What the loss is made of: the outputs times these. */
  private static double coefficient(int example, int output) {
    return Math.sin(1 + 3 * example + output);
  }

  private static double loss(double[][] y) {
    double sum = 0;
    for (int i = 0; i < y.length; i++) {
      for (int j = 0; j < y[i].length; j++) {
        sum += coefficient(i, j) * y[i][j];
      }
    }
    return sum;
  }

  private static void backward(Network network) {
    Tensor dy = network.outputGradient();
    for (int i = 0; i < BATCH; i++) {
      for (int j = 0; j < dy.cols(); j++) {
        dy.set(i, j, (float) coefficient(i, j));
      }
    }
    network.backward(BATCH);
  }

  @ParameterizedTest
  @MethodSource("graphs")
  void agreesWithDoubleArithmeticAndItsDifferences(Graph structure) {
    Graph graph = initialized(structure);
    Tensor x = input(graph);
    var reference = new DoubleNetwork(graph, true);
    double[][] want = reference.forward(x, BATCH);
    try (ThreadPool workers = new ThreadPool(2)) {
      Network network = new Network(graph, Sparsifier.NONE, 1, BATCH, false, workers);
      Tensor got = network.forward(Phase.TRAIN, CLOCK, x, BATCH);
      for (int i = 0; i < BATCH; i++) {
        for (int j = 0; j < got.cols(); j++) {
          assertEquals(want[i][j], got.get(i, j), 2e-5 * (1 + Math.abs(want[i][j])));
        }
      }
      backward(network);
      for (Trainable t : network.trainables()) {
        differences(reference, t, x);
      }
    }
  }

  private void differences(DoubleNetwork reference, Trainable t, Tensor x) {
    double[] p = reference.parameter(t.name());
    float[] gradient = t.gradient().toArray();
    double largest = 0;
    for (float g : gradient) {
      largest = Math.max(largest, Math.abs(g));
    }
    assertTrue(largest > 0, t.name());
    for (int n = 0; n < Math.min(p.length, 12); n++) {
      int i = random.nextInt(p.length);
      double before = p[i];
      double h = 1e-6;
      p[i] = before + h;
      double up = loss(reference.forward(x, BATCH));
      p[i] = before - h;
      double down = loss(reference.forward(x, BATCH));
      p[i] = before;
      assertEquals((up - down) / (2 * h), gradient[i], 1e-3 * largest, t.name() + "[" + i + "]");
    }
  }

  @ParameterizedTest
  @MethodSource("graphs")
  void evaluatesByRunningStatisticsAndThePlanGivesTheSameBits(Graph structure) {
    Graph graph = initialized(structure);
    Tensor x = input(graph);
    double[][] want = new DoubleNetwork(graph, false).forward(x, BATCH);
    try (ThreadPool workers = new ThreadPool(2)) {
      Network network = new Network(graph, Sparsifier.NONE, 1, BATCH, false, workers);
      Tensor got = network.forward(Phase.EVALUATE, CLOCK, x, BATCH);
      float[] evaluated = got.toArray();
      for (int i = 0; i < evaluated.length; i++) {
        double w = want[i / got.cols()][i % got.cols()];
        assertEquals(w, evaluated[i], 2e-5 * (1 + Math.abs(w)));
      }
      for (int maxBatch : new int[] {1, 8, 64}) {
        float[] y = new float[evaluated.length];
        Plan.compile(
                graph, PlanOptions.defaults().withRewrites(Rewrites.NONE).withMaxBatch(maxBatch))
            .session(workers)
            .run(BATCH, x.toArray(), y);
        assertSameBits(evaluated, y, () -> "batches of " + maxBatch);
      }
    }
  }

  /** Running statistics against their definition, after one step. */
  @Test
  void runningStatisticsFollowTheBatch() {
    Graph graph =
        initialized(
            Graph.input(Shape.of(1, 4, 4))
                .add("bn", new Operator.BatchNorm(1, 0.9, 1e-5))
                .flatten()
                .linear("logits", 2)
                .build());
    Tensor x = input(graph);
    float meanBefore = graph.parameter("bn.running_mean").value().get(0, 0);
    float varianceBefore = graph.parameter("bn.running_var").value().get(0, 0);
    double mean = 0;
    double squares = 0;
    int n = BATCH * 16;
    for (float v : x.toArray()) {
      mean += v / n;
    }
    for (float v : x.toArray()) {
      squares += (v - mean) * (v - mean);
    }
    try (ThreadPool workers = new ThreadPool(1)) {
      new Network(graph, Sparsifier.NONE, 1, BATCH, false, workers)
          .forward(Phase.TRAIN, CLOCK, x, BATCH);
    }
    assertEquals(
        0.9 * meanBefore + 0.1 * mean, graph.parameter("bn.running_mean").value().get(0, 0), 1e-6);
    assertEquals(
        0.9 * varianceBefore + 0.1 * squares / (n - 1),
        graph.parameter("bn.running_var").value().get(0, 0),
        1e-6);
  }

  /** Leaving channels out and multiplying with zeros give the same, gradients and all. */
  @ParameterizedTest
  @MethodSource("graphs")
  void channelsLeftOutAreChannelsOfZeros(Graph structure) {
    Tensor x = input(structure);
    for (boolean silent : new boolean[] {false, true}) {
      SplittableRandom before = random.split();
      float[][] skipped = step(structure, x, before.split(), silent, true);
      float[][] masked = step(structure, x, before.split(), silent, false);
      for (int i = 0; i < skipped.length; i++) {
        int k = i;
        assertSameBits(masked[i], skipped[i], () -> "result " + k + ", silent " + silent);
      }
    }
  }

  private float[][] step(
      Graph structure, Tensor x, SplittableRandom unused, boolean silent, boolean skips) {
    Graph graph = structure.copy();
    Initializer.HE_NORMAL.initialize(graph, 5);
    graph.parameters().stream()
        .filter(p -> p.kind() == Parameter.Kind.BIAS)
        .forEach(p -> p.value().fill(0.25f));
    Sparsifier method =
        (node, weight, site) -> {
          if (!(node.operator() instanceof Operator.Conv2d)) {
            return WeightTransform.NONE;
          }
          Subset kept = new Subset(weight.value().rows());
          BitMask mask = new BitMask(weight.value().rows(), weight.value().cols());
          for (int u = 0; u < kept.size(); u++) {
            boolean stays = u % 3 != 1;
            kept.bits().set(0, u, stays);
            mask.setRow(u, stays);
          }
          kept.refresh();
          return (phase, clock, effective) -> {
            if (skips) {
              effective.units(kept, mask, silent);
            } else if (silent) {
              effective.masked(mask, kept);
            } else {
              effective.masked(mask);
            }
          };
        };
    try (ThreadPool workers = new ThreadPool(2)) {
      Network network = new Network(graph, method, 1, BATCH, true, workers);
      float[] y = network.forward(Phase.TRAIN, CLOCK, x, BATCH).toArray();
      backward(network);
      return Stream.concat(
              Stream.of(y), network.trainables().stream().map(t -> t.gradient().toArray()))
          .toArray(float[][]::new);
    }
  }

  @Test
  void threadsDontMatter() {
    Graph graph = Zoo.named("resnet20", Shape.of(3, 8, 8), 4).orElseThrow();
    float[][] first = null;
    for (int threads : new int[] {1, 2, 3}) {
      Graph g = graph.copy();
      Initializer.HE_NORMAL.initialize(g, 9);
      Tensor x = input(new SplittableRandom(3), g);
      try (ThreadPool workers = new ThreadPool(threads)) {
        Network network = new Network(g, Sparsifier.NONE, 1, BATCH, false, workers);
        network.forward(Phase.TRAIN, CLOCK, x, BATCH);
        backward(network);
        float[][] results =
            network.trainables().stream().map(t -> t.gradient().toArray()).toArray(float[][]::new);
        if (first == null) {
          first = results;
        }
        for (int i = 0; i < results.length; i++) {
          int k = i;
          assertSameBits(first[i], results[i], () -> threads + " threads, gradient " + k);
        }
      }
    }
  }

  private static Tensor input(SplittableRandom random, Graph graph) {
    Tensor x = Tensor.zeros(BATCH, graph.inputShape().size());
    for (int r = 0; r < BATCH; r++) {
      for (int c = 0; c < x.cols(); c++) {
        x.set(r, c, (float) random.nextGaussian());
      }
    }
    return x;
  }
}
