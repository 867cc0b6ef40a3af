package org.espalier.reference;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.espalier.model.Elementwise;
import org.espalier.model.Operator;
import org.espalier.tensor.Shape;

/**
 * Matrix products. Every output is one chain of fmas from +0, k ascending; layers add their bias
 * last, without −0, and +0 if they have none.
 */
final class ProductLoops {
  private ProductLoops() {}

  static ReferenceKernel linear(
      Operator.Linear linear, Shape output, Function<String, float[]> parameters) {
    float[] weight = parameters.apply(Operator.WEIGHT);
    float[] bias = bias(linear.bias(), linear.outputs(), parameters);
    int n = linear.inputs();
    int rows = output.size() / linear.outputs();
    return (x, xo, y, yo) -> {
      int to = yo;
      for (int r = 0; r < rows; r++) {
        int from = xo[0] + r * n;
        for (int o = 0; o < bias.length; o++) {
          float sum = 0;
          for (int k = 0; k < n; k++) {
            sum = Math.fma(weight[o * n + k], x[0][from + k], sum);
          }
          y[to++] = sum + bias[o];
        }
      }
    };
  }

  /** Returns what is added to the units: never −0, so that no sum of zero is −0. */
  static float[] bias(boolean has, int outputs, Function<String, float[]> parameters) {
    float[] bias = has ? parameters.apply(Operator.BIAS).clone() : new float[outputs];
    for (int i = 0; i < bias.length; i++) {
      bias[i] += 0f;
    }
    return bias;
  }

  static ReferenceKernel matMul(Shape x, Shape y) {
    int rows = x.rank() == 1 ? 1 : x.dim(x.rank() - 2);
    int inner = x.dim(x.rank() - 1);
    int columns = y.rank() == 1 ? 1 : y.dim(y.rank() - 1);
    Shape left = batch(x);
    Shape right = batch(y);
    Shape batch = Elementwise.broadcast(List.of(left, right));
    Places leftPlaces = Places.broadcast(left, batch);
    Places rightPlaces = Places.broadcast(right, batch);
    return (in, offsets, out, first) -> {
      int to = first;
      for (int r = 0; r < leftPlaces.rows(); r++) {
        for (int c = 0; c < leftPlaces.columns(); c++) {
          int a = offsets[0] + (leftPlaces.row(r) + leftPlaces.column(c)) * rows * inner;
          int b = offsets[1] + (rightPlaces.row(r) + rightPlaces.column(c)) * inner * columns;
          multiply(rows, inner, columns, in[0], a, in[1], b, out, to);
          to += rows * columns;
        }
      }
    };
  }

  private static Shape batch(Shape shape) {
    return Shape.of(Arrays.copyOf(shape.dims(), Math.max(0, shape.rank() - 2)));
  }

  /** The chains of a row of the output side by side, which changes no bit. */
  private static void multiply(
      int rows, int inner, int columns, float[] x, int xo, float[] y, int yo, float[] z, int zo) {
    Arrays.fill(z, zo, zo + rows * columns, 0);
    for (int r = 0; r < rows; r++) {
      for (int k = 0; k < inner; k++) {
        ConvLoops.axpy(columns, x[xo + r * inner + k], y, yo + k * columns, 1, z, zo + r * columns);
      }
    }
  }
}
