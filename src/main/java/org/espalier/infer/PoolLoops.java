package org.espalier.infer;

import java.util.Arrays;
import org.espalier.kernel.Kernels;
import org.espalier.kernel.contract.Clamp;
import org.espalier.kernel.contract.ConvKernels;
import org.espalier.model.Operator;
import org.espalier.model.Window;
import org.espalier.tensor.PaddedNchw;

/**
 * What is done to maps pixel by pixel, for any number of images side by side. It takes little of a
 * network's time, so plain loops must do; their order of summation is that of {@link
 * org.espalier.kernel.contract.PoolKernels}.
 */
final class PoolLoops {
  private PoolLoops() {}

  /**
   * Copies from {@code rows} rows, {@code strideY} apart, {@code n} pixels each, {@code stride}
   * apart, to where they are neighbours: the first ones of a channel's rows. What lies behind them
   * may be overwritten.
   */
  static void copy(
      int rows, int n, int strideY, int stride, FeatureMaps x, int xo, FeatureMaps y, int channel) {
    int lanes = x.planes().lanes();
    int ldx = x.planes().at(strideY, 0);
    int ldy = y.planes().at(1, 0);
    int yo = y.first(channel);
    if (stride == 1) {
      for (int r = 0; r < rows; r++) {
        System.arraycopy(x.data(), xo + r * ldx, y.data(), yo + r * ldy, n * lanes);
      }
      return;
    }
    // whole vectors, if there is room for the last one
    int more = lanes == 1 ? Math.ceilDiv(n, PaddedNchw.LINE) * PaddedNchw.LINE : n;
    boolean fits =
        (rows - 1) * ldy + more * lanes <= y.planes().span()
            && xo + (rows - 1L) * ldx + (long) more * stride * lanes <= x.data().length;
    Kernels.layout()
        .thin(rows, fits ? more : n, stride, lanes, x.data(), xo, ldx, y.data(), yo, ldy);
  }

  /** Clears some floats of a channel. */
  static void clear(FeatureMaps y, int channel, int from, int to) {
    int first = y.first(channel);
    Arrays.fill(y.data(), first + from, first + to, 0);
  }

  /** Adds a channel to that of {@code y}, and keeps the sums between bounds. */
  static void add(Clamp clamp, int n, FeatureMaps x, FeatureMaps y, int channel) {
    Kernels.vector().add(n, x.data(), x.first(channel), y.data(), y.first(channel));
    if (!clamp.equals(Clamp.NONE)) {
      Kernels.vector().clamp(n, clamp, y.data(), y.first(channel), y.data(), y.first(channel));
    }
  }

  /** The parameterless shortcut; channels that the source doesn't have become zeros. */
  static void subsample(int stride, FeatureMaps x, FeatureMaps y, int channel) {
    PaddedNchw in = x.planes();
    PaddedNchw out = y.planes();
    if (channel >= in.channels()) {
      clear(y, channel, 0, out.span());
      return;
    }
    copy(out.height(), out.width(), stride, stride, x, x.first(channel), y, channel);
    out.clearBorder(y.data(), channel);
  }

  /** The largest or the mean of each window. */
  static void pool(Operator.Pool pool, FeatureMaps x, FeatureMaps y, int channel) {
    PaddedNchw in = x.planes();
    PaddedNchw out = y.planes();
    boolean max = pool instanceof Operator.MaxPool;
    boolean counts = pool instanceof Operator.AveragePool mean && mean.countPadding();
    Window w = pool.window();
    int lanes = in.lanes();
    for (int r = 0; r < out.height(); r++) {
      int top = r * w.strideY() - w.top();
      for (int c = 0; c < out.width(); c++) {
        int left = c * w.strideX() - w.left();
        int to = y.first(channel) + out.at(r, c);
        Arrays.fill(y.data(), to, to + lanes, max ? Float.NEGATIVE_INFINITY : 0);
        for (int i = 0; i < w.height(); i++) {
          int row = top + i * w.dilationY();
          for (int j = 0; j < w.width(); j++) {
            int column = left + j * w.dilationX();
            if (row < 0 || row >= in.height() || column < 0 || column >= in.width()) {
              continue;
            }
            int from = x.first(channel) + in.at(row, column);
            if (max) {
              largest(lanes, x.data(), from, y.data(), to);
            } else {
              sum(lanes, x.data(), from, y.data(), to);
            }
          }
        }
        if (!max) {
          int rows =
              counted(w.height(), w.dilationY(), top, in.height(), counts, w.top(), w.bottom());
          int columns =
              counted(w.width(), w.dilationX(), left, in.width(), counts, w.left(), w.right());
          scale(lanes, 1f / (rows * columns), y.data(), to);
        }
      }
    }
    out.clearBorder(y.data(), channel);
  }

  /** Returns how many rows, or columns, of a window count in a mean. */
  private static int counted(
      int kernel, int dilation, int first, int extent, boolean padding, int before, int behind) {
    int from = padding ? -before : 0;
    int to = padding ? extent + behind : extent;
    int n = 0;
    for (int i = 0; i < kernel; i++) {
      int at = first + i * dilation;
      n += at >= from && at < to ? 1 : 0;
    }
    return n;
  }

  /** The means of whole maps. */
  static void globalAverages(FeatureMaps x, FeatureMaps y, int first, int behind) {
    PaddedNchw in = x.planes();
    float share = 1f / (in.height() * in.width());
    int c = first;
    if (in.lanes() == 1) {
      for (; c < behind - 3; c += 4) {
        sumFour(x, y, c);
      }
    }
    for (; c < behind; c++) {
      int to = y.first(c);
      Arrays.fill(y.data(), to, to + in.lanes(), 0);
      for (int r = 0; r < in.height(); r++) {
        int from = x.first(c) + in.at(r, 0);
        if (in.lanes() == ConvKernels.PIXEL) {
          Kernels.conv().addPixels(in.width(), x.data(), from, y.data(), to);
        } else {
          for (int i = 0; i < in.width(); i++) {
            y.data()[to] += x.data()[from + i];
          }
        }
      }
    }
    for (c = first; c < behind; c++) {
      scale(in.lanes(), share, y.data(), y.first(c));
      y.planes().clearBorder(y.data(), c);
    }
  }

  /** One sum after the other would wait for each addition. */
  private static void sumFour(FeatureMaps x, FeatureMaps y, int channel) {
    PaddedNchw in = x.planes();
    float[] data = x.data();
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    for (int r = 0; r < in.height(); r++) {
      int from = x.first(channel) + in.at(r, 0);
      for (int i = from; i < from + in.width(); i++) {
        s0 += data[i];
        s1 += data[i + in.ld()];
        s2 += data[i + 2 * in.ld()];
        s3 += data[i + 3 * in.ld()];
      }
    }
    y.data()[y.first(channel)] = s0;
    y.data()[y.first(channel + 1)] = s1;
    y.data()[y.first(channel + 2)] = s2;
    y.data()[y.first(channel + 3)] = s3;
  }

  private static void largest(int n, float[] x, int xo, float[] y, int yo) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = Math.max(y[yo + i], x[xo + i]);
    }
  }

  private static void sum(int n, float[] x, int xo, float[] y, int yo) {
    for (int i = 0; i < n; i++) {
      y[yo + i] += x[xo + i];
    }
  }

  private static void scale(int n, float a, float[] x, int xo) {
    for (int i = 0; i < n; i++) {
      x[xo + i] *= a;
    }
  }
}
