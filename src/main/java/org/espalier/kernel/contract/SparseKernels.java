package org.espalier.kernel.contract;

import org.espalier.sparse.CacheBlockedMatrix;
import org.espalier.sparse.CsrMatrix;
import org.espalier.sparse.SellMatrix;
import org.espalier.tensor.Precision;
import org.jspecify.annotations.Nullable;

/**
 * Products with a sparse matrix. Every sum is one fma chain over the row's entries, columns
 * ascending, started at +0; {@code bias + 0} is added last, where no bias counts as 0; with {@code
 * relu}, {@code s <= 0} then becomes +0 and NaN stays NaN. So the result is that of the dense
 * product, and it is the same for both layouts, any batch and any division of the work. (For finite
 * x and up to the sign of a zero: a zero that is stored makes NaN of infinity and +0 of a −0.)
 *
 * <p>Outputs must not overlap inputs. A matrix's own indices are trusted.
 */
public interface SparseKernels {
  /** Returns the columns of X and Y that are computed together; a batch had best be a multiple. */
  int lanes();

  /**
   * Returns how a {@link SellMatrix} must be laid out to be computed fast.
   *
   * @param cols columns of the matrix
   * @param density share of its elements that are not zero
   * @param precision that of its values
   */
  SellMatrix.Form form(int cols, double density, Precision precision);

  /** Returns how a matrix must be laid out as a {@link SellMatrix} to be computed fast. */
  default SellMatrix.Form form(CsrMatrix matrix, Precision precision) {
    return form(matrix.cols(), matrix.density(), precision);
  }

  /**
   * Whether a {@link SellMatrix} is multiplied with batches fast enough, at two thirds of the speed
   * of {@link CacheBlockedMatrix} or more, that who wants to save memory can do with the one.
   */
  boolean isForBatches(SellMatrix matrix);

  /**
   * Computes the rows of some panels of {@code Y = W·X}: {@code y[yo + r·ldy + j] = Σ w[r][c]·x[xo
   * + c·ldx + j]} for {@code j < batch}, an example a column.
   *
   * @param from first panel
   * @param to last panel, exclusive
   * @param bias a value for each row of W, from {@code bo}, or null
   */
  void spmm(
      CacheBlockedMatrix w,
      int from,
      int to,
      int batch,
      float[] x,
      int xo,
      int ldx,
      float @Nullable [] bias,
      int bo,
      boolean relu,
      float[] y,
      int yo,
      int ldy);

  /**
   * Computes the rows of some blocks of {@code Y = W·X}, as the other form of it does.
   *
   * @param from first block
   * @param to last block, exclusive
   * @param bias a value for each row of W, from {@code bo}, or null
   */
  void spmm(
      SellMatrix w,
      int from,
      int to,
      int batch,
      float[] x,
      int xo,
      int ldx,
      float @Nullable [] bias,
      int bo,
      boolean relu,
      float[] y,
      int yo,
      int ldy);

  /**
   * Computes the rows of some blocks of {@code y = W·x}: {@code y[yo + r] = Σ w[r][c]·x[xo + c]}.
   *
   * @param from first block
   * @param to last block, exclusive
   * @param bias a value for each row of W, from {@code bo}, or null
   * @param sums as long as {@link SellMatrix#laneRows}; what belongs to the blocks is overwritten
   */
  void spmv(
      SellMatrix w,
      int from,
      int to,
      float[] x,
      int xo,
      float @Nullable [] bias,
      int bo,
      boolean relu,
      float[] sums,
      float[] y,
      int yo);

  /** Computes {@code y[yo + c·ldy + r] = x[xo + r·ldx + c]} for {@code r < rows, c < cols}. */
  void transpose(int rows, int cols, float[] x, int xo, int ldx, float[] y, int yo, int ldy);
}
