package org.espalier.kernel.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/**
 * Transposes blocks of 8 by 8 in registers: in each step every pair of rows whose numbers differ in
 * one bit trades the lanes whose numbers differ in that bit. Only for vectors of 8 lanes.
 */
public final class Transpose8 {
  private static final VectorSpecies<Float> F32 = Lanes.F32;
  private static final VectorShuffle<Float> SWAP4 = VectorShuffle.fromOp(F32, i -> i ^ 4);
  private static final VectorMask<Float> ODD4 = odd(4);
  private static final VectorShuffle<Float> SWAP2 = VectorShuffle.fromOp(F32, i -> i ^ 2);
  private static final VectorMask<Float> ODD2 = odd(2);
  private static final VectorShuffle<Float> SWAP1 = VectorShuffle.fromOp(F32, i -> i ^ 1);
  private static final VectorMask<Float> ODD1 = odd(1);

  private Transpose8() {}

  private static VectorMask<Float> odd(int distance) {
    boolean[] lanes = new boolean[8];
    for (int i = 0; i < lanes.length; i++) {
      lanes[i] = (i & distance) != 0;
    }
    return VectorMask.fromArray(F32, lanes, 0);
  }

  /**
   * Writes {@code y[yo + p·ldy + i] = x[xo + i·ld + p]} for {@code i < 8} and the {@code p} below
   * {@code k} that fill whole blocks, and returns how many those are. Rows from {@code count} on
   * are not read, +0 is written for them.
   *
   * @param count at least 1
   * @param mask as {@link org.espalier.kernel.contract.GemmKernels#packRows} has it; {@code mb} a
   *     multiple of 8
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
    boolean masked = mask != null || count < 8;
    int x0 = xo;
    int x1 = xo + Math.min(1, count - 1) * ld;
    int x2 = xo + Math.min(2, count - 1) * ld;
    int x3 = xo + Math.min(3, count - 1) * ld;
    int x4 = xo + Math.min(4, count - 1) * ld;
    int x5 = xo + Math.min(5, count - 1) * ld;
    int x6 = xo + Math.min(6, count - 1) * ld;
    int x7 = xo + Math.min(7, count - 1) * ld;
    int p = 0;
    for (; p <= k - 8; p += 8) {
      FloatVector r0 = FloatVector.fromArray(F32, x, x0 + p);
      FloatVector r1 = FloatVector.fromArray(F32, x, x1 + p);
      FloatVector r2 = FloatVector.fromArray(F32, x, x2 + p);
      FloatVector r3 = FloatVector.fromArray(F32, x, x3 + p);
      FloatVector r4 = FloatVector.fromArray(F32, x, x4 + p);
      FloatVector r5 = FloatVector.fromArray(F32, x, x5 + p);
      FloatVector r6 = FloatVector.fromArray(F32, x, x6 + p);
      FloatVector r7 = FloatVector.fromArray(F32, x, x7 + p);
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
      }
      FloatVector a0 = r0.blend(r4.rearrange(SWAP4), ODD4);
      FloatVector a1 = r1.blend(r5.rearrange(SWAP4), ODD4);
      FloatVector a2 = r2.blend(r6.rearrange(SWAP4), ODD4);
      FloatVector a3 = r3.blend(r7.rearrange(SWAP4), ODD4);
      FloatVector a4 = r0.rearrange(SWAP4).blend(r4, ODD4);
      FloatVector a5 = r1.rearrange(SWAP4).blend(r5, ODD4);
      FloatVector a6 = r2.rearrange(SWAP4).blend(r6, ODD4);
      FloatVector a7 = r3.rearrange(SWAP4).blend(r7, ODD4);
      FloatVector b0 = a0.blend(a2.rearrange(SWAP2), ODD2);
      FloatVector b1 = a1.blend(a3.rearrange(SWAP2), ODD2);
      FloatVector b2 = a0.rearrange(SWAP2).blend(a2, ODD2);
      FloatVector b3 = a1.rearrange(SWAP2).blend(a3, ODD2);
      FloatVector b4 = a4.blend(a6.rearrange(SWAP2), ODD2);
      FloatVector b5 = a5.blend(a7.rearrange(SWAP2), ODD2);
      FloatVector b6 = a4.rearrange(SWAP2).blend(a6, ODD2);
      FloatVector b7 = a5.rearrange(SWAP2).blend(a7, ODD2);
      FloatVector c0 = b0.blend(b1.rearrange(SWAP1), ODD1);
      FloatVector c1 = b0.rearrange(SWAP1).blend(b1, ODD1);
      FloatVector c2 = b2.blend(b3.rearrange(SWAP1), ODD1);
      FloatVector c3 = b2.rearrange(SWAP1).blend(b3, ODD1);
      FloatVector c4 = b4.blend(b5.rearrange(SWAP1), ODD1);
      FloatVector c5 = b4.rearrange(SWAP1).blend(b5, ODD1);
      FloatVector c6 = b6.blend(b7.rearrange(SWAP1), ODD1);
      FloatVector c7 = b6.rearrange(SWAP1).blend(b7, ODD1);
      int to = yo + p * ldy;
      c0.intoArray(y, to);
      c1.intoArray(y, to + ldy);
      c2.intoArray(y, to + 2 * ldy);
      c3.intoArray(y, to + 3 * ldy);
      c4.intoArray(y, to + 4 * ldy);
      c5.intoArray(y, to + 5 * ldy);
      c6.intoArray(y, to + 6 * ldy);
      c7.intoArray(y, to + 7 * ldy);
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
