package org.espalier.kernel.simd.sparse;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.espalier.kernel.simd.Lanes;
import org.espalier.sparse.CsrMatrix;

/**
 * The product of a transposed {@link CsrMatrix} with some vectors of examples: what a row has is
 * added to the rows of Y, whose sums are in memory. The row of X stays in registers.
 */
final class CsrTransposedSpmm {
  private static final VectorSpecies<Float> F32 = Lanes.F32;
  private static final int L = F32.length();

  private CsrTransposedSpmm() {}

  /** Adds the entries of a row, times its eight vectors of X, to the rows of Y. */
  static void eight(CsrMatrix w, int row, float[] x, int xo, float[] y, int yo, int ldy) {
    char[] cols = w.colIdx();
    float[] values = w.values();
    int end = w.rowPtr()[row + 1];
    FloatVector x0 = FloatVector.fromArray(F32, x, xo);
    FloatVector x1 = FloatVector.fromArray(F32, x, xo + L);
    FloatVector x2 = FloatVector.fromArray(F32, x, xo + 2 * L);
    FloatVector x3 = FloatVector.fromArray(F32, x, xo + 3 * L);
    FloatVector x4 = FloatVector.fromArray(F32, x, xo + 4 * L);
    FloatVector x5 = FloatVector.fromArray(F32, x, xo + 5 * L);
    FloatVector x6 = FloatVector.fromArray(F32, x, xo + 6 * L);
    FloatVector x7 = FloatVector.fromArray(F32, x, xo + 7 * L);
    for (int e = w.rowPtr()[row]; e < end; e++) {
      int y0 = yo + cols[e] * ldy;
      FloatVector a = FloatVector.broadcast(F32, values[e]);
      a.fma(x0, FloatVector.fromArray(F32, y, y0)).intoArray(y, y0);
      a.fma(x1, FloatVector.fromArray(F32, y, y0 + L)).intoArray(y, y0 + L);
      a.fma(x2, FloatVector.fromArray(F32, y, y0 + 2 * L)).intoArray(y, y0 + 2 * L);
      a.fma(x3, FloatVector.fromArray(F32, y, y0 + 3 * L)).intoArray(y, y0 + 3 * L);
      a.fma(x4, FloatVector.fromArray(F32, y, y0 + 4 * L)).intoArray(y, y0 + 4 * L);
      a.fma(x5, FloatVector.fromArray(F32, y, y0 + 5 * L)).intoArray(y, y0 + 5 * L);
      a.fma(x6, FloatVector.fromArray(F32, y, y0 + 6 * L)).intoArray(y, y0 + 6 * L);
      a.fma(x7, FloatVector.fromArray(F32, y, y0 + 7 * L)).intoArray(y, y0 + 7 * L);
    }
  }

  /** Adds the entries of a row, times its four vectors of X, to the rows of Y. */
  static void four(CsrMatrix w, int row, float[] x, int xo, float[] y, int yo, int ldy) {
    char[] cols = w.colIdx();
    float[] values = w.values();
    int end = w.rowPtr()[row + 1];
    FloatVector x0 = FloatVector.fromArray(F32, x, xo);
    FloatVector x1 = FloatVector.fromArray(F32, x, xo + L);
    FloatVector x2 = FloatVector.fromArray(F32, x, xo + 2 * L);
    FloatVector x3 = FloatVector.fromArray(F32, x, xo + 3 * L);
    for (int e = w.rowPtr()[row]; e < end; e++) {
      int y0 = yo + cols[e] * ldy;
      FloatVector a = FloatVector.broadcast(F32, values[e]);
      a.fma(x0, FloatVector.fromArray(F32, y, y0)).intoArray(y, y0);
      a.fma(x1, FloatVector.fromArray(F32, y, y0 + L)).intoArray(y, y0 + L);
      a.fma(x2, FloatVector.fromArray(F32, y, y0 + 2 * L)).intoArray(y, y0 + 2 * L);
      a.fma(x3, FloatVector.fromArray(F32, y, y0 + 3 * L)).intoArray(y, y0 + 3 * L);
    }
  }

  /** Adds the entries of a row, times its two vectors of X, to the rows of Y. */
  static void two(CsrMatrix w, int row, float[] x, int xo, float[] y, int yo, int ldy) {
    char[] cols = w.colIdx();
    float[] values = w.values();
    int end = w.rowPtr()[row + 1];
    FloatVector x0 = FloatVector.fromArray(F32, x, xo);
    FloatVector x1 = FloatVector.fromArray(F32, x, xo + L);
    for (int e = w.rowPtr()[row]; e < end; e++) {
      int y0 = yo + cols[e] * ldy;
      FloatVector a = FloatVector.broadcast(F32, values[e]);
      a.fma(x0, FloatVector.fromArray(F32, y, y0)).intoArray(y, y0);
      a.fma(x1, FloatVector.fromArray(F32, y, y0 + L)).intoArray(y, y0 + L);
    }
  }

  /** Adds the entries of a row, times its a vector of X, to the rows of Y. */
  static void one(CsrMatrix w, int row, float[] x, int xo, float[] y, int yo, int ldy) {
    char[] cols = w.colIdx();
    float[] values = w.values();
    int end = w.rowPtr()[row + 1];
    FloatVector x0 = FloatVector.fromArray(F32, x, xo);
    for (int e = w.rowPtr()[row]; e < end; e++) {
      int y0 = yo + cols[e] * ldy;
      FloatVector a = FloatVector.broadcast(F32, values[e]);
      a.fma(x0, FloatVector.fromArray(F32, y, y0)).intoArray(y, y0);
    }
  }
}
