package org.espalier.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class HistogramTest {
  private static final Axis X = Axis.of("x");
  private static final Axis Y = Axis.of("y");

  @Test
  void aBinHoldsItsLowerEdgeAndNotItsUpper() {
    Histogram h =
        Histogram.over("h", X, Y, -1, 1, 4)
            .with("a", new float[] {-1, -0.75f, -0.5f, 0, -0f, 0.4999f, 0.5f});
    assertArrayEquals(new double[] {-1, -0.5, 0, 0.5, 1}, h.edges());
    assertArrayEquals(new long[] {2, 1, 3, 1}, h.bars().getFirst().counts());
  }

  @Test
  void theOuterBinsStandForAllBeyond() {
    float[] values = {
      1, 5, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, -3, Float.NaN, Float.MAX_VALUE
    };
    Histogram h = Histogram.over("h", X, Y, -1, 1, 2).with("a", values);
    assertArrayEquals(new long[] {2, 4}, h.bars().getFirst().counts());
  }

  @Test
  void binsMayDifferInWidth() {
    Histogram h = new Histogram("h", X, Y, new double[] {0, 1, 10}, List.of());
    assertArrayEquals(
        new long[] {1, 2}, h.with("a", new float[] {0.5f, 1, 9}).bars().getFirst().counts());
  }

  @Test
  void refusesWhatIsNoHistogram() {
    assertThrows(IllegalArgumentException.class, () -> Histogram.over("h", X, Y, 1, 1, 3));
    assertThrows(IllegalArgumentException.class, () -> Histogram.over("h", X, Y, 0, 1, 0));
    Histogram.Bars two = new Histogram.Bars("a", new long[2]);
    assertThrows(
        IllegalArgumentException.class,
        () -> new Histogram("h", X, Y, new double[] {0, 1}, List.of(two)));
  }
}
