package org.espalier.kernel.simd.conv;

import static org.espalier.kernel.simd.Lanes.F32;
import static org.espalier.kernel.simd.Lanes.LENGTH;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;
import org.espalier.kernel.contract.PoolGeometry;
import org.espalier.kernel.scalar.ScalarPool;

/**
 * Pooling of a map by any window. The rows that the windows of a row of outputs see are put into a
 * buffer first, padding with them, so that every window is whole: the largest of the rows as one,
 * which any order of maxima allows, for sums each by itself.
 */
final class MapPool {
  private static final VectorShuffle<Float> EVEN =
      VectorShuffle.fromOp(F32, i -> 2 * i < LENGTH ? 2 * i : 2 * i - 2 * LENGTH);

  /** Rows of a thread, and behind them a row of outputs or of factors. */
  private static final ThreadLocal<float[]> SCRATCH = ThreadLocal.withInitial(() -> new float[0]);

  private MapPool() {}

  /** Returns how long a buffer for a row is: vectors are read and written beyond the last pixel. */
  private static int length(PoolGeometry g) {
    return (g.reach() + (LENGTH - 1) * g.strideX()) * g.lanes() + 2 * LENGTH;
  }

  private static float[] scratch(int length) {
    float[] scratch = SCRATCH.get();
    if (scratch.length < length) {
      scratch = new float[length];
      SCRATCH.set(scratch);
    }
    return scratch;
  }

  static void maxima(PoolGeometry g, float[] x, int xo, float[] y, int yo) {
    int length = length(g);
    float[] rows = scratch(length + g.columns() * g.lanes() + LENGTH);
    for (int r = 0; r < g.rows(); r++) {
      Arrays.fill(rows, 0, length, Float.NEGATIVE_INFINITY);
      for (int i = 0; i < g.windowHeight(); i++) {
        int row = r * g.strideY() - g.top() + i * g.dilationY();
        if (row >= 0 && row < g.height()) {
          takeLarger(g, x, xo + row * g.ldx(), rows);
        }
      }
      if (g.lanes() == 1 && g.strideX() <= 2) {
        for (int c = 0; c < g.columns(); c += LENGTH) {
          FloatVector max = pixels(g, rows, c * g.strideX());
          for (int j = 1; j < g.windowWidth(); j++) {
            max = max.max(pixels(g, rows, c * g.strideX() + j * g.dilationX()));
          }
          max.intoArray(rows, length + c);
        }
        System.arraycopy(rows, length, y, yo + r * g.ldy(), g.columns());
      } else {
        largest(g, rows, y, yo + r * g.ldy());
      }
    }
  }

  /** A row of the map over that in the buffer. */
  private static void takeLarger(PoolGeometry g, float[] x, int xo, float[] rows) {
    int to = g.left() * g.lanes();
    int n = Math.min(g.width(), g.reach() - g.left()) * g.lanes();
    int i = 0;
    for (int bound = n <= 0 ? 0 : F32.loopBound(n); i < bound; i += LENGTH) {
      FloatVector v = FloatVector.fromArray(F32, x, xo + i);
      FloatVector.fromArray(F32, rows, to + i).max(v).intoArray(rows, to + i);
    }
    for (; i < n; i++) {
      rows[to + i] = Math.max(rows[to + i], x[xo + i]);
    }
  }

  /** Returns as many pixels as a vector has, a stride of 1 or 2 apart. */
  private static FloatVector pixels(PoolGeometry g, float[] rows, int at) {
    FloatVector first = FloatVector.fromArray(F32, rows, at);
    return g.strideX() == 1
        ? first
        : first.rearrange(EVEN, FloatVector.fromArray(F32, rows, at + LENGTH));
  }

  /** Pixel by pixel, each of them some vectors or a single float. */
  private static void largest(PoolGeometry g, float[] rows, float[] y, int yo) {
    int lanes = g.lanes();
    for (int c = 0; c < g.columns(); c++) {
      int from = c * g.strideX() * lanes;
      int step = g.dilationX() * lanes;
      for (int lane = 0; lanes > 1 && lane < lanes; lane += LENGTH) {
        FloatVector max = FloatVector.fromArray(F32, rows, from + lane);
        for (int j = 1; j < g.windowWidth(); j++) {
          max = max.max(FloatVector.fromArray(F32, rows, from + lane + j * step));
        }
        max.intoArray(y, yo + c * lanes + lane);
      }
      if (lanes == 1) {
        float max = rows[from];
        for (int j = 1; j < g.windowWidth(); j++) {
          max = Math.max(max, rows[from + j * step]);
        }
        y[yo + c] = max;
      }
    }
  }

  /** To add a zero of the padding changes no sum: none of them is −0. */
  static void means(
      PoolGeometry g, int[] rowCounts, int[] columnCounts, float[] x, int xo, float[] y, int yo) {
    int length = length(g);
    int out = g.windowHeight() * length;
    float[] rows = scratch(out + 2 * (g.columns() * g.lanes() + LENGTH));
    int factors = out + g.columns() * g.lanes() + LENGTH;
    for (int r = 0; r < g.rows(); r++) {
      Arrays.fill(rows, 0, out, 0);
      for (int i = 0; i < g.windowHeight(); i++) {
        int row = r * g.strideY() - g.top() + i * g.dilationY();
        int n = Math.min(g.width(), g.reach() - g.left()) * g.lanes();
        if (row >= 0 && row < g.height() && n > 0) {
          System.arraycopy(x, xo + row * g.ldx(), rows, i * length + g.left() * g.lanes(), n);
        }
      }
      for (int c = 0; c < g.columns(); c++) {
        rows[factors + c] = ScalarPool.share(rowCounts[r] * columnCounts[c]);
      }
      if (g.lanes() == 1 && g.strideX() <= 2) {
        for (int c = 0; c < g.columns(); c += LENGTH) {
          FloatVector sum = FloatVector.zero(F32);
          for (int i = 0; i < g.windowHeight(); i++) {
            int at = i * length + c * g.strideX();
            for (int j = 0; j < g.windowWidth(); j++) {
              sum = sum.add(pixels(g, rows, at + j * g.dilationX()));
            }
          }
          sum.mul(FloatVector.fromArray(F32, rows, factors + c)).intoArray(rows, out + c);
        }
        System.arraycopy(rows, out, y, yo + r * g.ldy(), g.columns());
      } else {
        sums(g, length, rows, factors, y, yo + r * g.ldy());
      }
    }
  }

  /** Pixel by pixel, each of them some vectors or a single float. */
  private static void sums(
      PoolGeometry g, int length, float[] rows, int factors, float[] y, int yo) {
    int lanes = g.lanes();
    int step = g.dilationX() * lanes;
    for (int c = 0; c < g.columns(); c++) {
      int from = c * g.strideX() * lanes;
      float factor = rows[factors + c];
      for (int lane = 0; lanes > 1 && lane < lanes; lane += LENGTH) {
        FloatVector sum = FloatVector.zero(F32);
        for (int i = 0; i < g.windowHeight(); i++) {
          int at = i * length + from + lane;
          for (int j = 0; j < g.windowWidth(); j++) {
            sum = sum.add(FloatVector.fromArray(F32, rows, at + j * step));
          }
        }
        sum.mul(factor).intoArray(y, yo + c * lanes + lane);
      }
      if (lanes == 1) {
        float sum = 0;
        for (int i = 0; i < g.windowHeight(); i++) {
          for (int j = 0; j < g.windowWidth(); j++) {
            sum += rows[i * length + from + j * step];
          }
        }
        y[yo + c] = sum * factor;
      }
    }
  }
}
