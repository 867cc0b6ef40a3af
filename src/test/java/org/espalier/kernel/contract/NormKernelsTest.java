package org.espalier.kernel.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.espalier.doctor.selftest.RandomInputs;
import org.espalier.kernel.scalar.ScalarNorm;
import org.espalier.kernel.simd.conv.SimdNorm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NormKernelsTest {
  private static final NormKernels SCALAR = new ScalarNorm();
  private static final NormKernels SIMD = new SimdNorm();
  private static final int LANES = 16;
  private static final int[] PIXELS = {1, 2, 3, 4, 5, 7, 8, 9, 25, 49, 64, 100};

  /** The largest relative error of an operation. */
  private static final double UNIT = 0x1p-24;

  /** A mean a thousand times the deviation: the difference of two large squares would be noise. */
  @ParameterizedTest
  @ValueSource(floats = {0f, 1f, -30f, 1000f})
  void momentsAreNearThoseInDouble(float centre) {
    var random = new SplittableRandom(2);
    for (int pixels : PIXELS) {
      for (int lanes = 1; lanes <= LANES; lanes++) {
        float[] x = RandomInputs.tameValues(random, pixels * LANES);
        double sum = 0;
        double largest = 0;
        for (int i = 0; i < x.length; i++) {
          if (i % LANES < lanes) {
            x[i] += centre;
            sum += x[i];
            largest = Math.max(largest, Math.abs(x[i]));
          } else {
            x[i] = Float.NaN; // counts for nothing
          }
        }
        int count = pixels * lanes;
        double mean = sum / count;
        double deviations = 0;
        double[] laneMeans = new double[lanes];
        for (int i = 0; i < x.length; i++) {
          if (i % LANES < lanes) {
            deviations += (x[i] - mean) * (x[i] - mean);
            laneMeans[i % LANES] += x[i] / (double) pixels;
          }
        }
        double error = (pixels + 8) * UNIT * largest; // of a mean, and of a lane's
        double bound = (pixels + 24) * UNIT * deviations;
        for (double m : laneMeans) {
          double e = 2 * error + UNIT * Math.abs(m - mean);
          bound += pixels * (error * error + 2 * Math.abs(m - mean) * e + e * e);
        }
        for (NormKernels k : new NormKernels[] {SCALAR, SIMD}) {
          float[] out = new float[2];
          k.moments(pixels, lanes, x, 0, out, 0);
          assertEquals(mean, out[0], error);
          assertEquals(deviations, out[1], bound);
        }
        if (pixels > 1) {
          assertTrue(bound < 0.1 * deviations, "the bound says something");
        }
      }
    }
  }

  /** The rule, written down again: 16 lanes, merged by halves. */
  @Test
  void momentsFollowTheRuleOfTheSixteenLanes() {
    var random = new SplittableRandom(3);
    for (int pixels : PIXELS) {
      float[] x = RandomInputs.tameValues(random, pixels * LANES);
      float[] means = new float[LANES];
      float[] within = new float[LANES];
      float[] between = new float[LANES];
      for (int i = 0; i < x.length; i++) {
        means[i % LANES] += x[i];
      }
      for (int l = 0; l < LANES; l++) {
        means[l] /= pixels;
      }
      for (int i = 0; i < x.length; i++) {
        float d = x[i] - means[i % LANES];
        within[i % LANES] = Math.fma(d, d, within[i % LANES]);
      }
      float mean = tree(means.clone()) / LANES;
      for (int l = 0; l < LANES; l++) {
        between[l] = (means[l] - mean) * (means[l] - mean);
      }
      float[] out = new float[2];
      SCALAR.moments(pixels, LANES, x, 0, out, 0);
      assertEquals(mean, out[0]);
      assertEquals(Math.fma(pixels, tree(between), tree(within)), out[1]);
    }
  }

  private static float tree(float[] lane) {
    for (int half = 8; half >= 1; half /= 2) {
      for (int i = 0; i < half; i++) {
        lane[i] += lane[i + half];
      }
    }
    return lane[0] + 0f;
  }

  @Test
  void backwardSumsAreNearThoseInDouble() {
    var random = new SplittableRandom(4);
    for (int pixels : PIXELS) {
      for (int lanes = 1; lanes <= LANES; lanes++) {
        float[] x = RandomInputs.tameValues(random, pixels * LANES);
        float[] y = RandomInputs.tameValues(random, pixels * LANES);
        float[] dy = RandomInputs.tameValues(random, pixels * LANES);
        float mean = (float) random.nextGaussian();
        double sum = 0;
        double sumAbs = 0;
        double products = 0;
        double productsAbs = 0;
        for (int i = 0; i < x.length; i++) {
          if (i % LANES < lanes && y[i] > 0) {
            sum += dy[i];
            sumAbs += Math.abs(dy[i]);
            products += dy[i] * ((double) x[i] - mean);
            productsAbs += Math.abs(dy[i] * ((double) x[i] - mean));
          }
        }
        for (NormKernels k : new NormKernels[] {SCALAR, SIMD}) {
          float[] out = new float[2];
          k.backwardSums(pixels, lanes, true, x, 0, mean, y, 0, dy.clone(), 0, out, 0);
          assertEquals(sum, out[0], (pixels + 5) * UNIT * sumAbs);
          assertEquals(products, out[1], (pixels + 6) * UNIT * productsAbs);
        }
      }
    }
  }

  @Test
  void elementwiseLoopsByHand() {
    float inf = Float.POSITIVE_INFINITY;
    float nan = Float.NaN;
    float[] x = {1f, -2f, 0f, -0f, nan, inf, -inf, 3f, 0f, 0f, 0f, 0f, 0f, 0f, 0f, 0f};
    float[] r = {1f, 1f, 1f, 1f, 1f, 1f, inf, -9f, 0f, 0f, 0f, 0f, 0f, 0f, 0f, 0f};
    for (NormKernels k : new NormKernels[] {SCALAR, SIMD}) {
      float[] y = new float[LANES];
      k.normalize(LANES, x, 0, 2f, -0f, Clamp.RELU, y, 0);
      assertArrayEquals(new float[] {2f, 0f, 0f, 0f, nan, inf, 0f, 6f}, first(y));
      k.normalize(LANES, x, 0, 2f, -0f, Clamp.NONE, y, 0);
      assertArrayEquals(new float[] {2f, -4f, 0f, -0f, nan, inf, -inf, 6f}, first(y));
      k.normalizeAdd(LANES, x, 0, 2f, -0f, r, 0, Clamp.RELU, y, 0);
      assertArrayEquals(new float[] {3f, 0f, 1f, 1f, nan, inf, nan, 0f}, first(y));
      float[] dx = r.clone();
      k.backward(LANES, x, 0, r, 0, 3f, 2f, 1f, true, dx, 0);
      assertArrayEquals(new float[] {7f, 1f, 5f, 5f, nan, inf, nan, -29f}, first(dx));
    }
  }

  private static float[] first(float[] x) {
    return Arrays.copyOf(x, 8);
  }
}
