package org.espalier.kernel.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.espalier.doctor.selftest.RandomInputs;
import org.espalier.kernel.scalar.ScalarPool;
import org.espalier.kernel.simd.conv.SimdPool;
import org.junit.jupiter.api.Test;

class PoolKernelsTest {
  private static final PoolKernels SCALAR = new ScalarPool();
  private static final PoolKernels SIMD = new SimdPool();
  private static final int LANES = 16;
  private static final double UNIT = 0x1p-24;

  /** How a window moves over a map. */
  private record Window(int height, int width, int kernel, int stride, int padding) {
    int rows() {
      return (height + 2 * padding - kernel) / stride + 1;
    }

    int columns() {
      return (width + 2 * padding - kernel) / stride + 1;
    }

    int in() {
      return height * width;
    }

    int out() {
      return rows() * columns();
    }

    /** Returns whether an input pixel is in the window of an output pixel. */
    boolean sees(int output, int input) {
      int r = input / width - (output / columns() * stride - padding);
      int c = input % width - (output % columns() * stride - padding);
      return r >= 0 && r < kernel && c >= 0 && c < kernel;
    }
  }

  /**
   * Windows that touch, overlap or leave gaps, at the border or not, or see nothing but padding.
   */
  private static final Window[] WINDOWS = {
    new Window(1, 1, 1, 1, 0),
    new Window(2, 2, 2, 2, 0),
    new Window(5, 7, 2, 2, 0),
    new Window(7, 5, 3, 2, 1),
    new Window(6, 8, 3, 2, 1),
    new Window(6, 6, 3, 1, 1),
    new Window(8, 9, 3, 3, 0),
    new Window(9, 8, 2, 3, 0),
    new Window(4, 4, 4, 4, 0),
    new Window(9, 4, 2, 3, 1),
    new Window(5, 5, 5, 1, 2),
    new Window(3, 2, 3, 2, 2),
    new Window(2, 3, 1, 1, 1),
    new Window(2, 2, 2, 1, 3),
    new Window(1, 9, 1, 2, 0),
    new Window(13, 12, 3, 2, 0),
  };

  /** Every output pixel asks every input pixel whether it sees it. */
  @Test
  void poolingAsksEveryPixel() {
    var random = new SplittableRandom(2);
    for (Window w : WINDOWS) {
      float[] x = RandomInputs.tameValues(random, w.in() * LANES);
      for (PoolKernels k : new PoolKernels[] {SCALAR, SIMD}) {
        float[] max = new float[w.out() * LANES];
        float[] average = new float[w.out() * LANES];
        k.maxPool(w.height, w.width, w.kernel, w.stride, w.padding, x, 0, max, 0);
        k.averagePool(w.height, w.width, w.kernel, w.stride, w.padding, x, 0, average, 0);
        for (int o = 0; o < max.length; o++) {
          float largest = Float.NEGATIVE_INFINITY;
          double sum = 0;
          double sumAbs = 0;
          for (int p = 0; p < w.in(); p++) {
            float v = x[p * LANES + o % LANES];
            if (w.sees(o / LANES, p)) {
              largest = Math.max(largest, v);
              sum += v;
              sumAbs += Math.abs(v);
            }
          }
          int area = w.kernel * w.kernel;
          assertEquals(largest, max[o], w::toString);
          assertEquals(sum / area, average[o], (area + 2) * UNIT * sumAbs / area, w::toString);
        }
      }
    }
  }

  /** Differences of the outputs, weighted by dy, when one input moves; values lie far apart. */
  @Test
  void gradientsAreDifferences() {
    var random = new SplittableRandom(3);
    for (Window w : WINDOWS) {
      double[] x = shuffled(random, w.in() * LANES);
      float[] values = floats(x);
      float[] dy = RandomInputs.tameValues(random, w.out() * LANES);
      float[] y = new float[dy.length];
      float[] dx = new float[x.length];
      for (PoolKernels k : new PoolKernels[] {SCALAR, SIMD}) {
        k.maxPool(w.height, w.width, w.kernel, w.stride, w.padding, values, 0, y, 0);
        k.maxPoolBackward(
            w.height, w.width, w.kernel, w.stride, w.padding, values, 0, y, 0, dy, 0, dx, 0);
        float[] averageDx = new float[x.length];
        k.averagePoolBackward(
            w.height, w.width, w.kernel, w.stride, w.padding, dy, 0, averageDx, 0);
        for (int i = 0; i < x.length; i++) {
          double step = 0.25;
          double middle = x[i];
          x[i] = middle + step;
          double maxUp = weightedMax(w, x, i, dy);
          double averageUp = weightedAverage(w, x, i, dy);
          x[i] = middle - step;
          double maxSlope = (maxUp - weightedMax(w, x, i, dy)) / (2 * step);
          double averageSlope = (averageUp - weightedAverage(w, x, i, dy)) / (2 * step);
          x[i] = middle;
          assertEquals(maxSlope, dx[i], 1e-4, w::toString);
          assertEquals(averageSlope, averageDx[i], 1e-4, w::toString);
        }
      }
    }
  }

  private static double[] shuffled(SplittableRandom random, int n) {
    double[] x = new double[n];
    for (int i = 0; i < n; i++) {
      int j = random.nextInt(i + 1);
      x[i] = x[j];
      x[j] = i;
    }
    return x;
  }

  private static float[] floats(double[] x) {
    float[] y = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      y[i] = (float) x[i];
    }
    return y;
  }

  /** Returns Σ dy·y over the outputs that see element {@code i}. */
  private static double weightedMax(Window w, double[] x, int i, float[] dy) {
    double total = 0;
    for (int o = 0; o < w.out(); o++) {
      if (w.sees(o, i / LANES)) {
        double max = Double.NEGATIVE_INFINITY;
        for (int p = 0; p < w.in(); p++) {
          max = w.sees(o, p) ? Math.max(max, x[p * LANES + i % LANES]) : max;
        }
        total += dy[o * LANES + i % LANES] * max;
      }
    }
    return total;
  }

  private static double weightedAverage(Window w, double[] x, int i, float[] dy) {
    double total = 0;
    for (int o = 0; o < w.out(); o++) {
      if (w.sees(o, i / LANES)) {
        double sum = 0;
        for (int p = 0; p < w.in(); p++) {
          sum += w.sees(o, p) ? x[p * LANES + i % LANES] : 0;
        }
        total += dy[o * LANES + i % LANES] * sum / (w.kernel * w.kernel);
      }
    }
    return total;
  }

  /** Lane 0: ties; 1: NaN twice; 2: zeros of both signs; 3: nothing but −∞. */
  @Test
  void theFirstOfEqualsGetsTheGradient() {
    float inf = Float.POSITIVE_INFINITY;
    float nan = Float.NaN;
    float[][] pixels = {
      {1f, 3f, -0f, -inf}, {2f, nan, 0f, -inf}, {2f, nan, -1f, -inf}, {0f, 5f, 0f, -inf}
    };
    float[] x = new float[4 * LANES];
    for (int p = 0; p < 4; p++) {
      System.arraycopy(pixels[p], 0, x, p * LANES, 4);
    }
    float[] dy = new float[LANES];
    Arrays.fill(dy, 10f);
    for (PoolKernels k : new PoolKernels[] {SCALAR, SIMD}) {
      float[] y = new float[LANES];
      k.maxPool(2, 2, 2, 2, 0, x, 0, y, 0);
      assertArrayEquals(new float[] {2f, nan, 0f, -inf}, Arrays.copyOf(y, 4));
      float[] dx = new float[4 * LANES];
      k.maxPoolBackward(2, 2, 2, 2, 0, x, 0, y, 0, dy, 0, dx, 0);
      assertArrayEquals(new float[] {0f, 0f, 10f, 10f}, Arrays.copyOfRange(dx, 0, 4));
      assertArrayEquals(new float[] {10f, 10f, 0f, 0f}, Arrays.copyOfRange(dx, LANES, LANES + 4));
      assertArrayEquals(new float[4], Arrays.copyOfRange(dx, 2 * LANES, 2 * LANES + 4));
      assertArrayEquals(new float[4], Arrays.copyOfRange(dx, 3 * LANES, 3 * LANES + 4));
    }
  }

  @Test
  void globalAverageByHand() {
    float[] x = new float[3 * LANES];
    x[1] = 1f;
    x[LANES + 1] = 2f;
    x[2 * LANES + 1] = 6f;
    float[] dy = new float[LANES];
    dy[1] = 6f;
    for (PoolKernels k : new PoolKernels[] {SCALAR, SIMD}) {
      float[] y = new float[LANES];
      k.globalAverage(3, x, 0, y, 0);
      assertEquals(3f, y[1], 3e-7f);
      float[] dx = new float[3 * LANES];
      k.globalAverageBackward(3, dy, 0, dx, 0);
      for (int p = 0; p < 3; p++) {
        assertEquals(2f, dx[p * LANES + 1], 2e-7f);
        assertEquals(0f, dx[p * LANES]);
      }
    }
  }
}
