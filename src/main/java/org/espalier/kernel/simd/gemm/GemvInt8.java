package org.espalier.kernel.simd.gemm;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.espalier.kernel.simd.Lanes;

/**
 * A packed matrix of bytes times a vector, and panels of it as floats. A byte comes to the top of
 * its lane, then down with its sign.
 */
final class GemvInt8 {
  private static final VectorSpecies<Float> F32 = Lanes.F32;
  private static final VectorSpecies<Integer> I32 = Lanes.I32;
  private static final int L = Lanes.LENGTH;
  private static final int NR = 2 * L;

  /** Steps that an int holds. */
  private static final int STEPS = 4;

  private GemvInt8() {}

  /** See {@link org.espalier.kernel.contract.GemmKernels#gemvCodes}. */
  static void gemv(
      int count,
      int k,
      int[] codes,
      int po,
      float[] scales,
      int so,
      float[] x,
      int xo,
      float[] y,
      int yo) {
    int last = count - 1;
    for (int q = 0; q <= last; q += 2) {
      // The last two may repeat one: chains of fewer would wait for each other.
      two(Math.max(0, Math.min(q, last - 1)), last, k, codes, po, scales, so, x, xo, y, yo);
    }
  }

  /** Two panels at once: more would need more registers than most processors have. */
  private static void two(
      int q,
      int last,
      int k,
      int[] codes,
      int po,
      float[] scales,
      int so,
      float[] x,
      int xo,
      float[] y,
      int yo) {
    int q1 = Math.min(q + 1, last);
    int size = Math.ceilDiv(k, STEPS) * NR;
    int c0 = po + q * size;
    int c1 = po + q1 * size;
    FloatVector s00 = FloatVector.fromArray(F32, scales, so + q * NR);
    FloatVector s01 = FloatVector.fromArray(F32, scales, so + q * NR + L);
    FloatVector s10 = FloatVector.fromArray(F32, scales, so + q1 * NR);
    FloatVector s11 = FloatVector.fromArray(F32, scales, so + q1 * NR + L);
    FloatVector zero = FloatVector.zero(F32);
    FloatVector y00 = zero;
    FloatVector y01 = zero;
    FloatVector y10 = zero;
    FloatVector y11 = zero;
    int p = 0;
    for (; p <= k - STEPS; p += STEPS) {
      FloatVector v0 = FloatVector.broadcast(F32, x[xo + p]);
      FloatVector v1 = FloatVector.broadcast(F32, x[xo + p + 1]);
      FloatVector v2 = FloatVector.broadcast(F32, x[xo + p + 2]);
      FloatVector v3 = FloatVector.broadcast(F32, x[xo + p + 3]);
      IntVector i00 = IntVector.fromArray(I32, codes, c0 + p / STEPS * NR);
      y00 =
          i00.lanewise(VectorOperators.LSHL, 24)
              .lanewise(VectorOperators.ASHR, 24)
              .convert(VectorOperators.I2F, 0)
              .reinterpretAsFloats()
              .mul(s00)
              .fma(v0, y00);
      y00 =
          i00.lanewise(VectorOperators.LSHL, 16)
              .lanewise(VectorOperators.ASHR, 24)
              .convert(VectorOperators.I2F, 0)
              .reinterpretAsFloats()
              .mul(s00)
              .fma(v1, y00);
      y00 =
          i00.lanewise(VectorOperators.LSHL, 8)
              .lanewise(VectorOperators.ASHR, 24)
              .convert(VectorOperators.I2F, 0)
              .reinterpretAsFloats()
              .mul(s00)
              .fma(v2, y00);
      y00 =
          i00.lanewise(VectorOperators.ASHR, 24)
              .convert(VectorOperators.I2F, 0)
              .reinterpretAsFloats()
              .mul(s00)
              .fma(v3, y00);
      IntVector i01 = IntVector.fromArray(I32, codes, c0 + p / STEPS * NR + L);
      y01 =
          i01.lanewise(VectorOperators.LSHL, 24)
              .lanewise(VectorOperators.ASHR, 24)
              .convert(VectorOperators.I2F, 0)
              .reinterpretAsFloats()
              .mul(s01)
              .fma(v0, y01);
      y01 =
          i01.lanewise(VectorOperators.LSHL, 16)
              .lanewise(VectorOperators.ASHR, 24)
              .convert(VectorOperators.I2F, 0)
              .reinterpretAsFloats()
              .mul(s01)
              .fma(v1, y01);
      y01 =
          i01.lanewise(VectorOperators.LSHL, 8)
              .lanewise(VectorOperators.ASHR, 24)
              .convert(VectorOperators.I2F, 0)
              .reinterpretAsFloats()
              .mul(s01)
              .fma(v2, y01);
      y01 =
          i01.lanewise(VectorOperators.ASHR, 24)
              .convert(VectorOperators.I2F, 0)
              .reinterpretAsFloats()
              .mul(s01)
              .fma(v3, y01);
      IntVector i10 = IntVector.fromArray(I32, codes, c1 + p / STEPS * NR);
      y10 =
          i10.lanewise(VectorOperators.LSHL, 24)
              .lanewise(VectorOperators.ASHR, 24)
              .convert(VectorOperators.I2F, 0)
              .reinterpretAsFloats()
              .mul(s10)
              .fma(v0, y10);
      y10 =
          i10.lanewise(VectorOperators.LSHL, 16)
              .lanewise(VectorOperators.ASHR, 24)
              .convert(VectorOperators.I2F, 0)
              .reinterpretAsFloats()
              .mul(s10)
              .fma(v1, y10);
      y10 =
          i10.lanewise(VectorOperators.LSHL, 8)
              .lanewise(VectorOperators.ASHR, 24)
              .convert(VectorOperators.I2F, 0)
              .reinterpretAsFloats()
              .mul(s10)
              .fma(v2, y10);
      y10 =
          i10.lanewise(VectorOperators.ASHR, 24)
              .convert(VectorOperators.I2F, 0)
              .reinterpretAsFloats()
              .mul(s10)
              .fma(v3, y10);
      IntVector i11 = IntVector.fromArray(I32, codes, c1 + p / STEPS * NR + L);
      y11 =
          i11.lanewise(VectorOperators.LSHL, 24)
              .lanewise(VectorOperators.ASHR, 24)
              .convert(VectorOperators.I2F, 0)
              .reinterpretAsFloats()
              .mul(s11)
              .fma(v0, y11);
      y11 =
          i11.lanewise(VectorOperators.LSHL, 16)
              .lanewise(VectorOperators.ASHR, 24)
              .convert(VectorOperators.I2F, 0)
              .reinterpretAsFloats()
              .mul(s11)
              .fma(v1, y11);
      y11 =
          i11.lanewise(VectorOperators.LSHL, 8)
              .lanewise(VectorOperators.ASHR, 24)
              .convert(VectorOperators.I2F, 0)
              .reinterpretAsFloats()
              .mul(s11)
              .fma(v2, y11);
      y11 =
          i11.lanewise(VectorOperators.ASHR, 24)
              .convert(VectorOperators.I2F, 0)
              .reinterpretAsFloats()
              .mul(s11)
              .fma(v3, y11);
    }
    for (; p < k; p++) { // at most 3
      int shift = 24 - p % STEPS * Byte.SIZE;
      FloatVector v = FloatVector.broadcast(F32, x[xo + p]);
      IntVector i00 = IntVector.fromArray(I32, codes, c0 + p / STEPS * NR);
      y00 =
          i00.lanewise(VectorOperators.LSHL, shift)
              .lanewise(VectorOperators.ASHR, 24)
              .convert(VectorOperators.I2F, 0)
              .reinterpretAsFloats()
              .mul(s00)
              .fma(v, y00);
      IntVector i01 = IntVector.fromArray(I32, codes, c0 + p / STEPS * NR + L);
      y01 =
          i01.lanewise(VectorOperators.LSHL, shift)
              .lanewise(VectorOperators.ASHR, 24)
              .convert(VectorOperators.I2F, 0)
              .reinterpretAsFloats()
              .mul(s01)
              .fma(v, y01);
      IntVector i10 = IntVector.fromArray(I32, codes, c1 + p / STEPS * NR);
      y10 =
          i10.lanewise(VectorOperators.LSHL, shift)
              .lanewise(VectorOperators.ASHR, 24)
              .convert(VectorOperators.I2F, 0)
              .reinterpretAsFloats()
              .mul(s10)
              .fma(v, y10);
      IntVector i11 = IntVector.fromArray(I32, codes, c1 + p / STEPS * NR + L);
      y11 =
          i11.lanewise(VectorOperators.LSHL, shift)
              .lanewise(VectorOperators.ASHR, 24)
              .convert(VectorOperators.I2F, 0)
              .reinterpretAsFloats()
              .mul(s11)
              .fma(v, y11);
    }
    y00.intoArray(y, yo + q * NR);
    y01.intoArray(y, yo + q * NR + L);
    y10.intoArray(y, yo + q1 * NR);
    y11.intoArray(y, yo + q1 * NR + L);
  }

  /** See {@link org.espalier.kernel.contract.GemmKernels#widen}. */
  static void widen(int k, int[] codes, int po, float[] scales, int so, float[] panel, int to) {
    FloatVector s0 = FloatVector.fromArray(F32, scales, so);
    FloatVector s1 = FloatVector.fromArray(F32, scales, so + L);
    int p = 0;
    for (; p <= k - STEPS; p += STEPS) {
      int o = to + p * NR;
      IntVector i0 = IntVector.fromArray(I32, codes, po + p / STEPS * NR);
      IntVector i1 = IntVector.fromArray(I32, codes, po + p / STEPS * NR + L);
      i0.lanewise(VectorOperators.LSHL, 24)
          .lanewise(VectorOperators.ASHR, 24)
          .convert(VectorOperators.I2F, 0)
          .reinterpretAsFloats()
          .mul(s0)
          .intoArray(panel, o);
      i1.lanewise(VectorOperators.LSHL, 24)
          .lanewise(VectorOperators.ASHR, 24)
          .convert(VectorOperators.I2F, 0)
          .reinterpretAsFloats()
          .mul(s1)
          .intoArray(panel, o + L);
      i0.lanewise(VectorOperators.LSHL, 16)
          .lanewise(VectorOperators.ASHR, 24)
          .convert(VectorOperators.I2F, 0)
          .reinterpretAsFloats()
          .mul(s0)
          .intoArray(panel, o + NR);
      i1.lanewise(VectorOperators.LSHL, 16)
          .lanewise(VectorOperators.ASHR, 24)
          .convert(VectorOperators.I2F, 0)
          .reinterpretAsFloats()
          .mul(s1)
          .intoArray(panel, o + NR + L);
      i0.lanewise(VectorOperators.LSHL, 8)
          .lanewise(VectorOperators.ASHR, 24)
          .convert(VectorOperators.I2F, 0)
          .reinterpretAsFloats()
          .mul(s0)
          .intoArray(panel, o + 2 * NR);
      i1.lanewise(VectorOperators.LSHL, 8)
          .lanewise(VectorOperators.ASHR, 24)
          .convert(VectorOperators.I2F, 0)
          .reinterpretAsFloats()
          .mul(s1)
          .intoArray(panel, o + 2 * NR + L);
      i0.lanewise(VectorOperators.ASHR, 24)
          .convert(VectorOperators.I2F, 0)
          .reinterpretAsFloats()
          .mul(s0)
          .intoArray(panel, o + 3 * NR);
      i1.lanewise(VectorOperators.ASHR, 24)
          .convert(VectorOperators.I2F, 0)
          .reinterpretAsFloats()
          .mul(s1)
          .intoArray(panel, o + 3 * NR + L);
    }
    for (; p < k; p++) { // at most 3
      int shift = 24 - p % STEPS * Byte.SIZE;
      IntVector i0 = IntVector.fromArray(I32, codes, po + p / STEPS * NR);
      IntVector i1 = IntVector.fromArray(I32, codes, po + p / STEPS * NR + L);
      i0.lanewise(VectorOperators.LSHL, shift)
          .lanewise(VectorOperators.ASHR, 24)
          .convert(VectorOperators.I2F, 0)
          .reinterpretAsFloats()
          .mul(s0)
          .intoArray(panel, to + p * NR);
      i1.lanewise(VectorOperators.LSHL, shift)
          .lanewise(VectorOperators.ASHR, 24)
          .convert(VectorOperators.I2F, 0)
          .reinterpretAsFloats()
          .mul(s1)
          .intoArray(panel, to + p * NR + L);
    }
  }
}
