package org.espalier.kernel.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.SplittableRandom;
import org.espalier.doctor.selftest.RandomInputs;
import org.espalier.kernel.scalar.ScalarLoss;
import org.espalier.kernel.simd.SimdLoss;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LossKernelsTest {
  private static final LossKernels SCALAR = new ScalarLoss();
  private static final LossKernels SIMD = new SimdLoss();

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void isNearTheDefinitionInDouble(long seed) {
    var random = new SplittableRandom(seed);
    for (int n : new int[] {1, 2, 10, 37, 1000}) {
      for (float smoothing : new float[] {0f, 0.1f, 0.9f}) {
        float[] x = RandomInputs.tameValues(random, n);
        for (int i = 0; i < n; i++) {
          x[i] *= 5;
        }
        int label = random.nextInt(n);
        float[] p = new float[n];
        float[] dx = new float[n];
        float loss = SIMD.softmaxCrossEntropy(n, x, 0, label, smoothing, p, 0);
        SIMD.softmaxCrossEntropyBackward(n, p, 0, label, smoothing, 1f, dx, 0);
        double[] exact = new double[n];
        for (int i = 0; i < n; i++) {
          exact[i] = x[i];
        }
        double want = loss(exact, label, smoothing);
        assertEquals(want, loss, (n + 16) * 0x1p-23 * (1 + Math.abs(want)));
        double h = 1e-5;
        for (int i = 0; i < n; i++) {
          exact[i] = x[i] + h;
          double above = loss(exact, label, smoothing);
          exact[i] = x[i] - h;
          double below = loss(exact, label, smoothing);
          exact[i] = x[i];
          assertEquals((above - below) / (2 * h), dx[i], 1e-6);
        }
      }
    }
  }

  /** −Σ t[i]·log(p[i]), as it is defined. */
  private static double loss(double[] x, int label, double smoothing) {
    double s = 0;
    for (double logit : x) {
      s += Math.exp(logit);
    }
    double loss = 0;
    for (int i = 0; i < x.length; i++) {
      double target = smoothing / x.length + (i == label ? 1 - smoothing : 0);
      loss -= target * Math.log(Math.exp(x[i]) / s);
    }
    return loss;
  }

  @Test
  void extremeLogits() {
    float inf = Float.POSITIVE_INFINITY;
    for (LossKernels k : new LossKernels[] {SCALAR, SIMD}) {
      assertEquals(0f, loss(k, 0f, 1000f, -1000f));
      assertEquals(2000f, loss(k, 0f, -1000f, 1000f));
      assertEquals(0f, loss(k, 0.5f, 7f)); // one class is certain
      assertEquals((float) Math.log(4), loss(k, 0f, 3e38f, 3e38f, 3e38f, 3e38f));
      assertEquals(0f, loss(k, 0f, 1f, -inf));
      assertEquals(inf, loss(k, 0f, -inf, 1f));
      assertEquals(inf, loss(k, 0.1f, 1f, -inf));
      assertEquals(Float.NaN, loss(k, 0f, 1f, inf));
      assertEquals(Float.NaN, loss(k, 0f, 1f, Float.NaN));
      assertEquals(Float.NaN, loss(k, 0f, -inf, -inf));
      // the same in a row that fills vectors
      float[] x = new float[40];
      x[39] = Float.NaN;
      assertEquals(Float.NaN, loss(k, 0f, x));
      x[39] = 0;
      x[20] = inf;
      assertEquals(Float.NaN, loss(k, 0f, x));
    }
  }

  /** The loss of label 0. */
  private static float loss(LossKernels k, float smoothing, float... x) {
    return k.softmaxCrossEntropy(x.length, x, 0, 0, smoothing, new float[x.length], 0);
  }
}
