package org.espalier.kernel.simd.sparse;

import java.util.Arrays;
import org.espalier.kernel.contract.Clamp;
import org.espalier.kernel.contract.SparseKernels;
import org.espalier.kernel.scalar.ScalarSparse;
import org.espalier.kernel.simd.Lanes;
import org.espalier.kernel.simd.Transpose16;
import org.espalier.kernel.simd.Transpose4;
import org.espalier.kernel.simd.Transpose8;
import org.espalier.sparse.BsrMatrix;
import org.espalier.sparse.CacheBlockedMatrix;
import org.espalier.sparse.CsrMatrix;
import org.espalier.sparse.DeltaCsrMatrix;
import org.espalier.sparse.SellMatrix;
import org.espalier.tensor.Precision;
import org.jspecify.annotations.Nullable;

/** Products with a sparse matrix on the Vector API: a class for each format does the work. */
public final class SimdSparse implements SparseKernels {
  private static final int L = Lanes.LENGTH;

  /** −0, added where nothing is to be: see {@link org.espalier.kernel.contract}. */
  static final float[] NOTHING = new float[L];

  static {
    Arrays.fill(NOTHING, -0f);
  }

  private static final ScalarSparse TAIL = new ScalarSparse();

  @Override
  public int lanes() {
    return L;
  }

  @Override
  public SellMatrix.Form sellForm(int cols, double density, Precision precision) {
    return SimdSell.form(cols, density, precision);
  }

  @Override
  public boolean sellServesBatches(SellMatrix.Form form, Precision precision) {
    return SimdSell.servesBatches(form, precision);
  }

  @Override
  public int bsrVectors() {
    return SimdBsr.vectors();
  }

  @Override
  public void csrSpmv(
      CsrMatrix w,
      int from,
      int to,
      float[] x,
      int xo,
      float @Nullable [] bias,
      int bo,
      Clamp clamp,
      float[] y,
      int yo) {
    SimdCsr.spmv(w, from, to, x, xo, bias, bo, clamp, y, yo);
  }

  @Override
  public void csrSpmm(
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
      int ldy) {
    SimdCsr.spmm(w, from, to, batch, x, xo, ldx, bias, bo, clamp, y, yo, ldy);
  }

  @Override
  public void csrSpmvTransposed(CsrMatrix w, float[] x, int xo, float[] y, int yo) {
    SimdCsr.spmvTransposed(w, x, xo, y, yo);
  }

  @Override
  public void csrSpmmTransposed(
      CsrMatrix w, int batch, float[] x, int xo, int ldx, float[] y, int yo, int ldy) {
    SimdCsr.spmmTransposed(w, batch, x, xo, ldx, y, yo, ldy);
  }

  @Override
  public void sellSpmv(
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
      int yo) {
    SimdSell.spmv(w, from, to, x, xo, bias, bo, clamp, sums, y, yo);
  }

  @Override
  public void sellSpmm(
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
      int ldy) {
    SimdSell.spmm(w, from, to, batch, x, xo, ldx, bias, bo, clamp, y, yo, ldy);
  }

  @Override
  public void cacheBlockedSpmm(
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
      int ldy) {
    SimdCacheBlocked.spmm(w, from, to, batch, x, xo, ldx, bias, bo, clamp, y, yo, ldy);
  }

  @Override
  public void bsrSpmv(
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
      int yo) {
    SimdBsr.spmv(w, from, to, x, xo, bias, bo, clamp, sums, y, yo);
  }

  @Override
  public void bsrSpmm(
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
      int ldy) {
    SimdBsr.spmm(
        w, from, to, length, x, xo, distances, bias, bo, other, oo, ldo, clamp, y, yo, ldy);
  }

  @Override
  public void deltaCsrConv(
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
      int ldy) {
    DeltaCsrConv.run(
        w, from, to, length, x, xo, distances, bias, bo, other, oo, ldo, clamp, y, yo, ldy);
  }

  @Override
  public void transpose(
      int rows, int cols, float[] x, int xo, int ldx, float[] y, int yo, int ldy) {
    if (rows < L || cols < L) {
      TAIL.transpose(rows, cols, x, xo, ldx, y, yo, ldy);
      return;
    }
    for (int r = 0; r < rows; r += L) {
      int block = Math.min(r, rows - L); // the last may write some rows again
      transposeRows(cols, x, xo + block * ldx, ldx, y, yo + block, ldy);
    }
  }

  private static void transposeRows(
      int cols, float[] x, int xo, int ldx, float[] y, int yo, int ldy) {
    int last = cols - L; // so may the last columns be written again
    if (transposeBlocks(cols, x, xo, ldx, y, yo, ldy) < cols) {
      transposeBlocks(L, x, xo + last, ldx, y, yo + last * ldy, ldy);
    }
  }

  private static int transposeBlocks(
      int cols, float[] x, int xo, int ldx, float[] y, int yo, int ldy) {
    return switch (L) {
      case 4 -> Transpose4.rows(L, cols, x, xo, ldx, null, 0, 0, 0, y, yo, ldy);
      case 8 -> Transpose8.rows(L, cols, x, xo, ldx, null, 0, 0, 0, y, yo, ldy);
      default -> Transpose16.rows(L, cols, x, xo, ldx, null, 0, 0, 0, y, yo, ldy);
    };
  }
}
