package org.espalier.kernel.scalar;

import java.util.Arrays;
import org.espalier.kernel.contract.PoolGeometry;
import org.espalier.kernel.contract.PoolKernels;

/** The specification of pooling. */
public final class ScalarPool implements PoolKernels {
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
        for (int lane = 0; lane < LANES; lane++) {
          float max = Float.NEGATIVE_INFINITY;
          for (int r = Math.max(top, 0); r < Math.min(top + kernel, height); r++) {
            for (int c = Math.max(left, 0); c < Math.min(left + kernel, width); c++) {
              max = Math.max(max, x[xo + (r * width + c) * LANES + lane]);
            }
          }
          y[out + lane] = max;
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
    int out = 0;
    for (int top = -padding; top + kernel <= height + padding; top += stride) {
      for (int left = -padding; left + kernel <= width + padding; left += stride) {
        for (int lane = 0; lane < LANES; lane++) {
          float max = y[yo + out + lane];
          boolean open = true;
          for (int r = Math.max(top, 0); r < Math.min(top + kernel, height); r++) {
            for (int c = Math.max(left, 0); c < Math.min(left + kernel, width); c++) {
              int at = (r * width + c) * LANES + lane;
              float v = x[xo + at];
              if (open && (v == max || (Float.isNaN(v) && Float.isNaN(max)))) {
                dx[dxo + at] += dy[dyo + out + lane];
                open = false;
              }
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
        for (int lane = 0; lane < LANES; lane++) {
          float sum = 0;
          for (int r = Math.max(top, 0); r < Math.min(top + kernel, height); r++) {
            for (int c = Math.max(left, 0); c < Math.min(left + kernel, width); c++) {
              sum += x[xo + (r * width + c) * LANES + lane];
            }
          }
          y[out + lane] = sum * share;
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
            for (int lane = 0; lane < LANES; lane++) {
              dx[dxo + (r * width + c) * LANES + lane] += dy[out + lane] * share;
            }
          }
        }
        out += LANES;
      }
    }
  }

  @Override
  public void maxima(PoolGeometry g, float[] x, int xo, float[] y, int yo) {
    for (int r = 0; r < g.rows(); r++) {
      for (int c = 0; c < g.columns(); c++) {
        for (int lane = 0; lane < g.lanes(); lane++) {
          float max = Float.NEGATIVE_INFINITY;
          for (int i = 0; i < g.windowHeight(); i++) {
            for (int j = 0; j < g.windowWidth(); j++) {
              int at = at(g, r, c, i, j);
              max = at < 0 ? max : Math.max(max, x[xo + at + lane]);
            }
          }
          y[yo + r * g.ldy() + c * g.lanes() + lane] = max;
        }
      }
    }
  }

  @Override
  public void means(
      PoolGeometry g, int[] rowCounts, int[] columnCounts, float[] x, int xo, float[] y, int yo) {
    for (int r = 0; r < g.rows(); r++) {
      for (int c = 0; c < g.columns(); c++) {
        for (int lane = 0; lane < g.lanes(); lane++) {
          float sum = 0;
          for (int i = 0; i < g.windowHeight(); i++) {
            for (int j = 0; j < g.windowWidth(); j++) {
              int at = at(g, r, c, i, j);
              sum = at < 0 ? sum : sum + x[xo + at + lane];
            }
          }
          y[yo + r * g.ldy() + c * g.lanes() + lane] = sum * share(rowCounts[r] * columnCounts[c]);
        }
      }
    }
  }

  /** Returns the reciprocal of a number of pixels, 0 of none. */
  public static float share(int pixels) {
    return pixels == 0 ? 0 : 1f / pixels;
  }

  /** Returns where a pixel of a window is, or −1 if there is none. */
  private static int at(PoolGeometry g, int r, int c, int i, int j) {
    int row = r * g.strideY() - g.top() + i * g.dilationY();
    int column = c * g.strideX() - g.left() + j * g.dilationX();
    boolean isThere = row >= 0 && row < g.height() && column >= 0 && column < g.width();
    return isThere ? row * g.ldx() + column * g.lanes() : -1;
  }

  @Override
  public void globalAverage(int pixels, float[] x, int xo, float[] y, int yo) {
    float share = 1f / pixels;
    for (int lane = 0; lane < LANES; lane++) {
      float sum = 0;
      for (int p = 0; p < pixels; p++) {
        sum += x[xo + p * LANES + lane];
      }
      y[yo + lane] = sum * share;
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
}
