package org.espalier.kernel.scalar;

import org.espalier.kernel.contract.SparseConvKernels;
import org.espalier.sparse.DeltaCsrMatrix;
import org.jspecify.annotations.Nullable;

/** The specification of convolution with a sparse weight. */
public final class ScalarSparseConv implements SparseConvKernels {
  @Override
  public void runs(
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
      int ldy) {
    for (int r = from; r < to; r++) {
      for (int j = 0; j < length; j++) {
        float sum = 0;
        int col = 0;
        for (int e = w.rowPtr()[r]; e < w.rowPtr()[r + 1]; e++) {
          col += w.deltas()[e] & 0xff;
          sum = Math.fma(w.value(e, w.scale(r)), x[xo + distances[col] + j], sum);
        }
        sum += bias[bo + r];
        if (other != null) {
          sum += other[oo + r * ldo + j];
        }
        y[yo + r * ldy + j] = relu && sum <= 0 ? 0 : sum;
      }
    }
  }
}
