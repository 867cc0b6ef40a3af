package org.espalier.bench;

import org.espalier.kernel.contract.Clamp;
import org.espalier.kernel.contract.NormKernels;

/**
 * What a good Java programmer writes without the Vector API: loops that C2 vectorises by itself,
 * sums in an array of sixteen.
 */
final class PlainNorm implements NormKernels {
  private static final int LANES = 16;

  private final float[] first = new float[LANES];
  private final float[] second = new float[LANES];

  private static float total(int lanes, float[] x) {
    float total = 0;
    for (int lane = 0; lane < lanes; lane++) {
      total += x[lane];
      x[lane] = 0;
    }
    return total;
  }

  @Override
  public void moments(int pixels, int lanes, float[] x, int xo, float[] out, int oo) {
    for (int p = 0; p < pixels; p++) {
      for (int lane = 0; lane < LANES; lane++) {
        first[lane] += x[xo + p * LANES + lane];
      }
    }
    float mean = total(lanes, first) / (pixels * lanes);
    for (int p = 0; p < pixels; p++) {
      for (int lane = 0; lane < LANES; lane++) {
        float d = x[xo + p * LANES + lane] - mean;
        second[lane] += d * d;
      }
    }
    out[oo] = mean;
    out[oo + 1] = total(lanes, second);
  }

  @Override
  public void normalize(
      int n, float[] x, int xo, float scale, float shift, Clamp clamp, float[] y, int yo) {
    if (clamp.equals(Clamp.RELU)) {
      for (int i = 0; i < n; i++) {
        y[yo + i] = Math.max(0, x[xo + i] * scale + shift);
      }
    } else {
      for (int i = 0; i < n; i++) {
        y[yo + i] = x[xo + i] * scale + shift;
      }
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
    if (clamp.equals(Clamp.RELU)) {
      for (int i = 0; i < n; i++) {
        y[yo + i] = Math.max(0, x[xo + i] * scale + shift + r[ro + i]);
      }
    } else {
      for (int i = 0; i < n; i++) {
        y[yo + i] = x[xo + i] * scale + shift + r[ro + i];
      }
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
    if (relu) {
      for (int i = 0; i < pixels * LANES; i++) {
        dy[dyo + i] = y[yo + i] > 0 ? dy[dyo + i] : 0;
      }
    }
    for (int p = 0; p < pixels; p++) {
      for (int lane = 0; lane < LANES; lane++) {
        float d = dy[dyo + p * LANES + lane];
        first[lane] += d;
        second[lane] += d * (x[xo + p * LANES + lane] - mean);
      }
    }
    out[oo] = total(lanes, first);
    out[oo + 1] = total(lanes, second);
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
    if (adds) {
      for (int i = 0; i < n; i++) {
        dx[dxo + i] += a * dy[dyo + i] + (b * x[xo + i] + c);
      }
    } else {
      for (int i = 0; i < n; i++) {
        dx[dxo + i] = a * dy[dyo + i] + (b * x[xo + i] + c);
      }
    }
  }
}
