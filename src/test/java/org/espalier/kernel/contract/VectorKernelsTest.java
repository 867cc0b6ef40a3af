package org.espalier.kernel.contract;

import static org.espalier.kernel.KernelAssertions.assertSameBits;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.espalier.doctor.selftest.RandomInputs;
import org.espalier.kernel.KernelAssertions;
import org.espalier.kernel.scalar.ScalarVector;
import org.espalier.kernel.simd.SimdVector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VectorKernelsTest {
  private static final VectorKernels SCALAR = new ScalarVector();
  private static final VectorKernels SIMD = new SimdVector();

  /** The product of two tiny numbers of different sign is −0. */
  @Test
  void aSumOfZeroIsPositiveZero() {
    for (int n = 0; n <= 67; n++) {
      float[] x = new float[n];
      Arrays.fill(x, -0x1p-100f);
      float[] y = new float[n];
      Arrays.fill(y, 0x1p-100f);
      float[] zeros = new float[n];
      Arrays.fill(zeros, -0f);
      for (VectorKernels k : new VectorKernels[] {SCALAR, SIMD}) {
        int m = n;
        assertSameBits(0f, k.dot(n, x, 0, y, 0), () -> "dot, n " + m);
        assertSameBits(0f, k.sum(n, zeros, 0), () -> "sum, n " + m);
      }
    }
  }

  /** The rule of the 16 lanes, written down again with an array of lanes. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void sumsFollowTheRuleOfTheSixteenLanes(long seed) {
    var random = new SplittableRandom(seed);
    KernelAssertions.lengths()
        .forEach(
            n -> {
              float[] x = RandomInputs.tameValues(random, n);
              float[] y = RandomInputs.tameValues(random, n);
              float[] sum = new float[16];
              float[] abs = new float[16];
              float[] dot = new float[16];
              for (int i = 0; i < n; i++) {
                sum[i % 16] += x[i];
                abs[i % 16] += Math.abs(x[i]);
                dot[i % 16] = Math.fma(x[i], y[i], dot[i % 16]);
              }
              assertEquals(tree(sum), SCALAR.sum(n, x, 0));
              assertEquals(tree(abs), SCALAR.sumAbs(n, x, 0));
              assertEquals(tree(dot), SCALAR.dot(n, x, 0, y, 0));
            });
  }

  private static float tree(float[] lane) {
    for (int half = 8; half >= 1; half /= 2) {
      for (int i = 0; i < half; i++) {
        lane[i] += lane[i + half];
      }
    }
    return lane[0] + 0f;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void sumsAreNearTheSumInDouble(long seed) {
    var random = new SplittableRandom(seed);
    KernelAssertions.lengths()
        .forEach(
            n -> {
              float[] x = RandomInputs.tameValues(random, n);
              float[] y = RandomInputs.tameValues(random, n);
              double sum = 0;
              double abs = 0;
              double dot = 0;
              double dotAbs = 0;
              double square = 0;
              for (int i = 0; i < n; i++) {
                sum += x[i];
                abs += Math.abs(x[i]);
                dot += (double) x[i] * y[i];
                dotAbs += Math.abs((double) x[i] * y[i]);
                square += (double) x[i] * x[i];
              }
              double unit = n * 0x1p-23;
              assertEquals(sum, SIMD.sum(n, x, 0), unit * abs);
              assertEquals(abs, SIMD.sumAbs(n, x, 0), unit * abs);
              assertEquals(dot, SIMD.dot(n, x, 0, y, 0), unit * dotAbs);
              assertEquals(square, SIMD.squaredNorm(n, x, 0), unit * square);
            });
  }

  @Test
  void columnsAreAddedRowByRow() {
    float[] x = {1f, 10f, 99f, 0x1p24f, 20f, 99f, 1f, 30f, 99f};
    float[] y = {-1f, 7f, 7f};
    SCALAR.columnSums(3, 2, x, 0, 3, false, y, 0);
    // (1 + 2^24) + 1: both ones are lost to rounding, in any other order they are not
    assertArrayEquals(new float[] {0x1p24f, 60f, 7f}, y);
    SCALAR.columnSums(0, 2, x, 0, 3, false, y, 0);
    assertArrayEquals(new float[] {0f, 0f, 7f}, y);
  }

  @Test
  void squaresOfColumnsAreAddedRowByRowEachRoundedOnce() {
    float[] x = {0x1p12f, 3f, 99f, 1f, 4f, 99f, 1f, Float.NaN, 99f};
    float[] y = {-1f, 7f, 7f};
    SCALAR.columnSquares(3, 2, x, 0, 3, y, 0);
    // (2^24 + 1) + 1: both ones are lost to rounding, in any other order they are not
    assertArrayEquals(new float[] {0x1p24f, Float.NaN, 7f}, y);
    SCALAR.columnSquares(2, 2, x, 0, 3, y, 0);
    assertArrayEquals(new float[] {0x1p24f, 25f, 7f}, y);
    SCALAR.columnSquares(0, 2, x, 0, 3, y, 0);
    assertArrayEquals(new float[] {0f, 0f, 7f}, y);
  }

  @Test
  void elementwiseLoopsByHand() {
    float inf = Float.POSITIVE_INFINITY;
    float nan = Float.NaN;
    float[] x = {1f, -2f, 0f, -0f, nan, inf, -inf, Float.MIN_VALUE};
    float[] y = new float[8];
    SCALAR.clamp(8, Clamp.RELU, x, 0, y, 0);
    assertArrayEquals(new float[] {1f, 0f, 0f, 0f, nan, inf, 0f, Float.MIN_VALUE}, y);

    float[] dy = {1f, 2f, 3f, 4f, 5f, 6f, 7f, 8f};
    SCALAR.reluBackward(8, x, 0, dy, 0, y, 0);
    assertArrayEquals(new float[] {1f, 0f, 0f, 0f, 0f, 6f, 0f, 8f}, y);

    float[] g = {1f, 1f, 1f, -0f, 1f, 1f, 1f, 1f};
    SCALAR.addSigns(8, 0.25f, x, 0, g, 0);
    assertArrayEquals(new float[] {1.25f, 0.75f, 1f, -0f, 1f, 1.25f, 0.75f, 1.25f}, g);

    float[] kept = x.clone();
    SCALAR.keep(8, kept, 0, new long[] {0L, 0b0110_0011L}, 1, 2f);
    assertArrayEquals(new float[] {2f, -4f, 0f, 0f, 0f, inf, -inf, 0f}, kept);

    float[] closed = {9f, 9f, 9f, 9f};
    SCALAR.compress(8, x, 0, new long[] {0L, 0b0100_1010L}, 1, 3, closed, 1);
    assertArrayEquals(new float[] {9f, x[1], x[3], x[6]}, closed);
    float[] spread = new float[4];
    SCALAR.expand(3, closed, 1, new long[] {0b101L}, 0, 2, spread, 1);
    assertArrayEquals(new float[] {0f, x[1], 0f, x[3]}, spread);

    float[] z = {3f, 4f};
    SCALAR.axpy(2, 2f, new float[] {5f, 6f}, 0, z, 0);
    assertArrayEquals(new float[] {13f, 16f}, z);
    SCALAR.add(2, new float[] {1f, 2f}, 0, z, 0);
    assertArrayEquals(new float[] {14f, 18f}, z);
    SCALAR.scale(2, 0.5f, z, 0);
    assertArrayEquals(new float[] {7f, 9f}, z);
    SCALAR.multiply(2, z, 0, new float[] {2f, 3f}, 0, z, 0);
    assertArrayEquals(new float[] {14f, 27f}, z);
  }

  @Test
  void rectifiedColumnsAreAddedRowByRow() {
    float[] y = {1f, 0f, 9f, 2f, 3f, 9f, -0f, Float.NaN, 9f};
    float[] dy = {5f, 6f, 7f, 8f, 9f, 7f, 10f, 11f, 7f};
    float[] sums = {100f, 200f};
    SCALAR.reluBackwardSums(3, 2, y, 0, 3, dy, 0, 3, true, sums, 0);
    assertArrayEquals(new float[] {5f, 0f, 7f, 8f, 9f, 7f, 0f, 0f, 7f}, dy);
    assertArrayEquals(new float[] {113f, 209f}, sums);
    SCALAR.reluBackwardSums(3, 2, y, 0, 3, dy, 0, 3, false, sums, 0);
    assertArrayEquals(new float[] {13f, 9f}, sums);
  }

  @Test
  void greatestMagnitudeAndFiniteness() {
    float[] x = {1f, -3f, 2f, Float.NaN, Float.NEGATIVE_INFINITY, -0f};
    for (VectorKernels k : new VectorKernels[] {SCALAR, SIMD}) {
      assertEquals(3f, k.maxAbs(3, x, 0));
      assertEquals(0f, k.maxAbs(0, x, 0));
      assertEquals(Float.NaN, k.maxAbs(5, x, 0));
      assertEquals(Float.POSITIVE_INFINITY, k.maxAbs(2, x, 4));
      assertEquals(0f, k.maxAbs(1, x, 5));
      assertTrue(k.isFinite(0, x, 0));
      assertTrue(k.isFinite(3, x, 0));
      assertFalse(k.isFinite(4, x, 0));
      assertFalse(k.isFinite(1, x, 4));
    }
  }
}
