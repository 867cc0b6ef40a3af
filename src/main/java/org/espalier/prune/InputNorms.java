package org.espalier.prune;

import org.espalier.model.Operator;
import org.espalier.model.Window;
import org.espalier.sparsify.Fraction;
import org.espalier.tensor.BitMask;
import org.espalier.tensor.Shape;
import org.espalier.tensor.Tensor;

/**
 * The L2 norm of what each weight of a layer is multiplied with, over examples and places: of an
 * input; in a convolution of an input channel at a place of the window, zeros of the padding
 * counted.
 */
final class InputNorms {
  private final Operator.Layer layer;

  /** By input, or by channel and place of the window. */
  private final float[] norms;

  private InputNorms(Operator.Layer layer, double[] squares) {
    this.layer = layer;
    norms = new float[squares.length];
    for (int i = 0; i < norms.length; i++) {
      norms[i] = (float) Math.sqrt(squares[i]);
    }
  }

  /**
   * Takes the norms.
   *
   * @param input shape of one example
   * @param values the examples, one behind the other
   */
  static InputNorms of(Operator.Layer layer, Shape input, int examples, float[] values) {
    return new InputNorms(
        layer,
        switch (layer) {
          case Operator.Linear linear -> ofRows(linear.inputs(), input, examples, values);
          case Operator.Conv2d conv -> ofWindows(conv, input, examples, values);
        });
  }

  private static double[] ofRows(int inputs, Shape input, int examples, float[] values) {
    double[] squares = new double[inputs];
    int rows = examples * (input.size() / inputs);
    for (int r = 0; r < rows; r++) {
      for (int i = 0; i < inputs; i++) {
        double x = values[r * inputs + i];
        squares[i] += x * x;
      }
    }
    return squares;
  }

  private static double[] ofWindows(
      Operator.Conv2d conv, Shape input, int examples, float[] values) {
    Window window = conv.window();
    double[] squares = new double[conv.inputs() * window.size()];
    for (int e = 0; e < examples; e++) {
      for (int c = 0; c < conv.inputs(); c++) {
        int map = e * input.size() + c * input.dim(1) * input.dim(2);
        for (int tap = 0; tap < window.size(); tap++) {
          int y = tap / window.width() * window.dilationY() - window.top();
          int x = tap % window.width() * window.dilationX() - window.left();
          squares[c * window.size() + tap] += squaresAt(window, input, values, map, y, x);
        }
      }
    }
    return squares;
  }

  /** Returns the sum of squares of what one place of a window meets in one map. */
  private static double squaresAt(
      Window window, Shape input, float[] values, int map, int top, int left) {
    int rows = window.outputRows(input.dim(1), false);
    int columns = window.outputColumns(input.dim(2), false);
    double sum = 0;
    for (int i = 0; i < rows; i++) {
      int y = top + i * window.strideY();
      for (int j = 0; y >= 0 && y < input.dim(1) && j < columns; j++) {
        int x = left + j * window.strideX();
        if (x >= 0 && x < input.dim(2)) {
          double value = values[map + y * input.dim(2) + x];
          sum += value * value;
        }
      }
    }
    return sum;
  }

  /**
   * Returns which weights stay: of each unit all but the share whose magnitude times norm is least,
   * of equal ones the later.
   */
  BitMask strongest(Tensor weight, Fraction share) {
    Tensor scores = Tensor.zeros(weight.shape());
    int groups = layer instanceof Operator.Conv2d conv ? conv.groups() : 1;
    for (int r = 0; r < weight.rows(); r++) {
      int first = (int) ((long) r * groups / weight.rows()) * weight.cols();
      for (int c = 0; c < weight.cols(); c++) {
        scores.set(r, c, Math.abs(weight.get(r, c)) * norms[first + c]);
      }
    }
    return StrongestWeights.of(scores, share);
  }
}
