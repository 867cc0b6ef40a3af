package org.espalier.experiment.sweep;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import org.espalier.experiment.timing.Cases;
import org.espalier.infer.WeightFormat;
import org.espalier.model.Graph;
import org.espalier.sparsify.Granularity;
import org.espalier.tensor.Shape;
import org.junit.jupiter.api.Test;

class BreakEvenTest {
  private static final int[] PERCENTAGES = {0, 40, 60, 90};

  /** Takes this long with one example; with 64 it can't be relied on. */
  private static final double DOUBTFUL = 77;

  /** A curve whose dense kernel always takes 8 µs. */
  private static BreakEven.Curve curve(double... sparse) {
    List<BreakEven.Point> points = new ArrayList<>();
    for (int i = 0; i < sparse.length; i++) {
      var times = Map.of(WeightFormat.DENSE, 8.0, WeightFormat.CSR, sparse[i]);
      points.add(
          new BreakEven.Point(
              BigDecimal.valueOf(PERCENTAGES[i]),
              Map.of(1, times, 64, times),
              Map.of(1, WeightFormat.CSR, 64, WeightFormat.CSR),
              sparse[i] == DOUBTFUL ? Map.of(64, List.of("machine busy")) : Map.of()));
    }
    return new BreakEven.Curve(List.of("fc"), "2 of 3", points);
  }

  @Test
  void breakEvenLiesWhereTheLinesOfTheLogarithmsCross() {
    // Twice as long at 40 %, a quarter of the time at 60 %: a third of the way.
    assertEquals(40 + 20 / 3.0, curve(20, 16, 2, 1).breakEven(1).orElseThrow(), 1e-9);
    assertEquals(90, curve(20, 16, 8, 1).breakEven(64).orElseThrow() + 30, 1e-9);
    assertEquals(0, curve(7, 6, 5, 4).breakEven(1).orElseThrow());
    assertEquals(OptionalDouble.empty(), curve(7, 6, 5, 9).breakEven(1), "lost in the end");
    assertTrue(curve(7, 20, 7, 1).breakEven(1).orElseThrow() > 40, "won, lost and won again");
  }

  @Test
  void whatCantBeReliedOnDecidesNothing() {
    BreakEven.Curve curve = curve(20, 16, 2, DOUBTFUL);
    assertEquals(OptionalDouble.empty(), curve.breakEven(1), "lost in the end");
    assertEquals(40 + 20 / 3.0, curve.breakEven(64).orElseThrow(), 1e-9);
    assertEquals(OptionalDouble.empty(), curve(DOUBTFUL, DOUBTFUL).breakEven(64));
    // A doubtful point in between: the line goes on to the next.
    assertEquals(0 + 60 / 2.0, curve(16, DOUBTFUL, 4, 1).breakEven(64).orElseThrow(), 1e-9);
  }

  @Test
  void casesAreCountedBeforehandAndToldOneByOne() {
    Graph graph = Graph.input(Shape.of(24)).linear("a", 24).relu().linear("b", 24).build();
    List<String> told = new ArrayList<>();
    List<BigDecimal> percentages = List.of(BigDecimal.ZERO, BigDecimal.valueOf(75));
    new BreakEven(Granularity.WEIGHT, 1, 0, 0.001, told::add)
        .measure(graph, Set.of("a", "b"), percentages);
    assertEquals(
        List.of(
            "a with 0 % zeros, one example a call",
            "a with 0 % zeros, 64 examples a call",
            "a with 75 % zeros, one example a call",
            "a with 75 % zeros, 64 examples a call"),
        told);
    assertEquals(told.size(), BreakEven.cases(graph, Set.of("a", "b"), percentages.size()));
  }

  @Test
  void blocksAreTimedWhereTheyArePruned() {
    Graph graph = Graph.input(Shape.of(24)).linear("a", 24).relu().linear("b", 24).build();
    List<BreakEven.Curve> curves =
        new BreakEven(Granularity.BLOCK_4, 1, 0.005, 0.01, Cases.UNTOLD)
            .measure(graph, Set.of("a"), List.of(BigDecimal.valueOf(75)));
    BreakEven.Point point = curves.getFirst().points().getFirst();
    assertEquals(
        List.of(
            WeightFormat.DENSE,
            WeightFormat.CSR,
            WeightFormat.SELL,
            WeightFormat.BLOCKED_CSR,
            WeightFormat.BSR),
        point.kernels());
    assertTrue(Double.isNaN(point.micros(1, WeightFormat.BLOCKED_CSR)), "it serves batches");
    assertTrue(point.micros(64, WeightFormat.BSR) > 0);
  }

  @Test
  void layersOfOneKindShareACurveAndTheChosenKernelIsOneOfThem() {
    Graph graph =
        Graph.input(Shape.of(24))
            .linear("a", 24)
            .relu()
            .linear("b", 24)
            .relu()
            .linear("c", 12)
            .build();
    List<BreakEven.Curve> curves =
        new BreakEven(Granularity.WEIGHT, 1, 0.005, 0.01, Cases.UNTOLD)
            .measure(
                graph, Set.of("a", "b", "c"), List.of(BigDecimal.ZERO, BigDecimal.valueOf(95)));
    assertEquals(
        List.of(List.of("a", "b"), List.of("c")),
        curves.stream().map(BreakEven.Curve::layers).toList());
    BreakEven.Curve first = curves.getFirst();
    assertEquals("24 of 24", first.kind());
    assertEquals(
        Map.of(1, WeightFormat.DENSE, 64, WeightFormat.DENSE),
        first.points().getFirst().chosen(),
        "no zeros");
    for (BreakEven.Point point : first.points()) {
      assertEquals(
          List.of(
              WeightFormat.DENSE, WeightFormat.CSR, WeightFormat.SELL, WeightFormat.BLOCKED_CSR),
          point.kernels());
      for (int batch : CostMeter.BATCHES) {
        assertTrue(point.micros(batch, WeightFormat.CSR) > 0);
        assertEquals(point.micros(batch, point.chosen().get(batch)), point.chosen(batch));
      }
    }
  }
}
