package org.espalier.infer;

import static org.espalier.kernel.KernelAssertions.assertAllocatesNothing;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.espalier.InputException;
import org.espalier.model.Graph;
import org.espalier.model.Initializer;
import org.espalier.model.Operator;
import org.espalier.model.Parameter;
import org.espalier.op.Clock;
import org.espalier.op.Network;
import org.espalier.op.Phase;
import org.espalier.op.Sparsifier;
import org.espalier.parallel.ThreadPool;
import org.espalier.rewrite.FoldBatchNorm;
import org.espalier.rewrite.RoundedWeights;
import org.espalier.tensor.Precision;
import org.espalier.tensor.Shape;
import org.espalier.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Plans of convolutional networks against the evaluation of the network that is trained. */
class ConvPlanTest {
  private static final int[] BATCHES = {1, 2, 9, 16, 19, 35};
  private static final int MOST = 35;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233})
  void everyKernelBatchAndThreadGivesTheBitsOfTheEvaluation(long seed) {
    var random = new SplittableRandom(seed);
    Graph graph = network(random);
    float[] x = images(random, graph, MOST);
    float[] want = evaluate(graph, x);
    int outputs = graph.outputShape().size();
    try (ThreadPool workers = new ThreadPool(3)) {
      for (WeightFormat kernel : WeightFormat.values()) {
        PlanOptions options = PlanOptions.defaults().withRewrites(Rewrites.NONE).withKernel(kernel);
        for (int maxBatch : new int[] {1, 64}) {
          Plan plan = Plan.compile(graph, options.withMaxBatch(maxBatch));
          for (Session session : List.of(plan.session(), plan.session(workers))) {
            for (int batch : BATCHES) {
              float[] got = new float[batch * outputs];
              session.run(batch, x, got);
              // +0 and −0 are equal here: where a zero is skipped the sign may differ
              assertTrue(
                  equal(Arrays.copyOf(want, got.length), got),
                  kernel + ", batch " + batch + " of at most " + maxBatch + " " + graph.nodes());
            }
          }
        }
      }
    }
  }

  private static boolean equal(float[] want, float[] got) {
    for (int i = 0; i < want.length; i++) {
      if (want[i] != got[i]) {
        return false;
      }
    }
    return true;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5, 8, 13, 21, 34})
  void foldingStaysWithinRounding(long seed) {
    var random = new SplittableRandom(seed);
    Graph graph = network(random);
    float[] x = images(random, graph, MOST);
    float[] want = evaluate(graph, x);
    float[] dense = new float[want.length];
    float[] sparse = new float[want.length];
    PlanOptions options = PlanOptions.defaults();
    Plan.compile(graph, options.withKernel(WeightFormat.DENSE)).session().run(MOST, x, dense);
    Plan.compile(graph, options.withKernel(WeightFormat.CSR)).session().run(MOST, x, sparse);
    assertTrue(equal(dense, sparse), "both kernels give the same bits of the folded network");
    Plan.compile(graph, options.withKernel(WeightFormat.BSR)).session().run(MOST, x, sparse);
    assertTrue(equal(dense, sparse), "blocks give the same bits of the folded network");
    for (int i = 0; i < want.length; i++) {
      assertEquals(want[i], dense[i], 2e-5 * (1 + Math.abs(want[i])));
    }
  }

  /** Bytes and halves in memory are widened to what a plan of floats has of the rounded network. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5, 8, 13})
  void narrowWeightsGiveTheBitsOfTheRoundedNetwork(long seed) {
    var random = new SplittableRandom(seed);
    Graph graph = network(random);
    float[] x = images(random, graph, MOST);
    for (Precision precision : new Precision[] {Precision.FP16, Precision.INT8}) {
      Graph rounded = RoundedWeights.apply(graph, precision::round);
      float[] want = evaluate(rounded, x);
      for (WeightFormat kernel : new WeightFormat[] {WeightFormat.DENSE, WeightFormat.CSR}) {
        PlanOptions wide = PlanOptions.defaults().withRewrites(Rewrites.NONE).withKernel(kernel);
        float[] got = new float[want.length];
        Plan.compile(rounded, wide.withWeights(precision)).session().run(MOST, x, got);
        assertTrue(equal(want, got), precision + " " + kernel + " " + graph.nodes());
      }
    }
  }

  /**
   * A folded factor for each row goes into the scales, which are off by at most 2⁻¹⁶ then; halves
   * are rounded again.
   */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5, 8, 13})
  void foldingLeavesNarrowWeightsWithinABound(long seed) {
    var random = new SplittableRandom(seed);
    Graph graph = network(random);
    for (Precision precision : new Precision[] {Precision.FP16, Precision.INT8}) {
      Graph rounded = RoundedWeights.apply(graph, precision::round);
      Graph folded = FoldBatchNorm.apply(rounded);
      double bound = precision == Precision.INT8 ? 0x1p-16 : 0x1p-11;
      for (Parameter p : folded.parameters()) {
        if (p.kind() == Parameter.Kind.WEIGHT) {
          Tensor want = p.value();
          Tensor got = precision.roundRows(p.name(), want);
          for (int r = 0; r < want.rows(); r++) {
            for (int c = 0; c < want.cols(); c++) {
              float w = want.get(r, c);
              assertEquals(w, got.get(r, c), Math.abs(w) * bound, p.name());
            }
          }
        }
      }
      float[] x = images(random, graph, MOST);
      float[] dense = new float[MOST * graph.outputShape().size()];
      float[] sparse = new float[dense.length];
      PlanOptions options = PlanOptions.defaults().withWeights(precision);
      Plan.compile(rounded, options.withKernel(WeightFormat.DENSE)).session().run(MOST, x, dense);
      Plan.compile(rounded, options.withKernel(WeightFormat.CSR)).session().run(MOST, x, sparse);
      assertTrue(equal(dense, sparse), "both kernels give the same bits of the folded network");
    }
  }

  @Test
  void narrowWeightsTakeLessMemory() {
    Graph graph =
        Graph.input(Shape.of(16, 4, 4))
            .conv("a", 32, 3, 1)
            .globalAveragePool()
            .flatten()
            .linear("logits", 2)
            .build();
    Tensor w = graph.parameter("a.weight").value();
    for (int i = 0; i < w.size(); i += 10) {
      w.set(i / w.cols(), i % w.cols(), 1);
    }
    graph.parameter("logits.weight").value().fill(1); // or nobody would read the channels
    int entries = (w.size() + 9) / 10;
    int rest = 4 * 33 + 4 * 32; // the rows' first entries, biases
    PlanOptions options = PlanOptions.defaults().withKernel(WeightFormat.CSR);
    for (Precision precision : Precision.values()) {
      long scales = precision == Precision.FP32 ? 0 : 4 * 32;
      Plan plan = Plan.compile(graph, options.withWeights(precision));
      long bytes = plan.describe().getFirst().weightBytes();
      assertEquals((precision.bytes() + 1L) * entries + rest + scales, bytes, "" + precision);
    }
    w.set(3, 3, Float.NaN);
    assertEquals(
        "a.weight: expected finite weights, stored as INT8, found NaN",
        assertThrows(
                InputException.class,
                () -> Plan.compile(graph, options.withWeights(Precision.INT8)))
            .getMessage());
  }

  @Test
  void allocatesNothing() {
    var random = new SplittableRandom(4);
    Graph graph = network(random);
    float[] x = images(random, graph, MOST);
    float[] y = new float[MOST * graph.outputShape().size()];
    Session session = Plan.compile(graph, PlanOptions.defaults()).session();
    assertAllocatesNothing(() -> session.run(19, x, y));
  }

  private static float[] evaluate(Graph graph, float[] x) {
    Tensor in = Tensor.zeros(MOST, graph.inputShape().size());
    in.copyFrom(x);
    try (ThreadPool workers = new ThreadPool(1)) {
      Network network = new Network(graph, Sparsifier.NONE, 1, MOST, false, workers);
      return network.forward(Phase.EVALUATE, new Clock(1, 1), in, MOST).toArray();
    }
  }

  private static float[] images(SplittableRandom random, Graph graph, int n) {
    float[] x = new float[n * graph.inputShape().size()];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextGaussian();
    }
    return x;
  }

  /** A network with anything in it, its weights pruned by chance. */
  private static Graph network(SplittableRandom random) {
    int size = random.nextInt(5, 14);
    Graph.Builder b = Graph.input(Shape.of(random.nextInt(1, 4), size, size + random.nextInt(3)));
    conv(random, b, "first", random.nextInt(2, 20), 1);
    List<String> open = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      open.clear();
      open.add(b.last());
      Shape before = b.shape();
      switch (random.nextInt(6)) {
        case 0 -> {
          conv(random, b, "plain" + i, random.nextInt(2, 20), 1 + random.nextInt(2));
          b.relu();
        }
        case 1 -> {
          b.conv("a" + i, before.dim(0), 3, 1).batchNorm("an" + i).relu();
          b.conv("b" + i, before.dim(0), 3, 1);
          if (random.nextBoolean()) {
            b.batchNorm("bn" + i);
          }
          b.plus(open.getFirst());
          if (random.nextBoolean()) {
            b.relu();
          }
        }
        case 2 -> {
          b.conv("a" + i, before.dim(0) + 3, 3, 2).batchNorm("an" + i);
          String branch = b.last();
          b.from(open.getFirst());
          if (random.nextBoolean()) {
            b.conv("s" + i, before.dim(0) + 3, 1, 2);
          } else {
            b.add("s" + i, new Operator.Shortcut(before.dim(0) + 3, 2));
          }
          String shortcut = b.last();
          b.from(branch).plus(shortcut).relu();
        }
        case 3 -> {
          if (Math.min(before.dim(1), before.dim(2)) >= 3) {
            b.maxPool(3, random.nextInt(1, 3), random.nextInt(2));
          }
          b.batchNorm("n" + i).relu();
        }
        case 4 -> {
          if (Math.min(before.dim(1), before.dim(2)) >= 2) {
            b.averagePool(2, random.nextInt(1, 3), 0);
          }
        }
        default -> {
          int groups = before.dim(0) % 2 == 0 ? 2 : 1;
          int kernel = Math.min(3, Math.min(before.dim(1), before.dim(2)));
          b.add(
              "g" + i,
              new Operator.Conv2d(before.dim(0), 6, kernel, 1, 1, 0, groups, random.nextBoolean()));
          b.relu();
        }
      }
    }
    if (random.nextBoolean()) {
      b.globalAveragePool();
    }
    Graph graph = b.flatten().linear("logits", 5).build();
    Initializer.HE_NORMAL.initialize(graph, random.nextLong());
    for (Parameter p : graph.parameters()) {
      prune(random, p);
    }
    return graph;
  }

  private static void conv(
      SplittableRandom random, Graph.Builder b, String name, int outputs, int stride) {
    int kernel = 1 + random.nextInt(Math.min(5, Math.min(b.shape().dim(1), b.shape().dim(2))));
    int padding = random.nextInt(kernel);
    b.conv(name, outputs, kernel, stride, padding, random.nextBoolean());
  }

  private static void prune(SplittableRandom random, Parameter p) {
    double density = random.nextDouble(0.1, 1);
    Tensor value = p.value();
    for (int r = 0; r < value.rows(); r++) {
      for (int c = 0; c < value.cols(); c++) {
        if (p.kind() == Parameter.Kind.WEIGHT) {
          value.set(r, c, random.nextDouble() < density ? value.get(r, c) : 0);
        } else {
          value.set(r, c, value.get(r, c) + (float) random.nextDouble(0.1, 0.4));
        }
      }
    }
  }

  @Test
  void aSparsePlanTakesLessMemory() {
    var random = new SplittableRandom(11);
    Graph graph = Graph.input(Shape.of(16, 8, 8)).conv("c", 64, 3, 1).relu().flatten().build();
    Initializer.HE_NORMAL.initialize(graph, 1);
    Tensor w = graph.parameter("c.weight").value();
    for (int r = 0; r < w.rows(); r++) {
      for (int c = 0; c < w.cols(); c++) {
        w.set(r, c, random.nextInt(10) == 0 ? w.get(r, c) : 0);
      }
    }
    LayerSummary summary = Plan.compile(graph, PlanOptions.defaults()).describe().getFirst();
    assertEquals("csr", summary.kernels());
    assertTrue(summary.weightBytes() < 0.15 * 4 * w.size(), summary.toString());
    assertArrayEquals(
        new long[] {2 * summary.nnz() * 64, 2L * 64 * 144 * 64},
        new long[] {summary.flops(), summary.effectiveFlops()});
  }
}
