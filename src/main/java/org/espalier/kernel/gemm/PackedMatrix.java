package org.espalier.kernel.gemm;

import org.espalier.kernel.Kernels;
import org.espalier.kernel.contract.GemmKernels;
import org.espalier.tensor.BitMask;
import org.espalier.tensor.Precision;
import org.espalier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A matrix {@code [rows][cols]} packed once for many products over its columns, with its rows in
 * the lanes of vectors: the weights {@code W [out][in]} of a trained layer. {@link Gemm} takes it
 * as the first operand of {@code W·X} and as the second of {@code X·Wᵀ}, at any batch size, one
 * included. Immutable; may be shared by threads.
 */
public final class PackedMatrix {
  /** Index of the first panel's first element. */
  static final int START = Tensor.ALIGNED_START;

  private static final float[] NO_PANELS = {};
  private static final int[] NO_CODES = {};

  private final int rows;
  private final int cols;
  private final Precision precision;

  /** The elements, if they are floats. */
  private final float[] panels;

  /** The elements, if they are narrow; else none. */
  private final int[] codes;

  /** What the elements of each row, those that fill up the last panel included, are scaled by. */
  private final float[] scales;

  private PackedMatrix(
      int rows, int cols, Precision precision, float[] panels, int[] codes, float[] scales) {
    this.rows = rows;
    this.cols = cols;
    this.precision = precision;
    this.panels = panels;
    this.codes = codes;
    this.scales = scales;
  }

  /** Packs a matrix; later changes of {@code w} don't show. */
  public static PackedMatrix of(Tensor w) {
    return of(w, null);
  }

  /**
   * Packs a matrix with +0 in place of the elements whose bit is clear.
   *
   * @param mask as large as {@code w}, or null if every element counts
   */
  public static PackedMatrix of(Tensor w, @Nullable BitMask mask) {
    return of(w, mask, Kernels.gemm());
  }

  /**
   * Packs a matrix with narrow elements: bytes or halves, each times the scale of its row. Products
   * are those with the floats that they stand for, bit for bit.
   *
   * @param w rounded to the precision by {@link Precision#roundRows}
   */
  public static PackedMatrix narrow(Tensor w, Precision precision) {
    return narrow(w, precision, Kernels.gemm());
  }

  /** The same, with kernels that need not be the chosen ones. */
  public static PackedMatrix narrow(Tensor w, Precision precision, GemmKernels kernels) {
    if (precision == Precision.FP32) {
      return of(w, null, kernels);
    }
    int width = kernels.nr();
    int padded = Math.ceilDiv(w.rows(), width) * width;
    int panel = panelLength(w.cols(), width, precision);
    int perInt = precision.perInt();
    int[] codes = new int[Math.addExact(Math.multiplyExact(padded / width, panel), START)];
    float[] scales = new float[padded];
    for (int r = 0; r < w.rows(); r++) {
      scales[r] = precision.scale(w, r);
      int first = START + r / width * panel + r % width;
      for (int c = 0; c < w.cols(); c++) {
        int shift = c % perInt * precision.bytes() * Byte.SIZE;
        codes[first + c / perInt * width] |= precision.code(w.get(r, c), scales[r]) << shift;
      }
    }
    return new PackedMatrix(w.rows(), w.cols(), precision, NO_PANELS, codes, scales);
  }

  /** Returns how many ints a panel of narrow elements takes. */
  static int panelLength(int cols, int width, Precision precision) {
    return Math.multiplyExact(Math.ceilDiv(cols, precision.perInt()), width);
  }

  static PackedMatrix of(Tensor w, @Nullable BitMask mask, GemmKernels kernels) {
    if (mask != null && (mask.rows() != w.rows() || mask.cols() != w.cols())) {
      throw new IllegalArgumentException(
          "a mask of " + mask.rows() + "x" + mask.cols() + " for a matrix of " + w.shape());
    }
    int width = kernels.nr();
    int count = Math.ceilDiv(w.rows(), width);
    int length = Math.multiplyExact(Math.multiplyExact(count, width), w.cols());
    Operand operand = new Operand(kernels, width);
    operand.rows(w, mask, w.rows());
    float[] panels = new float[Math.addExact(length, START)];
    for (int q = 0; q < count; q++) {
      operand.pack(q, 0, w.cols(), panels, START + q * w.cols() * width);
    }
    return new PackedMatrix(w.rows(), w.cols(), Precision.FP32, panels, NO_CODES, NO_PANELS);
  }

  /** Returns the number of rows. */
  public int rows() {
    return rows;
  }

  /** Returns the number of columns. */
  public int cols() {
    return cols;
  }

  /** Returns the bytes that the packed elements take. */
  public long bytes() {
    long elements = (long) Math.max(panels.length, codes.length) - START;
    return (elements + scales.length) * Float.BYTES;
  }

  /** Returns how narrow the elements are. */
  public Precision precision() {
    return precision;
  }

  /**
   * The panels from {@link #START} on, one behind the other, each over all columns; none if the
   * elements are narrow.
   */
  float[] panels() {
    return panels;
  }

  /**
   * The panels from {@link #START} on, as {@link GemmKernels#gemvCodes} wants them, if the elements
   * are narrow.
   */
  int[] codes() {
    return codes;
  }

  /** For each row what its elements are to be multiplied with, if they are narrow. */
  float[] scales() {
    return scales;
  }
}
