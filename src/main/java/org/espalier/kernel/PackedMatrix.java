package org.espalier.kernel;

import org.espalier.tensor.BitMask;
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

  private final int rows;
  private final int cols;
  private final float[] panels;

  private PackedMatrix(int rows, int cols, float[] panels) {
    this.rows = rows;
    this.cols = cols;
    this.panels = panels;
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
    return new PackedMatrix(w.rows(), w.cols(), panels);
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
    return (long) (panels.length - START) * Float.BYTES;
  }

  /** The panels from {@link #START} on, one behind the other, each over all columns. */
  float[] panels() {
    return panels;
  }
}
