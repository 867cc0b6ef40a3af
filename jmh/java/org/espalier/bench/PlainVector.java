package org.espalier.bench;

import java.util.Arrays;
import org.espalier.kernel.contract.Clamp;
import org.espalier.kernel.contract.VectorKernels;

/**
 * What a good Java programmer writes without the Vector API: loops that C2 vectorises by itself,
 * sums over several accumulators, columns summed row by row, {@link Math#exp}. The sums have an
 * order of their own.
 */
final class PlainVector implements VectorKernels {
  private final float[] table = new float[256];
  private float tableScale;
  private float tableShift;

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
  public void keep(int n, float[] x, int xo, long[] bits, int bo, float a) {
    for (int start = 0; start < n; start += Long.SIZE) {
      long word = bits[bo + (start >>> 6)];
      int end = Math.min(n, start + Long.SIZE);
      for (int i = start; i < end; i++) {
        x[xo + i] = (word >>> i & 1) != 0 ? a * x[xo + i] : 0;
      }
    }
  }

  @Override
  public void addSigns(int n, float a, float[] x, int xo, float[] y, int yo) {
    for (int i = 0; i < n; i++) {
      y[yo + i] += a * Math.signum(x[xo + i]);
    }
  }

  @Override
  public void clamp(int n, Clamp clamp, float[] x, int xo, float[] y, int yo) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = Math.max(x[xo + i], clamp.low());
    }
  }

  @Override
  public void reluBackward(int n, float[] y, int yo, float[] dy, int dyo, float[] dx, int dxo) {
    for (int i = 0; i < n; i++) {
      dx[dxo + i] = y[yo + i] > 0 ? dy[dyo + i] : 0;
    }
  }

  @Override
  public float sum(int n, float[] x, int xo) {
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    int i = 0;
    for (; i < n - 3; i += 4) {
      s0 += x[xo + i];
      s1 += x[xo + i + 1];
      s2 += x[xo + i + 2];
      s3 += x[xo + i + 3];
    }
    for (; i < n; i++) {
      s0 += x[xo + i];
    }
    return s0 + s1 + (s2 + s3);
  }

  @Override
  public float sumAbs(int n, float[] x, int xo) {
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    int i = 0;
    for (; i < n - 3; i += 4) {
      s0 += Math.abs(x[xo + i]);
      s1 += Math.abs(x[xo + i + 1]);
      s2 += Math.abs(x[xo + i + 2]);
      s3 += Math.abs(x[xo + i + 3]);
    }
    for (; i < n; i++) {
      s0 += Math.abs(x[xo + i]);
    }
    return s0 + s1 + (s2 + s3);
  }

  @Override
  public float dot(int n, float[] x, int xo, float[] y, int yo) {
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    int i = 0;
    for (; i < n - 3; i += 4) {
      s0 = Math.fma(x[xo + i], y[yo + i], s0);
      s1 = Math.fma(x[xo + i + 1], y[yo + i + 1], s1);
      s2 = Math.fma(x[xo + i + 2], y[yo + i + 2], s2);
      s3 = Math.fma(x[xo + i + 3], y[yo + i + 3], s3);
    }
    for (; i < n; i++) {
      s0 = Math.fma(x[xo + i], y[yo + i], s0);
    }
    return s0 + s1 + (s2 + s3);
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
    float zero = 0;
    for (int i = 0; i < n; i++) {
      zero += x[xo + i] * 0;
    }
    return zero == 0;
  }

  @Override
  public void columnSums(
      int rows, int n, float[] x, int xo, int ld, boolean resume, float[] y, int yo) {
    for (int j = 0; j < n; j++) {
      y[yo + j] = 0;
    }
    for (int r = 0; r < rows; r++) {
      add(n, x, xo + r * ld, y, yo);
    }
  }

  @Override
  public void columnSquares(int rows, int n, float[] x, int xo, int ld, float[] y, int yo) {
    Arrays.fill(y, yo, yo + n, 0f);
    for (int r = 0; r < rows; r++) {
      for (int j = 0; j < n; j++) {
        float v = x[xo + r * ld + j];
        y[yo + j] += v * v;
      }
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
    if (!resume) {
      Arrays.fill(sums, so, so + n, 0f);
    }
    for (int i = 0; i < rows; i++) {
      int yRow = yo + i * ldy;
      int dyRow = dyo + i * lddy;
      for (int j = 0; j < n; j++) {
        float g = y[yRow + j] > 0 ? dy[dyRow + j] : 0;
        dy[dyRow + j] = g;
        sums[so + j] += g;
      }
    }
  }

  @Override
  public void compress(
      int n, float[] x, int xo, long[] bits, int bo, int count, float[] y, int yo) {
    int to = yo;
    for (int from = 0; from < n; from += Long.SIZE) {
      long word = bits[bo + (from >>> 6)];
      for (; word != 0; word &= word - 1) {
        y[to++] = x[xo + from + Long.numberOfTrailingZeros(word)];
      }
    }
  }

  @Override
  public void expand(int n, float[] x, int xo, long[] bits, int bo, int count, float[] y, int yo) {
    Arrays.fill(y, yo, yo + n, 0f);
    int next = xo;
    for (int to = 0; to < n; to += Long.SIZE) {
      long word = bits[bo + (to >>> 6)];
      for (; word != 0; word &= word - 1) {
        y[yo + to + Long.numberOfTrailingZeros(word)] = x[next++];
      }
    }
  }

  /** A table of the 256 results, as image readers have it. */
  @Override
  public void fromBytes(int n, byte[] x, int xo, float scale, float shift, float[] y, int yo) {
    if (scale != tableScale || shift != tableShift) {
      for (int b = 0; b < table.length; b++) {
        table[b] = Math.fma(b, scale, shift);
      }
      tableScale = scale;
      tableShift = shift;
    }
    for (int i = 0; i < n; i++) {
      y[yo + i] = table[x[xo + i] & 0xff];
    }
  }

  @Override
  public void exp(int n, float[] x, int xo, float[] y, int yo) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = (float) Math.exp(x[xo + i]);
    }
  }

  @Override
  public void log(int n, float[] x, int xo, float[] y, int yo) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = (float) Math.log(x[xo + i]);
    }
  }
}
