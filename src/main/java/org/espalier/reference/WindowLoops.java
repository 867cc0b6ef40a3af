package org.espalier.reference;

import org.espalier.model.Operator;
import org.espalier.model.Window;
import org.espalier.tensor.Shape;

/**
 * Pooling. Values of a window are taken in row-major order: a mean is their sum, a chain of
 * additions from +0, times the reciprocal of their number rounded to float.
 */
final class WindowLoops {
  private WindowLoops() {}

  /** NaN where the window has one; −∞ where it has no pixel at all. */
  static ReferenceKernel maxPool(Operator.MaxPool pool, Shape input, Shape output) {
    return pooling(
        pool.window(),
        input,
        output,
        (x, from, rows, columns) -> {
          float max = Float.NEGATIVE_INFINITY;
          for (int r = rows.begin(); r < rows.end(); r += rows.step()) {
            for (int c = columns.begin(); c < columns.end(); c += columns.step()) {
              max = Math.max(max, x[from + r * input.dim(2) + c]);
            }
          }
          return max;
        });
  }

  /** The mean of a window without any pixel is +0. */
  static ReferenceKernel averagePool(Operator.AveragePool pool, Shape input, Shape output) {
    return pooling(
        pool.window(),
        input,
        output,
        (x, from, rows, columns) -> {
          float sum = 0;
          for (int r = rows.begin(); r < rows.end(); r += rows.step()) {
            for (int c = columns.begin(); c < columns.end(); c += columns.step()) {
              sum += x[from + r * input.dim(2) + c];
            }
          }
          int count =
              pool.countPadding() ? rows.padded() * columns.padded() : rows.taps() * columns.taps();
          return count == 0 ? 0 : sum * (1f / count);
        });
  }

  static ReferenceKernel globalAveragePool(Shape input) {
    int pixels = input.dim(1) * input.dim(2);
    return (x, xo, y, yo) -> {
      for (int c = 0; c < input.dim(0); c++) {
        float sum = 0;
        for (int i = 0; i < pixels; i++) {
          sum += x[0][xo[0] + c * pixels + i];
        }
        y[yo + c] = sum * (1f / pixels);
      }
    };
  }

  /**
   * What a window reads along one axis.
   *
   * @param begin the first pixel
   * @param end behind the last
   * @param step from one to the next
   * @param padded how many it reads, pixels of the padding counted, those behind it not
   */
  private record Taps(int begin, int end, int step, int padded) {
    static Taps[] of(
        int places, int input, int taps, int stride, int before, int behind, int step) {
      Taps[] all = new Taps[places];
      for (int i = 0; i < places; i++) {
        int first = i * stride - before;
        int last = first + (taps - 1) * step;
        int begin = first < 0 ? first + Math.ceilDiv(-first, step) * step : first;
        int end = Math.max(begin, Math.min(last + 1, input));
        int padded = Math.ceilDiv(Math.min(last + 1, input + behind) - first, step);
        all[i] = new Taps(begin, end, step, padded);
      }
      return all;
    }

    int taps() {
      return Math.ceilDiv(end - begin, step);
    }
  }

  /** What becomes of the pixels of a window. */
  @FunctionalInterface
  private interface Fold {
    float of(float[] map, int from, Taps rows, Taps columns);
  }

  private static ReferenceKernel pooling(Window w, Shape input, Shape output, Fold fold) {
    Taps[] rows =
        Taps.of(
            output.dim(1),
            input.dim(1),
            w.height(),
            w.strideY(),
            w.top(),
            w.bottom(),
            w.dilationY());
    Taps[] columns =
        Taps.of(
            output.dim(2),
            input.dim(2),
            w.width(),
            w.strideX(),
            w.left(),
            w.right(),
            w.dilationX());
    int pixels = input.dim(1) * input.dim(2);
    return (x, xo, y, yo) -> {
      int to = yo;
      for (int c = 0; c < output.dim(0); c++) {
        for (Taps row : rows) {
          for (Taps column : columns) {
            y[to++] = fold.of(x[0], xo[0] + c * pixels, row, column);
          }
        }
      }
    };
  }
}
