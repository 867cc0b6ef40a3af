package org.espalier.kernel.simd.sparse;

import static jdk.incubator.vector.VectorOperators.LE;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.espalier.kernel.simd.Lanes;
import org.espalier.sparse.DeltaCsrMatrix;
import org.jspecify.annotations.Nullable;

/**
 * Convolution with a sparse weight on the Vector API. A run is cut into strips of one to eight
 * vectors, whose sums stay in registers while the entries of a row pass; strip by strip all rows
 * are computed, so that what a strip reads stays in the nearest cache. Strips of five are for maps
 * of eight by eight pixels: five vectors of 512 bits, with the border.
 */
final class DeltaCsrConv {
  private static final VectorSpecies<Float> F32 = Lanes.F32;
  private static final int L = Lanes.LENGTH;

  /** Added where nothing is to be: it changes no sum, whatever the sign of a zero. */
  private static final float[] NOTHING = new float[L];

  static {
    Arrays.fill(NOTHING, -0f);
  }

  private DeltaCsrConv() {}

  static void run(
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
    float[] add = other == null ? NOTHING : other;
    int ao = other == null ? 0 : oo;
    int lda = other == null ? 0 : ldo;
    int step = other == null ? 0 : L;
    float bound = relu ? 0f : Float.NaN; // no comparison with NaN is true: nothing is cut off
    int vectors = length / L;
    for (int v = 0; v < vectors; ) {
      int n = strip(vectors - v);
      int xv = xo + v * L;
      int yv = yo + v * L;
      int av = ao + v * step;
      for (int r = from; r < to; r++) {
        int y0 = yv + r * ldy;
        int a0 = av + r * lda;
        switch (n) {
          case 8 -> strip8(w, r, x, xv, distances, bias[bo + r], add, a0, step, bound, y, y0);
          case 5 -> strip5(w, r, x, xv, distances, bias[bo + r], add, a0, step, bound, y, y0);
          case 4 -> strip4(w, r, x, xv, distances, bias[bo + r], add, a0, step, bound, y, y0);
          case 2 -> strip2(w, r, x, xv, distances, bias[bo + r], add, a0, step, bound, y, y0);
          default -> strip1(w, r, x, xv, distances, bias[bo + r], add, a0, bound, y, y0);
        }
      }
      v += n;
    }
  }

  /** Returns the vectors of the next strip: as many as can be, but no short one should remain. */
  private static int strip(int left) {
    if (left == 9 || left == 10) {
      return 5;
    }
    return left >= 8 ? 8 : left >= 5 ? 5 : left >= 4 ? 4 : left >= 2 ? 2 : 1;
  }

  private static void strip8(
      DeltaCsrMatrix m,
      int row,
      float[] x,
      int xo,
      int[] distances,
      float bias,
      float[] add,
      int ao,
      int step,
      float bound,
      float[] y,
      int yo) {
    float scale = m.scale(row);
    byte[] deltas = m.deltas();
    int end = m.rowPtr()[row + 1];
    FloatVector s0 = FloatVector.zero(F32);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    FloatVector s4 = s0;
    FloatVector s5 = s0;
    FloatVector s6 = s0;
    FloatVector s7 = s0;
    int col = 0;
    for (int e = m.rowPtr()[row]; e < end; e++) {
      col += deltas[e] & 0xff;
      int at = xo + distances[col];
      FloatVector w = FloatVector.broadcast(F32, m.value(e, scale));
      s0 = w.fma(FloatVector.fromArray(F32, x, at), s0);
      s1 = w.fma(FloatVector.fromArray(F32, x, at + L), s1);
      s2 = w.fma(FloatVector.fromArray(F32, x, at + 2 * L), s2);
      s3 = w.fma(FloatVector.fromArray(F32, x, at + 3 * L), s3);
      s4 = w.fma(FloatVector.fromArray(F32, x, at + 4 * L), s4);
      s5 = w.fma(FloatVector.fromArray(F32, x, at + 5 * L), s5);
      s6 = w.fma(FloatVector.fromArray(F32, x, at + 6 * L), s6);
      s7 = w.fma(FloatVector.fromArray(F32, x, at + 7 * L), s7);
    }
    s0 = s0.add(bias).add(FloatVector.fromArray(F32, add, ao));
    s0.blend(0f, s0.compare(LE, bound)).intoArray(y, yo);
    s1 = s1.add(bias).add(FloatVector.fromArray(F32, add, ao + step));
    s1.blend(0f, s1.compare(LE, bound)).intoArray(y, yo + L);
    s2 = s2.add(bias).add(FloatVector.fromArray(F32, add, ao + 2 * step));
    s2.blend(0f, s2.compare(LE, bound)).intoArray(y, yo + 2 * L);
    s3 = s3.add(bias).add(FloatVector.fromArray(F32, add, ao + 3 * step));
    s3.blend(0f, s3.compare(LE, bound)).intoArray(y, yo + 3 * L);
    s4 = s4.add(bias).add(FloatVector.fromArray(F32, add, ao + 4 * step));
    s4.blend(0f, s4.compare(LE, bound)).intoArray(y, yo + 4 * L);
    s5 = s5.add(bias).add(FloatVector.fromArray(F32, add, ao + 5 * step));
    s5.blend(0f, s5.compare(LE, bound)).intoArray(y, yo + 5 * L);
    s6 = s6.add(bias).add(FloatVector.fromArray(F32, add, ao + 6 * step));
    s6.blend(0f, s6.compare(LE, bound)).intoArray(y, yo + 6 * L);
    s7 = s7.add(bias).add(FloatVector.fromArray(F32, add, ao + 7 * step));
    s7.blend(0f, s7.compare(LE, bound)).intoArray(y, yo + 7 * L);
  }

  private static void strip5(
      DeltaCsrMatrix m,
      int row,
      float[] x,
      int xo,
      int[] distances,
      float bias,
      float[] add,
      int ao,
      int step,
      float bound,
      float[] y,
      int yo) {
    float scale = m.scale(row);
    byte[] deltas = m.deltas();
    int end = m.rowPtr()[row + 1];
    FloatVector s0 = FloatVector.zero(F32);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    FloatVector s4 = s0;
    int col = 0;
    for (int e = m.rowPtr()[row]; e < end; e++) {
      col += deltas[e] & 0xff;
      int at = xo + distances[col];
      FloatVector w = FloatVector.broadcast(F32, m.value(e, scale));
      s0 = w.fma(FloatVector.fromArray(F32, x, at), s0);
      s1 = w.fma(FloatVector.fromArray(F32, x, at + L), s1);
      s2 = w.fma(FloatVector.fromArray(F32, x, at + 2 * L), s2);
      s3 = w.fma(FloatVector.fromArray(F32, x, at + 3 * L), s3);
      s4 = w.fma(FloatVector.fromArray(F32, x, at + 4 * L), s4);
    }
    s0 = s0.add(bias).add(FloatVector.fromArray(F32, add, ao));
    s0.blend(0f, s0.compare(LE, bound)).intoArray(y, yo);
    s1 = s1.add(bias).add(FloatVector.fromArray(F32, add, ao + step));
    s1.blend(0f, s1.compare(LE, bound)).intoArray(y, yo + L);
    s2 = s2.add(bias).add(FloatVector.fromArray(F32, add, ao + 2 * step));
    s2.blend(0f, s2.compare(LE, bound)).intoArray(y, yo + 2 * L);
    s3 = s3.add(bias).add(FloatVector.fromArray(F32, add, ao + 3 * step));
    s3.blend(0f, s3.compare(LE, bound)).intoArray(y, yo + 3 * L);
    s4 = s4.add(bias).add(FloatVector.fromArray(F32, add, ao + 4 * step));
    s4.blend(0f, s4.compare(LE, bound)).intoArray(y, yo + 4 * L);
  }

  private static void strip4(
      DeltaCsrMatrix m,
      int row,
      float[] x,
      int xo,
      int[] distances,
      float bias,
      float[] add,
      int ao,
      int step,
      float bound,
      float[] y,
      int yo) {
    float scale = m.scale(row);
    byte[] deltas = m.deltas();
    int end = m.rowPtr()[row + 1];
    FloatVector s0 = FloatVector.zero(F32);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    int col = 0;
    for (int e = m.rowPtr()[row]; e < end; e++) {
      col += deltas[e] & 0xff;
      int at = xo + distances[col];
      FloatVector w = FloatVector.broadcast(F32, m.value(e, scale));
      s0 = w.fma(FloatVector.fromArray(F32, x, at), s0);
      s1 = w.fma(FloatVector.fromArray(F32, x, at + L), s1);
      s2 = w.fma(FloatVector.fromArray(F32, x, at + 2 * L), s2);
      s3 = w.fma(FloatVector.fromArray(F32, x, at + 3 * L), s3);
    }
    s0 = s0.add(bias).add(FloatVector.fromArray(F32, add, ao));
    s0.blend(0f, s0.compare(LE, bound)).intoArray(y, yo);
    s1 = s1.add(bias).add(FloatVector.fromArray(F32, add, ao + step));
    s1.blend(0f, s1.compare(LE, bound)).intoArray(y, yo + L);
    s2 = s2.add(bias).add(FloatVector.fromArray(F32, add, ao + 2 * step));
    s2.blend(0f, s2.compare(LE, bound)).intoArray(y, yo + 2 * L);
    s3 = s3.add(bias).add(FloatVector.fromArray(F32, add, ao + 3 * step));
    s3.blend(0f, s3.compare(LE, bound)).intoArray(y, yo + 3 * L);
  }

  private static void strip2(
      DeltaCsrMatrix m,
      int row,
      float[] x,
      int xo,
      int[] distances,
      float bias,
      float[] add,
      int ao,
      int step,
      float bound,
      float[] y,
      int yo) {
    float scale = m.scale(row);
    byte[] deltas = m.deltas();
    int end = m.rowPtr()[row + 1];
    FloatVector s0 = FloatVector.zero(F32);
    FloatVector s1 = s0;
    int col = 0;
    for (int e = m.rowPtr()[row]; e < end; e++) {
      col += deltas[e] & 0xff;
      int at = xo + distances[col];
      FloatVector w = FloatVector.broadcast(F32, m.value(e, scale));
      s0 = w.fma(FloatVector.fromArray(F32, x, at), s0);
      s1 = w.fma(FloatVector.fromArray(F32, x, at + L), s1);
    }
    s0 = s0.add(bias).add(FloatVector.fromArray(F32, add, ao));
    s0.blend(0f, s0.compare(LE, bound)).intoArray(y, yo);
    s1 = s1.add(bias).add(FloatVector.fromArray(F32, add, ao + step));
    s1.blend(0f, s1.compare(LE, bound)).intoArray(y, yo + L);
  }

  private static void strip1(
      DeltaCsrMatrix m,
      int row,
      float[] x,
      int xo,
      int[] distances,
      float bias,
      float[] add,
      int ao,
      float bound,
      float[] y,
      int yo) {
    float scale = m.scale(row);
    byte[] deltas = m.deltas();
    int end = m.rowPtr()[row + 1];
    FloatVector s0 = FloatVector.zero(F32);
    int col = 0;
    for (int e = m.rowPtr()[row]; e < end; e++) {
      col += deltas[e] & 0xff;
      int at = xo + distances[col];
      FloatVector w = FloatVector.broadcast(F32, m.value(e, scale));
      s0 = w.fma(FloatVector.fromArray(F32, x, at), s0);
    }
    s0 = s0.add(bias).add(FloatVector.fromArray(F32, add, ao));
    s0.blend(0f, s0.compare(LE, bound)).intoArray(y, yo);
  }
}
