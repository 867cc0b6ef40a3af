package org.espalier.kernel.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/**
 * Transposes blocks of 16 by 16 in registers: in each step every pair of rows whose numbers differ
 * in one bit trades the lanes whose numbers differ in that bit. Only for vectors of 16 lanes.
 */
public final class Transpose16 {
  private static final VectorSpecies<Float> F32 = Lanes.F32;
  private static final VectorShuffle<Float> SWAP8 = VectorShuffle.fromOp(F32, i -> i ^ 8);
  private static final VectorMask<Float> ODD8 = odd(8);
  private static final VectorShuffle<Float> SWAP4 = VectorShuffle.fromOp(F32, i -> i ^ 4);
  private static final VectorMask<Float> ODD4 = odd(4);
  private static final VectorShuffle<Float> SWAP2 = VectorShuffle.fromOp(F32, i -> i ^ 2);
  private static final VectorMask<Float> ODD2 = odd(2);
  private static final VectorShuffle<Float> SWAP1 = VectorShuffle.fromOp(F32, i -> i ^ 1);
  private static final VectorMask<Float> ODD1 = odd(1);

  private Transpose16() {}

  private static VectorMask<Float> odd(int distance) {
    boolean[] lanes = new boolean[16];
    for (int i = 0; i < lanes.length; i++) {
      lanes[i] = (i & distance) != 0;
    }
    return VectorMask.fromArray(F32, lanes, 0);
  }

  /**
   * Writes {@code y[yo + p·ldy + i] = x[xo + i·ld + p]} for {@code i < 16} and the {@code p} below
   * {@code k} that fill whole blocks, and returns how many those are. Rows from {@code count} on
   * are not read, +0 is written for them.
   *
   * @param count at least 1
   * @param mask as {@link org.espalier.kernel.contract.GemmKernels#packRows} has it; {@code mb} a
   *     multiple of 16
   */
  public static int rows(
      int count,
      int k,
      float[] x,
      int xo,
      int ld,
      long @Nullable [] mask,
      int mo,
      int wordsPerRow,
      int mb,
      float[] y,
      int yo,
      int ldy) {
    boolean masked = mask != null || count < 16;
    int x0 = xo;
    int x1 = xo + Math.min(1, count - 1) * ld;
    int x2 = xo + Math.min(2, count - 1) * ld;
    int x3 = xo + Math.min(3, count - 1) * ld;
    int x4 = xo + Math.min(4, count - 1) * ld;
    int x5 = xo + Math.min(5, count - 1) * ld;
    int x6 = xo + Math.min(6, count - 1) * ld;
    int x7 = xo + Math.min(7, count - 1) * ld;
    int x8 = xo + Math.min(8, count - 1) * ld;
    int x9 = xo + Math.min(9, count - 1) * ld;
    int x10 = xo + Math.min(10, count - 1) * ld;
    int x11 = xo + Math.min(11, count - 1) * ld;
    int x12 = xo + Math.min(12, count - 1) * ld;
    int x13 = xo + Math.min(13, count - 1) * ld;
    int x14 = xo + Math.min(14, count - 1) * ld;
    int x15 = xo + Math.min(15, count - 1) * ld;
    int p = 0;
    for (; p <= k - 16; p += 16) {
      FloatVector r0 = FloatVector.fromArray(F32, x, x0 + p);
      FloatVector r1 = FloatVector.fromArray(F32, x, x1 + p);
      FloatVector r2 = FloatVector.fromArray(F32, x, x2 + p);
      FloatVector r3 = FloatVector.fromArray(F32, x, x3 + p);
      FloatVector r4 = FloatVector.fromArray(F32, x, x4 + p);
      FloatVector r5 = FloatVector.fromArray(F32, x, x5 + p);
      FloatVector r6 = FloatVector.fromArray(F32, x, x6 + p);
      FloatVector r7 = FloatVector.fromArray(F32, x, x7 + p);
      FloatVector r8 = FloatVector.fromArray(F32, x, x8 + p);
      FloatVector r9 = FloatVector.fromArray(F32, x, x9 + p);
      FloatVector r10 = FloatVector.fromArray(F32, x, x10 + p);
      FloatVector r11 = FloatVector.fromArray(F32, x, x11 + p);
      FloatVector r12 = FloatVector.fromArray(F32, x, x12 + p);
      FloatVector r13 = FloatVector.fromArray(F32, x, x13 + p);
      FloatVector r14 = FloatVector.fromArray(F32, x, x14 + p);
      FloatVector r15 = FloatVector.fromArray(F32, x, x15 + p);
      if (masked) {
        int b = mb + p;
        FloatVector zero = FloatVector.zero(F32);
        r0 = zero.blend(r0, VectorMask.fromLong(F32, bits(mask, mo, b, 0 < count)));
        r1 = zero.blend(r1, VectorMask.fromLong(F32, bits(mask, mo + wordsPerRow, b, 1 < count)));
        r2 =
            zero.blend(
                r2, VectorMask.fromLong(F32, bits(mask, mo + 2 * wordsPerRow, b, 2 < count)));
        r3 =
            zero.blend(
                r3, VectorMask.fromLong(F32, bits(mask, mo + 3 * wordsPerRow, b, 3 < count)));
        r4 =
            zero.blend(
                r4, VectorMask.fromLong(F32, bits(mask, mo + 4 * wordsPerRow, b, 4 < count)));
        r5 =
            zero.blend(
                r5, VectorMask.fromLong(F32, bits(mask, mo + 5 * wordsPerRow, b, 5 < count)));
        r6 =
            zero.blend(
                r6, VectorMask.fromLong(F32, bits(mask, mo + 6 * wordsPerRow, b, 6 < count)));
        r7 =
            zero.blend(
                r7, VectorMask.fromLong(F32, bits(mask, mo + 7 * wordsPerRow, b, 7 < count)));
        r8 =
            zero.blend(
                r8, VectorMask.fromLong(F32, bits(mask, mo + 8 * wordsPerRow, b, 8 < count)));
        r9 =
            zero.blend(
                r9, VectorMask.fromLong(F32, bits(mask, mo + 9 * wordsPerRow, b, 9 < count)));
        r10 =
            zero.blend(
                r10, VectorMask.fromLong(F32, bits(mask, mo + 10 * wordsPerRow, b, 10 < count)));
        r11 =
            zero.blend(
                r11, VectorMask.fromLong(F32, bits(mask, mo + 11 * wordsPerRow, b, 11 < count)));
        r12 =
            zero.blend(
                r12, VectorMask.fromLong(F32, bits(mask, mo + 12 * wordsPerRow, b, 12 < count)));
        r13 =
            zero.blend(
                r13, VectorMask.fromLong(F32, bits(mask, mo + 13 * wordsPerRow, b, 13 < count)));
        r14 =
            zero.blend(
                r14, VectorMask.fromLong(F32, bits(mask, mo + 14 * wordsPerRow, b, 14 < count)));
        r15 =
            zero.blend(
                r15, VectorMask.fromLong(F32, bits(mask, mo + 15 * wordsPerRow, b, 15 < count)));
      }
      FloatVector a0 = r0.blend(r8.rearrange(SWAP8), ODD8);
      FloatVector a1 = r1.blend(r9.rearrange(SWAP8), ODD8);
      FloatVector a2 = r2.blend(r10.rearrange(SWAP8), ODD8);
      FloatVector a3 = r3.blend(r11.rearrange(SWAP8), ODD8);
      FloatVector a4 = r4.blend(r12.rearrange(SWAP8), ODD8);
      FloatVector a5 = r5.blend(r13.rearrange(SWAP8), ODD8);
      FloatVector a6 = r6.blend(r14.rearrange(SWAP8), ODD8);
      FloatVector a7 = r7.blend(r15.rearrange(SWAP8), ODD8);
      FloatVector a8 = r0.rearrange(SWAP8).blend(r8, ODD8);
      FloatVector a9 = r1.rearrange(SWAP8).blend(r9, ODD8);
      FloatVector a10 = r2.rearrange(SWAP8).blend(r10, ODD8);
      FloatVector a11 = r3.rearrange(SWAP8).blend(r11, ODD8);
      FloatVector a12 = r4.rearrange(SWAP8).blend(r12, ODD8);
      FloatVector a13 = r5.rearrange(SWAP8).blend(r13, ODD8);
      FloatVector a14 = r6.rearrange(SWAP8).blend(r14, ODD8);
      FloatVector a15 = r7.rearrange(SWAP8).blend(r15, ODD8);
      FloatVector b0 = a0.blend(a4.rearrange(SWAP4), ODD4);
      FloatVector b1 = a1.blend(a5.rearrange(SWAP4), ODD4);
      FloatVector b2 = a2.blend(a6.rearrange(SWAP4), ODD4);
      FloatVector b3 = a3.blend(a7.rearrange(SWAP4), ODD4);
      FloatVector b4 = a0.rearrange(SWAP4).blend(a4, ODD4);
      FloatVector b5 = a1.rearrange(SWAP4).blend(a5, ODD4);
      FloatVector b6 = a2.rearrange(SWAP4).blend(a6, ODD4);
      FloatVector b7 = a3.rearrange(SWAP4).blend(a7, ODD4);
      FloatVector b8 = a8.blend(a12.rearrange(SWAP4), ODD4);
      FloatVector b9 = a9.blend(a13.rearrange(SWAP4), ODD4);
      FloatVector b10 = a10.blend(a14.rearrange(SWAP4), ODD4);
      FloatVector b11 = a11.blend(a15.rearrange(SWAP4), ODD4);
      FloatVector b12 = a8.rearrange(SWAP4).blend(a12, ODD4);
      FloatVector b13 = a9.rearrange(SWAP4).blend(a13, ODD4);
      FloatVector b14 = a10.rearrange(SWAP4).blend(a14, ODD4);
      FloatVector b15 = a11.rearrange(SWAP4).blend(a15, ODD4);
      FloatVector c0 = b0.blend(b2.rearrange(SWAP2), ODD2);
      FloatVector c1 = b1.blend(b3.rearrange(SWAP2), ODD2);
      FloatVector c2 = b0.rearrange(SWAP2).blend(b2, ODD2);
      FloatVector c3 = b1.rearrange(SWAP2).blend(b3, ODD2);
      FloatVector c4 = b4.blend(b6.rearrange(SWAP2), ODD2);
      FloatVector c5 = b5.blend(b7.rearrange(SWAP2), ODD2);
      FloatVector c6 = b4.rearrange(SWAP2).blend(b6, ODD2);
      FloatVector c7 = b5.rearrange(SWAP2).blend(b7, ODD2);
      FloatVector c8 = b8.blend(b10.rearrange(SWAP2), ODD2);
      FloatVector c9 = b9.blend(b11.rearrange(SWAP2), ODD2);
      FloatVector c10 = b8.rearrange(SWAP2).blend(b10, ODD2);
      FloatVector c11 = b9.rearrange(SWAP2).blend(b11, ODD2);
      FloatVector c12 = b12.blend(b14.rearrange(SWAP2), ODD2);
      FloatVector c13 = b13.blend(b15.rearrange(SWAP2), ODD2);
      FloatVector c14 = b12.rearrange(SWAP2).blend(b14, ODD2);
      FloatVector c15 = b13.rearrange(SWAP2).blend(b15, ODD2);
      FloatVector d0 = c0.blend(c1.rearrange(SWAP1), ODD1);
      FloatVector d1 = c0.rearrange(SWAP1).blend(c1, ODD1);
      FloatVector d2 = c2.blend(c3.rearrange(SWAP1), ODD1);
      FloatVector d3 = c2.rearrange(SWAP1).blend(c3, ODD1);
      FloatVector d4 = c4.blend(c5.rearrange(SWAP1), ODD1);
      FloatVector d5 = c4.rearrange(SWAP1).blend(c5, ODD1);
      FloatVector d6 = c6.blend(c7.rearrange(SWAP1), ODD1);
      FloatVector d7 = c6.rearrange(SWAP1).blend(c7, ODD1);
      FloatVector d8 = c8.blend(c9.rearrange(SWAP1), ODD1);
      FloatVector d9 = c8.rearrange(SWAP1).blend(c9, ODD1);
      FloatVector d10 = c10.blend(c11.rearrange(SWAP1), ODD1);
      FloatVector d11 = c10.rearrange(SWAP1).blend(c11, ODD1);
      FloatVector d12 = c12.blend(c13.rearrange(SWAP1), ODD1);
      FloatVector d13 = c12.rearrange(SWAP1).blend(c13, ODD1);
      FloatVector d14 = c14.blend(c15.rearrange(SWAP1), ODD1);
      FloatVector d15 = c14.rearrange(SWAP1).blend(c15, ODD1);
      int to = yo + p * ldy;
      d0.intoArray(y, to);
      d1.intoArray(y, to + ldy);
      d2.intoArray(y, to + 2 * ldy);
      d3.intoArray(y, to + 3 * ldy);
      d4.intoArray(y, to + 4 * ldy);
      d5.intoArray(y, to + 5 * ldy);
      d6.intoArray(y, to + 6 * ldy);
      d7.intoArray(y, to + 7 * ldy);
      d8.intoArray(y, to + 8 * ldy);
      d9.intoArray(y, to + 9 * ldy);
      d10.intoArray(y, to + 10 * ldy);
      d11.intoArray(y, to + 11 * ldy);
      d12.intoArray(y, to + 12 * ldy);
      d13.intoArray(y, to + 13 * ldy);
      d14.intoArray(y, to + 14 * ldy);
      d15.intoArray(y, to + 15 * ldy);
    }
    return p;
  }

  private static long bits(long @Nullable [] mask, int row, int b, boolean there) {
    if (!there) {
      return 0;
    }
    return mask == null ? -1 : Bits.from(mask, row, b);
  }
}
