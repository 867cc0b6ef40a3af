package org.espalier.prune;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.espalier.InputException;
import org.espalier.infer.Plan;
import org.espalier.infer.PlanOptions;
import org.espalier.infer.Rewrites;
import org.espalier.model.Graph;
import org.espalier.model.Initializer;
import org.espalier.model.Movement;
import org.espalier.model.Operator;
import org.espalier.model.Window;
import org.espalier.parallel.ThreadPool;
import org.espalier.sparsify.Fraction;
import org.espalier.sparsify.Granularity;
import org.espalier.sparsify.UnitMode;
import org.espalier.tensor.Shape;
import org.espalier.tensor.Tensor;
import org.junit.jupiter.api.Test;

class CalibrationTest {
  private static final ThreadPool WORKERS = new ThreadPool(1);
  private static final int EXAMPLES = 70; // more than a plan computes side by side

  private static float[] noise(int n) {
    var random = new SplittableRandom(7);
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] = (float) random.nextGaussian();
    }
    return x;
  }

  /** A residual block with a grouped convolution, a normalisation, a constant, a second branch. */
  private static Graph network() {
    Graph.Builder net = Graph.input(Shape.of(2, 5, 4)).conv("c1", 4, 3, 1, 1, true).relu();
    String before = net.last();
    net.add("c2", new Operator.Conv2d(4, 4, new Window(3, 2, 1, 1, 1, 0, 1, 1, 1, 1), 2, false))
        .batchNorm("n2")
        .plus(before)
        .relu();
    String maps = net.last();
    net.add("k", new Movement.Constant(Shape.of(4, 5, 4)), List.of());
    net.add("sum", new Operator.Add(), List.of(maps, "k")).globalAveragePool().flatten();
    Graph graph = net.linear("fc", 6).relu().linear("logits", 3).build();
    Initializer.HE_NORMAL.initialize(graph, 3);
    graph.parameter("k.value").value().fill(0.25f);
    return graph;
  }

  private static final Set<String> LAYERS = Set.of("c2", "fc");

  private static Pruning half() {
    return new Pruning(Granularity.WEIGHT, Fraction.of("0.5"), UnitMode.WEIGHTS, LAYERS);
  }

  private static Calibration calibration(Graph graph, int threads) {
    return new Calibration(graph, LAYERS, EXAMPLES, noise(EXAMPLES * 40), new ThreadPool(threads));
  }

  /** Returns mean and variance of each unit of a layer, in double and in two passes. */
  private static double[][] statistics(Graph graph, String layer, int units) {
    Graph.Builder to = Graph.inputs(graph.inputs());
    for (var node : graph.nodes()) {
      to.add(node.name(), node.operator(), node.inputs());
    }
    Graph shown = to.output(layer).output("logits").build();
    graph.parameters().forEach(p -> shown.parameter(p.name()).value().copyFrom(p.value()));
    int size = shown.shapeOf(layer).size();
    float[] y = new float[EXAMPLES * size];
    Plan.compile(shown, PlanOptions.defaults().withRewrites(Rewrites.NONE))
        .session()
        .run(EXAMPLES, Map.of(Graph.INPUT, noise(EXAMPLES * 40)), Map.of(layer, y));
    double[][] result = new double[2][units];
    int places = size / units;
    for (int u = 0; u < units; u++) {
      for (int pass = 0; pass < 2; pass++) {
        for (int i = 0; i < EXAMPLES * places; i++) {
          double value = y[i / places * size + u * places + i % places];
          double off = value - result[0][u];
          result[pass][u] += (pass == 0 ? value : off * off) / (EXAMPLES * places);
        }
      }
    }
    return result;
  }

  @Test
  void unitsGetBackMeanAndVariance() {
    Graph graph = network();
    Graph pruned = half().apply(graph);
    Graph corrected = calibration(graph, 1).corrected(pruned);
    for (String layer : List.of("c2", "fc")) {
      int units = layer.equals("fc") ? 6 : 4;
      double[][] before = statistics(graph, layer, units);
      double[][] now = statistics(corrected, layer, units);
      assertArrayEquals(before[0], now[0], 1e-5);
      assertArrayEquals(before[1], now[1], 1e-4);
      double[][] between = statistics(pruned, layer, units);
      assertTrue(IntStream.range(0, units).allMatch(u -> between[1][u] != before[1][u]), layer);
      Tensor w = corrected.parameter(layer + ".weight").value();
      assertEquals(w.size() / 2, w.nonZeros(), "what is pruned stays so");
    }
    assertArrayEquals(
        graph.parameter("c1.weight").value().toArray(),
        corrected.parameter("c1.weight").value().toArray());
    assertEquals(4, corrected.parameter("c2.bias").value().nonZeros());
  }

  @Test
  void anyNumberOfThreadsGivesTheSameBits() {
    Graph graph = network();
    Graph one = calibration(graph, 1).corrected(calibration(graph, 1).wanda(Fraction.of("0.7")));
    Graph three = calibration(graph, 3).corrected(calibration(graph, 3).wanda(Fraction.of("0.7")));
    one.parameters()
        .forEach(
            p ->
                assertArrayEquals(
                    p.value().toArray(), three.parameter(p.name()).value().toArray(), p.name()));
  }

  /** Inputs of norm 5 and 0.5: the second weight is larger, but counts for less. */
  @Test
  void smallWeightsOfLargeInputsStay() {
    Graph graph = Graph.input(Shape.of(2)).linear("fc", 1).build();
    graph.parameter("fc.weight").value().copyFrom(new float[] {0.5f, -2});
    float[] x = {3, 0.3f, -4, 0.4f};
    var calibration = new Calibration(graph, Set.of("fc"), 2, x, WORKERS);
    Tensor kept = calibration.wanda(Fraction.of("0.5")).parameter("fc.weight").value();
    assertArrayEquals(new float[] {0.5f, 0}, kept.toArray());
  }

  /**
   * A map of one pixel 2 in the middle of zeros: the middle of a padded window meets it, and each
   * other tap of 3 x 3 as well; a corner tap doesn't where the pixel lies in a corner.
   */
  @Test
  void windowsMeetZerosInThePadding() {
    Graph graph = Graph.input(Shape.of(1, 2, 2)).conv("c", 1, 3, 1).build();
    Tensor w = graph.parameter("c.weight").value();
    w.fill(1);
    float[] x = {2, 0, 0, 0}; // output (0, 0) meets it at tap (1, 1), output (1, 1) at tap (0, 0)
    var calibration = new Calibration(graph, Set.of("c"), 1, x, WORKERS);
    Tensor kept = calibration.wanda(Fraction.of("0.55")).parameter("c.weight").value();
    // the four taps (1, 1), (1, 0), (0, 1), (0, 0) have norm 2, the five others 0: 4 of 9 go, the
    // first of equal ones
    assertArrayEquals(new float[] {1, 1, 0, 1, 1, 0, 0, 0, 1}, kept.toArray());
  }

  /** Each group has inputs of its own: in the second the first channel is the larger. */
  @Test
  void groupsHaveInputsOfTheirOwn() {
    Graph graph =
        Graph.input(Shape.of(4, 1, 1))
            .add("c", new Operator.Conv2d(4, 2, 1, 1, 1, 0, 2, false))
            .build();
    graph.parameter("c.weight").value().fill(1);
    float[] x = {1, 2, 4, 3};
    var calibration = new Calibration(graph, Set.of("c"), 1, x, WORKERS);
    Tensor kept = calibration.wanda(Fraction.of("0.5")).parameter("c.weight").value();
    assertArrayEquals(new float[] {0, 1, 1, 0}, kept.toArray());
  }

  @Test
  void constantUnitsKeepTheirWeightsAndGetTheMean() {
    Graph graph = Graph.input(Shape.of(2)).linear("fc", 2).build();
    Tensor w = graph.parameter("fc.weight").value();
    w.copyFrom(new float[] {1, 0, 0, 3});
    float[] x = {1, 5, 3, 5}; // the second unit always gives 15
    var calibration = new Calibration(graph, Set.of("fc"), 2, x, WORKERS);
    Graph pruned = graph.copy();
    pruned.parameter("fc.weight").value().copyFrom(new float[] {0, 0, 0, 2});
    Graph corrected = calibration.corrected(pruned);
    assertArrayEquals(new float[] {0, 0, 0, 2}, corrected.parameter("fc.weight").value().toArray());
    assertArrayEquals(new float[] {2, 5}, corrected.parameter("fc.bias").value().toArray());
  }

  /** In floats, or by E[x²] − E[x]², nothing of the deviation 1 would be left beside 1e7. */
  @Test
  void momentsOfLargeNumbersDoNotCancel() {
    var layer = new Operator.Linear(1, 1);
    float[] y = {10_000_001, 9_999_999, 10_000_001, 9_999_999};
    Moments moments = Moments.of(layer, Shape.of(1), 4, y);
    assertEquals(1e7, moments.mean(0), 1e-6);
    assertEquals(1, moments.deviation(0), 1e-9);
    Moments rows =
        Moments.of(new Operator.Linear(1, 2), Shape.of(2, 2), 1, new float[] {1, 5, 3, 9});
    assertEquals(2, rows.mean(0));
    assertEquals(2, rows.deviation(1));
  }

  @Test
  void tooManySamplesAreRefusedBeforeTheyAreRun() {
    Graph graph =
        Graph.input(Shape.of(1, 1024, 1024)).conv("wide", 64, 1, 1).conv("next", 1, 1, 1).build();
    InputException refused =
        assertThrows(
            InputException.class,
            () -> new Calibration(graph, Set.of("next"), 4096, new float[0], WORKERS));
    assertTrue(refused.getMessage().startsWith("4096 samples: needs at least"));
  }
}
