package org.espalier.kernel.scalar;

import org.espalier.kernel.contract.BlockKernels;
import org.espalier.sparse.BsrMatrix;
import org.jspecify.annotations.Nullable;

/** The specification of products with a sparse matrix of blocks. */
public final class ScalarBlocks implements BlockKernels {
  private static final int ROWS = BsrMatrix.ROWS;
  private static final int QUAD = BsrMatrix.QUAD;

  @Override
  public int vectors() {
    return 1;
  }

  @Override
  public void runs(
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
      int ldy) {
    int perGroup = ROWS / w.height();
    for (int q = from; q < to; q++) {
      int group = q / (ROWS / QUAD);
      for (int i = 0; i < rowsOf(w, q); i++) {
        int row = w.quadRows()[q] + i;
        int lane = q % (ROWS / QUAD) * QUAD + i;
        for (int j = 0; j < length; j++) {
          float sum = 0;
          for (int s = w.groupPtr()[group]; s < w.groupPtr()[group + 1]; s++) {
            int col = w.colIdx()[s * perGroup + lane / w.height()];
            float value = w.values()[s * ROWS + lane];
            if (value != 0) { // else the row idles
              sum = Math.fma(value, x[xo + distances[col] + j], sum);
            }
          }
          sum += bias[bo + row];
          if (other != null) {
            sum += other[oo + row * ldo + j];
          }
          y[yo + row * ldy + j] = relu && sum <= 0 ? 0 : sum;
        }
      }
    }
  }

  /** Returns how many rows a quad has. */
  private static int rowsOf(BsrMatrix w, int quad) {
    int first = w.quadRows()[quad];
    return first < 0 ? 0 : Math.min(QUAD, w.rows() - first);
  }

  @Override
  public void spmv(
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
      int yo) {
    for (int group = from; group < to; group++) {
      for (int lane = 0; lane < ROWS; lane++) {
        float sum = 0;
        for (int s = w.groupPtr()[group]; s < w.groupPtr()[group + 1]; s++) {
          float value = w.values()[s * ROWS + lane];
          if (value != 0) { // else the row idles
            sum = Math.fma(value, x[xo + w.colIdx()[s]], sum);
          }
        }
        sums[group * ROWS + lane] = sum;
      }
    }
    finish(w, from, to, sums, bias, bo, relu, y, yo);
  }

  /** Brings the sums of some groups to the rows, with bias and ReLU. */
  public static void finish(
      BsrMatrix w,
      int from,
      int to,
      float[] sums,
      float[] bias,
      int bo,
      boolean relu,
      float[] y,
      int yo) {
    for (int q = from * (ROWS / QUAD); q < to * (ROWS / QUAD); q++) {
      for (int i = 0; i < rowsOf(w, q); i++) {
        int row = w.quadRows()[q] + i;
        float sum = sums[q * QUAD + i] + bias[bo + row];
        y[yo + row] = relu && sum <= 0 ? 0 : sum;
      }
    }
  }
}
