package org.espalier.kernel.simd.conv;

import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.NE;
import static org.espalier.kernel.simd.Lanes.F32;
import static org.espalier.kernel.simd.Lanes.LENGTH;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import org.espalier.kernel.contract.PoolGeometry;
import org.espalier.kernel.contract.PoolKernels;

/**
 * {@link PoolKernels} on vectors. Where the order of the windows allows it, one place of the window
 * is taken for a whole row of output pixels, a loop that is longer than a window's row.
 */
public final class SimdPool implements PoolKernels {
  private static final int LANES = 16;

  @Override
  public void maxPool(
      int height,
      int width,
      int kernel,
      int stride,
      int padding,
      float[] x,
      int xo,
      float[] y,
      int yo) {
    int columns = (width + 2 * padding - kernel) / stride + 1;
    int out = yo;
    for (int top = -padding; top + kernel <= height + padding; top += stride) {
      Arrays.fill(y, out, out + columns * LANES, Float.NEGATIVE_INFINITY);
      for (int r = Math.max(top, 0); r < Math.min(top + kernel, height); r++) {
        for (int i = 0; i < kernel; i++) {
          int from = first(i - padding, stride);
          int to = end(i - padding, stride, width, columns);
          int source = xo + (r * width + from * stride + i - padding) * LANES;
          takeLarger(to - from, stride * LANES, x, source, y, out + from * LANES);
        }
      }
      out += columns * LANES;
    }
  }

  /** Returns the first output column whose input column, {@code stride} apart, is in the map. */
  private static int first(int shift, int stride) {
    return Math.max(0, Math.ceilDiv(-shift, stride));
  }

  /** Returns the first output column behind those, at least {@link #first}. */
  private static int end(int shift, int stride, int width, int columns) {
    int end = Math.min(columns, Math.ceilDiv(width - shift, stride));
    return Math.max(end, first(shift, stride));
  }

  private static void takeLarger(int n, int step, float[] x, int xo, float[] y, int yo) {
    for (int lane = 0; lane < LANES; lane += LENGTH) {
      for (int p = 0; p < n; p++) {
        int at = yo + lane + p * LANES;
        FloatVector v = FloatVector.fromArray(F32, x, xo + lane + p * step);
        FloatVector.fromArray(F32, y, at).max(v).intoArray(y, at);
      }
    }
  }

  @Override
  public void maxPoolBackward(
      int height,
      int width,
      int kernel,
      int stride,
      int padding,
      float[] x,
      int xo,
      float[] y,
      int yo,
      float[] dy,
      int dyo,
      float[] dx,
      int dxo) {
    Arrays.fill(dx, dxo, dxo + height * width * LANES, 0f);
    int out = 0;
    for (int top = -padding; top + kernel <= height + padding; top += stride) {
      int r = Math.max(top, 0);
      int rows = Math.min(top + kernel, height) - r;
      for (int left = -padding; left + kernel <= width + padding; left += stride) {
        int c = Math.max(left, 0);
        int columns = Math.min(left + kernel, width) - c;
        int at = (r * width + c) * LANES;
        for (int lane = 0; lane < LANES; lane += LENGTH) {
          int o = out + lane;
          int i = at + lane;
          toFirst(rows, columns, width * LANES, x, xo + i, y, yo + o, dy, dyo + o, dx, dxo + i);
        }
        out += LANES;
      }
    }
  }

  /**
   * Adds a gradient where the window first equals its largest. There what is left of the gradient
   * becomes +0, which later places may get: a sum that began at +0 is never −0 and keeps its bits.
   */
  private static void toFirst(
      int rows,
      int columns,
      int ld,
      float[] x,
      int xo,
      float[] y,
      int yo,
      float[] dy,
      int dyo,
      float[] dx,
      int dxo) {
    FloatVector zero = FloatVector.zero(F32);
    FloatVector max = FloatVector.fromArray(F32, y, yo);
    FloatVector left = FloatVector.fromArray(F32, dy, dyo);
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        int i = r * ld + c * LANES;
        FloatVector v = FloatVector.fromArray(F32, x, xo + i);
        VectorMask<Float> hit = v.compare(EQ, max).or(v.compare(NE, v).and(max.compare(NE, max)));
        FloatVector d = FloatVector.fromArray(F32, dx, dxo + i);
        d.add(zero.blend(left, hit)).intoArray(dx, dxo + i);
        left = left.blend(zero, hit);
      }
    }
  }

  @Override
  public void averagePool(
      int height,
      int width,
      int kernel,
      int stride,
      int padding,
      float[] x,
      int xo,
      float[] y,
      int yo) {
    int columns = (width + 2 * padding - kernel) / stride + 1;
    float share = 1f / (kernel * kernel);
    int out = yo;
    for (int top = -padding; top + kernel <= height + padding; top += stride) {
      Arrays.fill(y, out, out + columns * LANES, 0f);
      for (int r = Math.max(top, 0); r < Math.min(top + kernel, height); r++) {
        for (int i = 0; i < kernel; i++) {
          int from = first(i - padding, stride);
          int to = end(i - padding, stride, width, columns);
          int source = xo + (r * width + from * stride + i - padding) * LANES;
          add(to - from, stride * LANES, x, source, y, out + from * LANES);
        }
      }
      scale(columns * LANES, share, y, out);
      out += columns * LANES;
    }
  }

  private static void add(int n, int step, float[] x, int xo, float[] y, int yo) {
    for (int lane = 0; lane < LANES; lane += LENGTH) {
      for (int p = 0; p < n; p++) {
        int at = yo + lane + p * LANES;
        FloatVector v = FloatVector.fromArray(F32, x, xo + lane + p * step);
        FloatVector.fromArray(F32, y, at).add(v).intoArray(y, at);
      }
    }
  }

  private static void scale(int n, float a, float[] y, int yo) {
    for (int i = 0; i < n; i += LENGTH) {
      FloatVector.fromArray(F32, y, yo + i).mul(a).intoArray(y, yo + i);
    }
  }

  /** The later columns of the window first: so an input pixel gets the earlier windows first. */
  @Override
  public void averagePoolBackward(
      int height,
      int width,
      int kernel,
      int stride,
      int padding,
      float[] dy,
      int dyo,
      float[] dx,
      int dxo) {
    int columns = (width + 2 * padding - kernel) / stride + 1;
    float share = 1f / (kernel * kernel);
    Arrays.fill(dx, dxo, dxo + height * width * LANES, 0f);
    int out = dyo;
    for (int top = -padding; top + kernel <= height + padding; top += stride) {
      for (int r = Math.max(top, 0); r < Math.min(top + kernel, height); r++) {
        for (int i = kernel - 1; i >= 0; i--) {
          int from = first(i - padding, stride);
          int to = end(i - padding, stride, width, columns);
          int target = dxo + (r * width + from * stride + i - padding) * LANES;
          addShares(to - from, share, dy, out + from * LANES, stride * LANES, dx, target);
        }
      }
      out += columns * LANES;
    }
  }

  private static void addShares(
      int n, float share, float[] dy, int dyo, int step, float[] dx, int dxo) {
    for (int lane = 0; lane < LANES; lane += LENGTH) {
      for (int p = 0; p < n; p++) {
        int at = dxo + lane + p * step;
        FloatVector v = FloatVector.fromArray(F32, dy, dyo + lane + p * LANES).mul(share);
        FloatVector.fromArray(F32, dx, at).add(v).intoArray(dx, at);
      }
    }
  }

  @Override
  public void maxima(PoolGeometry g, float[] x, int xo, float[] y, int yo) {
    MapPool.maxima(g, x, xo, y, yo);
  }

  @Override
  public void means(
      PoolGeometry g, int[] rowCounts, int[] columnCounts, float[] x, int xo, float[] y, int yo) {
    MapPool.means(g, rowCounts, columnCounts, x, xo, y, yo);
  }

  @Override
  public void globalAverage(int pixels, float[] x, int xo, float[] y, int yo) {
    float share = 1f / pixels;
    for (int lane = 0; lane < LANES; lane += LENGTH) {
      FloatVector sum = FloatVector.zero(F32);
      for (int p = 0; p < pixels; p++) {
        sum = sum.add(FloatVector.fromArray(F32, x, xo + lane + p * LANES));
      }
      sum.mul(share).intoArray(y, yo + lane);
    }
  }

  @Override
  public void globalAverageBackward(int pixels, float[] dy, int dyo, float[] dx, int dxo) {
    float share = 1f / pixels;
    for (int lane = 0; lane < LANES; lane += LENGTH) {
      FloatVector v = FloatVector.fromArray(F32, dy, dyo + lane).mul(share);
      for (int p = 0; p < pixels; p++) {
        v.intoArray(dx, dxo + lane + p * LANES);
      }
    }
  }
}
