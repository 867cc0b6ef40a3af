package org.espalier.kernel.contract;

import org.espalier.sparse.BsrMatrix;
import org.espalier.sparse.CacheBlockedMatrix;
import org.espalier.sparse.CsrMatrix;
import org.espalier.sparse.DeltaCsrMatrix;
import org.espalier.sparse.SellMatrix;
import org.espalier.tensor.Precision;
import org.jspecify.annotations.Nullable;

/**
 * Products with a sparse matrix W, named by its format and by the product: {@code spmv} multiplies
 * with one vector, {@code spmm} with a matrix X that has an example a column, so that a row of X is
 * a feature of all examples.
 *
 * <p>Every sum is one fma chain over a row's elements that are not zero, columns ascending, started
 * at +0. Then comes what a method adds, the bias first, and last the {@link Clamp}. So the result
 * is that of the dense product, and it is the same for all formats, any batch and any division of
 * the work. (For finite x and up to the sign of a zero: a zero that is stored makes NaN of infinity
 * and +0 of a −0.) Where a bias may be null, null counts as 0, and {@code bias + 0} is what is
 * added.
 *
 * <p>Each product computes a part of the rows, {@code from} to {@code to} (exclusive), counted in
 * what the format divides them into; parts are independent of each other. Outputs must not overlap
 * inputs. A matrix's own indices are trusted.
 */
public interface SparseKernels {
  /** Floats that the length of {@link #deltaCsrConv} is a multiple of. */
  int UNIT = 16;

  /** Returns the columns of X and Y that are computed together; a batch had best be a multiple. */
  int lanes();

  /**
   * Returns how a {@link SellMatrix} must be laid out to be computed fast.
   *
   * @param cols columns of the matrix
   * @param density share of its elements that are not zero
   * @param precision that of its values
   */
  SellMatrix.Form sellForm(int cols, double density, Precision precision);

  /** Returns how a matrix must be laid out as a {@link SellMatrix} to be computed fast. */
  default SellMatrix.Form sellForm(CsrMatrix matrix, Precision precision) {
    return sellForm(matrix.cols(), matrix.density(), precision);
  }

  /**
   * Whether a {@link SellMatrix} of this form and precision is multiplied with batches fast enough,
   * at two thirds of the speed of {@link CacheBlockedMatrix} or more, that who wants to save memory
   * can do with the one.
   */
  boolean sellServesBatches(SellMatrix.Form form, Precision precision);

  /** Returns the most vectors of a row that {@link #bsrSpmm} computes at once. */
  int bsrVectors();

  /**
   * Computes some rows of {@code y = W·x}: {@code y[yo + r] = Σ w[r][c]·x[xo + c]}.
   *
   * @param from first row, counted in {@link CsrMatrix#rowOrder}
   * @param to last row, exclusive
   * @param bias a value for each row of W, from {@code bo}, or null
   */
  void csrSpmv(
      CsrMatrix w,
      int from,
      int to,
      float[] x,
      int xo,
      float @Nullable [] bias,
      int bo,
      Clamp clamp,
      float[] y,
      int yo);

  /**
   * Computes some rows of {@code Y = W·X}: {@code y[yo + r·ldy + j] = Σ w[r][c]·x[xo + c·ldx + j]}
   * for {@code j < batch}.
   *
   * @param from first row, counted in {@link CsrMatrix#rowOrder}
   * @param to last row, exclusive
   * @param bias a value for each row of W, from {@code bo}, or null
   */
  void csrSpmm(
      CsrMatrix w,
      int from,
      int to,
      int batch,
      float[] x,
      int xo,
      int ldx,
      float @Nullable [] bias,
      int bo,
      Clamp clamp,
      float[] y,
      int yo,
      int ldy);

  /**
   * Computes {@code y = Wᵀ·x}: {@code y[yo + c] = Σ w[r][c]·x[xo + r]}, rows ascending. Nothing is
   * added.
   */
  void csrSpmvTransposed(CsrMatrix w, float[] x, int xo, float[] y, int yo);

  /**
   * Computes {@code Y = Wᵀ·X}: {@code y[yo + c·ldy + j] = Σ w[r][c]·x[xo + r·ldx + j]} for {@code j
   * < batch}, rows ascending. Nothing is added. The work is divided by examples: they lie side by
   * side.
   */
  void csrSpmmTransposed(
      CsrMatrix w, int batch, float[] x, int xo, int ldx, float[] y, int yo, int ldy);

  /**
   * Computes the rows of some blocks of {@code y = W·x}, as {@link #csrSpmv} does.
   *
   * @param from first block
   * @param to last block, exclusive
   * @param bias a value for each row of W, from {@code bo}, or null
   * @param sums as long as {@link SellMatrix#laneRows}; what belongs to the blocks is overwritten
   */
  void sellSpmv(
      SellMatrix w,
      int from,
      int to,
      float[] x,
      int xo,
      float @Nullable [] bias,
      int bo,
      Clamp clamp,
      float[] sums,
      float[] y,
      int yo);

  /**
   * Computes the rows of some blocks of {@code Y = W·X}, as {@link #csrSpmm} does.
   *
   * @param from first block
   * @param to last block, exclusive
   * @param bias a value for each row of W, from {@code bo}, or null
   */
  void sellSpmm(
      SellMatrix w,
      int from,
      int to,
      int batch,
      float[] x,
      int xo,
      int ldx,
      float @Nullable [] bias,
      int bo,
      Clamp clamp,
      float[] y,
      int yo,
      int ldy);

  /**
   * Computes the rows of some panels of {@code Y = W·X}, as {@link #csrSpmm} does.
   *
   * @param from first panel
   * @param to last panel, exclusive
   * @param bias a value for each row of W, from {@code bo}, or null
   */
  void cacheBlockedSpmm(
      CacheBlockedMatrix w,
      int from,
      int to,
      int batch,
      float[] x,
      int xo,
      int ldx,
      float @Nullable [] bias,
      int bo,
      Clamp clamp,
      float[] y,
      int yo,
      int ldy);

  /**
   * Computes, for blocks of height {@link BsrMatrix#ROWS}, the rows of some groups of {@code y =
   * W·x}, as {@link #csrSpmv} does. (Blocks of height 4 don't fill a vector: broadcasting four
   * columns and blending them takes twice as long as {@link #sellSpmv} does.)
   *
   * @param from first group
   * @param to last group, exclusive
   * @param bias a value for each row, from {@code bo}
   * @param sums {@link BsrMatrix#ROWS} for each group; what belongs to the groups is overwritten
   */
  void bsrSpmv(
      BsrMatrix w,
      int from,
      int to,
      float[] x,
      int xo,
      float[] bias,
      int bo,
      Clamp clamp,
      float[] sums,
      float[] y,
      int yo);

  /**
   * Computes the rows of some quads of {@code Y = W·X}, where the rows of X lie anywhere: {@code s
   * = Σ w[r][c]·x[xo + distances[c] + j]} for {@code j < length}. Then {@code bias[bo + r]} is
   * added, then {@code other[oo + r·ldo + j]}. It goes to {@code y[yo + r·ldy + j]}. In a
   * convolution over maps as {@link org.espalier.tensor.PaddedNchw} lays them out a row of X is a
   * map, shifted by a place of the window: they overlap. Fast where the length is a multiple of the
   * vector's.
   *
   * @param from first quad
   * @param to last quad, exclusive
   * @param distances for each column of the matrix: where its row of X begins
   * @param bias a value for each row, from {@code bo}
   * @param other what is added, or null for nothing
   */
  void bsrSpmm(
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
      Clamp clamp,
      float[] y,
      int yo,
      int ldy);

  /**
   * Computes some output maps of a convolution, which is a product whose rows of X overlap: see
   * {@link #bsrSpmm}, which does the same for another format.
   *
   * @param from first row of W
   * @param to last row, exclusive
   * @param length a multiple of {@link #UNIT}
   * @param distances for each column of the matrix: where its row of X begins
   * @param bias a value for each row, from {@code bo}
   * @param other what is added, or null for nothing
   */
  void deltaCsrConv(
      DeltaCsrMatrix w,
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
      Clamp clamp,
      float[] y,
      int yo,
      int ldy);

  /** Computes {@code y[yo + c·ldy + r] = x[xo + r·ldx + c]} for {@code r < rows, c < cols}. */
  void transpose(int rows, int cols, float[] x, int xo, int ldx, float[] y, int yo, int ldy);
}
