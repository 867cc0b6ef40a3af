package org.espalier.kernel.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/**
 * Transposes blocks of 4 by 4 in registers: in each step every pair of rows whose numbers differ in
 * one bit trades the lanes whose numbers differ in that bit. Only for vectors of 4 lanes.
 */
public final class Transpose4 {
  private static final VectorSpecies<Float> F32 = Lanes.F32;
  private static final VectorShuffle<Float> SWAP2 = VectorShuffle.fromOp(F32, i -> i ^ 2);
  private static final VectorMask<Float> ODD2 = odd(2);
  private static final VectorShuffle<Float> SWAP1 = VectorShuffle.fromOp(F32, i -> i ^ 1);
  private static final VectorMask<Float> ODD1 = odd(1);

  private Transpose4() {}

  private static VectorMask<Float> odd(int distance) {
    boolean[] lanes = new boolean[4];
    for (int i = 0; i < lanes.length; i++) {
      lanes[i] = (i & distance) != 0;
    }
    return VectorMask.fromArray(F32, lanes, 0);
  }

  /**
   * Writes {@code y[yo + p·ldy + i] = x[xo + i·ld + p]} for {@code i < 4} and the {@code p} below
   * {@code k} that fill whole blocks, and returns how many those are. Rows from {@code count} on
   * are not read, +0 is written for them.
   *
   * @param count at least 1
   * @param mask as {@link org.espalier.kernel.contract.GemmKernels#packRows} has it; {@code mb} a
   *     multiple of 4
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
    boolean masked = mask != null || count < 4;
    int x0 = xo;
    int x1 = xo + Math.min(1, count - 1) * ld;
    int x2 = xo + Math.min(2, count - 1) * ld;
    int x3 = xo + Math.min(3, count - 1) * ld;
    int p = 0;
    for (; p <= k - 4; p += 4) {
      FloatVector r0 = FloatVector.fromArray(F32, x, x0 + p);
      FloatVector r1 = FloatVector.fromArray(F32, x, x1 + p);
      FloatVector r2 = FloatVector.fromArray(F32, x, x2 + p);
      FloatVector r3 = FloatVector.fromArray(F32, x, x3 + p);
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
      }
      FloatVector a0 = r0.blend(r2.rearrange(SWAP2), ODD2);
      FloatVector a1 = r1.blend(r3.rearrange(SWAP2), ODD2);
      FloatVector a2 = r0.rearrange(SWAP2).blend(r2, ODD2);
      FloatVector a3 = r1.rearrange(SWAP2).blend(r3, ODD2);
      FloatVector b0 = a0.blend(a1.rearrange(SWAP1), ODD1);
      FloatVector b1 = a0.rearrange(SWAP1).blend(a1, ODD1);
      FloatVector b2 = a2.blend(a3.rearrange(SWAP1), ODD1);
      FloatVector b3 = a2.rearrange(SWAP1).blend(a3, ODD1);
      int to = yo + p * ldy;
      b0.intoArray(y, to);
      b1.intoArray(y, to + ldy);
      b2.intoArray(y, to + 2 * ldy);
      b3.intoArray(y, to + 3 * ldy);
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
