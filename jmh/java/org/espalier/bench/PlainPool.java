package org.espalier.bench;

import java.util.Arrays;
import org.espalier.kernel.contract.PoolGeometry;
import org.espalier.kernel.contract.PoolKernels;

/**
 * What a good Java programmer writes without the Vector API: a window's pixels one after another,
 * their sixteen floats in a loop that C2 vectorises by itself.
 */
final class PlainPool implements PoolKernels {
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
    int out = yo;
    for (int top = -padding; top + kernel <= height + padding; top += stride) {
      for (int left = -padding; left + kernel <= width + padding; left += stride) {
        Arrays.fill(y, out, out + LANES, Float.NEGATIVE_INFINITY);
        for (int r = Math.max(top, 0); r < Math.min(top + kernel, height); r++) {
          for (int c = Math.max(left, 0); c < Math.min(left + kernel, width); c++) {
            int at = xo + (r * width + c) * LANES;
            for (int lane = 0; lane < LANES; lane++) {
              y[out + lane] = Math.max(y[out + lane], x[at + lane]);
            }
          }
        }
        out += LANES;
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
    Arrays.fill(dx, dxo, dxo + height * width * LANES, 0);
    float[] left16 = new float[LANES];
    int out = 0;
    for (int top = -padding; top + kernel <= height + padding; top += stride) {
      for (int left = -padding; left + kernel <= width + padding; left += stride) {
        System.arraycopy(dy, dyo + out, left16, 0, LANES);
        for (int r = Math.max(top, 0); r < Math.min(top + kernel, height); r++) {
          for (int c = Math.max(left, 0); c < Math.min(left + kernel, width); c++) {
            int at = (r * width + c) * LANES;
            for (int lane = 0; lane < LANES; lane++) {
              boolean hit = x[xo + at + lane] == y[yo + out + lane];
              dx[dxo + at + lane] += hit ? left16[lane] : 0;
              left16[lane] = hit ? 0 : left16[lane];
            }
          }
        }
        out += LANES;
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
    float share = 1f / (kernel * kernel);
    int out = yo;
    for (int top = -padding; top + kernel <= height + padding; top += stride) {
      for (int left = -padding; left + kernel <= width + padding; left += stride) {
        Arrays.fill(y, out, out + LANES, 0);
        for (int r = Math.max(top, 0); r < Math.min(top + kernel, height); r++) {
          for (int c = Math.max(left, 0); c < Math.min(left + kernel, width); c++) {
            int at = xo + (r * width + c) * LANES;
            for (int lane = 0; lane < LANES; lane++) {
              y[out + lane] += x[at + lane];
            }
          }
        }
        for (int lane = 0; lane < LANES; lane++) {
          y[out + lane] *= share;
        }
        out += LANES;
      }
    }
  }

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
    float share = 1f / (kernel * kernel);
    Arrays.fill(dx, dxo, dxo + height * width * LANES, 0);
    int out = dyo;
    for (int top = -padding; top + kernel <= height + padding; top += stride) {
      for (int left = -padding; left + kernel <= width + padding; left += stride) {
        for (int r = Math.max(top, 0); r < Math.min(top + kernel, height); r++) {
          for (int c = Math.max(left, 0); c < Math.min(left + kernel, width); c++) {
            int at = dxo + (r * width + c) * LANES;
            for (int lane = 0; lane < LANES; lane++) {
              dx[at + lane] += dy[out + lane] * share;
            }
          }
        }
        out += LANES;
      }
    }
  }

  @Override
  public void globalAverage(int pixels, float[] x, int xo, float[] y, int yo) {
    Arrays.fill(y, yo, yo + LANES, 0);
    for (int p = 0; p < pixels; p++) {
      for (int lane = 0; lane < LANES; lane++) {
        y[yo + lane] += x[xo + p * LANES + lane];
      }
    }
    for (int lane = 0; lane < LANES; lane++) {
      y[yo + lane] *= 1f / pixels;
    }
  }

  @Override
  public void globalAverageBackward(int pixels, float[] dy, int dyo, float[] dx, int dxo) {
    float share = 1f / pixels;
    for (int p = 0; p < pixels; p++) {
      for (int lane = 0; lane < LANES; lane++) {
        dx[dxo + p * LANES + lane] = dy[dyo + lane] * share;
      }
    }
  }

  /** Windows that lie within the map. */
  @Override
  public void maxima(PoolGeometry g, float[] x, int xo, float[] y, int yo) {
    for (int r = 0; r < g.rows(); r++) {
      for (int c = 0; c < g.columns(); c++) {
        int from = xo + r * g.strideY() * g.ldx() + c * g.strideX();
        float max = x[from];
        for (int i = 0; i < g.windowHeight(); i++) {
          for (int j = 0; j < g.windowWidth(); j++) {
            max = Math.max(max, x[from + i * g.ldx() + j]);
          }
        }
        y[yo + r * g.ldy() + c] = max;
      }
    }
  }

  /** Windows that lie within the map. */
  @Override
  public void means(
      PoolGeometry g, int[] rowCounts, int[] columnCounts, float[] x, int xo, float[] y, int yo) {
    float share = 1f / (g.windowHeight() * g.windowWidth());
    for (int r = 0; r < g.rows(); r++) {
      for (int c = 0; c < g.columns(); c++) {
        int from = xo + r * g.strideY() * g.ldx() + c * g.strideX();
        float sum = 0;
        for (int i = 0; i < g.windowHeight(); i++) {
          for (int j = 0; j < g.windowWidth(); j++) {
            sum += x[from + i * g.ldx() + j];
          }
        }
        y[yo + r * g.ldy() + c] = sum * share;
      }
    }
  }
}
