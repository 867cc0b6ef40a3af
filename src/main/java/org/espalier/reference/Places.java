package org.espalier.reference;

import java.util.Arrays;
import org.espalier.tensor.Shape;

/**
 * Where the elements of a tensor lie whose place is a sum of one number for each coordinate: as
 * they do where axes are exchanged, repeated, cut or padded. Elements are counted by rows, the last
 * axis within one; without axes there is one element, at 0.
 */
final class Places {
  /** Place, or number of a coordinate, of an element that lies nowhere. */
  static final int NOWHERE = -1;

  private final int[][] outer;
  private final int[] last;
  private final int rows;

  /**
   * Places of elements.
   *
   * @param steps for each axis, what each coordinate adds to the place, or {@link #NOWHERE}
   */
  Places(int[]... steps) {
    outer = Arrays.copyOf(steps, Math.max(0, steps.length - 1));
    last = steps.length == 0 ? new int[1] : steps[steps.length - 1];
    int product = 1;
    for (int[] axis : outer) {
      product *= axis.length;
    }
    rows = last.length == 0 ? 0 : product;
  }

  /** Returns the places of elements that lie in row-major order. */
  static int[][] rowMajor(Shape shape) {
    int[] strides = strides(shape);
    int[][] steps = new int[shape.rank()][];
    for (int i = 0; i < steps.length; i++) {
      steps[i] = multiples(shape.dim(i), strides[i]);
    }
    return steps;
  }

  /** Returns the places of the elements of a tensor that is broadcast to a shape. */
  static Places broadcast(Shape from, Shape to) {
    int[] strides = strides(from);
    int[][] steps = new int[to.rank()][];
    for (int i = 0; i < steps.length; i++) {
      int axis = from.rank() - to.rank() + i;
      boolean repeated = axis < 0 || from.dim(axis) == 1;
      steps[i] = multiples(to.dim(i), repeated ? 0 : strides[axis]);
    }
    return new Places(steps);
  }

  /** Returns by how much the place grows with each coordinate, in row-major order. */
  static int[] strides(Shape shape) {
    int[] strides = new int[shape.rank()];
    int stride = 1;
    for (int i = strides.length - 1; i >= 0; i--) {
      strides[i] = stride;
      stride *= shape.dim(i);
    }
    return strides;
  }

  private static int[] multiples(int n, int stride) {
    int[] steps = new int[n];
    for (int i = 0; i < n; i++) {
      steps[i] = i * stride;
    }
    return steps;
  }

  /** Returns the number of rows; none if they would be empty. */
  int rows() {
    return rows;
  }

  /** Returns the elements of a row. */
  int columns() {
    return last.length;
  }

  /** Returns the place of a row, to which that of a column is added. */
  int row(int row) {
    int place = 0;
    int rest = row;
    for (int i = outer.length - 1; i >= 0; i--) {
      int step = outer[i][rest % outer[i].length];
      rest /= outer[i].length;
      if (step == NOWHERE) {
        return NOWHERE;
      }
      place += step;
    }
    return place;
  }

  /** Returns what a column adds to the place of its row. */
  int column(int column) {
    return last[column];
  }

  /** Returns the kernel that moves what lies at these places, and {@code elsewhere} for nothing. */
  ReferenceKernel copying(float elsewhere) {
    return (x, xo, y, yo) -> {
      int to = yo;
      for (int r = 0; r < rows; r++) {
        int row = row(r);
        for (int step : last) {
          boolean lies = row != NOWHERE && step != NOWHERE;
          y[to++] = lies ? x[0][xo[0] + row + step] : elsewhere;
        }
      }
    };
  }
}
