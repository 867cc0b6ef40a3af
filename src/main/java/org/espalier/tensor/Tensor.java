package org.espalier.tensor;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Floats in row-major order: element ({@code r}, {@code c}) lies at {@code data[offset + r·ld +
 * c]}. The leading dimension {@code ld} is the number of columns rounded up to 16 (vectors and thin
 * matrices included), and the first row starts at {@link #ALIGNED_START}; no kernel may rely on it.
 * The cells between {@code cols} and {@code ld} belong to nobody: kernels neither read nor write
 * them.
 */
public final class Tensor {
  /** Leading dimensions are multiples of this many floats: one cache line. */
  public static final int LD_UNIT = 16;

  /**
   * Index of the first element of a {@code float[]} that lies at the start of a cache line, where
   * the JVM aligns objects to cache lines ({@code -XX:ObjectAlignmentInBytes=64}); of very large
   * arrays under G1 in any JVM. A vector that crosses cache lines takes two reads, which makes a
   * loop up to twice as slow, and chance decides in which run. No result depends on it.
   */
  public static final int ALIGNED_START = 12;

  private final Shape shape;
  private final float[] data;
  private final int offset;
  private final int ld;

  /** For each row what its elements are whole multiples of; null if nobody said so. */
  private float @Nullable [] steps;

  private Tensor(Shape shape, float[] data, int offset, int ld) {
    this.shape = shape;
    this.data = data;
    this.offset = offset;
    this.ld = ld;
  }

  /** Returns a tensor of zeros. */
  public static Tensor zeros(Shape shape) {
    return over(shape, new float[lengthOf(shape)]);
  }

  /**
   * Returns how many floats an array behind a tensor of this shape has.
   *
   * @throws org.espalier.InputException if no array is that long
   */
  public static int lengthOf(Shape shape) {
    return Footprint.arrayLength("a tensor of shape " + shape, floats(shape));
  }

  /** Returns how many floats a tensor of this shape takes, if an array can be that long or not. */
  public static long floats(Shape shape) {
    return shape.rows() * ld(shape) + ALIGNED_START;
  }

  /**
   * Returns a tensor over an array that is at least {@link #lengthOf} long, others' perhaps too.
   */
  public static Tensor over(Shape shape, float[] data) {
    return over(shape, data, Footprint.arrayLength("a tensor of shape " + shape, ld(shape)));
  }

  /** Returns a tensor whose rows lie {@code ld} floats apart in an array that is long enough. */
  static Tensor over(Shape shape, float[] data, int ld) {
    long length = (long) shape.rows() * ld + ALIGNED_START;
    if (data.length < length) {
      throw new IllegalArgumentException(
          "shape " + shape + " takes " + length + " floats, not " + data.length);
    }
    return new Tensor(shape, data, ALIGNED_START, ld);
  }

  private static long ld(Shape shape) {
    return Math.ceilDiv((long) shape.cols(), LD_UNIT) * LD_UNIT;
  }

  /** Returns a tensor of zeros with the given extents. */
  public static Tensor zeros(int... dims) {
    return zeros(Shape.of(dims));
  }

  /** Returns a tensor that holds a copy of {@code values}, which are packed row by row. */
  public static Tensor of(Shape shape, float... values) {
    Tensor t = zeros(shape);
    t.copyFrom(values);
    return t;
  }

  /** Returns the shape. */
  public Shape shape() {
    return shape;
  }

  /** Returns the rows of the shape seen as a matrix. */
  public int rows() {
    return shape.rows();
  }

  /** Returns the columns of the shape seen as a matrix. */
  public int cols() {
    return shape.cols();
  }

  /** Returns the number of elements, padding not counted. */
  public int size() {
    return shape.size();
  }

  /** Returns the array behind this tensor, shared with it. */
  public float[] data() {
    return data;
  }

  /** Returns the index in {@link #data()} of the first element. */
  public int offset() {
    return offset;
  }

  /** Returns the distance between the starts of consecutive rows. */
  public int ld() {
    return ld;
  }

  /** Returns the index in {@link #data()} of the first element of row {@code r}. */
  public int row(int r) {
    return offset + r * ld;
  }

  /** Returns the element at row {@code r} and column {@code c} of this tensor seen as a matrix. */
  public float get(int r, int c) {
    return data[row(r) + c];
  }

  /** Sets the element at row {@code r} and column {@code c} of this tensor seen as a matrix. */
  public void set(int r, int c, float value) {
    data[row(r) + c] = value;
  }

  /** Sets every element to {@code value}. */
  public void fill(float value) {
    for (int r = 0; r < rows(); r++) {
      fillRow(r, value);
    }
  }

  /** Sets every element of row {@code r} to {@code value}. */
  public void fillRow(int r, float value) {
    Arrays.fill(data, row(r), row(r) + cols(), value);
  }

  /**
   * Returns for each row the step of which its elements were whole multiples when the tensor was
   * made, as somebody else's bytes times a scale are; null if nobody said so. Elements that were
   * changed since needn't be: {@link Precision#INT8} looks. Not to be changed.
   */
  public float @Nullable [] steps() {
    return steps;
  }

  /** Says of what the elements of each row are whole multiples, or null: of nothing known. */
  public void setSteps(float @Nullable [] steps) {
    if (steps != null && steps.length != rows()) {
      throw new IllegalArgumentException(steps.length + " steps for " + rows() + " rows");
    }
    this.steps = steps;
  }

  /** Copies {@code values}, packed row by row, into this tensor. */
  public void copyFrom(float[] values) {
    if (values.length != size()) {
      throw new IllegalArgumentException(
          "shape " + shape + " takes " + size() + " values, got " + values.length);
    }
    for (int r = 0; r < rows(); r++) {
      System.arraycopy(values, r * cols(), data, row(r), cols());
    }
  }

  /** Copies the elements of {@code other}, which has as many rows and columns, and its steps. */
  public void copyFrom(Tensor other) {
    if (other.rows() != rows() || other.cols() != cols()) {
      throw new IllegalArgumentException("shape " + shape + " can't take " + other.shape);
    }
    for (int r = 0; r < rows(); r++) {
      System.arraycopy(other.data, other.row(r), data, row(r), cols());
    }
    steps = other.steps;
  }

  /** Returns the elements packed row by row, in a new array. */
  public float[] toArray() {
    float[] values = new float[size()];
    for (int r = 0; r < rows(); r++) {
      System.arraycopy(data, row(r), values, r * cols(), cols());
    }
    return values;
  }

  /** Returns a tensor of the same shape and elements with storage of its own. */
  public Tensor copy() {
    Tensor t = zeros(shape);
    t.copyFrom(this);
    return t;
  }

  /** Returns how many elements are neither +0 nor −0. */
  public long nonZeros() {
    long n = 0;
    for (int r = 0; r < rows(); r++) {
      for (int c = 0; c < cols(); c++) {
        n += get(r, c) == 0 ? 0 : 1;
      }
    }
    return n;
  }
}
