package org.espalier.infer;

import java.util.Arrays;
import org.espalier.kernel.Kernels;
import org.espalier.kernel.contract.Clamp;
import org.espalier.kernel.contract.ConvKernels;
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
    y.clearBorder(channel);
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
      y.clearBorder(c);
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

  private static void scale(int n, float a, float[] x, int xo) {
    for (int i = 0; i < n; i++) {
      x[xo + i] *= a;
    }
  }
}
