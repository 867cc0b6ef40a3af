package org.espalier.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;

class StrictFunctionsTest {
  private static final double[] SPECIAL = {
    0,
    -0.0,
    1,
    -1,
    0.5,
    -0.5,
    2,
    -2,
    3,
    -3,
    65,
    -65,
    66,
    1e30,
    -1e30,
    Double.POSITIVE_INFINITY,
    Double.NEGATIVE_INFINITY,
    Double.NaN
  };

  @Test
  void sinesAndCosinesAreThoseOfStrictMath() {
    Random random = new Random(1);
    for (int i = 0; i < 20_000; i++) {
      double x = (float) (random.nextGaussian() * Math.scalb(1.0, i % 22 - 4));
      // close to its zeros too, of the error as of the value
      assertEquals(StrictMath.sin(x), StrictFunctions.sin(x), 1e-15 * Math.abs(StrictMath.sin(x)));
      assertEquals(StrictMath.cos(x), StrictFunctions.cos(x), 1e-15 * Math.abs(StrictMath.cos(x)));
    }
    for (double x : SPECIAL) {
      assertEquals((float) StrictMath.sin(x), (float) StrictFunctions.sin(x), () -> "sin " + x);
      assertEquals((float) StrictMath.cos(x), (float) StrictFunctions.cos(x), () -> "cos " + x);
    }
  }

  @Test
  void multiplesOfHalfPiAsFloatsAreReduced() {
    for (int k = -600_000; k <= 600_000; k += 7) {
      double x = (float) (k * Math.PI / 2);
      double sine = StrictMath.sin(x);
      assertEquals(sine, StrictFunctions.sin(x), 1e-14 * Math.abs(sine), () -> "sin " + x);
    }
  }

  @Test
  void powersAreThoseOfStrictMath() {
    Random random = new Random(2);
    for (int i = 0; i < 20_000; i++) {
      double x = (float) Math.exp(random.nextGaussian() * 10);
      double y = (float) (i % 3 == 0 ? random.nextInt(-70, 70) : random.nextGaussian());
      double power = StrictMath.pow(x, y);
      assertEquals(power, StrictFunctions.pow(x, y), 2e-13 * power + 1e-300, () -> x + " to " + y);
    }
    assertEquals(16974593.0, StrictFunctions.pow(257, 3));
  }

  @Test
  void powersOfWhatIsNotOrdinary() {
    for (double x : SPECIAL) {
      for (double y : SPECIAL) {
        assertEquals(
            (float) StrictMath.pow(x, y), (float) StrictFunctions.pow(x, y), () -> x + " to " + y);
      }
    }
  }
}
