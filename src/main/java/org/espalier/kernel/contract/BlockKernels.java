package org.espalier.kernel.contract;

import org.espalier.sparse.BsrMatrix;
import org.jspecify.annotations.Nullable;

/**
 * Products with a sparse matrix of blocks. Every sum is one fma chain over those of the row's
 * elements that are not zero, columns ascending, started at +0, so the result is that of the dense
 * product and of {@link SparseKernels} (for finite x and up to the sign of a zero: a zero of the
 * dense product makes NaN of infinity).
 *
 * <p>Outputs must not overlap inputs. A matrix's own indices are trusted.
 */
public interface BlockKernels {
  /** Returns the most vectors of a run that are computed at once. */
  int vectors();

  /**
   * Computes the rows of some quads over a run: {@code s = Σ w[r][c]·x[xo + distances[c] + j]} for
   * {@code j < length}. Then {@code bias[bo + r]} is added, then {@code other[oo + r·ldo + j]};
   * with {@code relu} a sum {@code s <= 0} becomes +0, NaN stays NaN. It goes to {@code y[yo +
   * r·ldy + j]}. Fast where the length is a multiple of the vector's.
   *
   * @param from first quad
   * @param to last quad, exclusive
   * @param distances for each column of the matrix: where its row of X begins
   * @param bias a value for each row, from {@code bo}
   * @param other what is added, or null for nothing
   */
  void runs(
      BsrMatrix w,
      int from,
      int to,
      int length,
      float[] x,
      int xo,
      int[] distances,
      float[] bias,
      int bo,
      float @Nullable [] other,
      int oo,
      int ldo,
      boolean relu,
      float[] y,
      int yo,
      int ldy);

  /**
   * Computes, for blocks of height {@link BsrMatrix#ROWS}, the rows of some groups of {@code y =
   * W·x}: {@code s = Σ w[r][c]·x[xo + c]}; then {@code bias[bo + r]} is added, and with {@code
   * relu} a sum {@code s <= 0} becomes +0, NaN stays NaN. It goes to {@code y[yo + r]}. (Blocks of
   * height 4 don't fill a vector: broadcasting four columns and blending them takes twice as long
   * as {@link SparseKernels#spmv} does.)
   *
   * @param from first group
   * @param to last group, exclusive
   * @param bias a value for each row, from {@code bo}
   * @param sums {@link BsrMatrix#ROWS} for each group; what belongs to the groups is overwritten
   */
  void spmv(
      BsrMatrix w,
      int from,
      int to,
      float[] x,
      int xo,
      float[] bias,
      int bo,
      boolean relu,
      float[] sums,
      float[] y,
      int yo);
}
