package org.espalier.kernel.simd.sparse;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.espalier.kernel.simd.Lanes;
import org.espalier.sparse.SellMatrix;
import org.jspecify.annotations.Nullable;

/**
 * A {@link SellMatrix} of floats, of groups of sixteen rows that take four steps in a window, times
 * a batch: some neighbouring lanes at once, so that their chains of additions overlap, with
 * examples in the lanes of vectors.
 */
final class SellSpmm {
  private static final VectorSpecies<Float> F32 = Lanes.F32;
  private static final VectorSpecies<Integer> I32 = Lanes.I32;
  private static final int L = F32.length();

  /** The bits of a float without its sign: only those of NaN are above those of infinity. */
  private static final int MAGNITUDE = 0x7fffffff;

  private static final int INFINITY = 0x7f800000;

  private SellSpmm() {}

  /** Computes the sums of a block, whole vectors of examples. */
  static void block(
      SellMatrix w, int b, int batch, float[] x, int xo, int ldx, float[] y, int yo, int ldy) {
    int j = 0; // the first lanes come last: see row()
    for (; j <= batch - 4 * L; j += 4 * L) {
      for (int l = L - 2; l >= 0; l -= 2) {
        four(w, b, l, x, xo + j, ldx, y, yo + j, ldy);
      }
    }
    if (j <= batch - 2 * L) {
      for (int l = L - 4; l >= 0; l -= 4) {
        two(w, b, l, x, xo + j, ldx, y, yo + j, ldy);
      }
      j += 2 * L;
    }
    if (j < batch) {
      for (int l = L - 8; l >= 0; l -= 8) {
        one(w, b, l, x, xo + j, ldx, y, yo + j, ldy);
      }
    }
  }

  /** Sums of the rows of two lanes from lane {@code l} on, four vectors of examples. */
  static void four(
      SellMatrix w, int b, int l, float[] x, int xo, int ldx, float[] y, int yo, int ldy) {
    char[] starts = w.starts();
    int[] offsets = w.offsets();
    float[] values = w.values();
    int end = w.blockPtr()[b + 1];
    FloatVector zero = FloatVector.zero(F32);
    FloatVector a0 = zero;
    FloatVector a1 = zero;
    FloatVector a2 = zero;
    FloatVector a3 = zero;
    FloatVector b0 = zero;
    FloatVector b1 = zero;
    FloatVector b2 = zero;
    FloatVector b3 = zero;
    for (int r = w.blockPtr()[b]; r < end; r++) {
      int q = xo + starts[r] * ldx;
      int o = SellMatrix.FIRST + r * L + l;
      int v = SellMatrix.FIRST + r * 4 * L + l;
      int o0 = offsets[o];
      int o1 = offsets[o + 1];
      int x00 = q + (o0 & 0xff) * ldx;
      FloatVector w00 = FloatVector.broadcast(F32, values[v]);
      a0 = w00.fma(FloatVector.fromArray(F32, x, x00), a0);
      a1 = w00.fma(FloatVector.fromArray(F32, x, x00 + L), a1);
      a2 = w00.fma(FloatVector.fromArray(F32, x, x00 + 2 * L), a2);
      a3 = w00.fma(FloatVector.fromArray(F32, x, x00 + 3 * L), a3);
      int x01 = q + (o1 & 0xff) * ldx;
      FloatVector w01 = FloatVector.broadcast(F32, values[v + 1]);
      b0 = w01.fma(FloatVector.fromArray(F32, x, x01), b0);
      b1 = w01.fma(FloatVector.fromArray(F32, x, x01 + L), b1);
      b2 = w01.fma(FloatVector.fromArray(F32, x, x01 + 2 * L), b2);
      b3 = w01.fma(FloatVector.fromArray(F32, x, x01 + 3 * L), b3);
      int x10 = q + (o0 >>> 8 & 0xff) * ldx;
      FloatVector w10 = FloatVector.broadcast(F32, values[v + L]);
      a0 = w10.fma(FloatVector.fromArray(F32, x, x10), a0);
      a1 = w10.fma(FloatVector.fromArray(F32, x, x10 + L), a1);
      a2 = w10.fma(FloatVector.fromArray(F32, x, x10 + 2 * L), a2);
      a3 = w10.fma(FloatVector.fromArray(F32, x, x10 + 3 * L), a3);
      int x11 = q + (o1 >>> 8 & 0xff) * ldx;
      FloatVector w11 = FloatVector.broadcast(F32, values[v + L + 1]);
      b0 = w11.fma(FloatVector.fromArray(F32, x, x11), b0);
      b1 = w11.fma(FloatVector.fromArray(F32, x, x11 + L), b1);
      b2 = w11.fma(FloatVector.fromArray(F32, x, x11 + 2 * L), b2);
      b3 = w11.fma(FloatVector.fromArray(F32, x, x11 + 3 * L), b3);
      int x20 = q + (o0 >>> 16 & 0xff) * ldx;
      FloatVector w20 = FloatVector.broadcast(F32, values[v + 2 * L]);
      a0 = w20.fma(FloatVector.fromArray(F32, x, x20), a0);
      a1 = w20.fma(FloatVector.fromArray(F32, x, x20 + L), a1);
      a2 = w20.fma(FloatVector.fromArray(F32, x, x20 + 2 * L), a2);
      a3 = w20.fma(FloatVector.fromArray(F32, x, x20 + 3 * L), a3);
      int x21 = q + (o1 >>> 16 & 0xff) * ldx;
      FloatVector w21 = FloatVector.broadcast(F32, values[v + 2 * L + 1]);
      b0 = w21.fma(FloatVector.fromArray(F32, x, x21), b0);
      b1 = w21.fma(FloatVector.fromArray(F32, x, x21 + L), b1);
      b2 = w21.fma(FloatVector.fromArray(F32, x, x21 + 2 * L), b2);
      b3 = w21.fma(FloatVector.fromArray(F32, x, x21 + 3 * L), b3);
      int x30 = q + (o0 >>> 24) * ldx;
      FloatVector w30 = FloatVector.broadcast(F32, values[v + 3 * L]);
      a0 = w30.fma(FloatVector.fromArray(F32, x, x30), a0);
      a1 = w30.fma(FloatVector.fromArray(F32, x, x30 + L), a1);
      a2 = w30.fma(FloatVector.fromArray(F32, x, x30 + 2 * L), a2);
      a3 = w30.fma(FloatVector.fromArray(F32, x, x30 + 3 * L), a3);
      int x31 = q + (o1 >>> 24) * ldx;
      FloatVector w31 = FloatVector.broadcast(F32, values[v + 3 * L + 1]);
      b0 = w31.fma(FloatVector.fromArray(F32, x, x31), b0);
      b1 = w31.fma(FloatVector.fromArray(F32, x, x31 + L), b1);
      b2 = w31.fma(FloatVector.fromArray(F32, x, x31 + 2 * L), b2);
      b3 = w31.fma(FloatVector.fromArray(F32, x, x31 + 3 * L), b3);
    }
    int[] rows = w.laneRows();
    int i = b * L + l;
    int y1 = yo + row(rows, b, i + 1) * ldy;
    b0.intoArray(y, y1);
    b1.intoArray(y, y1 + L);
    b2.intoArray(y, y1 + 2 * L);
    b3.intoArray(y, y1 + 3 * L);
    int y0 = yo + row(rows, b, i) * ldy;
    a0.intoArray(y, y0);
    a1.intoArray(y, y0 + L);
    a2.intoArray(y, y0 + 2 * L);
    a3.intoArray(y, y0 + 3 * L);
  }

  /** Sums of the rows of four lanes from lane {@code l} on, two vectors of examples. */
  static void two(
      SellMatrix w, int b, int l, float[] x, int xo, int ldx, float[] y, int yo, int ldy) {
    char[] starts = w.starts();
    int[] offsets = w.offsets();
    float[] values = w.values();
    int end = w.blockPtr()[b + 1];
    FloatVector zero = FloatVector.zero(F32);
    FloatVector a0 = zero;
    FloatVector a1 = zero;
    FloatVector b0 = zero;
    FloatVector b1 = zero;
    FloatVector c0 = zero;
    FloatVector c1 = zero;
    FloatVector d0 = zero;
    FloatVector d1 = zero;
    for (int r = w.blockPtr()[b]; r < end; r++) {
      int q = xo + starts[r] * ldx;
      int o = SellMatrix.FIRST + r * L + l;
      int v = SellMatrix.FIRST + r * 4 * L + l;
      int o0 = offsets[o];
      int o1 = offsets[o + 1];
      int o2 = offsets[o + 2];
      int o3 = offsets[o + 3];
      int x00 = q + (o0 & 0xff) * ldx;
      FloatVector w00 = FloatVector.broadcast(F32, values[v]);
      a0 = w00.fma(FloatVector.fromArray(F32, x, x00), a0);
      a1 = w00.fma(FloatVector.fromArray(F32, x, x00 + L), a1);
      int x01 = q + (o1 & 0xff) * ldx;
      FloatVector w01 = FloatVector.broadcast(F32, values[v + 1]);
      b0 = w01.fma(FloatVector.fromArray(F32, x, x01), b0);
      b1 = w01.fma(FloatVector.fromArray(F32, x, x01 + L), b1);
      int x02 = q + (o2 & 0xff) * ldx;
      FloatVector w02 = FloatVector.broadcast(F32, values[v + 2]);
      c0 = w02.fma(FloatVector.fromArray(F32, x, x02), c0);
      c1 = w02.fma(FloatVector.fromArray(F32, x, x02 + L), c1);
      int x03 = q + (o3 & 0xff) * ldx;
      FloatVector w03 = FloatVector.broadcast(F32, values[v + 3]);
      d0 = w03.fma(FloatVector.fromArray(F32, x, x03), d0);
      d1 = w03.fma(FloatVector.fromArray(F32, x, x03 + L), d1);
      int x10 = q + (o0 >>> 8 & 0xff) * ldx;
      FloatVector w10 = FloatVector.broadcast(F32, values[v + L]);
      a0 = w10.fma(FloatVector.fromArray(F32, x, x10), a0);
      a1 = w10.fma(FloatVector.fromArray(F32, x, x10 + L), a1);
      int x11 = q + (o1 >>> 8 & 0xff) * ldx;
      FloatVector w11 = FloatVector.broadcast(F32, values[v + L + 1]);
      b0 = w11.fma(FloatVector.fromArray(F32, x, x11), b0);
      b1 = w11.fma(FloatVector.fromArray(F32, x, x11 + L), b1);
      int x12 = q + (o2 >>> 8 & 0xff) * ldx;
      FloatVector w12 = FloatVector.broadcast(F32, values[v + L + 2]);
      c0 = w12.fma(FloatVector.fromArray(F32, x, x12), c0);
      c1 = w12.fma(FloatVector.fromArray(F32, x, x12 + L), c1);
      int x13 = q + (o3 >>> 8 & 0xff) * ldx;
      FloatVector w13 = FloatVector.broadcast(F32, values[v + L + 3]);
      d0 = w13.fma(FloatVector.fromArray(F32, x, x13), d0);
      d1 = w13.fma(FloatVector.fromArray(F32, x, x13 + L), d1);
      int x20 = q + (o0 >>> 16 & 0xff) * ldx;
      FloatVector w20 = FloatVector.broadcast(F32, values[v + 2 * L]);
      a0 = w20.fma(FloatVector.fromArray(F32, x, x20), a0);
      a1 = w20.fma(FloatVector.fromArray(F32, x, x20 + L), a1);
      int x21 = q + (o1 >>> 16 & 0xff) * ldx;
      FloatVector w21 = FloatVector.broadcast(F32, values[v + 2 * L + 1]);
      b0 = w21.fma(FloatVector.fromArray(F32, x, x21), b0);
      b1 = w21.fma(FloatVector.fromArray(F32, x, x21 + L), b1);
      int x22 = q + (o2 >>> 16 & 0xff) * ldx;
      FloatVector w22 = FloatVector.broadcast(F32, values[v + 2 * L + 2]);
      c0 = w22.fma(FloatVector.fromArray(F32, x, x22), c0);
      c1 = w22.fma(FloatVector.fromArray(F32, x, x22 + L), c1);
      int x23 = q + (o3 >>> 16 & 0xff) * ldx;
      FloatVector w23 = FloatVector.broadcast(F32, values[v + 2 * L + 3]);
      d0 = w23.fma(FloatVector.fromArray(F32, x, x23), d0);
      d1 = w23.fma(FloatVector.fromArray(F32, x, x23 + L), d1);
      int x30 = q + (o0 >>> 24) * ldx;
      FloatVector w30 = FloatVector.broadcast(F32, values[v + 3 * L]);
      a0 = w30.fma(FloatVector.fromArray(F32, x, x30), a0);
      a1 = w30.fma(FloatVector.fromArray(F32, x, x30 + L), a1);
      int x31 = q + (o1 >>> 24) * ldx;
      FloatVector w31 = FloatVector.broadcast(F32, values[v + 3 * L + 1]);
      b0 = w31.fma(FloatVector.fromArray(F32, x, x31), b0);
      b1 = w31.fma(FloatVector.fromArray(F32, x, x31 + L), b1);
      int x32 = q + (o2 >>> 24) * ldx;
      FloatVector w32 = FloatVector.broadcast(F32, values[v + 3 * L + 2]);
      c0 = w32.fma(FloatVector.fromArray(F32, x, x32), c0);
      c1 = w32.fma(FloatVector.fromArray(F32, x, x32 + L), c1);
      int x33 = q + (o3 >>> 24) * ldx;
      FloatVector w33 = FloatVector.broadcast(F32, values[v + 3 * L + 3]);
      d0 = w33.fma(FloatVector.fromArray(F32, x, x33), d0);
      d1 = w33.fma(FloatVector.fromArray(F32, x, x33 + L), d1);
    }
    int[] rows = w.laneRows();
    int i = b * L + l;
    int y3 = yo + row(rows, b, i + 3) * ldy;
    d0.intoArray(y, y3);
    d1.intoArray(y, y3 + L);
    int y2 = yo + row(rows, b, i + 2) * ldy;
    c0.intoArray(y, y2);
    c1.intoArray(y, y2 + L);
    int y1 = yo + row(rows, b, i + 1) * ldy;
    b0.intoArray(y, y1);
    b1.intoArray(y, y1 + L);
    int y0 = yo + row(rows, b, i) * ldy;
    a0.intoArray(y, y0);
    a1.intoArray(y, y0 + L);
  }

  /** Sums of the rows of eight lanes from lane {@code l} on, a vector of examples. */
  static void one(
      SellMatrix w, int b, int l, float[] x, int xo, int ldx, float[] y, int yo, int ldy) {
    char[] starts = w.starts();
    int[] offsets = w.offsets();
    float[] values = w.values();
    int end = w.blockPtr()[b + 1];
    FloatVector zero = FloatVector.zero(F32);
    FloatVector a0 = zero;
    FloatVector b0 = zero;
    FloatVector c0 = zero;
    FloatVector d0 = zero;
    FloatVector e0 = zero;
    FloatVector f0 = zero;
    FloatVector g0 = zero;
    FloatVector h0 = zero;
    for (int r = w.blockPtr()[b]; r < end; r++) {
      int q = xo + starts[r] * ldx;
      int o = SellMatrix.FIRST + r * L + l;
      int v = SellMatrix.FIRST + r * 4 * L + l;
      int o0 = offsets[o];
      int o1 = offsets[o + 1];
      int o2 = offsets[o + 2];
      int o3 = offsets[o + 3];
      int o4 = offsets[o + 4];
      int o5 = offsets[o + 5];
      int o6 = offsets[o + 6];
      int o7 = offsets[o + 7];
      int x00 = q + (o0 & 0xff) * ldx;
      FloatVector w00 = FloatVector.broadcast(F32, values[v]);
      a0 = w00.fma(FloatVector.fromArray(F32, x, x00), a0);
      int x01 = q + (o1 & 0xff) * ldx;
      FloatVector w01 = FloatVector.broadcast(F32, values[v + 1]);
      b0 = w01.fma(FloatVector.fromArray(F32, x, x01), b0);
      int x02 = q + (o2 & 0xff) * ldx;
      FloatVector w02 = FloatVector.broadcast(F32, values[v + 2]);
      c0 = w02.fma(FloatVector.fromArray(F32, x, x02), c0);
      int x03 = q + (o3 & 0xff) * ldx;
      FloatVector w03 = FloatVector.broadcast(F32, values[v + 3]);
      d0 = w03.fma(FloatVector.fromArray(F32, x, x03), d0);
      int x04 = q + (o4 & 0xff) * ldx;
      FloatVector w04 = FloatVector.broadcast(F32, values[v + 4]);
      e0 = w04.fma(FloatVector.fromArray(F32, x, x04), e0);
      int x05 = q + (o5 & 0xff) * ldx;
      FloatVector w05 = FloatVector.broadcast(F32, values[v + 5]);
      f0 = w05.fma(FloatVector.fromArray(F32, x, x05), f0);
      int x06 = q + (o6 & 0xff) * ldx;
      FloatVector w06 = FloatVector.broadcast(F32, values[v + 6]);
      g0 = w06.fma(FloatVector.fromArray(F32, x, x06), g0);
      int x07 = q + (o7 & 0xff) * ldx;
      FloatVector w07 = FloatVector.broadcast(F32, values[v + 7]);
      h0 = w07.fma(FloatVector.fromArray(F32, x, x07), h0);
      int x10 = q + (o0 >>> 8 & 0xff) * ldx;
      FloatVector w10 = FloatVector.broadcast(F32, values[v + L]);
      a0 = w10.fma(FloatVector.fromArray(F32, x, x10), a0);
      int x11 = q + (o1 >>> 8 & 0xff) * ldx;
      FloatVector w11 = FloatVector.broadcast(F32, values[v + L + 1]);
      b0 = w11.fma(FloatVector.fromArray(F32, x, x11), b0);
      int x12 = q + (o2 >>> 8 & 0xff) * ldx;
      FloatVector w12 = FloatVector.broadcast(F32, values[v + L + 2]);
      c0 = w12.fma(FloatVector.fromArray(F32, x, x12), c0);
      int x13 = q + (o3 >>> 8 & 0xff) * ldx;
      FloatVector w13 = FloatVector.broadcast(F32, values[v + L + 3]);
      d0 = w13.fma(FloatVector.fromArray(F32, x, x13), d0);
      int x14 = q + (o4 >>> 8 & 0xff) * ldx;
      FloatVector w14 = FloatVector.broadcast(F32, values[v + L + 4]);
      e0 = w14.fma(FloatVector.fromArray(F32, x, x14), e0);
      int x15 = q + (o5 >>> 8 & 0xff) * ldx;
      FloatVector w15 = FloatVector.broadcast(F32, values[v + L + 5]);
      f0 = w15.fma(FloatVector.fromArray(F32, x, x15), f0);
      int x16 = q + (o6 >>> 8 & 0xff) * ldx;
      FloatVector w16 = FloatVector.broadcast(F32, values[v + L + 6]);
      g0 = w16.fma(FloatVector.fromArray(F32, x, x16), g0);
      int x17 = q + (o7 >>> 8 & 0xff) * ldx;
      FloatVector w17 = FloatVector.broadcast(F32, values[v + L + 7]);
      h0 = w17.fma(FloatVector.fromArray(F32, x, x17), h0);
      int x20 = q + (o0 >>> 16 & 0xff) * ldx;
      FloatVector w20 = FloatVector.broadcast(F32, values[v + 2 * L]);
      a0 = w20.fma(FloatVector.fromArray(F32, x, x20), a0);
      int x21 = q + (o1 >>> 16 & 0xff) * ldx;
      FloatVector w21 = FloatVector.broadcast(F32, values[v + 2 * L + 1]);
      b0 = w21.fma(FloatVector.fromArray(F32, x, x21), b0);
      int x22 = q + (o2 >>> 16 & 0xff) * ldx;
      FloatVector w22 = FloatVector.broadcast(F32, values[v + 2 * L + 2]);
      c0 = w22.fma(FloatVector.fromArray(F32, x, x22), c0);
      int x23 = q + (o3 >>> 16 & 0xff) * ldx;
      FloatVector w23 = FloatVector.broadcast(F32, values[v + 2 * L + 3]);
      d0 = w23.fma(FloatVector.fromArray(F32, x, x23), d0);
      int x24 = q + (o4 >>> 16 & 0xff) * ldx;
      FloatVector w24 = FloatVector.broadcast(F32, values[v + 2 * L + 4]);
      e0 = w24.fma(FloatVector.fromArray(F32, x, x24), e0);
      int x25 = q + (o5 >>> 16 & 0xff) * ldx;
      FloatVector w25 = FloatVector.broadcast(F32, values[v + 2 * L + 5]);
      f0 = w25.fma(FloatVector.fromArray(F32, x, x25), f0);
      int x26 = q + (o6 >>> 16 & 0xff) * ldx;
      FloatVector w26 = FloatVector.broadcast(F32, values[v + 2 * L + 6]);
      g0 = w26.fma(FloatVector.fromArray(F32, x, x26), g0);
      int x27 = q + (o7 >>> 16 & 0xff) * ldx;
      FloatVector w27 = FloatVector.broadcast(F32, values[v + 2 * L + 7]);
      h0 = w27.fma(FloatVector.fromArray(F32, x, x27), h0);
      int x30 = q + (o0 >>> 24) * ldx;
      FloatVector w30 = FloatVector.broadcast(F32, values[v + 3 * L]);
      a0 = w30.fma(FloatVector.fromArray(F32, x, x30), a0);
      int x31 = q + (o1 >>> 24) * ldx;
      FloatVector w31 = FloatVector.broadcast(F32, values[v + 3 * L + 1]);
      b0 = w31.fma(FloatVector.fromArray(F32, x, x31), b0);
      int x32 = q + (o2 >>> 24) * ldx;
      FloatVector w32 = FloatVector.broadcast(F32, values[v + 3 * L + 2]);
      c0 = w32.fma(FloatVector.fromArray(F32, x, x32), c0);
      int x33 = q + (o3 >>> 24) * ldx;
      FloatVector w33 = FloatVector.broadcast(F32, values[v + 3 * L + 3]);
      d0 = w33.fma(FloatVector.fromArray(F32, x, x33), d0);
      int x34 = q + (o4 >>> 24) * ldx;
      FloatVector w34 = FloatVector.broadcast(F32, values[v + 3 * L + 4]);
      e0 = w34.fma(FloatVector.fromArray(F32, x, x34), e0);
      int x35 = q + (o5 >>> 24) * ldx;
      FloatVector w35 = FloatVector.broadcast(F32, values[v + 3 * L + 5]);
      f0 = w35.fma(FloatVector.fromArray(F32, x, x35), f0);
      int x36 = q + (o6 >>> 24) * ldx;
      FloatVector w36 = FloatVector.broadcast(F32, values[v + 3 * L + 6]);
      g0 = w36.fma(FloatVector.fromArray(F32, x, x36), g0);
      int x37 = q + (o7 >>> 24) * ldx;
      FloatVector w37 = FloatVector.broadcast(F32, values[v + 3 * L + 7]);
      h0 = w37.fma(FloatVector.fromArray(F32, x, x37), h0);
    }
    int[] rows = w.laneRows();
    int i = b * L + l;
    int y7 = yo + row(rows, b, i + 7) * ldy;
    h0.intoArray(y, y7);
    int y6 = yo + row(rows, b, i + 6) * ldy;
    g0.intoArray(y, y6);
    int y5 = yo + row(rows, b, i + 5) * ldy;
    f0.intoArray(y, y5);
    int y4 = yo + row(rows, b, i + 4) * ldy;
    e0.intoArray(y, y4);
    int y3 = yo + row(rows, b, i + 3) * ldy;
    d0.intoArray(y, y3);
    int y2 = yo + row(rows, b, i + 2) * ldy;
    c0.intoArray(y, y2);
    int y1 = yo + row(rows, b, i + 1) * ldy;
    b0.intoArray(y, y1);
    int y0 = yo + row(rows, b, i) * ldy;
    a0.intoArray(y, y0);
  }

  /**
   * Returns the row of a lane; of one without the first lane's of the group, which is written last.
   */
  private static int row(int[] rows, int b, int i) {
    return rows[i] < 0 ? rows[b * L] : rows[i];
  }

  /**
   * Adds the bias to the sums of a block; with relu, what is not above 0 becomes +0.
   *
   * @return whether no sum was NaN
   */
  static boolean finish(
      SellMatrix w,
      int b,
      int batch,
      float @Nullable [] bias,
      int bo,
      boolean relu,
      float[] y,
      int yo,
      int ldy) {
    float floor = relu ? 0f : Float.NaN; // nothing compares with NaN
    IntVector largest = IntVector.zero(I32);
    for (int i = b * L; i < (b + 1) * L; i++) {
      int row = w.laneRows()[i];
      if (row >= 0) {
        float add = bias == null ? 0f : bias[bo + row] + 0f; // −0 counts as +0
        int o = yo + row * ldy;
        for (int j = o; j < o + batch; j += L) {
          FloatVector s = FloatVector.fromArray(F32, y, j);
          largest = largest.max(s.reinterpretAsInts().and(MAGNITUDE));
          s = s.add(add);
          s.blend(0f, s.compare(VectorOperators.LE, floor)).intoArray(y, j);
        }
      }
    }
    return largest.reduceLanes(VectorOperators.MAX) <= INFINITY;
  }
}
