package org.espalier.tensor;

import java.util.Arrays;

/**
 * The extents of a tensor, outermost first. A shape is also seen as a matrix: its first extent
 * counts the rows, the product of the others the columns. A shape of rank 1 is one row, a scalar
 * one row of one column.
 */
public final class Shape {
  private final int[] dims;
  private final int rows;
  private final int cols;

  private Shape(int[] dims) {
    long size = 1;
    for (int d : dims) {
      if (d < 0) {
        throw new IllegalArgumentException("negative extent in shape " + Arrays.toString(dims));
      }
      size *= d;
      if (size > Integer.MAX_VALUE) {
        throw new IllegalArgumentException(
            "shape " + Arrays.toString(dims) + " has more than 2^31-1 elements");
      }
    }
    this.dims = dims;
    this.rows = dims.length > 1 ? dims[0] : 1;
    this.cols = rows == 0 ? 0 : (int) (size / rows);
  }

  /** Returns the shape with the given extents. */
  public static Shape of(int... dims) {
    return new Shape(dims.clone());
  }

  /** Returns the number of extents. */
  public int rank() {
    return dims.length;
  }

  /** Returns extent {@code i}. */
  public int dim(int i) {
    return dims[i];
  }

  /** Returns the extents. */
  public int[] dims() {
    return dims.clone();
  }

  /** Returns the rows of this shape seen as a matrix. */
  public int rows() {
    return rows;
  }

  /** Returns the columns of this shape seen as a matrix. */
  public int cols() {
    return cols;
  }

  /** Returns the number of elements. */
  public int size() {
    return rows * cols;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shape that && Arrays.equals(dims, that.dims);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(dims);
  }

  /** Returns the extents as {@code [2, 3]}. */
  @Override
  public String toString() {
    return Arrays.toString(dims);
  }
}
