package org.espalier.kernel.simd;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.espalier.sparse.CsrMatrix;
import org.jspecify.annotations.Nullable;

/**
 * Strips of a product of a sparse matrix with a dense one: one to eight vectors of neighbouring
 * columns of Y. Every entry is broadcast and multiplied with the strip of a row of X, which is
 * contiguous, so nothing is gathered. An fma takes four cycles and two can start in each: eight
 * chains must be in flight, from eight vectors of one row or from fewer vectors of several rows
 * that are neighbours in the row order, hence about equally long.
 */
final class SpmmStrips {
  private static final VectorSpecies<Float> F32 = Lanes.F32;
  private static final int L = F32.length();

  private SpmmStrips() {}

  /**
   * Adds the bias to the strip of a row; with relu, what is not above 0 becomes +0. A method of its
   * own, because a kernel that inlines more than some 8000 bytecodes isn't compiled well.
   */
  private static void finish(int n, float bias, boolean relu, float[] y, int o) {
    float floor = relu ? 0f : Float.NaN; // nothing compares with NaN
    for (int i = 0; i < n; i += L) {
      FloatVector s = FloatVector.fromArray(F32, y, o + i).add(bias);
      s.blend(0f, s.compare(VectorOperators.LE, floor)).intoArray(y, o + i);
    }
  }

  /** A missing bias counts as 0, −0 as +0. */
  private static float bias(float @Nullable [] bias, int i) {
    return bias == null ? 0f : bias[i] + 0f;
  }

  /** Computes eight vectors of the rows at some places of the row order. */
  static void strip8(
      CsrMatrix w,
      int from,
      int to,
      float[] x,
      int xo,
      int ldx,
      float @Nullable [] bias,
      int bo,
      boolean relu,
      float[] y,
      int yo,
      int ldy) {
    int[] order = w.rowOrder();
    int[] rowPtr = w.rowPtr();
    int i = from;
    for (; i < to; i++) {
      int r = order[i];
      Arrays.fill(y, yo + r * ldy, yo + r * ldy + 8 * L, 0f);
      add8(w, rowPtr[r], rowPtr[r + 1], x, xo, ldx, y, yo + r * ldy);
      finish(8 * L, bias(bias, bo + r), relu, y, yo + r * ldy);
    }
  }

  /** Adds some entries of a row to its sums in y. */
  private static void add8(
      CsrMatrix w, int from, int to, float[] x, int xo, int ldx, float[] y, int o) {
    char[] colIdx = w.colIdx();
    float[] values = w.values();
    FloatVector a0 = FloatVector.fromArray(F32, y, o);
    FloatVector a1 = FloatVector.fromArray(F32, y, o + L);
    FloatVector a2 = FloatVector.fromArray(F32, y, o + 2 * L);
    FloatVector a3 = FloatVector.fromArray(F32, y, o + 3 * L);
    FloatVector a4 = FloatVector.fromArray(F32, y, o + 4 * L);
    FloatVector a5 = FloatVector.fromArray(F32, y, o + 5 * L);
    FloatVector a6 = FloatVector.fromArray(F32, y, o + 6 * L);
    FloatVector a7 = FloatVector.fromArray(F32, y, o + 7 * L);
    for (int e = from; e < to; e++) {
      int q = xo + colIdx[e] * ldx;
      FloatVector v = FloatVector.broadcast(F32, values[e]);
      a0 = v.fma(FloatVector.fromArray(F32, x, q), a0);
      a1 = v.fma(FloatVector.fromArray(F32, x, q + L), a1);
      a2 = v.fma(FloatVector.fromArray(F32, x, q + 2 * L), a2);
      a3 = v.fma(FloatVector.fromArray(F32, x, q + 3 * L), a3);
      a4 = v.fma(FloatVector.fromArray(F32, x, q + 4 * L), a4);
      a5 = v.fma(FloatVector.fromArray(F32, x, q + 5 * L), a5);
      a6 = v.fma(FloatVector.fromArray(F32, x, q + 6 * L), a6);
      a7 = v.fma(FloatVector.fromArray(F32, x, q + 7 * L), a7);
    }
    a0.intoArray(y, o);
    a1.intoArray(y, o + L);
    a2.intoArray(y, o + 2 * L);
    a3.intoArray(y, o + 3 * L);
    a4.intoArray(y, o + 4 * L);
    a5.intoArray(y, o + 5 * L);
    a6.intoArray(y, o + 6 * L);
    a7.intoArray(y, o + 7 * L);
  }

  /** Computes four vectors of the rows at some places of the row order. */
  static void strip4(
      CsrMatrix w,
      int from,
      int to,
      float[] x,
      int xo,
      int ldx,
      float @Nullable [] bias,
      int bo,
      boolean relu,
      float[] y,
      int yo,
      int ldy) {
    int[] order = w.rowOrder();
    int[] rowPtr = w.rowPtr();
    int i = from;
    for (; i <= to - 2; i += 2) {
      rows4(w, i, x, xo, ldx, y, yo, ldy);
      int n = rowPtr[order[i] + 1] - rowPtr[order[i]];
      for (int j = i; j < i + 2; j++) {
        int r = order[j];
        add4(w, rowPtr[r] + n, rowPtr[r + 1], x, xo, ldx, y, yo + r * ldy);
        finish(4 * L, bias(bias, bo + r), relu, y, yo + r * ldy);
      }
    }
    for (; i < to; i++) {
      int r = order[i];
      Arrays.fill(y, yo + r * ldy, yo + r * ldy + 4 * L, 0f);
      add4(w, rowPtr[r], rowPtr[r + 1], x, xo, ldx, y, yo + r * ldy);
      finish(4 * L, bias(bias, bo + r), relu, y, yo + r * ldy);
    }
  }

  /** Adds up as many entries of two rows as the first of them, the shortest, has. */
  private static void rows4(
      CsrMatrix w, int i, float[] x, int xo, int ldx, float[] y, int yo, int ldy) {
    char[] colIdx = w.colIdx();
    float[] values = w.values();
    int[] order = w.rowOrder();
    int[] rowPtr = w.rowPtr();
    int p0 = rowPtr[order[i]];
    int p1 = rowPtr[order[i + 1]];
    int n = rowPtr[order[i] + 1] - p0;
    FloatVector zero = FloatVector.zero(F32);
    FloatVector a0 = zero;
    FloatVector a1 = zero;
    FloatVector a2 = zero;
    FloatVector a3 = zero;
    FloatVector b0 = zero;
    FloatVector b1 = zero;
    FloatVector b2 = zero;
    FloatVector b3 = zero;
    for (int j = 0; j < n; j++) {
      int q0 = xo + colIdx[p0 + j] * ldx;
      FloatVector w0 = FloatVector.broadcast(F32, values[p0 + j]);
      a0 = w0.fma(FloatVector.fromArray(F32, x, q0), a0);
      a1 = w0.fma(FloatVector.fromArray(F32, x, q0 + L), a1);
      a2 = w0.fma(FloatVector.fromArray(F32, x, q0 + 2 * L), a2);
      a3 = w0.fma(FloatVector.fromArray(F32, x, q0 + 3 * L), a3);
      int q1 = xo + colIdx[p1 + j] * ldx;
      FloatVector w1 = FloatVector.broadcast(F32, values[p1 + j]);
      b0 = w1.fma(FloatVector.fromArray(F32, x, q1), b0);
      b1 = w1.fma(FloatVector.fromArray(F32, x, q1 + L), b1);
      b2 = w1.fma(FloatVector.fromArray(F32, x, q1 + 2 * L), b2);
      b3 = w1.fma(FloatVector.fromArray(F32, x, q1 + 3 * L), b3);
    }
    int o0 = yo + order[i] * ldy;
    a0.intoArray(y, o0);
    a1.intoArray(y, o0 + L);
    a2.intoArray(y, o0 + 2 * L);
    a3.intoArray(y, o0 + 3 * L);
    int o1 = yo + order[i + 1] * ldy;
    b0.intoArray(y, o1);
    b1.intoArray(y, o1 + L);
    b2.intoArray(y, o1 + 2 * L);
    b3.intoArray(y, o1 + 3 * L);
  }

  /** Adds some entries of a row to its sums in y. */
  private static void add4(
      CsrMatrix w, int from, int to, float[] x, int xo, int ldx, float[] y, int o) {
    char[] colIdx = w.colIdx();
    float[] values = w.values();
    FloatVector a0 = FloatVector.fromArray(F32, y, o);
    FloatVector a1 = FloatVector.fromArray(F32, y, o + L);
    FloatVector a2 = FloatVector.fromArray(F32, y, o + 2 * L);
    FloatVector a3 = FloatVector.fromArray(F32, y, o + 3 * L);
    for (int e = from; e < to; e++) {
      int q = xo + colIdx[e] * ldx;
      FloatVector v = FloatVector.broadcast(F32, values[e]);
      a0 = v.fma(FloatVector.fromArray(F32, x, q), a0);
      a1 = v.fma(FloatVector.fromArray(F32, x, q + L), a1);
      a2 = v.fma(FloatVector.fromArray(F32, x, q + 2 * L), a2);
      a3 = v.fma(FloatVector.fromArray(F32, x, q + 3 * L), a3);
    }
    a0.intoArray(y, o);
    a1.intoArray(y, o + L);
    a2.intoArray(y, o + 2 * L);
    a3.intoArray(y, o + 3 * L);
  }

  /** Computes two vectors of the rows at some places of the row order. */
  static void strip2(
      CsrMatrix w,
      int from,
      int to,
      float[] x,
      int xo,
      int ldx,
      float @Nullable [] bias,
      int bo,
      boolean relu,
      float[] y,
      int yo,
      int ldy) {
    int[] order = w.rowOrder();
    int[] rowPtr = w.rowPtr();
    int i = from;
    for (; i <= to - 2; i += 2) {
      rows2(w, i, x, xo, ldx, y, yo, ldy);
      int n = rowPtr[order[i] + 1] - rowPtr[order[i]];
      for (int j = i; j < i + 2; j++) {
        int r = order[j];
        add2(w, rowPtr[r] + n, rowPtr[r + 1], x, xo, ldx, y, yo + r * ldy);
        finish(2 * L, bias(bias, bo + r), relu, y, yo + r * ldy);
      }
    }
    for (; i < to; i++) {
      int r = order[i];
      Arrays.fill(y, yo + r * ldy, yo + r * ldy + 2 * L, 0f);
      add2(w, rowPtr[r], rowPtr[r + 1], x, xo, ldx, y, yo + r * ldy);
      finish(2 * L, bias(bias, bo + r), relu, y, yo + r * ldy);
    }
  }

  /** Adds up as many entries of two rows as the first of them, the shortest, has. */
  private static void rows2(
      CsrMatrix w, int i, float[] x, int xo, int ldx, float[] y, int yo, int ldy) {
    char[] colIdx = w.colIdx();
    float[] values = w.values();
    int[] order = w.rowOrder();
    int[] rowPtr = w.rowPtr();
    int p0 = rowPtr[order[i]];
    int p1 = rowPtr[order[i + 1]];
    int n = rowPtr[order[i] + 1] - p0;
    FloatVector zero = FloatVector.zero(F32);
    FloatVector a0 = zero;
    FloatVector a1 = zero;
    FloatVector b0 = zero;
    FloatVector b1 = zero;
    for (int j = 0; j < n; j++) {
      int q0 = xo + colIdx[p0 + j] * ldx;
      FloatVector w0 = FloatVector.broadcast(F32, values[p0 + j]);
      a0 = w0.fma(FloatVector.fromArray(F32, x, q0), a0);
      a1 = w0.fma(FloatVector.fromArray(F32, x, q0 + L), a1);
      int q1 = xo + colIdx[p1 + j] * ldx;
      FloatVector w1 = FloatVector.broadcast(F32, values[p1 + j]);
      b0 = w1.fma(FloatVector.fromArray(F32, x, q1), b0);
      b1 = w1.fma(FloatVector.fromArray(F32, x, q1 + L), b1);
    }
    int o0 = yo + order[i] * ldy;
    a0.intoArray(y, o0);
    a1.intoArray(y, o0 + L);
    int o1 = yo + order[i + 1] * ldy;
    b0.intoArray(y, o1);
    b1.intoArray(y, o1 + L);
  }

  /** Adds some entries of a row to its sums in y. */
  private static void add2(
      CsrMatrix w, int from, int to, float[] x, int xo, int ldx, float[] y, int o) {
    char[] colIdx = w.colIdx();
    float[] values = w.values();
    FloatVector a0 = FloatVector.fromArray(F32, y, o);
    FloatVector a1 = FloatVector.fromArray(F32, y, o + L);
    for (int e = from; e < to; e++) {
      int q = xo + colIdx[e] * ldx;
      FloatVector v = FloatVector.broadcast(F32, values[e]);
      a0 = v.fma(FloatVector.fromArray(F32, x, q), a0);
      a1 = v.fma(FloatVector.fromArray(F32, x, q + L), a1);
    }
    a0.intoArray(y, o);
    a1.intoArray(y, o + L);
  }

  /** Computes one vector of the rows at some places of the row order. */
  static void strip1(
      CsrMatrix w,
      int from,
      int to,
      float[] x,
      int xo,
      int ldx,
      float @Nullable [] bias,
      int bo,
      boolean relu,
      float[] y,
      int yo,
      int ldy) {
    int[] order = w.rowOrder();
    int[] rowPtr = w.rowPtr();
    int i = from;
    for (; i <= to - 4; i += 4) {
      rows1(w, i, x, xo, ldx, y, yo, ldy);
      int n = rowPtr[order[i] + 1] - rowPtr[order[i]];
      for (int j = i; j < i + 4; j++) {
        int r = order[j];
        add1(w, rowPtr[r] + n, rowPtr[r + 1], x, xo, ldx, y, yo + r * ldy);
        finish(L, bias(bias, bo + r), relu, y, yo + r * ldy);
      }
    }
    for (; i < to; i++) {
      int r = order[i];
      Arrays.fill(y, yo + r * ldy, yo + r * ldy + L, 0f);
      add1(w, rowPtr[r], rowPtr[r + 1], x, xo, ldx, y, yo + r * ldy);
      finish(L, bias(bias, bo + r), relu, y, yo + r * ldy);
    }
  }

  /** Adds up as many entries of four rows as the first of them, the shortest, has. */
  private static void rows1(
      CsrMatrix w, int i, float[] x, int xo, int ldx, float[] y, int yo, int ldy) {
    char[] colIdx = w.colIdx();
    float[] values = w.values();
    int[] order = w.rowOrder();
    int[] rowPtr = w.rowPtr();
    int p0 = rowPtr[order[i]];
    int p1 = rowPtr[order[i + 1]];
    int p2 = rowPtr[order[i + 2]];
    int p3 = rowPtr[order[i + 3]];
    int n = rowPtr[order[i] + 1] - p0;
    FloatVector zero = FloatVector.zero(F32);
    FloatVector a0 = zero;
    FloatVector b0 = zero;
    FloatVector c0 = zero;
    FloatVector d0 = zero;
    for (int j = 0; j < n; j++) {
      int q0 = xo + colIdx[p0 + j] * ldx;
      FloatVector w0 = FloatVector.broadcast(F32, values[p0 + j]);
      a0 = w0.fma(FloatVector.fromArray(F32, x, q0), a0);
      int q1 = xo + colIdx[p1 + j] * ldx;
      FloatVector w1 = FloatVector.broadcast(F32, values[p1 + j]);
      b0 = w1.fma(FloatVector.fromArray(F32, x, q1), b0);
      int q2 = xo + colIdx[p2 + j] * ldx;
      FloatVector w2 = FloatVector.broadcast(F32, values[p2 + j]);
      c0 = w2.fma(FloatVector.fromArray(F32, x, q2), c0);
      int q3 = xo + colIdx[p3 + j] * ldx;
      FloatVector w3 = FloatVector.broadcast(F32, values[p3 + j]);
      d0 = w3.fma(FloatVector.fromArray(F32, x, q3), d0);
    }
    int o0 = yo + order[i] * ldy;
    a0.intoArray(y, o0);
    int o1 = yo + order[i + 1] * ldy;
    b0.intoArray(y, o1);
    int o2 = yo + order[i + 2] * ldy;
    c0.intoArray(y, o2);
    int o3 = yo + order[i + 3] * ldy;
    d0.intoArray(y, o3);
  }

  /** Adds some entries of a row to its sums in y. */
  private static void add1(
      CsrMatrix w, int from, int to, float[] x, int xo, int ldx, float[] y, int o) {
    char[] colIdx = w.colIdx();
    float[] values = w.values();
    FloatVector a0 = FloatVector.fromArray(F32, y, o);
    for (int e = from; e < to; e++) {
      int q = xo + colIdx[e] * ldx;
      FloatVector v = FloatVector.broadcast(F32, values[e]);
      a0 = v.fma(FloatVector.fromArray(F32, x, q), a0);
    }
    a0.intoArray(y, o);
  }
}
