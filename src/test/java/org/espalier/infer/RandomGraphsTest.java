package org.espalier.infer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.espalier.io.ModelFile;
import org.espalier.model.Graph;
import org.espalier.model.Model;
import org.espalier.model.Node;
import org.espalier.model.Preprocessing;
import org.espalier.op.Clock;
import org.espalier.op.Network;
import org.espalier.op.Phase;
import org.espalier.op.Sparsifier;
import org.espalier.parallel.ThreadPool;
import org.espalier.tensor.Nchw16n;
import org.espalier.tensor.Shape;
import org.espalier.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever the structure of a graph, all that compute it agree: nothing of it is left out. */
class RandomGraphsTest {
  private static final int GRAPHS = 60;
  private static final int BATCH = 19; // a whole vector of examples and a part of one

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
  void trainingPlansAndModelFilesAgree(int part, @TempDir Path folder) {
    try (ThreadPool workers = new ThreadPool(2)) {
      for (long seed = part * GRAPHS; seed < (part + 1) * GRAPHS; seed++) {
        Graph graph = RandomGraphs.of(seed);
        String what = "seed " + seed + " " + graph.inputShape() + " " + graph.nodes();
        float[] x = input(seed, graph);
        float[] want = evaluate(graph, x);
        Path file = folder.resolve("m.safetensors");
        ModelFile.write(file, model(graph));
        Graph read = ModelFile.read(file).graph();
        assertEquals(graph.nodes(), read.nodes(), what);
        assertSame(want, evaluate(read, x), what + ", read again");
        PlanOptions exact = PlanOptions.defaults().withRewrites(Rewrites.NONE);
        for (WeightFormat kernel : WeightFormat.values()) {
          for (int most : new int[] {1, 64}) {
            Plan plan = Plan.compile(read, exact.withKernel(kernel).withMaxBatch(most));
            String how = what + ", " + kernel + ", at most " + most;
            assertSame(want, run(plan.session(), x, want.length, BATCH), how);
            assertSame(want, run(plan.session(workers), x, want.length, 5), how + ", by 5");
          }
        }
        for (Rewrites rewrites : EnumSet.complementOf(EnumSet.of(Rewrites.NONE))) {
          Plan plan = Plan.compile(read, PlanOptions.defaults().withRewrites(rewrites));
          float[] got = run(plan.session(), x, want.length, BATCH);
          for (int i = 0; i < want.length; i++) {
            assertEquals(want[i], got[i], 2e-5 * (1 + Math.abs(want[i])), what + ", " + rewrites);
          }
        }
      }
    }
  }

  /** Otherwise the test above would say less than it seems to. */
  @Test
  void theGraphsHaveAllThatGraphsCanHave() {
    Set<String> operators = new TreeSet<>();
    Set<String> seen = new TreeSet<>();
    for (long seed = 0; seed < 8 * GRAPHS; seed++) {
      Graph graph = RandomGraphs.of(seed);
      seen.add("input of rank " + graph.inputShape().rank());
      seen.add("output of rank " + graph.outputShape().rank());
      long flattened =
          graph.nodes().stream()
              .filter(n -> graph.shapeOf(n.input()).rank() == 3 && n.outputShape().rank() == 1)
              .map(Node::input)
              .distinct()
              .count();
      seen.add(flattened > 1 ? "several maps become vectors" : "one part behind the other");
      for (Node node : graph.nodes()) {
        operators.add(node.operator().getClass().getSimpleName());
        boolean adds = node.inputs().size() > 1;
        if (adds && node.outputShape().rank() == 1) {
          seen.add("sum of vectors");
        }
        if (adds && node.inputs().contains(Graph.INPUT)) {
          seen.add("sum with the input");
        }
        if (adds && node.input().equals(node.inputs().getLast())) {
          seen.add("sum with itself");
        }
        if (graph.readers(node.name()).size() > 1) {
          seen.add("several readers");
        }
      }
    }
    assertEquals(
        List.of(
            "Add",
            "AveragePool",
            "BatchNorm",
            "Conv2d",
            "Flatten",
            "GlobalAveragePool",
            "Linear",
            "MaxPool",
            "Relu",
            "Shortcut"),
        List.copyOf(operators));
    assertEquals(
        List.of(
            "input of rank 1",
            "input of rank 2",
            "input of rank 3",
            "one part behind the other",
            "output of rank 1",
            "output of rank 3",
            "several maps become vectors",
            "several readers",
            "sum of vectors",
            "sum with itself",
            "sum with the input"),
        List.copyOf(seen));
  }

  private static Model model(Graph graph) {
    List<String> classes =
        IntStream.range(0, graph.outputShape().size()).mapToObj(i -> "class " + i).toList();
    return new Model(graph, new Preprocessing.Pixels(0.5f, 0.25f), classes, Map.of());
  }

  private static float[] input(long seed, Graph graph) {
    SplittableRandom random = new SplittableRandom(~seed);
    float[] x = new float[BATCH * graph.inputShape().size()];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextDouble(-1, 1);
    }
    return x;
  }

  /** Runs a session, so many examples at a time. */
  private static float[] run(Session session, float[] x, int outputs, int batch) {
    float[] y = new float[outputs];
    int in = x.length / BATCH;
    int out = outputs / BATCH;
    for (int i = 0; i < BATCH; i += batch) {
      int n = Math.min(batch, BATCH - i);
      session.run(n, x, i * in, in, y, i * out, out);
    }
    return y;
  }

  /** Returns what the network that is trained gives, examples one behind the other. */
  private static float[] evaluate(Graph graph, float[] x) {
    try (ThreadPool workers = new ThreadPool(1)) {
      Network network = new Network(graph.copy(), Sparsifier.NONE, 0, BATCH, false, workers);
      int size = graph.inputShape().size();
      Tensor y =
          network.forward(
              Phase.EVALUATE, new Clock(1, 1), Tensor.of(Shape.of(BATCH, size), x), BATCH);
      int outputs = graph.outputShape().size();
      float[] all = new float[BATCH * outputs];
      for (int i = 0; i < all.length; i++) {
        all[i] =
            graph.outputShape().rank() == 3
                ? pixel(Nchw16n.of(graph.outputShape()), y, i / outputs, i % outputs)
                : y.get(i / outputs, i % outputs);
      }
      return all;
    }
  }

  private static float pixel(Nchw16n maps, Tensor y, int image, int i) {
    int row = image / Nchw16n.LANES * maps.channels() + i / maps.pixels();
    return y.get(row, i % maps.pixels() * Nchw16n.LANES + image % Nchw16n.LANES);
  }

  /** Asserts equality, of +0 and −0 too: where a zero is skipped the sign may differ. */
  private static void assertSame(float[] want, float[] got, String message) {
    List<Integer> differ = new ArrayList<>();
    for (int i = 0; i < want.length; i++) {
      if (want[i] != got[i]) {
        differ.add(i);
      }
    }
    assertTrue(
        differ.isEmpty(),
        () -> message + " " + differ + " " + Arrays.toString(want) + " " + Arrays.toString(got));
  }
}
