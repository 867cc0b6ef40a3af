package org.espalier.kernel.contract;

import org.espalier.sparse.DeltaCsrMatrix;
import org.jspecify.annotations.Nullable;

/**
 * Convolution with a sparse weight over maps that lie as {@link org.espalier.tensor.PaddedNchw}
 * says. A map is a run of floats, and an entry of the weight meets it shifted by a distance that
 * its column alone decides.
 */
public interface SparseConvKernels {
  /** Floats that the lengths of runs are multiples of. */
  int UNIT = 16;

  /**
   * Computes runs: for {@code from <= r < to} and {@code j < length} the sum {@code s} of row
   * {@code r} is the chain of {@code fma(w[r][c], x[xo + distances[c] + j], s)} over its entries,
   * columns ascending, started at +0. Then {@code bias[bo + r]} is added, then {@code other[oo +
   * r·ldo + j]}; with {@code relu} a sum {@code s <= 0} becomes +0, NaN stays NaN. It goes to
   * {@code y[yo + r·ldy + j]}.
   *
   * @param length a multiple of {@link #UNIT}
   * @param distances for each column of the weight
   * @param other what is added, or null for nothing
   * @param y must not overlap {@code x} or {@code other}
   */
  void runs(
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
      boolean relu,
      float[] y,
      int yo,
      int ldy);
}
