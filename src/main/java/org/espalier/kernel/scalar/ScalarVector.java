package org.espalier.kernel.scalar;

import org.espalier.kernel.contract.Clamp;
import org.espalier.kernel.contract.VectorKernels;

/** The specification of {@link VectorKernels}. */
public final class ScalarVector implements VectorKernels {
  private static final int LANES = 16;

  @Override
  public void axpy(int n, float a, float[] x, int xo, float[] y, int yo) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = Math.fma(a, x[xo + i], y[yo + i]);
    }
  }

  @Override
  public void add(int n, float[] x, int xo, float[] y, int yo) {
    for (int i = 0; i < n; i++) {
      y[yo + i] += x[xo + i];
    }
  }

  @Override
  public void scale(int n, float a, float[] x, int xo) {
    for (int i = 0; i < n; i++) {
      x[xo + i] *= a;
    }
  }

  @Override
  public void multiply(int n, float[] x, int xo, float[] y, int yo, float[] z, int zo) {
    for (int i = 0; i < n; i++) {
      z[zo + i] = x[xo + i] * y[yo + i];
    }
  }

  @Override
  public void compress(
      int n, float[] x, int xo, long[] bits, int bo, int count, float[] y, int yo) {
    compress(0, n, x, xo, bits, bo, y, yo);
  }

  /** Closes up elements {@code from} to {@code n} − 1, the first of which goes to {@code y[yo]}. */
  public static void compress(
      int from, int n, float[] x, int xo, long[] bits, int bo, float[] y, int yo) {
    int next = yo;
    for (int i = from; i < n; i++) {
      if ((bits[bo + (i >>> 6)] >>> i & 1) != 0) {
        y[next++] = x[xo + i];
      }
    }
  }

  @Override
  public void expand(int n, float[] x, int xo, long[] bits, int bo, int count, float[] y, int yo) {
    expand(0, n, x, xo, bits, bo, y, yo);
  }

  /** Sets elements {@code from} to {@code n} − 1; the first that is kept is {@code x[xo]}. */
  public static void expand(
      int from, int n, float[] x, int xo, long[] bits, int bo, float[] y, int yo) {
    int next = xo;
    for (int i = from; i < n; i++) {
      y[yo + i] = (bits[bo + (i >>> 6)] >>> i & 1) != 0 ? x[next++] : 0;
    }
  }

  @Override
  public void keep(int n, float[] x, int xo, long[] bits, int bo, float a) {
    for (int i = 0; i < n; i++) {
      boolean kept = (bits[bo + (i >>> 6)] >>> i & 1) != 0;
      x[xo + i] = kept ? a * x[xo + i] : 0;
    }
  }

  @Override
  public void addSigns(int n, float a, float[] x, int xo, float[] y, int yo) {
    for (int i = 0; i < n; i++) {
      if (x[xo + i] > 0) {
        y[yo + i] += a;
      } else if (x[xo + i] < 0) {
        y[yo + i] -= a;
      }
    }
  }

  @Override
  public void clamp(int n, Clamp clamp, float[] x, int xo, float[] y, int yo) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = clamp.of(x[xo + i]);
    }
  }

  @Override
  public void reluBackward(int n, float[] y, int yo, float[] dy, int dyo, float[] dx, int dxo) {
    for (int i = 0; i < n; i++) {
      dx[dxo + i] = y[yo + i] > 0 ? dy[dyo + i] : 0;
    }
  }

  @Override
  public void reluBackwardSums(
      int rows,
      int n,
      float[] y,
      int yo,
      int ldy,
      float[] dy,
      int dyo,
      int lddy,
      boolean resume,
      float[] sums,
      int so) {
    for (int j = 0; j < n; j++) {
      float sum = resume ? sums[so + j] : 0;
      for (int i = 0; i < rows; i++) {
        int at = dyo + i * lddy + j;
        dy[at] = y[yo + i * ldy + j] > 0 ? dy[at] : 0;
        sum += dy[at];
      }
      sums[so + j] = sum;
    }
  }

  @Override
  public float sum(int n, float[] x, int xo) {
    return sumTree(n, x, xo, 0, 1) + 0f;
  }

  /** Sums the elements l, l + stride, l + 2·stride, … by halves, down to single lanes. */
  private static float sumTree(int n, float[] x, int xo, int l, int stride) {
    if (stride < LANES) {
      return sumTree(n, x, xo, l, 2 * stride) + sumTree(n, x, xo, l + stride, 2 * stride);
    }
    float sum = 0;
    for (int i = l; i < n; i += LANES) {
      sum += x[xo + i];
    }
    return sum;
  }

  @Override
  public float sumAbs(int n, float[] x, int xo) {
    return sumAbsTree(n, x, xo, 0, 1) + 0f;
  }

  private static float sumAbsTree(int n, float[] x, int xo, int l, int stride) {
    if (stride < LANES) {
      return sumAbsTree(n, x, xo, l, 2 * stride) + sumAbsTree(n, x, xo, l + stride, 2 * stride);
    }
    float sum = 0;
    for (int i = l; i < n; i += LANES) {
      sum += Math.abs(x[xo + i]);
    }
    return sum;
  }

  @Override
  public float dot(int n, float[] x, int xo, float[] y, int yo) {
    return dotTree(n, x, xo, y, yo, 0, 1) + 0f; // −0 + 0 is +0
  }

  private static float dotTree(int n, float[] x, int xo, float[] y, int yo, int l, int stride) {
    if (stride < LANES) {
      return dotTree(n, x, xo, y, yo, l, 2 * stride)
          + dotTree(n, x, xo, y, yo, l + stride, 2 * stride);
    }
    float sum = 0;
    for (int i = l; i < n; i += LANES) {
      sum = Math.fma(x[xo + i], y[yo + i], sum);
    }
    return sum;
  }

  @Override
  public float squaredNorm(int n, float[] x, int xo) {
    return dot(n, x, xo, x, xo);
  }

  @Override
  public float maxAbs(int n, float[] x, int xo) {
    float max = 0;
    for (int i = 0; i < n; i++) {
      max = Math.max(max, Math.abs(x[xo + i]));
    }
    return max;
  }

  @Override
  public boolean isFinite(int n, float[] x, int xo) {
    for (int i = 0; i < n; i++) {
      if (!Float.isFinite(x[xo + i])) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void columnSums(
      int rows, int n, float[] x, int xo, int ld, boolean resume, float[] y, int yo) {
    for (int j = 0; j < n; j++) {
      float sum = resume ? y[yo + j] : 0;
      for (int r = 0; r < rows; r++) {
        sum += x[xo + r * ld + j];
      }
      y[yo + j] = sum;
    }
  }

  @Override
  public void columnSquares(int rows, int n, float[] x, int xo, int ld, float[] y, int yo) {
    for (int j = 0; j < n; j++) {
      float sum = 0;
      for (int r = 0; r < rows; r++) {
        float v = x[xo + r * ld + j];
        sum = Math.fma(v, v, sum);
      }
      y[yo + j] = sum;
    }
  }

  @Override
  public void fromBytes(int n, byte[] x, int xo, float scale, float shift, float[] y, int yo) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = Math.fma(x[xo + i] & 0xff, scale, shift);
    }
  }

  @Override
  public void exp(int n, float[] x, int xo, float[] y, int yo) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = Elementary.exp(x[xo + i]);
    }
  }

  @Override
  public void log(int n, float[] x, int xo, float[] y, int yo) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = Elementary.log(x[xo + i]);
    }
  }
}
