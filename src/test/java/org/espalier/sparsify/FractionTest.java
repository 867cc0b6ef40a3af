package org.espalier.sparsify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FractionTest {
  @ParameterizedTest
  @CsvSource({"0, 100, 0", "0.29, 100, 29", "1, 7, 7", "0.999, 1000, 999", "1e-99, 1000000, 0"})
  void theShareOfANumberIsRoundedDown(String share, int n, int part) {
    assertEquals(part, Fraction.of(share).of(n));
  }

  @ParameterizedTest
  @ValueSource(strings = {"-0.001", "1.001", "1e999999999", "-1e999999999"})
  void aShareLiesBetweenNothingAndAll(String share) {
    assertThrows(IllegalArgumentException.class, () -> Fraction.of(share));
  }

  /** Its digits alone would take a gigabyte. */
  @Test
  void anExponentStandsForNoGiantNumber() {
    var e = assertThrows(IllegalArgumentException.class, () -> Fraction.of("1e-999999999"));
    assertEquals("a share has at most 100 decimals, unlike 1E-999999999", e.getMessage());
  }
}
