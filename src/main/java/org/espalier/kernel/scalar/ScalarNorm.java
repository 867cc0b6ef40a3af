package org.espalier.kernel.scalar;

import org.espalier.kernel.contract.Clamp;
import org.espalier.kernel.contract.NormKernels;

/** The specification of batch normalisation. */
public final class ScalarNorm implements NormKernels {
  private static final int LANES = 16;

  /**
   * Merges sixteen lanes by the fixed tree; see {@link org.espalier.kernel.contract.VectorKernels}.
   */
  private static float merge(float[] lanes) {
    for (int half = LANES / 2; half > 0; half /= 2) {
      for (int i = 0; i < half; i++) {
        lanes[i] += lanes[i + half];
      }
    }
    return lanes[0] + 0f;
  }

  @Override
  public void moments(int pixels, int lanes, float[] x, int xo, float[] out, int oo) {
    float[] means = new float[LANES];
    float[] deviations = new float[LANES];
    for (int lane = 0; lane < lanes; lane++) {
      float sum = 0;
      for (int p = 0; p < pixels; p++) {
        sum += x[xo + p * LANES + lane];
      }
      means[lane] = sum / pixels;
      for (int p = 0; p < pixels; p++) {
        float d = x[xo + p * LANES + lane] - means[lane];
        deviations[lane] = Math.fma(d, d, deviations[lane]);
      }
    }
    float mean = merge(means.clone()) / lanes;
    float[] between = new float[LANES];
    for (int lane = 0; lane < lanes; lane++) {
      float d = means[lane] - mean;
      between[lane] = d * d;
    }
    out[oo] = mean;
    out[oo + 1] = Math.fma(pixels, merge(between), merge(deviations));
  }

  @Override
  public void normalize(
      int n, float[] x, int xo, float scale, float shift, Clamp clamp, float[] y, int yo) {
    for (int i = 0; i < n; i++) {
      float v = Math.fma(x[xo + i], scale, shift);
      y[yo + i] = clamp.of(v);
    }
  }

  @Override
  public void normalizeAdd(
      int n,
      float[] x,
      int xo,
      float scale,
      float shift,
      float[] r,
      int ro,
      Clamp clamp,
      float[] y,
      int yo) {
    for (int i = 0; i < n; i++) {
      float v = Math.fma(x[xo + i], scale, shift) + r[ro + i];
      y[yo + i] = clamp.of(v);
    }
  }

  @Override
  public void backwardSums(
      int pixels,
      int lanes,
      boolean relu,
      float[] x,
      int xo,
      float mean,
      float[] y,
      int yo,
      float[] dy,
      int dyo,
      float[] out,
      int oo) {
    float[] sums = new float[LANES];
    float[] products = new float[LANES];
    for (int p = 0; p < pixels; p++) {
      for (int lane = 0; lane < LANES; lane++) {
        int i = p * LANES + lane;
        if (relu) {
          dy[dyo + i] = y[yo + i] > 0 ? dy[dyo + i] : 0;
        }
        if (lane < lanes) {
          sums[lane] += dy[dyo + i];
          products[lane] = Math.fma(dy[dyo + i], x[xo + i] - mean, products[lane]);
        }
      }
    }
    out[oo] = merge(sums);
    out[oo + 1] = merge(products);
  }

  @Override
  public void backward(
      int n,
      float[] x,
      int xo,
      float[] dy,
      int dyo,
      float a,
      float b,
      float c,
      boolean adds,
      float[] dx,
      int dxo) {
    for (int i = 0; i < n; i++) {
      float v = Math.fma(a, dy[dyo + i], Math.fma(b, x[xo + i], c));
      dx[dxo + i] = adds ? dx[dxo + i] + v : v;
    }
  }
}
