package org.espalier.kernel.simd.sparse;

import static jdk.incubator.vector.VectorOperators.LE;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.espalier.kernel.simd.Lanes;
import org.espalier.sparse.CsrMatrix;
import org.jspecify.annotations.Nullable;

/**
 * Rows of the product of a {@link CsrMatrix} with some vectors of examples. An entry is broadcast
 * and multiplied with a piece of a row of X, which is contiguous; the sums of a row stay in
 * registers while all its entries pass. An fma takes four cycles and two can start in each: eight
 * chains are in flight, of one row if it has eight vectors, else of several.
 */
final class CsrSpmm {
  private static final VectorSpecies<Float> F32 = Lanes.F32;
  private static final int L = F32.length();

  private CsrSpmm() {}

  /** Computes a row, eight vectors. */
  static void eight(
      CsrMatrix w,
      int i,
      float[] x,
      int xo,
      int ldx,
      float @Nullable [] bias,
      int bo,
      float floor,
      float[] y,
      int yo,
      int ldy) {
    int[] ptr = w.rowPtr();
    char[] cols = w.colIdx();
    float[] values = w.values();
    int r0 = w.rowOrder()[i];
    FloatVector a0 = FloatVector.zero(F32);
    FloatVector a1 = FloatVector.zero(F32);
    FloatVector a2 = FloatVector.zero(F32);
    FloatVector a3 = FloatVector.zero(F32);
    FloatVector a4 = FloatVector.zero(F32);
    FloatVector a5 = FloatVector.zero(F32);
    FloatVector a6 = FloatVector.zero(F32);
    FloatVector a7 = FloatVector.zero(F32);
    int end = ptr[r0 + 1];
    for (int e = ptr[r0]; e < end; e++) {
      int x0 = xo + cols[e] * ldx;
      FloatVector w0 = FloatVector.broadcast(F32, values[e]);
      a0 = w0.fma(FloatVector.fromArray(F32, x, x0), a0);
      a1 = w0.fma(FloatVector.fromArray(F32, x, x0 + L), a1);
      a2 = w0.fma(FloatVector.fromArray(F32, x, x0 + 2 * L), a2);
      a3 = w0.fma(FloatVector.fromArray(F32, x, x0 + 3 * L), a3);
      a4 = w0.fma(FloatVector.fromArray(F32, x, x0 + 4 * L), a4);
      a5 = w0.fma(FloatVector.fromArray(F32, x, x0 + 5 * L), a5);
      a6 = w0.fma(FloatVector.fromArray(F32, x, x0 + 6 * L), a6);
      a7 = w0.fma(FloatVector.fromArray(F32, x, x0 + 7 * L), a7);
    }
    float bias0 = bias == null ? 0f : bias[bo + r0] + 0f; // −0 counts as +0
    int y0 = yo + r0 * ldy;
    a0 = a0.add(bias0);
    a0.blend(0f, a0.compare(LE, floor)).intoArray(y, y0);
    a1 = a1.add(bias0);
    a1.blend(0f, a1.compare(LE, floor)).intoArray(y, y0 + L);
    a2 = a2.add(bias0);
    a2.blend(0f, a2.compare(LE, floor)).intoArray(y, y0 + 2 * L);
    a3 = a3.add(bias0);
    a3.blend(0f, a3.compare(LE, floor)).intoArray(y, y0 + 3 * L);
    a4 = a4.add(bias0);
    a4.blend(0f, a4.compare(LE, floor)).intoArray(y, y0 + 4 * L);
    a5 = a5.add(bias0);
    a5.blend(0f, a5.compare(LE, floor)).intoArray(y, y0 + 5 * L);
    a6 = a6.add(bias0);
    a6.blend(0f, a6.compare(LE, floor)).intoArray(y, y0 + 6 * L);
    a7 = a7.add(bias0);
    a7.blend(0f, a7.compare(LE, floor)).intoArray(y, y0 + 7 * L);
  }

  /** Computes two rows, which have about as many entries, four vectors. */
  static void fourOfTwo(
      CsrMatrix w,
      int i,
      float[] x,
      int xo,
      int ldx,
      float @Nullable [] bias,
      int bo,
      float floor,
      float[] y,
      int yo,
      int ldy) {
    int[] ptr = w.rowPtr();
    char[] cols = w.colIdx();
    float[] values = w.values();
    int r0 = w.rowOrder()[i];
    int r1 = w.rowOrder()[i + 1];
    FloatVector a0 = FloatVector.zero(F32);
    FloatVector a1 = FloatVector.zero(F32);
    FloatVector a2 = FloatVector.zero(F32);
    FloatVector a3 = FloatVector.zero(F32);
    FloatVector b0 = FloatVector.zero(F32);
    FloatVector b1 = FloatVector.zero(F32);
    FloatVector b2 = FloatVector.zero(F32);
    FloatVector b3 = FloatVector.zero(F32);
    int e0 = ptr[r0];
    int e1 = ptr[r1];
    int n = ptr[r0 + 1] - e0; // the first has fewest
    for (int j = 0; j < n; j++) {
      int x0 = xo + cols[e0 + j] * ldx;
      FloatVector w0 = FloatVector.broadcast(F32, values[e0 + j]);
      a0 = w0.fma(FloatVector.fromArray(F32, x, x0), a0);
      a1 = w0.fma(FloatVector.fromArray(F32, x, x0 + L), a1);
      a2 = w0.fma(FloatVector.fromArray(F32, x, x0 + 2 * L), a2);
      a3 = w0.fma(FloatVector.fromArray(F32, x, x0 + 3 * L), a3);
      int x1 = xo + cols[e1 + j] * ldx;
      FloatVector w1 = FloatVector.broadcast(F32, values[e1 + j]);
      b0 = w1.fma(FloatVector.fromArray(F32, x, x1), b0);
      b1 = w1.fma(FloatVector.fromArray(F32, x, x1 + L), b1);
      b2 = w1.fma(FloatVector.fromArray(F32, x, x1 + 2 * L), b2);
      b3 = w1.fma(FloatVector.fromArray(F32, x, x1 + 3 * L), b3);
    }
    for (int e = e1 + n; e < ptr[r1 + 1]; e++) {
      int x1 = xo + cols[e] * ldx;
      FloatVector w1 = FloatVector.broadcast(F32, values[e]);
      b0 = w1.fma(FloatVector.fromArray(F32, x, x1), b0);
      b1 = w1.fma(FloatVector.fromArray(F32, x, x1 + L), b1);
      b2 = w1.fma(FloatVector.fromArray(F32, x, x1 + 2 * L), b2);
      b3 = w1.fma(FloatVector.fromArray(F32, x, x1 + 3 * L), b3);
    }
    float bias0 = bias == null ? 0f : bias[bo + r0] + 0f; // −0 counts as +0
    int y0 = yo + r0 * ldy;
    a0 = a0.add(bias0);
    a0.blend(0f, a0.compare(LE, floor)).intoArray(y, y0);
    a1 = a1.add(bias0);
    a1.blend(0f, a1.compare(LE, floor)).intoArray(y, y0 + L);
    a2 = a2.add(bias0);
    a2.blend(0f, a2.compare(LE, floor)).intoArray(y, y0 + 2 * L);
    a3 = a3.add(bias0);
    a3.blend(0f, a3.compare(LE, floor)).intoArray(y, y0 + 3 * L);
    float bias1 = bias == null ? 0f : bias[bo + r1] + 0f; // −0 counts as +0
    int y1 = yo + r1 * ldy;
    b0 = b0.add(bias1);
    b0.blend(0f, b0.compare(LE, floor)).intoArray(y, y1);
    b1 = b1.add(bias1);
    b1.blend(0f, b1.compare(LE, floor)).intoArray(y, y1 + L);
    b2 = b2.add(bias1);
    b2.blend(0f, b2.compare(LE, floor)).intoArray(y, y1 + 2 * L);
    b3 = b3.add(bias1);
    b3.blend(0f, b3.compare(LE, floor)).intoArray(y, y1 + 3 * L);
  }

  /** Computes four rows, which have about as many entries, two vectors. */
  static void twoOfFour(
      CsrMatrix w,
      int i,
      float[] x,
      int xo,
      int ldx,
      float @Nullable [] bias,
      int bo,
      float floor,
      float[] y,
      int yo,
      int ldy) {
    int[] ptr = w.rowPtr();
    char[] cols = w.colIdx();
    float[] values = w.values();
    int r0 = w.rowOrder()[i];
    int r1 = w.rowOrder()[i + 1];
    int r2 = w.rowOrder()[i + 2];
    int r3 = w.rowOrder()[i + 3];
    FloatVector a0 = FloatVector.zero(F32);
    FloatVector a1 = FloatVector.zero(F32);
    FloatVector b0 = FloatVector.zero(F32);
    FloatVector b1 = FloatVector.zero(F32);
    FloatVector c0 = FloatVector.zero(F32);
    FloatVector c1 = FloatVector.zero(F32);
    FloatVector d0 = FloatVector.zero(F32);
    FloatVector d1 = FloatVector.zero(F32);
    int e0 = ptr[r0];
    int e1 = ptr[r1];
    int e2 = ptr[r2];
    int e3 = ptr[r3];
    int n = ptr[r0 + 1] - e0; // the first has fewest
    for (int j = 0; j < n; j++) {
      int x0 = xo + cols[e0 + j] * ldx;
      FloatVector w0 = FloatVector.broadcast(F32, values[e0 + j]);
      a0 = w0.fma(FloatVector.fromArray(F32, x, x0), a0);
      a1 = w0.fma(FloatVector.fromArray(F32, x, x0 + L), a1);
      int x1 = xo + cols[e1 + j] * ldx;
      FloatVector w1 = FloatVector.broadcast(F32, values[e1 + j]);
      b0 = w1.fma(FloatVector.fromArray(F32, x, x1), b0);
      b1 = w1.fma(FloatVector.fromArray(F32, x, x1 + L), b1);
      int x2 = xo + cols[e2 + j] * ldx;
      FloatVector w2 = FloatVector.broadcast(F32, values[e2 + j]);
      c0 = w2.fma(FloatVector.fromArray(F32, x, x2), c0);
      c1 = w2.fma(FloatVector.fromArray(F32, x, x2 + L), c1);
      int x3 = xo + cols[e3 + j] * ldx;
      FloatVector w3 = FloatVector.broadcast(F32, values[e3 + j]);
      d0 = w3.fma(FloatVector.fromArray(F32, x, x3), d0);
      d1 = w3.fma(FloatVector.fromArray(F32, x, x3 + L), d1);
    }
    for (int e = e1 + n; e < ptr[r1 + 1]; e++) {
      int x1 = xo + cols[e] * ldx;
      FloatVector w1 = FloatVector.broadcast(F32, values[e]);
      b0 = w1.fma(FloatVector.fromArray(F32, x, x1), b0);
      b1 = w1.fma(FloatVector.fromArray(F32, x, x1 + L), b1);
    }
    for (int e = e2 + n; e < ptr[r2 + 1]; e++) {
      int x2 = xo + cols[e] * ldx;
      FloatVector w2 = FloatVector.broadcast(F32, values[e]);
      c0 = w2.fma(FloatVector.fromArray(F32, x, x2), c0);
      c1 = w2.fma(FloatVector.fromArray(F32, x, x2 + L), c1);
    }
    for (int e = e3 + n; e < ptr[r3 + 1]; e++) {
      int x3 = xo + cols[e] * ldx;
      FloatVector w3 = FloatVector.broadcast(F32, values[e]);
      d0 = w3.fma(FloatVector.fromArray(F32, x, x3), d0);
      d1 = w3.fma(FloatVector.fromArray(F32, x, x3 + L), d1);
    }
    float bias0 = bias == null ? 0f : bias[bo + r0] + 0f; // −0 counts as +0
    int y0 = yo + r0 * ldy;
    a0 = a0.add(bias0);
    a0.blend(0f, a0.compare(LE, floor)).intoArray(y, y0);
    a1 = a1.add(bias0);
    a1.blend(0f, a1.compare(LE, floor)).intoArray(y, y0 + L);
    float bias1 = bias == null ? 0f : bias[bo + r1] + 0f; // −0 counts as +0
    int y1 = yo + r1 * ldy;
    b0 = b0.add(bias1);
    b0.blend(0f, b0.compare(LE, floor)).intoArray(y, y1);
    b1 = b1.add(bias1);
    b1.blend(0f, b1.compare(LE, floor)).intoArray(y, y1 + L);
    float bias2 = bias == null ? 0f : bias[bo + r2] + 0f; // −0 counts as +0
    int y2 = yo + r2 * ldy;
    c0 = c0.add(bias2);
    c0.blend(0f, c0.compare(LE, floor)).intoArray(y, y2);
    c1 = c1.add(bias2);
    c1.blend(0f, c1.compare(LE, floor)).intoArray(y, y2 + L);
    float bias3 = bias == null ? 0f : bias[bo + r3] + 0f; // −0 counts as +0
    int y3 = yo + r3 * ldy;
    d0 = d0.add(bias3);
    d0.blend(0f, d0.compare(LE, floor)).intoArray(y, y3);
    d1 = d1.add(bias3);
    d1.blend(0f, d1.compare(LE, floor)).intoArray(y, y3 + L);
  }

  /** Computes four rows, which have about as many entries, a vector. */
  static void oneOfFour(
      CsrMatrix w,
      int i,
      float[] x,
      int xo,
      int ldx,
      float @Nullable [] bias,
      int bo,
      float floor,
      float[] y,
      int yo,
      int ldy) {
    int[] ptr = w.rowPtr();
    char[] cols = w.colIdx();
    float[] values = w.values();
    int r0 = w.rowOrder()[i];
    int r1 = w.rowOrder()[i + 1];
    int r2 = w.rowOrder()[i + 2];
    int r3 = w.rowOrder()[i + 3];
    FloatVector a0 = FloatVector.zero(F32);
    FloatVector b0 = FloatVector.zero(F32);
    FloatVector c0 = FloatVector.zero(F32);
    FloatVector d0 = FloatVector.zero(F32);
    int e0 = ptr[r0];
    int e1 = ptr[r1];
    int e2 = ptr[r2];
    int e3 = ptr[r3];
    int n = ptr[r0 + 1] - e0; // the first has fewest
    for (int j = 0; j < n; j++) {
      int x0 = xo + cols[e0 + j] * ldx;
      FloatVector w0 = FloatVector.broadcast(F32, values[e0 + j]);
      a0 = w0.fma(FloatVector.fromArray(F32, x, x0), a0);
      int x1 = xo + cols[e1 + j] * ldx;
      FloatVector w1 = FloatVector.broadcast(F32, values[e1 + j]);
      b0 = w1.fma(FloatVector.fromArray(F32, x, x1), b0);
      int x2 = xo + cols[e2 + j] * ldx;
      FloatVector w2 = FloatVector.broadcast(F32, values[e2 + j]);
      c0 = w2.fma(FloatVector.fromArray(F32, x, x2), c0);
      int x3 = xo + cols[e3 + j] * ldx;
      FloatVector w3 = FloatVector.broadcast(F32, values[e3 + j]);
      d0 = w3.fma(FloatVector.fromArray(F32, x, x3), d0);
    }
    for (int e = e1 + n; e < ptr[r1 + 1]; e++) {
      int x1 = xo + cols[e] * ldx;
      FloatVector w1 = FloatVector.broadcast(F32, values[e]);
      b0 = w1.fma(FloatVector.fromArray(F32, x, x1), b0);
    }
    for (int e = e2 + n; e < ptr[r2 + 1]; e++) {
      int x2 = xo + cols[e] * ldx;
      FloatVector w2 = FloatVector.broadcast(F32, values[e]);
      c0 = w2.fma(FloatVector.fromArray(F32, x, x2), c0);
    }
    for (int e = e3 + n; e < ptr[r3 + 1]; e++) {
      int x3 = xo + cols[e] * ldx;
      FloatVector w3 = FloatVector.broadcast(F32, values[e]);
      d0 = w3.fma(FloatVector.fromArray(F32, x, x3), d0);
    }
    float bias0 = bias == null ? 0f : bias[bo + r0] + 0f; // −0 counts as +0
    int y0 = yo + r0 * ldy;
    a0 = a0.add(bias0);
    a0.blend(0f, a0.compare(LE, floor)).intoArray(y, y0);
    float bias1 = bias == null ? 0f : bias[bo + r1] + 0f; // −0 counts as +0
    int y1 = yo + r1 * ldy;
    b0 = b0.add(bias1);
    b0.blend(0f, b0.compare(LE, floor)).intoArray(y, y1);
    float bias2 = bias == null ? 0f : bias[bo + r2] + 0f; // −0 counts as +0
    int y2 = yo + r2 * ldy;
    c0 = c0.add(bias2);
    c0.blend(0f, c0.compare(LE, floor)).intoArray(y, y2);
    float bias3 = bias == null ? 0f : bias[bo + r3] + 0f; // −0 counts as +0
    int y3 = yo + r3 * ldy;
    d0 = d0.add(bias3);
    d0.blend(0f, d0.compare(LE, floor)).intoArray(y, y3);
  }

  /** Computes a row, four vectors. */
  static void four(
      CsrMatrix w,
      int i,
      float[] x,
      int xo,
      int ldx,
      float @Nullable [] bias,
      int bo,
      float floor,
      float[] y,
      int yo,
      int ldy) {
    int[] ptr = w.rowPtr();
    char[] cols = w.colIdx();
    float[] values = w.values();
    int r0 = w.rowOrder()[i];
    FloatVector a0 = FloatVector.zero(F32);
    FloatVector a1 = FloatVector.zero(F32);
    FloatVector a2 = FloatVector.zero(F32);
    FloatVector a3 = FloatVector.zero(F32);
    int end = ptr[r0 + 1];
    for (int e = ptr[r0]; e < end; e++) {
      int x0 = xo + cols[e] * ldx;
      FloatVector w0 = FloatVector.broadcast(F32, values[e]);
      a0 = w0.fma(FloatVector.fromArray(F32, x, x0), a0);
      a1 = w0.fma(FloatVector.fromArray(F32, x, x0 + L), a1);
      a2 = w0.fma(FloatVector.fromArray(F32, x, x0 + 2 * L), a2);
      a3 = w0.fma(FloatVector.fromArray(F32, x, x0 + 3 * L), a3);
    }
    float bias0 = bias == null ? 0f : bias[bo + r0] + 0f; // −0 counts as +0
    int y0 = yo + r0 * ldy;
    a0 = a0.add(bias0);
    a0.blend(0f, a0.compare(LE, floor)).intoArray(y, y0);
    a1 = a1.add(bias0);
    a1.blend(0f, a1.compare(LE, floor)).intoArray(y, y0 + L);
    a2 = a2.add(bias0);
    a2.blend(0f, a2.compare(LE, floor)).intoArray(y, y0 + 2 * L);
    a3 = a3.add(bias0);
    a3.blend(0f, a3.compare(LE, floor)).intoArray(y, y0 + 3 * L);
  }

  /** Computes a row, two vectors. */
  static void two(
      CsrMatrix w,
      int i,
      float[] x,
      int xo,
      int ldx,
      float @Nullable [] bias,
      int bo,
      float floor,
      float[] y,
      int yo,
      int ldy) {
    int[] ptr = w.rowPtr();
    char[] cols = w.colIdx();
    float[] values = w.values();
    int r0 = w.rowOrder()[i];
    FloatVector a0 = FloatVector.zero(F32);
    FloatVector a1 = FloatVector.zero(F32);
    int end = ptr[r0 + 1];
    for (int e = ptr[r0]; e < end; e++) {
      int x0 = xo + cols[e] * ldx;
      FloatVector w0 = FloatVector.broadcast(F32, values[e]);
      a0 = w0.fma(FloatVector.fromArray(F32, x, x0), a0);
      a1 = w0.fma(FloatVector.fromArray(F32, x, x0 + L), a1);
    }
    float bias0 = bias == null ? 0f : bias[bo + r0] + 0f; // −0 counts as +0
    int y0 = yo + r0 * ldy;
    a0 = a0.add(bias0);
    a0.blend(0f, a0.compare(LE, floor)).intoArray(y, y0);
    a1 = a1.add(bias0);
    a1.blend(0f, a1.compare(LE, floor)).intoArray(y, y0 + L);
  }

  /** Computes a row, a vector. */
  static void one(
      CsrMatrix w,
      int i,
      float[] x,
      int xo,
      int ldx,
      float @Nullable [] bias,
      int bo,
      float floor,
      float[] y,
      int yo,
      int ldy) {
    int[] ptr = w.rowPtr();
    char[] cols = w.colIdx();
    float[] values = w.values();
    int r0 = w.rowOrder()[i];
    FloatVector a0 = FloatVector.zero(F32);
    int end = ptr[r0 + 1];
    for (int e = ptr[r0]; e < end; e++) {
      int x0 = xo + cols[e] * ldx;
      FloatVector w0 = FloatVector.broadcast(F32, values[e]);
      a0 = w0.fma(FloatVector.fromArray(F32, x, x0), a0);
    }
    float bias0 = bias == null ? 0f : bias[bo + r0] + 0f; // −0 counts as +0
    int y0 = yo + r0 * ldy;
    a0 = a0.add(bias0);
    a0.blend(0f, a0.compare(LE, floor)).intoArray(y, y0);
  }
}
