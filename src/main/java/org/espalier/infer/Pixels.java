package org.espalier.infer;

import java.util.Arrays;
import org.espalier.kernel.Kernels;
import org.espalier.model.Operator;
import org.espalier.tensor.PaddedPlanes;

/**
 * What is done to maps pixel by pixel, for any number of images side by side. It takes little of a
 * network's time, so plain loops must do; their order of summation is that of {@link
 * org.espalier.kernel.PoolKernels}.
 */
final class Pixels {
  private Pixels() {}

  /** Copies {@code n} pixels, every {@code stride}-th of the source, to neighbouring places. */
  static void copy(int n, int lanes, float[] x, int xo, int stride, float[] y, int yo) {
    if (stride == 1) {
      System.arraycopy(x, xo, y, yo, n * lanes);
      return;
    }
    if (lanes == 1) {
      for (int i = 0; i < n; i++) {
        y[yo + i] = x[xo + i * stride];
      }
      return;
    }
    for (int i = 0; i < n; i++) {
      System.arraycopy(x, xo + i * stride * lanes, y, yo + i * lanes, lanes);
    }
  }

  static void clear(float[] x, int from, int to) {
    Arrays.fill(x, from, to, 0);
  }

  /** Adds a channel to that of {@code y}, and rectifies it. */
  static void add(boolean relu, int n, Maps x, Maps y, int channel) {
    Kernels.vector().add(n, x.data(), x.first(channel), y.data(), y.first(channel));
    if (relu) {
      Kernels.vector().relu(n, y.data(), y.first(channel), y.data(), y.first(channel));
    }
  }

  /** The parameterless shortcut; channels that the source doesn't have become zeros. */
  static void subsample(int stride, Maps x, Maps y, int channel) {
    PaddedPlanes in = x.planes();
    PaddedPlanes out = y.planes();
    int to = y.first(channel);
    if (channel >= in.channels()) {
      clear(y.data(), to, to + out.span());
      return;
    }
    int from = x.first(channel);
    for (int r = 0; r < out.height(); r++) {
      copy(
          out.width(),
          in.lanes(),
          x.data(),
          from + in.at(r * stride, 0),
          stride,
          y.data(),
          to + out.at(r, 0));
    }
    out.clearBorder(y.data(), channel);
  }

  /** The largest or the mean of each window. */
  static void pool(Operator.Pool pool, Maps x, Maps y, int channel) {
    PaddedPlanes in = x.planes();
    PaddedPlanes out = y.planes();
    boolean max = pool instanceof Operator.MaxPool;
    float share = 1f / (pool.kernel() * pool.kernel());
    int lanes = in.lanes();
    for (int r = 0; r < out.height(); r++) {
      int top = r * pool.stride() - pool.padding();
      int bottom = Math.min(top + pool.kernel(), in.height());
      for (int c = 0; c < out.width(); c++) {
        int left = c * pool.stride() - pool.padding();
        int right = Math.min(left + pool.kernel(), in.width());
        int to = y.first(channel) + out.at(r, c);
        Arrays.fill(y.data(), to, to + lanes, max ? Float.NEGATIVE_INFINITY : 0);
        for (int i = Math.max(0, top); i < bottom; i++) {
          for (int j = Math.max(0, left); j < right; j++) {
            int from = x.first(channel) + in.at(i, j);
            if (max) {
              largest(lanes, x.data(), from, y.data(), to);
            } else {
              sum(lanes, x.data(), from, y.data(), to);
            }
          }
        }
        if (!max) {
          scale(lanes, share, y.data(), to);
        }
      }
    }
    out.clearBorder(y.data(), channel);
  }

  /** The mean of a whole map. */
  static void globalAverage(Maps x, Maps y, int channel) {
    PaddedPlanes in = x.planes();
    int lanes = in.lanes();
    int to = y.first(channel);
    Arrays.fill(y.data(), to, to + lanes, 0);
    for (int r = 0; r < in.height(); r++) {
      for (int c = 0; c < in.width(); c++) {
        sum(lanes, x.data(), x.first(channel) + in.at(r, c), y.data(), to);
      }
    }
    scale(lanes, 1f / (in.height() * in.width()), y.data(), to);
    y.planes().clearBorder(y.data(), channel);
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
