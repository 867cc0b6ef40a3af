package org.espalier.kernel.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Transposes eight rows at a time, eight by eight elements in registers: in three rounds pairs of
 * rows four, two and one apart exchange what lies four, two and one off the diagonal.
 */
final class Transpose {
  /** Rows and columns of a block; the same where vectors are wider. */
  static final int BLOCK = 8;

  private static final VectorSpecies<Float> F8 = FloatVector.SPECIES_256;
  private static final VectorMask<Float> UPPER4 = VectorMask.fromLong(F8, 0b11110000);
  private static final VectorMask<Float> UPPER2 = VectorMask.fromLong(F8, 0b11001100);
  private static final VectorMask<Float> UPPER1 = VectorMask.fromLong(F8, 0b10101010);
  private static final VectorShuffle<Float> SWAP4 = VectorShuffle.fromOp(F8, i -> i ^ 4);
  private static final VectorShuffle<Float> SWAP2 = VectorShuffle.fromOp(F8, i -> i ^ 2);
  private static final VectorShuffle<Float> SWAP1 = VectorShuffle.fromOp(F8, i -> i ^ 1);

  private Transpose() {}

  /** {@code y[yo + c·ldy + r] = x[xo + r·ldx + c]} for {@code r < BLOCK, c < cols}. */
  static void rows(int cols, float[] x, int xo, int ldx, float[] y, int yo, int ldy) {
    for (int c = 0; c < cols; c += BLOCK) {
      int p = xo + c;
      int q = yo + c * ldy;
      FloatVector r0 = FloatVector.fromArray(F8, x, p);
      FloatVector r1 = FloatVector.fromArray(F8, x, p + ldx);
      FloatVector r2 = FloatVector.fromArray(F8, x, p + 2 * ldx);
      FloatVector r3 = FloatVector.fromArray(F8, x, p + 3 * ldx);
      FloatVector r4 = FloatVector.fromArray(F8, x, p + 4 * ldx);
      FloatVector r5 = FloatVector.fromArray(F8, x, p + 5 * ldx);
      FloatVector r6 = FloatVector.fromArray(F8, x, p + 6 * ldx);
      FloatVector r7 = FloatVector.fromArray(F8, x, p + 7 * ldx);
      FloatVector t40 = r4.blend(r0, UPPER4).rearrange(SWAP4);
      r0 = r0.blend(t40, UPPER4);
      r4 = t40.blend(r4, UPPER4);
      FloatVector t41 = r5.blend(r1, UPPER4).rearrange(SWAP4);
      r1 = r1.blend(t41, UPPER4);
      r5 = t41.blend(r5, UPPER4);
      FloatVector t42 = r6.blend(r2, UPPER4).rearrange(SWAP4);
      r2 = r2.blend(t42, UPPER4);
      r6 = t42.blend(r6, UPPER4);
      FloatVector t43 = r7.blend(r3, UPPER4).rearrange(SWAP4);
      r3 = r3.blend(t43, UPPER4);
      r7 = t43.blend(r7, UPPER4);
      FloatVector t20 = r2.blend(r0, UPPER2).rearrange(SWAP2);
      r0 = r0.blend(t20, UPPER2);
      r2 = t20.blend(r2, UPPER2);
      FloatVector t21 = r3.blend(r1, UPPER2).rearrange(SWAP2);
      r1 = r1.blend(t21, UPPER2);
      r3 = t21.blend(r3, UPPER2);
      FloatVector t24 = r6.blend(r4, UPPER2).rearrange(SWAP2);
      r4 = r4.blend(t24, UPPER2);
      r6 = t24.blend(r6, UPPER2);
      FloatVector t25 = r7.blend(r5, UPPER2).rearrange(SWAP2);
      r5 = r5.blend(t25, UPPER2);
      r7 = t25.blend(r7, UPPER2);
      FloatVector t10 = r1.blend(r0, UPPER1).rearrange(SWAP1);
      r0 = r0.blend(t10, UPPER1);
      r1 = t10.blend(r1, UPPER1);
      FloatVector t12 = r3.blend(r2, UPPER1).rearrange(SWAP1);
      r2 = r2.blend(t12, UPPER1);
      r3 = t12.blend(r3, UPPER1);
      FloatVector t14 = r5.blend(r4, UPPER1).rearrange(SWAP1);
      r4 = r4.blend(t14, UPPER1);
      r5 = t14.blend(r5, UPPER1);
      FloatVector t16 = r7.blend(r6, UPPER1).rearrange(SWAP1);
      r6 = r6.blend(t16, UPPER1);
      r7 = t16.blend(r7, UPPER1);
      r0.intoArray(y, q);
      r1.intoArray(y, q + ldy);
      r2.intoArray(y, q + 2 * ldy);
      r3.intoArray(y, q + 3 * ldy);
      r4.intoArray(y, q + 4 * ldy);
      r5.intoArray(y, q + 5 * ldy);
      r6.intoArray(y, q + 6 * ldy);
      r7.intoArray(y, q + 7 * ldy);
    }
  }
}
