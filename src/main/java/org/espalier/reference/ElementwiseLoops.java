package org.espalier.reference;

import java.util.List;
import org.espalier.model.Elementwise;
import org.espalier.tensor.Shape;

/** Functions of single elements, with inputs that are broadcast. */
final class ElementwiseLoops {
  private ElementwiseLoops() {}

  static ReferenceKernel relu(Shape shape) {
    return unary(shape, x -> x <= 0 ? 0 : x);
  }

  static ReferenceKernel activation(Elementwise.Activation activation, Shape shape) {
    return unary(shape, Functions.of(activation));
  }

  private static ReferenceKernel unary(Shape shape, Functions.Unary function) {
    int n = shape.size();
    return (x, xo, y, yo) -> {
      float[] from = x[0];
      int first = xo[0];
      for (int i = 0; i < n; i++) {
        y[yo + i] = function.of(from[first + i]);
      }
    };
  }

  static ReferenceKernel binary(
      Elementwise.Arithmetic arithmetic, List<Shape> shapes, Shape output) {
    Functions.Binary function = Functions.of(arithmetic);
    Places left = Places.broadcast(shapes.getFirst(), output);
    Places right = Places.broadcast(shapes.getLast(), output);
    return (x, xo, y, yo) -> {
      int to = yo;
      for (int r = 0; r < left.rows(); r++) {
        int a = xo[0] + left.row(r);
        int b = xo[1] + right.row(r);
        for (int c = 0; c < left.columns(); c++) {
          y[to++] = function.of(x[0][a + left.column(c)], x[1][b + right.column(c)]);
        }
      }
    };
  }

  /** Moves bits: those of a NaN that is chosen are kept. A condition that is NaN isn't 0. */
  static ReferenceKernel where(List<Shape> shapes, Shape output) {
    Places condition = Places.broadcast(shapes.get(0), output);
    Places yes = Places.broadcast(shapes.get(1), output);
    Places no = Places.broadcast(shapes.get(2), output);
    return (x, xo, y, yo) -> {
      int to = yo;
      for (int r = 0; r < condition.rows(); r++) {
        int a = xo[0] + condition.row(r);
        int b = xo[1] + yes.row(r);
        int d = xo[2] + no.row(r);
        for (int c = 0; c < condition.columns(); c++) {
          boolean chosen = x[0][a + condition.column(c)] != 0;
          y[to++] = chosen ? x[1][b + yes.column(c)] : x[2][d + no.column(c)];
        }
      }
    };
  }
}
