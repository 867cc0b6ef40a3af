package org.espalier.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.espalier.InputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PrecisionTest {
  /** Rows of magnitudes from the smallest to the largest floats, a third of them zeros. */
  private static Tensor hostile(long seed, float largest) {
    SplittableRandom random = new SplittableRandom(seed);
    Tensor t = Tensor.zeros(200, 37);
    for (int r = 0; r < t.rows(); r++) {
      double size = largest * Math.pow(2, -random.nextDouble(0, 260));
      for (int c = 0; c < t.cols(); c++) {
        t.set(r, c, random.nextInt(3) == 0 ? 0 : (float) (random.nextDouble(-1, 1) * size));
      }
    }
    return t;
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void roundingTwiceIsRoundingOnce(Precision precision) {
    for (long seed = 0; seed < 20; seed++) {
      Tensor once =
          precision.round("w", hostile(seed, precision == Precision.FP16 ? 60_000 : 3e38f));
      assertArrayEquals(bits(once), bits(precision.round("w", once)), "seed " + seed);
      for (int r = 0; r < once.rows() && precision == Precision.INT8; r++) {
        float scale = Precision.INT8.scale(once, r);
        for (int c = 0; c < once.cols(); c++) {
          double exact = (double) Precision.toInt8(once.get(r, c), scale) * scale;
          assertEquals(exact, once.get(r, c), 0, "the product is exact");
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void roundingRelativeToTheRowLeavesRoundedElementsAlone(Precision precision) {
    for (long seed = 0; seed < 20; seed++) {
      Tensor once =
          precision.round("w", hostile(seed, precision == Precision.FP16 ? 65_504 : 3e38f));
      assertArrayEquals(bits(once), bits(precision.roundRows("w", once)), "seed " + seed);
      Tensor relative = precision.roundRows("w", hostile(seed, 3e38f));
      assertArrayEquals(bits(relative), bits(precision.roundRows("w", relative)), "seed " + seed);
    }
  }

  /** A step of 24 bits, which {@code max / 127} of rows without a 127 among them isn't. */
  private static final float STEP = 0.1f;

  private static Tensor multiples(int... times) {
    Tensor t = Tensor.zeros(1, times.length);
    for (int c = 0; c < times.length; c++) {
      t.set(0, c, times[c] * STEP);
    }
    t.setSteps(new float[] {STEP});
    return t;
  }

  @Test
  void aRowOfMultiplesOfItsStepKeepsItAsItsScale() {
    Tensor t = multiples(3, 0, -100, 7);
    assertEquals(Precision.INT8, Precision.FP32.of(t));
    assertEquals(Precision.FP16, Precision.FP16.of(t));
    assertEquals(STEP, Precision.INT8.scale(t, 0));
    assertEquals(-100, Precision.toInt8(t.get(0, 2), STEP));
    assertArrayEquals(bits(t), bits(Precision.INT8.roundRows("w", t)));
    assertEquals(STEP, Precision.INT8.scale(Precision.INT8.roundRows("w", t.copy()), 0));
  }

  @Test
  void aRowThatIsntBytesTimesItsStepHasNone() {
    assertEquals(Precision.FP32, Precision.FP32.of(multiples(3, -128))); // −127 is the least
    assertEquals(Precision.FP32, Precision.FP32.of(multiples(128, 1)));
    Tensor changed = multiples(3, 7);
    changed.set(0, 1, Math.nextUp(changed.get(0, 1)));
    assertEquals(Precision.FP32, Precision.FP32.of(changed));
    Tensor negative = multiples(3, 7);
    negative.set(0, 1, -0f); // there is no byte for it
    assertEquals(Precision.FP32, Precision.FP32.of(negative));
    Tensor unknown = multiples(3, 7);
    unknown.setSteps(null);
    assertEquals(Precision.FP32, Precision.FP32.of(unknown));
    for (float step : new float[] {0, -STEP, Float.NaN, Float.POSITIVE_INFINITY, 3e38f}) {
      Tensor t = multiples(3, 7);
      t.setSteps(new float[] {step});
      assertEquals(Precision.FP32, Precision.FP32.of(t), "a step of " + step);
    }
  }

  @Test
  void theScaleOfHalvesIsThePowerOfTwoThatLetsTheLargestFit() {
    for (float largest : new float[] {65_504, 65_519, 65_520, 32_768, 32_767, 1e30f, 1e-30f}) {
      Tensor t = Tensor.of(Shape.of(1, 2), largest, -largest / 3);
      Tensor rounded = Precision.FP16.roundRows("w", t);
      assertEquals(largest, rounded.get(0, 0), largest * 0x1p-11, "" + largest);
      assertEquals(-largest / 3, rounded.get(0, 1), largest / 3 * 0x1p-11, "" + largest);
    }
    Tensor half = Tensor.of(Shape.of(1, 2), 65_504, 0x1p-24f);
    assertArrayEquals(bits(half), bits(Precision.FP16.roundRows("w", half)));
  }

  private static int[] bits(Tensor t) {
    float[] values = t.toArray();
    int[] bits = new int[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToRawIntBits(values[i]);
    }
    return bits;
  }

  @Test
  void noElementIsFarFromWhatItWas() {
    Tensor t = hostile(7, 1);
    Tensor bytes = Precision.INT8.round("w", t);
    Tensor halves = Precision.FP16.round("w", t);
    for (int r = 0; r < t.rows(); r++) {
      double largest = 0;
      for (int c = 0; c < t.cols(); c++) {
        largest = Math.max(largest, Math.abs(t.get(r, c)));
      }
      for (int c = 0; c < t.cols(); c++) {
        double w = t.get(r, c);
        // Half a step; and 127 steps of the shortened scale may miss the largest by 2^-16 of it.
        double step = largest / Precision.MAX_INT8;
        assertTrue(
            Math.abs(bytes.get(r, c) - w) <= Math.max(step / 2 + largest * 0x1p-16, 2e-36), "" + w);
        assertTrue(Math.abs(halves.get(r, c) - w) <= Math.max(Math.abs(w) * 0x1p-11, 0x1p-25));
      }
    }
  }

  @Test
  void tiesGoToTheEvenNumberAndZerosArePositive() {
    Tensor t = Tensor.of(Shape.of(2, 6), 127, 0.5f, 1.5f, -2.5f, -0.25f, -0f, 0, 0, -0f, 0, 0, 0);
    assertArrayEquals(
        bits(Tensor.of(Shape.of(2, 6), 127, 0, 2, -2, 0, 0, 0, 0, 0, 0, 0, 0)),
        bits(Precision.INT8.round("w", t)));
    assertEquals(0, Precision.INT8.scale(t, 1));
    Tensor tiny = Tensor.of(Shape.of(1, 2), -1e-9f, -0f);
    assertArrayEquals(new int[2], bits(Precision.FP16.round("w", tiny)));
    assertSame(tiny, Precision.FP32.round("w", tiny));
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY})
  void refusesWhatIsNoNumber(float value) {
    for (Precision precision : new Precision[] {Precision.FP16, Precision.INT8}) {
      Tensor t = Tensor.of(Shape.of(2, 2), 1, 2, 3, value);
      String message =
          assertThrows(InputException.class, () -> precision.round("fc1.weight", t)).getMessage();
      assertEquals(
          "fc1.weight: expected finite weights that fit into " + precision + ", found " + value,
          message);
    }
  }

  @Test
  void halvesReachTo65504() {
    Tensor largest = Tensor.of(Shape.of(1, 1), 65_519);
    assertEquals(65_504, Precision.FP16.round("w", largest).get(0, 0));
    Tensor larger = Tensor.of(Shape.of(1, 1), 65_520);
    assertThrows(InputException.class, () -> Precision.FP16.round("w", larger));
  }
}
