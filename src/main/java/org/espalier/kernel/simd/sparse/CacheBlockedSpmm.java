package org.espalier.kernel.simd.sparse;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.espalier.kernel.simd.Lanes;
import org.espalier.sparse.CacheBlockedMatrix;
import org.jspecify.annotations.Nullable;

/**
 * Products of {@link CacheBlockedMatrix} with one, two or four vectors of neighbouring columns.
 * Every entry is broadcast and multiplied with a piece of a row of X, which is contiguous, so
 * nothing is gathered. An fma takes four cycles and two can start in each: eight chains must be in
 * flight, from several vectors of several rows.
 */
final class CacheBlockedSpmm {
  private static final VectorSpecies<Float> F32 = Lanes.F32;
  private static final int L = F32.length();

  /** Where the sums of the first block begin. */
  private static final float[] ZEROS = new float[4 * L];

  private CacheBlockedSpmm() {}

  /** Adds what the rows of a panel have in a block to four vectors of their sums. */
  static void four(
      CacheBlockedMatrix w, int p, int b, float[] x, int xo, int ldx, float[] y, int yo, int ldy) {
    int xb = xo + b * w.width() * ldx;
    int from = w.firstQuad(p, b);
    int to = from + w.quads(p);
    for (int q = from; q < to; q++) {
      if (L == 16) {
        quad4(w, q, b == 0, x, xb, ldx, y, yo, ldy);
      } else { // such a machine may have registers for eight sums only
        front4(w, q, b == 0, x, xb, ldx, y, yo, ldy);
        back4(w, q, b == 0, x, xb, ldx, y, yo, ldy);
      }
    }
  }

  /** Four rows, four vectors. */
  private static void quad4(
      CacheBlockedMatrix w,
      int q,
      boolean first,
      float[] x,
      int xo,
      int ldx,
      float[] y,
      int yo,
      int ldy) {
    byte[] offsets = w.offsets();
    int[] rows = w.quadRows();
    float f0 = w.scale(rows[4 * q + 0]);
    float f1 = w.scale(rows[4 * q + 1]);
    float f2 = w.scale(rows[4 * q + 2]);
    float f3 = w.scale(rows[4 * q + 3]);
    int end = 4 * w.quadPtr()[q + 1];
    float[] sums = first ? ZEROS : y;
    int y0 = yo + rows[4 * q + 0] * ldy;
    int s0 = first ? 0 : y0;
    int y1 = yo + rows[4 * q + 1] * ldy;
    int s1 = first ? 0 : y1;
    int y2 = yo + rows[4 * q + 2] * ldy;
    int s2 = first ? 0 : y2;
    int y3 = yo + rows[4 * q + 3] * ldy;
    int s3 = first ? 0 : y3;
    FloatVector a0 = FloatVector.fromArray(F32, sums, s0);
    FloatVector a1 = FloatVector.fromArray(F32, sums, s0 + L);
    FloatVector a2 = FloatVector.fromArray(F32, sums, s0 + 2 * L);
    FloatVector a3 = FloatVector.fromArray(F32, sums, s0 + 3 * L);
    FloatVector b0 = FloatVector.fromArray(F32, sums, s1);
    FloatVector b1 = FloatVector.fromArray(F32, sums, s1 + L);
    FloatVector b2 = FloatVector.fromArray(F32, sums, s1 + 2 * L);
    FloatVector b3 = FloatVector.fromArray(F32, sums, s1 + 3 * L);
    FloatVector c0 = FloatVector.fromArray(F32, sums, s2);
    FloatVector c1 = FloatVector.fromArray(F32, sums, s2 + L);
    FloatVector c2 = FloatVector.fromArray(F32, sums, s2 + 2 * L);
    FloatVector c3 = FloatVector.fromArray(F32, sums, s2 + 3 * L);
    FloatVector d0 = FloatVector.fromArray(F32, sums, s3);
    FloatVector d1 = FloatVector.fromArray(F32, sums, s3 + L);
    FloatVector d2 = FloatVector.fromArray(F32, sums, s3 + 2 * L);
    FloatVector d3 = FloatVector.fromArray(F32, sums, s3 + 3 * L);
    for (int e = 4 * w.quadPtr()[q]; e < end; e += 4) {
      int x0 = xo + (offsets[e] & 0xff) * ldx;
      FloatVector w0 = FloatVector.broadcast(F32, w.value(e, f0));
      a0 = w0.fma(FloatVector.fromArray(F32, x, x0), a0);
      a1 = w0.fma(FloatVector.fromArray(F32, x, x0 + L), a1);
      a2 = w0.fma(FloatVector.fromArray(F32, x, x0 + 2 * L), a2);
      a3 = w0.fma(FloatVector.fromArray(F32, x, x0 + 3 * L), a3);
      int x1 = xo + (offsets[e + 1] & 0xff) * ldx;
      FloatVector w1 = FloatVector.broadcast(F32, w.value(e + 1, f1));
      b0 = w1.fma(FloatVector.fromArray(F32, x, x1), b0);
      b1 = w1.fma(FloatVector.fromArray(F32, x, x1 + L), b1);
      b2 = w1.fma(FloatVector.fromArray(F32, x, x1 + 2 * L), b2);
      b3 = w1.fma(FloatVector.fromArray(F32, x, x1 + 3 * L), b3);
      int x2 = xo + (offsets[e + 2] & 0xff) * ldx;
      FloatVector w2 = FloatVector.broadcast(F32, w.value(e + 2, f2));
      c0 = w2.fma(FloatVector.fromArray(F32, x, x2), c0);
      c1 = w2.fma(FloatVector.fromArray(F32, x, x2 + L), c1);
      c2 = w2.fma(FloatVector.fromArray(F32, x, x2 + 2 * L), c2);
      c3 = w2.fma(FloatVector.fromArray(F32, x, x2 + 3 * L), c3);
      int x3 = xo + (offsets[e + 3] & 0xff) * ldx;
      FloatVector w3 = FloatVector.broadcast(F32, w.value(e + 3, f3));
      d0 = w3.fma(FloatVector.fromArray(F32, x, x3), d0);
      d1 = w3.fma(FloatVector.fromArray(F32, x, x3 + L), d1);
      d2 = w3.fma(FloatVector.fromArray(F32, x, x3 + 2 * L), d2);
      d3 = w3.fma(FloatVector.fromArray(F32, x, x3 + 3 * L), d3);
    }
    a0.intoArray(y, y0);
    a1.intoArray(y, y0 + L);
    a2.intoArray(y, y0 + 2 * L);
    a3.intoArray(y, y0 + 3 * L);
    b0.intoArray(y, y1);
    b1.intoArray(y, y1 + L);
    b2.intoArray(y, y1 + 2 * L);
    b3.intoArray(y, y1 + 3 * L);
    c0.intoArray(y, y2);
    c1.intoArray(y, y2 + L);
    c2.intoArray(y, y2 + 2 * L);
    c3.intoArray(y, y2 + 3 * L);
    d0.intoArray(y, y3);
    d1.intoArray(y, y3 + L);
    d2.intoArray(y, y3 + 2 * L);
    d3.intoArray(y, y3 + 3 * L);
  }

  /** The first two rows of a quad, four vectors. */
  private static void front4(
      CacheBlockedMatrix w,
      int q,
      boolean first,
      float[] x,
      int xo,
      int ldx,
      float[] y,
      int yo,
      int ldy) {
    byte[] offsets = w.offsets();
    int[] rows = w.quadRows();
    float f0 = w.scale(rows[4 * q + 0]);
    float f1 = w.scale(rows[4 * q + 1]);
    int end = 4 * w.quadPtr()[q + 1];
    float[] sums = first ? ZEROS : y;
    int y0 = yo + rows[4 * q + 0] * ldy;
    int s0 = first ? 0 : y0;
    int y1 = yo + rows[4 * q + 1] * ldy;
    int s1 = first ? 0 : y1;
    FloatVector a0 = FloatVector.fromArray(F32, sums, s0);
    FloatVector a1 = FloatVector.fromArray(F32, sums, s0 + L);
    FloatVector a2 = FloatVector.fromArray(F32, sums, s0 + 2 * L);
    FloatVector a3 = FloatVector.fromArray(F32, sums, s0 + 3 * L);
    FloatVector b0 = FloatVector.fromArray(F32, sums, s1);
    FloatVector b1 = FloatVector.fromArray(F32, sums, s1 + L);
    FloatVector b2 = FloatVector.fromArray(F32, sums, s1 + 2 * L);
    FloatVector b3 = FloatVector.fromArray(F32, sums, s1 + 3 * L);
    for (int e = 4 * w.quadPtr()[q]; e < end; e += 4) {
      int x0 = xo + (offsets[e] & 0xff) * ldx;
      FloatVector w0 = FloatVector.broadcast(F32, w.value(e, f0));
      a0 = w0.fma(FloatVector.fromArray(F32, x, x0), a0);
      a1 = w0.fma(FloatVector.fromArray(F32, x, x0 + L), a1);
      a2 = w0.fma(FloatVector.fromArray(F32, x, x0 + 2 * L), a2);
      a3 = w0.fma(FloatVector.fromArray(F32, x, x0 + 3 * L), a3);
      int x1 = xo + (offsets[e + 1] & 0xff) * ldx;
      FloatVector w1 = FloatVector.broadcast(F32, w.value(e + 1, f1));
      b0 = w1.fma(FloatVector.fromArray(F32, x, x1), b0);
      b1 = w1.fma(FloatVector.fromArray(F32, x, x1 + L), b1);
      b2 = w1.fma(FloatVector.fromArray(F32, x, x1 + 2 * L), b2);
      b3 = w1.fma(FloatVector.fromArray(F32, x, x1 + 3 * L), b3);
    }
    a0.intoArray(y, y0);
    a1.intoArray(y, y0 + L);
    a2.intoArray(y, y0 + 2 * L);
    a3.intoArray(y, y0 + 3 * L);
    b0.intoArray(y, y1);
    b1.intoArray(y, y1 + L);
    b2.intoArray(y, y1 + 2 * L);
    b3.intoArray(y, y1 + 3 * L);
  }

  /** The last two rows of a quad, four vectors. */
  private static void back4(
      CacheBlockedMatrix w,
      int q,
      boolean first,
      float[] x,
      int xo,
      int ldx,
      float[] y,
      int yo,
      int ldy) {
    byte[] offsets = w.offsets();
    int[] rows = w.quadRows();
    float f2 = w.scale(rows[4 * q + 2]);
    float f3 = w.scale(rows[4 * q + 3]);
    int end = 4 * w.quadPtr()[q + 1];
    float[] sums = first ? ZEROS : y;
    int y2 = yo + rows[4 * q + 2] * ldy;
    int s2 = first ? 0 : y2;
    int y3 = yo + rows[4 * q + 3] * ldy;
    int s3 = first ? 0 : y3;
    FloatVector c0 = FloatVector.fromArray(F32, sums, s2);
    FloatVector c1 = FloatVector.fromArray(F32, sums, s2 + L);
    FloatVector c2 = FloatVector.fromArray(F32, sums, s2 + 2 * L);
    FloatVector c3 = FloatVector.fromArray(F32, sums, s2 + 3 * L);
    FloatVector d0 = FloatVector.fromArray(F32, sums, s3);
    FloatVector d1 = FloatVector.fromArray(F32, sums, s3 + L);
    FloatVector d2 = FloatVector.fromArray(F32, sums, s3 + 2 * L);
    FloatVector d3 = FloatVector.fromArray(F32, sums, s3 + 3 * L);
    for (int e = 4 * w.quadPtr()[q]; e < end; e += 4) {
      int x2 = xo + (offsets[e + 2] & 0xff) * ldx;
      FloatVector w2 = FloatVector.broadcast(F32, w.value(e + 2, f2));
      c0 = w2.fma(FloatVector.fromArray(F32, x, x2), c0);
      c1 = w2.fma(FloatVector.fromArray(F32, x, x2 + L), c1);
      c2 = w2.fma(FloatVector.fromArray(F32, x, x2 + 2 * L), c2);
      c3 = w2.fma(FloatVector.fromArray(F32, x, x2 + 3 * L), c3);
      int x3 = xo + (offsets[e + 3] & 0xff) * ldx;
      FloatVector w3 = FloatVector.broadcast(F32, w.value(e + 3, f3));
      d0 = w3.fma(FloatVector.fromArray(F32, x, x3), d0);
      d1 = w3.fma(FloatVector.fromArray(F32, x, x3 + L), d1);
      d2 = w3.fma(FloatVector.fromArray(F32, x, x3 + 2 * L), d2);
      d3 = w3.fma(FloatVector.fromArray(F32, x, x3 + 3 * L), d3);
    }
    c0.intoArray(y, y2);
    c1.intoArray(y, y2 + L);
    c2.intoArray(y, y2 + 2 * L);
    c3.intoArray(y, y2 + 3 * L);
    d0.intoArray(y, y3);
    d1.intoArray(y, y3 + L);
    d2.intoArray(y, y3 + 2 * L);
    d3.intoArray(y, y3 + 3 * L);
  }

  /** Adds what the rows of a panel have in a block to two vectors of their sums. */
  static void two(
      CacheBlockedMatrix w, int p, int b, float[] x, int xo, int ldx, float[] y, int yo, int ldy) {
    int xb = xo + b * w.width() * ldx;
    int from = w.firstQuad(p, b);
    int to = from + w.quads(p);
    for (int q = from; q < to; q++) {
      quad2(w, q, b == 0, x, xb, ldx, y, yo, ldy);
    }
  }

  /** Four rows, two vectors. */
  private static void quad2(
      CacheBlockedMatrix w,
      int q,
      boolean first,
      float[] x,
      int xo,
      int ldx,
      float[] y,
      int yo,
      int ldy) {
    byte[] offsets = w.offsets();
    int[] rows = w.quadRows();
    float f0 = w.scale(rows[4 * q + 0]);
    float f1 = w.scale(rows[4 * q + 1]);
    float f2 = w.scale(rows[4 * q + 2]);
    float f3 = w.scale(rows[4 * q + 3]);
    int end = 4 * w.quadPtr()[q + 1];
    float[] sums = first ? ZEROS : y;
    int y0 = yo + rows[4 * q + 0] * ldy;
    int s0 = first ? 0 : y0;
    int y1 = yo + rows[4 * q + 1] * ldy;
    int s1 = first ? 0 : y1;
    int y2 = yo + rows[4 * q + 2] * ldy;
    int s2 = first ? 0 : y2;
    int y3 = yo + rows[4 * q + 3] * ldy;
    int s3 = first ? 0 : y3;
    FloatVector a0 = FloatVector.fromArray(F32, sums, s0);
    FloatVector a1 = FloatVector.fromArray(F32, sums, s0 + L);
    FloatVector b0 = FloatVector.fromArray(F32, sums, s1);
    FloatVector b1 = FloatVector.fromArray(F32, sums, s1 + L);
    FloatVector c0 = FloatVector.fromArray(F32, sums, s2);
    FloatVector c1 = FloatVector.fromArray(F32, sums, s2 + L);
    FloatVector d0 = FloatVector.fromArray(F32, sums, s3);
    FloatVector d1 = FloatVector.fromArray(F32, sums, s3 + L);
    for (int e = 4 * w.quadPtr()[q]; e < end; e += 4) {
      int x0 = xo + (offsets[e] & 0xff) * ldx;
      FloatVector w0 = FloatVector.broadcast(F32, w.value(e, f0));
      a0 = w0.fma(FloatVector.fromArray(F32, x, x0), a0);
      a1 = w0.fma(FloatVector.fromArray(F32, x, x0 + L), a1);
      int x1 = xo + (offsets[e + 1] & 0xff) * ldx;
      FloatVector w1 = FloatVector.broadcast(F32, w.value(e + 1, f1));
      b0 = w1.fma(FloatVector.fromArray(F32, x, x1), b0);
      b1 = w1.fma(FloatVector.fromArray(F32, x, x1 + L), b1);
      int x2 = xo + (offsets[e + 2] & 0xff) * ldx;
      FloatVector w2 = FloatVector.broadcast(F32, w.value(e + 2, f2));
      c0 = w2.fma(FloatVector.fromArray(F32, x, x2), c0);
      c1 = w2.fma(FloatVector.fromArray(F32, x, x2 + L), c1);
      int x3 = xo + (offsets[e + 3] & 0xff) * ldx;
      FloatVector w3 = FloatVector.broadcast(F32, w.value(e + 3, f3));
      d0 = w3.fma(FloatVector.fromArray(F32, x, x3), d0);
      d1 = w3.fma(FloatVector.fromArray(F32, x, x3 + L), d1);
    }
    a0.intoArray(y, y0);
    a1.intoArray(y, y0 + L);
    b0.intoArray(y, y1);
    b1.intoArray(y, y1 + L);
    c0.intoArray(y, y2);
    c1.intoArray(y, y2 + L);
    d0.intoArray(y, y3);
    d1.intoArray(y, y3 + L);
  }

  /** Adds what the rows of a panel have in a block to one vector of their sums. */
  static void one(
      CacheBlockedMatrix w, int p, int b, float[] x, int xo, int ldx, float[] y, int yo, int ldy) {
    int xb = xo + b * w.width() * ldx;
    int from = w.firstQuad(p, b);
    int to = from + w.quads(p);
    for (int q = from; q < to; q++) {
      quad1(w, q, b == 0, x, xb, ldx, y, yo, ldy);
    }
  }

  /** Four rows, one vector. */
  private static void quad1(
      CacheBlockedMatrix w,
      int q,
      boolean first,
      float[] x,
      int xo,
      int ldx,
      float[] y,
      int yo,
      int ldy) {
    byte[] offsets = w.offsets();
    int[] rows = w.quadRows();
    float f0 = w.scale(rows[4 * q + 0]);
    float f1 = w.scale(rows[4 * q + 1]);
    float f2 = w.scale(rows[4 * q + 2]);
    float f3 = w.scale(rows[4 * q + 3]);
    int end = 4 * w.quadPtr()[q + 1];
    float[] sums = first ? ZEROS : y;
    int y0 = yo + rows[4 * q + 0] * ldy;
    int s0 = first ? 0 : y0;
    int y1 = yo + rows[4 * q + 1] * ldy;
    int s1 = first ? 0 : y1;
    int y2 = yo + rows[4 * q + 2] * ldy;
    int s2 = first ? 0 : y2;
    int y3 = yo + rows[4 * q + 3] * ldy;
    int s3 = first ? 0 : y3;
    FloatVector a0 = FloatVector.fromArray(F32, sums, s0);
    FloatVector b0 = FloatVector.fromArray(F32, sums, s1);
    FloatVector c0 = FloatVector.fromArray(F32, sums, s2);
    FloatVector d0 = FloatVector.fromArray(F32, sums, s3);
    for (int e = 4 * w.quadPtr()[q]; e < end; e += 4) {
      int x0 = xo + (offsets[e] & 0xff) * ldx;
      FloatVector w0 = FloatVector.broadcast(F32, w.value(e, f0));
      a0 = w0.fma(FloatVector.fromArray(F32, x, x0), a0);
      int x1 = xo + (offsets[e + 1] & 0xff) * ldx;
      FloatVector w1 = FloatVector.broadcast(F32, w.value(e + 1, f1));
      b0 = w1.fma(FloatVector.fromArray(F32, x, x1), b0);
      int x2 = xo + (offsets[e + 2] & 0xff) * ldx;
      FloatVector w2 = FloatVector.broadcast(F32, w.value(e + 2, f2));
      c0 = w2.fma(FloatVector.fromArray(F32, x, x2), c0);
      int x3 = xo + (offsets[e + 3] & 0xff) * ldx;
      FloatVector w3 = FloatVector.broadcast(F32, w.value(e + 3, f3));
      d0 = w3.fma(FloatVector.fromArray(F32, x, x3), d0);
    }
    a0.intoArray(y, y0);
    b0.intoArray(y, y1);
    c0.intoArray(y, y2);
    d0.intoArray(y, y3);
  }

  /** Adds the bias to the sums of a panel; with relu, what is not above 0 becomes +0. */
  static void finish(
      CacheBlockedMatrix w,
      int p,
      int batch,
      float @Nullable [] bias,
      int bo,
      boolean relu,
      float[] y,
      int yo,
      int ldy) {
    float floor = relu ? 0f : Float.NaN; // nothing compares with NaN
    int end = Math.min((p + 1) * w.panelRows(), w.rows());
    for (int r = p * w.panelRows(); r < end; r++) {
      float add = bias == null ? 0f : bias[bo + r] + 0f; // −0 counts as +0
      int o = yo + r * ldy;
      for (int j = o; j < o + batch; j += L) {
        FloatVector s = FloatVector.fromArray(F32, y, j).add(add);
        s.blend(0f, s.compare(VectorOperators.LE, floor)).intoArray(y, j);
      }
    }
  }
}
