package org.espalier.kernel.contract;

import static org.espalier.kernel.KernelAssertions.assertSameBits;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.SplittableRandom;
import org.espalier.kernel.scalar.ScalarOptimizer;
import org.espalier.kernel.simd.SimdOptimizer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OptimizerKernelsTest {
  private static final OptimizerKernels SCALAR = new ScalarOptimizer();
  private static final OptimizerKernels SIMD = new SimdOptimizer();

  @Test
  void anAverageByHand() {
    float[] a = {1f, Float.MIN_NORMAL};
    SCALAR.average(2, new float[] {3f, 0f}, 0, a, 0, 0.75f, 0.25f);
    assertArrayEquals(new float[] {1.5f, 0f}, a);
  }

  /** The published algorithm in double, Adam and AdamW, every second gradient masked. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void manyStepsOfAdamFollowTheAlgorithmInDouble(boolean decoupled) {
    var random = new SplittableRandom(7);
    var factors = new AdamStep(0.9, 0.999, 1e-8);
    float[] w = {1f, 1f};
    float[] m = new float[2];
    float[] v = new float[2];
    double[] exact = {1, 1};
    double[] first = new double[2];
    double[] second = new double[2];
    double rate = 0.01;
    double decay = 0.125;
    for (int step = 1; step <= 200; step++) {
      float[] g = {(float) random.nextGaussian(), (float) random.nextGaussian()};
      long[] mask = {step % 2 == 0 ? 0b01 : 0b11};
      factors.set(step, rate);
      SIMD.adam(
          2,
          w,
          0,
          g,
          0,
          m,
          0,
          v,
          0,
          mask,
          0,
          0.5f,
          decoupled ? 0 : (float) decay,
          decoupled ? (float) (1 - rate * decay) : 1,
          factors);
      for (int i = 0; i < 2; i++) {
        double d = (mask[0] >>> i & 1) == 0 ? 0 : 0.5 * g[i];
        if (decoupled) {
          exact[i] -= rate * decay * exact[i];
        } else {
          d += decay * exact[i];
        }
        first[i] = 0.9 * first[i] + 0.1 * d;
        second[i] = 0.999 * second[i] + 0.001 * d * d;
        double firstCorrected = first[i] / (1 - Math.pow(0.9, step));
        double secondCorrected = second[i] / (1 - Math.pow(0.999, step));
        exact[i] -= rate * firstCorrected / (Math.sqrt(secondCorrected) + 1e-8);
      }
    }
    for (int i = 0; i < 2; i++) {
      assertEquals(exact[i], w[i], 1e-5);
      assertEquals(first[i], m[i], 1e-6);
      assertEquals(second[i], v[i], 1e-6);
    }
  }

  @Test
  void powersAreThePowers() {
    for (long n : new long[] {0, 1, 2, 3, 10, 999, 1000, 123_456, 1L << 40}) {
      double want = StrictMath.pow(0.999, n);
      assertEquals(want, AdamStep.power(0.999, n), 1e-11 * want + 1e-300, "0.999^" + n);
    }
  }

  @Test
  void momentsBelowTheSmallestNormalFloatBecomeZero() {
    var factors = new AdamStep(0.5, 0.5, 1e-8);
    factors.set(1, 0);
    for (OptimizerKernels k : new OptimizerKernels[] {SCALAR, SIMD}) {
      int n = 19;
      float[] w = new float[n];
      float[] m = new float[n];
      float[] v = new float[n];
      java.util.Arrays.fill(w, -Float.MIN_NORMAL / 2);
      java.util.Arrays.fill(m, -Float.MIN_NORMAL);
      java.util.Arrays.fill(v, Float.MIN_NORMAL);
      k.adam(n, w, 0, new float[n], 0, m, 0, v, 0, null, 0, 1f, 0f, 1f, factors);
      for (int i = 0; i < n; i++) {
        assertSameBits(0f, w[i], () -> "w");
        assertSameBits(0f, m[i], () -> "m");
        assertSameBits(0f, v[i], () -> "v");
      }
    }
  }

  @Test
  void oneStepByHand() {
    float[] w = {1f, 1f};
    float[] g = {1f, Float.NaN};
    float[] v = {0.25f, 0.25f};
    // g 0.5, 0; d 0.75, 0.25; v 0.875, 0.375
    SCALAR.sgd(2, w, 0, g, 0, v, 0, new long[] {0b01L}, 0, 0.5f, 0.125f, 0.5f, 0.25f, false);
    assertArrayEquals(new float[] {0.875f, 0.375f}, v);
    assertArrayEquals(new float[] {1 - 0.125f * 0.875f, 1 - 0.125f * 0.375f}, w);

    w = new float[] {1f};
    v = new float[] {0.25f};
    // d 0.75; v 0.875; Nesterov looks ahead: 0.5·0.875 + 0.75
    SCALAR.sgd(1, w, 0, g, 0, v, 0, null, 0, 0.5f, 0.125f, 0.5f, 0.25f, true);
    assertEquals(0.875f, v[0]);
    assertEquals(1 - 0.125f * 1.1875f, w[0]);
  }

  @Test
  void whatIsBelowTheSmallestNormalFloatBecomesZero() {
    for (OptimizerKernels k : new OptimizerKernels[] {SCALAR, SIMD}) {
      int n = 19;
      float[] w = new float[n];
      float[] v = new float[n];
      java.util.Arrays.fill(w, -Float.MIN_NORMAL / 2);
      java.util.Arrays.fill(v, Float.MIN_NORMAL);
      k.sgd(n, w, 0, new float[n], 0, v, 0, null, 0, 1f, 0f, 0.5f, 0f, false);
      for (int i = 0; i < n; i++) {
        assertSameBits(0f, w[i], () -> "w");
        assertSameBits(0f, v[i], () -> "v");
      }
    }
  }

  /** Momentum, decay and rate of many steps against the same recurrence in double. */
  @Test
  void manyStepsFollowTheRecurrenceInDouble() {
    var random = new SplittableRandom(7);
    float[] w = {1f};
    float[] v = {0f};
    double wExact = 1;
    double vExact = 0;
    for (int step = 0; step < 100; step++) {
      float g = (float) random.nextGaussian();
      SIMD.sgd(1, w, 0, new float[] {g}, 0, v, 0, null, 0, 1f, 0.01f, 0.9f, 0.001f, true);
      double d = g + (double) 0.001f * wExact;
      vExact = (double) 0.9f * vExact + d;
      wExact -= (double) 0.01f * ((double) 0.9f * vExact + d);
    }
    assertEquals(wExact, w[0], 1e-5);
    assertEquals(vExact, v[0], 1e-5);
  }
}
