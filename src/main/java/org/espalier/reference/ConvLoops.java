package org.espalier.reference;

import java.util.Arrays;
import java.util.function.Function;
import org.espalier.model.Operator;
import org.espalier.model.Resampling;
import org.espalier.model.Window;
import org.espalier.tensor.Shape;

/**
 * Convolutions and their transposes. Every output is one chain of fmas from +0 over input channel,
 * row and column of the window, all ascending, without the taps that meet no pixel; the bias is
 * added last, without −0, and +0 if there is none. The chains of a row of the output advance side
 * by side, which changes no bit.
 */
final class ConvLoops {
  private ConvLoops() {}

  /** Adds up a row of an output channel. */
  @FunctionalInterface
  private interface Row {
    void addTo(float[] x, int xo, int output, int row, float[] y, int yo);
  }

  /** Computes all rows, and adds the bias. */
  private static ReferenceKernel rows(Shape output, float[] bias, Row sums) {
    int columns = output.dim(2);
    return (x, xo, y, yo) -> {
      int to = yo;
      for (int o = 0; o < output.dim(0); o++) {
        for (int r = 0; r < output.dim(1); r++) {
          Arrays.fill(y, to, to + columns, 0);
          sums.addTo(x[0], xo[0], o, r, y, to);
          add(columns, bias[o], y, to);
          to += columns;
        }
      }
    };
  }

  static ReferenceKernel conv(
      Operator.Conv2d conv, Shape input, Shape output, Function<String, float[]> parameters) {
    float[] weight = parameters.apply(Operator.WEIGHT);
    float[] bias = ProductLoops.bias(conv.bias(), conv.outputs(), parameters);
    int columns = output.dim(2);
    return rows(
        output,
        bias,
        (x, xo, o, r, y, to) -> convRow(conv, input, columns, weight, x, xo, o, r, y, to));
  }

  private static void convRow(
      Operator.Conv2d conv,
      Shape input,
      int columns,
      float[] weight,
      float[] x,
      int xo,
      int output,
      int row,
      float[] y,
      int yo) {
    Window w = conv.window();
    int channels = conv.inputs() / conv.groups();
    int first = output / (conv.outputs() / conv.groups()) * channels;
    int width = input.dim(2);
    for (int k = 0; k < conv.fanIn(); k++) {
      int h = row * w.strideY() - w.top() + k / w.width() % w.height() * w.dilationY();
      if (h < 0 || h >= input.dim(1)) {
        continue;
      }
      int from = xo + ((first + k / w.size()) * input.dim(1) + h) * width;
      int shift = k % w.width() * w.dilationX() - w.left();
      // output column v meets the pixel v·stride + shift
      int begin = Math.min(columns, Math.ceilDiv(Math.max(0, -shift), w.strideX()));
      int end = Math.clamp(Math.ceilDiv((long) width - shift, w.strideX()), begin, columns);
      float tap = weight[output * conv.fanIn() + k];
      axpy(end - begin, tap, x, from + begin * w.strideX() + shift, w.strideX(), y, yo + begin);
    }
  }

  static ReferenceKernel transposed(
      Resampling.ConvTranspose2d conv,
      Shape input,
      Shape output,
      Function<String, float[]> parameters) {
    float[] weight = parameters.apply(Operator.WEIGHT);
    float[] bias = ProductLoops.bias(conv.bias(), conv.outputs(), parameters);
    int columns = output.dim(2);
    return rows(
        output,
        bias,
        (x, xo, o, r, y, to) -> transposedRow(conv, input, columns, weight, x, xo, o, r, y, to));
  }

  private static void transposedRow(
      Resampling.ConvTranspose2d conv,
      Shape input,
      int columns,
      float[] weight,
      float[] x,
      int xo,
      int output,
      int row,
      float[] y,
      int yo) {
    Window w = conv.window();
    int channels = conv.inputs() / conv.groups();
    int units = conv.outputs() / conv.groups();
    int first = output / units * channels;
    int width = input.dim(2);
    for (int k = 0; k < channels * w.size(); k++) {
      int below = row + w.top() - k / w.width() % w.height() * w.dilationY();
      int h = Math.floorDiv(below, w.strideY());
      if (h * w.strideY() != below || h < 0 || h >= input.dim(1)) {
        continue;
      }
      int channel = first + k / w.size();
      int from = xo + (channel * input.dim(1) + h) * width;
      float tap = weight[(channel * units + output % units) * w.size() + k % w.size()];
      int shift = k % w.width() * w.dilationX() - w.left();
      for (int v = 0; v < width; v++) {
        int to = v * w.strideX() + shift;
        if (to >= 0 && to < columns) {
          y[yo + to] = Math.fma(tap, x[from + v], y[yo + to]);
        }
      }
    }
  }

  /** {@code y[i] = fma(a, x[i·step], y[i])}. */
  static void axpy(int n, float a, float[] x, int xo, int step, float[] y, int yo) {
    if (step == 1) { // a loop that the JIT compiles to vectors
      for (int i = 0; i < n; i++) {
        y[yo + i] = Math.fma(a, x[xo + i], y[yo + i]);
      }
      return;
    }
    for (int i = 0; i < n; i++) {
      y[yo + i] = Math.fma(a, x[xo + i * step], y[yo + i]);
    }
  }

  private static void add(int n, float a, float[] y, int yo) {
    for (int i = 0; i < n; i++) {
      y[yo + i] += a;
    }
  }
}
