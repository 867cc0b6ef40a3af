package org.espalier.kernel.simd.sparse;

import java.util.Arrays;
import jdk.incubator.vector.VectorSpecies;
import org.espalier.kernel.contract.Clamp;
import org.espalier.kernel.scalar.ScalarSparse;
import org.espalier.kernel.simd.Lanes;
import org.espalier.sparse.CsrMatrix;
import org.jspecify.annotations.Nullable;

/**
 * Products with a {@link CsrMatrix}: those with batches on the Vector API, an example a lane. With
 * one example every entry needs a load of its index, its value and its x; a vector of rows or of
 * entries would have to be filled by as many loads, so several rows are added up at once, and the
 * processor is kept busy by their chains.
 */
final class SimdCsr {
  private static final VectorSpecies<Float> F32 = Lanes.F32;
  private static final int L = F32.length();
  private static final ScalarSparse TAIL = new ScalarSparse();

  /**
   * Rows of about equal length that {@link #spmv} computes at once: four chains take 1.7 times as
   * long.
   */
  private static final int ROWS = 8;

  /** The largest offset to which a column can be added without an overflow, and more. */
  private static final int MOST = 1 << 30;

  private SimdCsr() {}

  /**
   * Returns an offset that is known not to exceed {@link #MOST}: else the compiler reckons with an
   * overflow wherever a column is added, which takes nearly twice as long. (A mask doesn't help.)
   */
  private static int bounded(int offset) {
    return Math.min(Math.max(offset, 0), MOST);
  }

  static void spmv(
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
    if (to - from < ROWS || xo > MOST) {
      TAIL.csrSpmv(w, from, to, x, xo, bias, bo, clamp, y, yo);
      return;
    }
    for (int i = from; i < to; i += ROWS) {
      eightRows(w, Math.min(i, to - ROWS), x, xo, y, yo); // the last may compute some again
    }
    ScalarSparse.finish(w, from, to, bias, bo, clamp, y, yo);
  }

  /** Sums of eight neighbours in the order of the rows, of which the first has fewest entries. */
  private static void eightRows(CsrMatrix w, int i, float[] x, int offset, float[] y, int yo) {
    int xo = bounded(offset);
    int[] ptr = w.rowPtr();
    char[] cols = w.colIdx();
    float[] values = w.values();
    int[] order = w.rowOrder();
    int r0 = order[i];
    int r1 = order[i + 1];
    int r2 = order[i + 2];
    int r3 = order[i + 3];
    int r4 = order[i + 4];
    int r5 = order[i + 5];
    int r6 = order[i + 6];
    int r7 = order[i + 7];
    int e0 = ptr[r0];
    int e1 = ptr[r1];
    int e2 = ptr[r2];
    int e3 = ptr[r3];
    int e4 = ptr[r4];
    int e5 = ptr[r5];
    int e6 = ptr[r6];
    int e7 = ptr[r7];
    int n = ptr[r0 + 1] - e0;
    float a = 0;
    float b = 0;
    float c = 0;
    float d = 0;
    float e = 0;
    float f = 0;
    float g = 0;
    float h = 0;
    for (int j = 0; j < n; j++) {
      a = Math.fma(values[e0 + j], x[xo + cols[e0 + j]], a);
      b = Math.fma(values[e1 + j], x[xo + cols[e1 + j]], b);
      c = Math.fma(values[e2 + j], x[xo + cols[e2 + j]], c);
      d = Math.fma(values[e3 + j], x[xo + cols[e3 + j]], d);
      e = Math.fma(values[e4 + j], x[xo + cols[e4 + j]], e);
      f = Math.fma(values[e5 + j], x[xo + cols[e5 + j]], f);
      g = Math.fma(values[e6 + j], x[xo + cols[e6 + j]], g);
      h = Math.fma(values[e7 + j], x[xo + cols[e7 + j]], h);
    }
    y[yo + r0] = a;
    y[yo + r1] = rest(values, cols, e1 + n, ptr[r1 + 1], x, xo, b);
    y[yo + r2] = rest(values, cols, e2 + n, ptr[r2 + 1], x, xo, c);
    y[yo + r3] = rest(values, cols, e3 + n, ptr[r3 + 1], x, xo, d);
    y[yo + r4] = rest(values, cols, e4 + n, ptr[r4 + 1], x, xo, e);
    y[yo + r5] = rest(values, cols, e5 + n, ptr[r5 + 1], x, xo, f);
    y[yo + r6] = rest(values, cols, e6 + n, ptr[r6 + 1], x, xo, g);
    y[yo + r7] = rest(values, cols, e7 + n, ptr[r7 + 1], x, xo, h);
  }

  private static float rest(
      float[] values, char[] cols, int from, int to, float[] x, int offset, float sum) {
    int xo = bounded(offset);
    float s = sum;
    for (int e = from; e < to; e++) {
      s = Math.fma(values[e], x[xo + cols[e]], s);
    }
    return s;
  }

  static void spmm(
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
    float low = clamp.low();
    float high = clamp.high();
    int whole = F32.loopBound(batch);
    for (int j = 0; j < whole; ) {
      int vectors = Integer.highestOneBit(Math.min(8, (whole - j) / L));
      int rows = vectors == 8 ? 1 : vectors == 4 ? 2 : 4;
      int xj = xo + j;
      int yj = yo + j;
      if (to - from < rows) {
        for (int i = from; i < to; i++) {
          switch (vectors) {
            case 4 -> CsrSpmm.four(w, i, x, xj, ldx, bias, bo, low, high, y, yj, ldy);
            case 2 -> CsrSpmm.two(w, i, x, xj, ldx, bias, bo, low, high, y, yj, ldy);
            default -> CsrSpmm.one(w, i, x, xj, ldx, bias, bo, low, high, y, yj, ldy);
          }
        }
      } else {
        for (int i = from; i < to; i += rows) {
          int first = Math.min(i, to - rows); // the last may compute some rows again
          switch (vectors) {
            case 8 -> CsrSpmm.eight(w, first, x, xj, ldx, bias, bo, low, high, y, yj, ldy);
            case 4 -> CsrSpmm.fourOfTwo(w, first, x, xj, ldx, bias, bo, low, high, y, yj, ldy);
            case 2 -> CsrSpmm.twoOfFour(w, first, x, xj, ldx, bias, bo, low, high, y, yj, ldy);
            default -> CsrSpmm.oneOfFour(w, first, x, xj, ldx, bias, bo, low, high, y, yj, ldy);
          }
        }
      }
      j += vectors * L;
    }
    if (whole < batch) { // the tail is the specification
      TAIL.csrSpmm(
          w, from, to, batch - whole, x, xo + whole, ldx, bias, bo, clamp, y, yo + whole, ldy);
    }
  }

  /** A row after the other: only so do the sums of all columns meet their rows in order. */
  static void spmvTransposed(CsrMatrix w, float[] x, int xo, float[] y, int yo) {
    char[] cols = w.colIdx();
    float[] values = w.values();
    if (yo > MOST) {
      TAIL.csrSpmvTransposed(w, x, xo, y, yo);
      return;
    }
    int offset = bounded(yo);
    Arrays.fill(y, yo, yo + w.cols(), 0f);
    for (int r = 0; r < w.rows(); r++) {
      float xr = x[xo + r];
      int end = w.rowPtr()[r + 1];
      for (int e = w.rowPtr()[r]; e < end; e++) {
        int c = offset + cols[e];
        y[c] = Math.fma(values[e], xr, y[c]);
      }
    }
  }

  static void spmmTransposed(
      CsrMatrix w, int batch, float[] x, int xo, int ldx, float[] y, int yo, int ldy) {
    int whole = F32.loopBound(batch);
    for (int c = 0; c < w.cols(); c++) {
      Arrays.fill(y, yo + c * ldy, yo + c * ldy + whole, 0f);
    }
    for (int j = 0; j < whole; ) {
      int vectors = Integer.highestOneBit(Math.min(8, (whole - j) / L));
      for (int r = 0; r < w.rows(); r++) {
        int xr = xo + r * ldx + j;
        switch (vectors) {
          case 8 -> CsrTransposedSpmm.eight(w, r, x, xr, y, yo + j, ldy);
          case 4 -> CsrTransposedSpmm.four(w, r, x, xr, y, yo + j, ldy);
          case 2 -> CsrTransposedSpmm.two(w, r, x, xr, y, yo + j, ldy);
          default -> CsrTransposedSpmm.one(w, r, x, xr, y, yo + j, ldy);
        }
      }
      j += vectors * L;
    }
    if (whole < batch) { // the tail is the specification
      TAIL.csrSpmmTransposed(w, batch - whole, x, xo + whole, ldx, y, yo + whole, ldy);
    }
  }
}
