package org.espalier.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class SpreadTest {
  @Test
  void isMeanAndSampleDeviation() {
    Spread spread = Spread.of(2, 4, 4, 4, 5, 5, 7, 9);
    assertEquals(5, spread.mean());
    assertEquals(Math.sqrt(32 / 7.0), spread.deviation(), 1e-15);
    assertEquals(new Spread(3, 0), Spread.of(3));
  }

  @Test
  void refusesNothingAndNegativeDeviations() {
    assertThrows(IllegalArgumentException.class, Spread::of);
    assertThrows(IllegalArgumentException.class, () -> new Spread(0, -1));
  }

  @Test
  void aSeriesIsInOrderAndComplete() {
    double[] two = {0, 1};
    assertThrows(IllegalArgumentException.class, () -> Series.of("a", two, new double[3]));
    assertThrows(IllegalArgumentException.class, () -> Series.of("a", new double[] {1, 1}, two));
    assertThrows(
        IllegalArgumentException.class, () -> Series.of("a", new double[] {0, Double.NaN}, two));
  }
}
