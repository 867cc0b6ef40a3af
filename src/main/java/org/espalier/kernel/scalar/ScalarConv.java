package org.espalier.kernel.scalar;

import java.util.Arrays;
import org.espalier.kernel.contract.Clamp;
import org.espalier.kernel.contract.ConvGeometry;
import org.espalier.kernel.contract.ConvKernels;
import org.espalier.kernel.contract.StridedMaps;
import org.espalier.tensor.BitMask;
import org.espalier.tensor.Nchw16n;
import org.espalier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The specification of convolutions: the static methods say what a whole one is, the others what
 * each kernel does.
 */
public final class ScalarConv implements ConvKernels {
  private final int channels;
  private final int lanes;
  private final int gradientOutputs;
  private final int gradientInputs;

  /** Makes kernels with small tiles. */
  public ScalarConv() {
    this(4, 16, 2, 2);
  }

  /** Makes kernels with tiles as given. */
  public ScalarConv(int channels, int lanes, int gradientOutputs, int gradientInputs) {
    this.channels = channels;
    this.lanes = lanes;
    this.gradientOutputs = gradientOutputs;
    this.gradientInputs = gradientInputs;
  }

  /**
   * {@code y[o] = act(Σ w[o][c][i][j]·x[c] + bias[o])} for each pixel: a chain over {@code (c, i,
   * j)} ascending from +0, without the places of the window that see padding; the bias is added
   * last. A masked weight counts as +0.
   */
  public static void forward(
      ConvGeometry g,
      int images,
      Tensor x,
      Tensor w,
      @Nullable BitMask keep,
      @Nullable Tensor bias,
      Clamp clamp,
      Tensor y) {
    Nchw16n out = g.output();
    int inputs = g.input().channels() / g.groups();
    for (int image = 0; image < images; image++) {
      for (int o = 0; o < g.outputs(); o++) {
        int first = o / (g.outputs() / g.groups()) * inputs;
        for (int h = 0; h < out.height(); h++) {
          for (int v = 0; v < out.width(); v++) {
            float sum = 0f;
            for (int k = 0; k < g.fanIn(); k++) {
              int c = first + k / (g.kernelHeight() * g.kernelWidth());
              int row = h * g.stride() - g.padding() + k / g.kernelWidth() % g.kernelHeight();
              int col = v * g.stride() - g.padding() + k % g.kernelWidth();
              if (isInside(g.input(), row, col)) {
                float pixel = x.data()[at(g.input(), x, image, c, row, col)];
                sum = Math.fma(kept(w, keep, o, k), pixel, sum);
              }
            }
            if (bias != null) {
              sum += bias.get(0, o);
            }
            y.data()[at(out, y, image, o, h, v)] = clamp.of(sum);
          }
        }
      }
    }
  }

  /**
   * {@code dx[c] = Σ w[o][c][i][j]·dy[o]} for each pixel: a chain over {@code (o, i, j)} ascending,
   * from +0 or from what stands in {@code dx}.
   */
  public static void inputGradient(
      ConvGeometry g,
      int images,
      Tensor dy,
      Tensor w,
      @Nullable BitMask keep,
      boolean resume,
      Tensor dx) {
    Nchw16n in = g.input();
    int outputs = g.outputs() / g.groups();
    int inputs = in.channels() / g.groups();
    for (int image = 0; image < images; image++) {
      for (int c = 0; c < in.channels(); c++) {
        int firstOutput = c / inputs * outputs;
        for (int h = 0; h < in.height(); h++) {
          for (int v = 0; v < in.width(); v++) {
            int target = at(in, dx, image, c, h, v);
            float sum = resume ? dx.data()[target] : 0f;
            for (int o = firstOutput; o < firstOutput + outputs; o++) {
              for (int i = 0; i < g.kernelHeight(); i++) {
                for (int j = 0; j < g.kernelWidth(); j++) {
                  int row = h + g.padding() - i;
                  int col = v + g.padding() - j;
                  if (row % g.stride() == 0
                      && col % g.stride() == 0
                      && isInside(g.output(), row / g.stride(), col / g.stride())) {
                    int k = (c % inputs * g.kernelHeight() + i) * g.kernelWidth() + j;
                    int from = at(g.output(), dy, image, o, row / g.stride(), col / g.stride());
                    sum = Math.fma(kept(w, keep, o, k), dy.data()[from], sum);
                  }
                }
              }
            }
            dx.data()[target] = sum;
          }
        }
      }
    }
  }

  /**
   * {@code dw[o][c][i][j] = Σ dy[o]·x[c]}: image {@code n} goes into lane {@code n mod 16}, each
   * lane a chain over groups of images, rows and columns of the output ascending; the lanes are
   * merged by the fixed tree. With {@code resume} that is added to what stands in {@code dw}.
   */
  public static void weightGradient(
      ConvGeometry g, int images, Tensor dy, Tensor x, boolean resume, Tensor dw) {
    Nchw16n out = g.output();
    int inputs = g.input().channels() / g.groups();
    float[] lanes = new float[PIXEL];
    for (int o = 0; o < g.outputs(); o++) {
      int first = o / (g.outputs() / g.groups()) * inputs;
      for (int k = 0; k < g.fanIn(); k++) {
        int c = first + k / (g.kernelHeight() * g.kernelWidth());
        Arrays.fill(lanes, 0f);
        for (int image = 0; image < images; image++) {
          for (int h = 0; h < out.height(); h++) {
            for (int v = 0; v < out.width(); v++) {
              int row = h * g.stride() - g.padding() + k / g.kernelWidth() % g.kernelHeight();
              int col = v * g.stride() - g.padding() + k % g.kernelWidth();
              if (isInside(g.input(), row, col)) {
                lanes[image % PIXEL] =
                    Math.fma(
                        dy.data()[at(out, dy, image, o, h, v)],
                        x.data()[at(g.input(), x, image, c, row, col)],
                        lanes[image % PIXEL]);
              }
            }
          }
        }
        float sum = merge(lanes, 0);
        dw.set(o, k, resume ? dw.get(o, k) + sum : sum);
      }
    }
  }

  /** {@code db[o] = Σ dy[o]}: lanes as in {@link #weightGradient}, each a chain of additions. */
  public static void biasGradient(
      ConvGeometry g, int images, Tensor dy, boolean resume, Tensor db) {
    Nchw16n out = g.output();
    float[] lanes = new float[PIXEL];
    for (int o = 0; o < g.outputs(); o++) {
      Arrays.fill(lanes, 0f);
      for (int image = 0; image < images; image++) {
        for (int h = 0; h < out.height(); h++) {
          for (int v = 0; v < out.width(); v++) {
            lanes[image % PIXEL] += dy.data()[at(out, dy, image, o, h, v)];
          }
        }
      }
      float sum = merge(lanes, 0);
      db.set(0, o, resume ? db.get(0, o) + sum : sum);
    }
  }

  private static boolean isInside(Nchw16n planes, int row, int col) {
    return row >= 0 && row < planes.height() && col >= 0 && col < planes.width();
  }

  private static int at(Nchw16n planes, Tensor t, int image, int channel, int row, int col) {
    int plane = image / PIXEL * planes.channels() + channel;
    return t.row(plane) + (row * planes.width() + col) * PIXEL + image % PIXEL;
  }

  private static float kept(Tensor w, @Nullable BitMask keep, int o, int k) {
    return keep == null || keep.get(o, k) ? w.get(o, k) : 0f;
  }

  @Override
  public int channels() {
    return channels;
  }

  @Override
  public int lanes() {
    return lanes;
  }

  @Override
  public int vectors() {
    return 2;
  }

  @Override
  public int gradientOutputs() {
    return gradientOutputs;
  }

  @Override
  public int gradientInputs() {
    return gradientInputs;
  }

  @Override
  public void tile(
      int count,
      int steps,
      int[] taps,
      int to,
      float[] x,
      int xo,
      int xd,
      float[] panel,
      int po,
      boolean resume,
      float[] bias,
      int bo,
      Clamp clamp,
      float[] y,
      int[] rows,
      int ro,
      int ldy,
      int yo,
      int yd) {
    float[] sums = new float[2 * lanes];
    for (int i = 0; i < count; i++) {
      int row = yo + rows[ro + i] * ldy;
      for (int l = 0; l < 2 * lanes; l++) { // both vectors are read before one is written
        float sum = resume ? y[row + l / lanes * yd + l % lanes] : 0f;
        for (int q = to; q < to + 2 * steps; q += 2) {
          float pixel = x[xo + l / lanes * xd + taps[q] + l % lanes];
          sum = Math.fma(panel[po + taps[q + 1] + i], pixel, sum);
        }
        sum += bias[bo + i];
        sums[l] = clamp.of(sum);
      }
      for (int l = 0; l < 2 * lanes; l++) {
        y[row + l / lanes * yd + l % lanes] = sums[l];
      }
    }
  }

  @Override
  public void run(
      int vectors,
      int count,
      int steps,
      float[] x,
      int xo,
      int[] distances,
      int first,
      float[] panel,
      int po,
      boolean resume,
      float[] bias,
      int bo,
      Clamp clamp,
      float[] y,
      int yo,
      int ldy) {
    for (int i = 0; i < count; i++) {
      for (int j = 0; j < vectors * lanes; j++) {
        int at = yo + i * ldy + j;
        float sum = resume ? y[at] : 0;
        for (int k = 0; k < steps; k++) {
          sum = Math.fma(panel[po + k * channels + i], x[xo + distances[first + k] + j], sum);
        }
        y[at] = clamp.of(sum + bias[bo + i]);
      }
    }
  }

  @Override
  public void depthwise(
      int from,
      int to,
      int length,
      int outputsPerMap,
      int taps,
      float[] w,
      int wo,
      float[] x,
      int xo,
      int ldx,
      int[] distances,
      float[] bias,
      int bo,
      Clamp clamp,
      float[] y,
      int yo,
      int ldy) {
    for (int c = from; c < to; c++) {
      int map = xo + c / outputsPerMap * ldx;
      for (int i = 0; i < length; i++) {
        float sum = 0;
        for (int k = 0; k < taps; k++) {
          sum = Math.fma(w[wo + c * taps + k], x[map + distances[k] + i], sum);
        }
        y[yo + c * ldy + i] = clamp.of(sum + bias[bo + c]);
      }
    }
  }

  @Override
  public void depthwise(
      int from,
      int to,
      StridedMaps maps,
      int outputsPerMap,
      int taps,
      float[] w,
      int wo,
      float[] x,
      int xo,
      int ldx,
      int[] distances,
      float[] bias,
      int bo,
      Clamp clamp,
      float[] y,
      int yo,
      int ldy) {
    for (int c = from; c < to; c++) {
      int map = xo + c / outputsPerMap * ldx;
      for (int r = 0; r < maps.rows(); r++) {
        for (int i = 0; i < maps.columns() * maps.lanes(); i++) {
          int at = r * maps.rowStep() + i / maps.lanes() * maps.pixelStep() + i % maps.lanes();
          float sum = 0;
          for (int k = 0; k < taps; k++) {
            sum = Math.fma(w[wo + c * taps + k], x[map + distances[k] + at], sum);
          }
          y[yo + c * ldy + r * maps.ldRow() + i] = clamp.of(sum + bias[bo + c]);
        }
      }
    }
  }

  @Override
  public void gradientTile(
      int count,
      int steps,
      int[] pixels,
      int po,
      float[] dy,
      int[] dyRows,
      int oo,
      int ldDy,
      int dyo,
      float[] x,
      int[] xRows,
      int co,
      int ldX,
      int xo,
      float[] sums,
      int so) {
    for (int q = po; q < po + 2 * steps; q += 2) {
      for (int o = 0; o < count; o++) {
        for (int c = 0; c < gradientInputs; c++) {
          int from = dyo + dyRows[oo + o] * ldDy + pixels[q];
          int seen = xo + xRows[co + c] * ldX + pixels[q + 1];
          int s = so + (o * gradientInputs + c) * PIXEL;
          for (int lane = 0; lane < PIXEL; lane++) {
            sums[s + lane] = Math.fma(dy[from + lane], x[seen + lane], sums[s + lane]);
          }
        }
      }
    }
  }

  @Override
  public void addPixels(int pixels, float[] x, int xo, float[] sums, int so) {
    for (int p = 0; p < pixels; p++) {
      for (int lane = 0; lane < PIXEL; lane++) {
        sums[so + lane] += x[xo + p * PIXEL + lane];
      }
    }
  }

  @Override
  public void merge(int n, float[] sums, int so, float[] y, int yo) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = merge(sums, so + i * PIXEL);
    }
  }

  private static float merge(float[] s, int o) {
    float even = quarter(s, o) + quarter(s, o + 2);
    float odd = quarter(s, o + 1) + quarter(s, o + 3);
    return even + odd + 0f;
  }

  private static float quarter(float[] s, int o) {
    return (s[o] + s[o + 8]) + (s[o + 4] + s[o + 12]);
  }
}
