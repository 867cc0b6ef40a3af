package org.espalier.kernel.simd.sparse;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.espalier.kernel.simd.Lanes;
import org.espalier.sparse.SellMatrix;

/**
 * The steps of {@link SellSpmvFp32} with values of bytes or halves, widened in registers. A byte
 * comes to the top of its lane, then down with its sign. A half's sign, exponent and significand
 * come to where a float has them, of which only the bias of the exponent is another.
 */
final class SellSpmvNarrow {
  private static final VectorSpecies<Float> F32 = Lanes.F32;
  private static final VectorSpecies<Integer> I32 = Lanes.I32;
  private static final int L = F32.length();

  /** The bits that a half has in a float. */
  private static final int HALF = 0x8fffe000;

  /** By how much the biases of the exponents differ: 127 − 15. */
  private static final float BIAS = 0x1p112f;

  private SellSpmvNarrow() {}

  /** Four groups take a step each, in windows of one register; values are bytes. */
  static void fourGroupsOfBytes(SellMatrix w, int b, float[] x, int xo, float[] sums) {
    char[] starts = w.starts();
    int[] offsets = w.offsets();
    int[] codes = w.codes();
    int end = w.blockPtr()[b + 1];
    int s = b * 4 * L;
    FloatVector s0 = FloatVector.fromArray(F32, w.laneScales(), s);
    FloatVector s1 = FloatVector.fromArray(F32, w.laneScales(), s + L);
    FloatVector s2 = FloatVector.fromArray(F32, w.laneScales(), s + 2 * L);
    FloatVector s3 = FloatVector.fromArray(F32, w.laneScales(), s + 3 * L);
    FloatVector a0 = FloatVector.zero(F32);
    FloatVector a1 = a0;
    FloatVector a2 = a0;
    FloatVector a3 = a0;
    for (int r = w.blockPtr()[b]; r < end; r++) {
      IntVector o = IntVector.fromArray(I32, offsets, SellMatrix.FIRST + r * L);
      IntVector c = IntVector.fromArray(I32, codes, SellMatrix.FIRST + r * L);
      FloatVector v0 =
          c.lanewise(VectorOperators.LSHL, 24)
              .lanewise(VectorOperators.ASHR, 24)
              .convert(VectorOperators.I2F, 0)
              .reinterpretAsFloats()
              .mul(s0);
      IntVector x0 = FloatVector.fromArray(F32, x, xo + starts[4 * r]).reinterpretAsInts();
      a0 = v0.fma(o.selectFrom(x0).reinterpretAsFloats(), a0);
      FloatVector v1 =
          c.lanewise(VectorOperators.LSHL, 16)
              .lanewise(VectorOperators.ASHR, 24)
              .convert(VectorOperators.I2F, 0)
              .reinterpretAsFloats()
              .mul(s1);
      IntVector x1 = FloatVector.fromArray(F32, x, xo + starts[4 * r + 1]).reinterpretAsInts();
      a1 = v1.fma(o.lanewise(VectorOperators.LSHR, 8).selectFrom(x1).reinterpretAsFloats(), a1);
      FloatVector v2 =
          c.lanewise(VectorOperators.LSHL, 8)
              .lanewise(VectorOperators.ASHR, 24)
              .convert(VectorOperators.I2F, 0)
              .reinterpretAsFloats()
              .mul(s2);
      IntVector x2 = FloatVector.fromArray(F32, x, xo + starts[4 * r + 2]).reinterpretAsInts();
      a2 = v2.fma(o.lanewise(VectorOperators.LSHR, 16).selectFrom(x2).reinterpretAsFloats(), a2);
      FloatVector v3 =
          c.lanewise(VectorOperators.ASHR, 24)
              .convert(VectorOperators.I2F, 0)
              .reinterpretAsFloats()
              .mul(s3);
      IntVector x3 = FloatVector.fromArray(F32, x, xo + starts[4 * r + 3]).reinterpretAsInts();
      a3 = v3.fma(o.lanewise(VectorOperators.LSHR, 24).selectFrom(x3).reinterpretAsFloats(), a3);
    }
    a0.intoArray(sums, s);
    a1.intoArray(sums, s + L);
    a2.intoArray(sums, s + 2 * L);
    a3.intoArray(sums, s + 3 * L);
  }

  /** Two groups take two steps each, in windows of two registers; values are bytes. */
  static void twoGroupsOfBytes(SellMatrix w, int b, float[] x, int xo, float[] sums) {
    char[] starts = w.starts();
    int[] offsets = w.offsets();
    int[] codes = w.codes();
    int end = w.blockPtr()[b + 1];
    int s = b * 2 * L;
    FloatVector s0 = FloatVector.fromArray(F32, w.laneScales(), s);
    FloatVector s1 = FloatVector.fromArray(F32, w.laneScales(), s + L);
    FloatVector a0 = FloatVector.zero(F32);
    FloatVector a1 = a0;
    for (int r = w.blockPtr()[b]; r < end; r++) {
      IntVector o = IntVector.fromArray(I32, offsets, SellMatrix.FIRST + r * L);
      IntVector c = IntVector.fromArray(I32, codes, SellMatrix.FIRST + r * L);
      int q0 = xo + starts[2 * r];
      IntVector l0 = FloatVector.fromArray(F32, x, q0).reinterpretAsInts();
      IntVector h0 = FloatVector.fromArray(F32, x, q0 + L).reinterpretAsInts();
      FloatVector v0 =
          c.lanewise(VectorOperators.LSHL, 24)
              .lanewise(VectorOperators.ASHR, 24)
              .convert(VectorOperators.I2F, 0)
              .reinterpretAsFloats()
              .mul(s0);
      a0 = v0.fma(o.selectFrom(l0, h0).reinterpretAsFloats(), a0);
      FloatVector v1 =
          c.lanewise(VectorOperators.LSHL, 16)
              .lanewise(VectorOperators.ASHR, 24)
              .convert(VectorOperators.I2F, 0)
              .reinterpretAsFloats()
              .mul(s0);
      a0 = v1.fma(o.lanewise(VectorOperators.LSHR, 8).selectFrom(l0, h0).reinterpretAsFloats(), a0);
      int q1 = xo + starts[2 * r + 1];
      IntVector l1 = FloatVector.fromArray(F32, x, q1).reinterpretAsInts();
      IntVector h1 = FloatVector.fromArray(F32, x, q1 + L).reinterpretAsInts();
      FloatVector v2 =
          c.lanewise(VectorOperators.LSHL, 8)
              .lanewise(VectorOperators.ASHR, 24)
              .convert(VectorOperators.I2F, 0)
              .reinterpretAsFloats()
              .mul(s1);
      a1 =
          v2.fma(o.lanewise(VectorOperators.LSHR, 16).selectFrom(l1, h1).reinterpretAsFloats(), a1);
      FloatVector v3 =
          c.lanewise(VectorOperators.ASHR, 24)
              .convert(VectorOperators.I2F, 0)
              .reinterpretAsFloats()
              .mul(s1);
      a1 =
          v3.fma(o.lanewise(VectorOperators.LSHR, 24).selectFrom(l1, h1).reinterpretAsFloats(), a1);
    }
    a0.intoArray(sums, s);
    a1.intoArray(sums, s + L);
  }

  /** Four groups take a step each, in windows of one register; values are halves. */
  static void fourGroupsOfHalves(SellMatrix w, int b, float[] x, int xo, float[] sums) {
    char[] starts = w.starts();
    int[] offsets = w.offsets();
    int[] codes = w.codes();
    int end = w.blockPtr()[b + 1];
    int s = b * 4 * L;
    FloatVector s0 = FloatVector.fromArray(F32, w.laneScales(), s);
    FloatVector s1 = FloatVector.fromArray(F32, w.laneScales(), s + L);
    FloatVector s2 = FloatVector.fromArray(F32, w.laneScales(), s + 2 * L);
    FloatVector s3 = FloatVector.fromArray(F32, w.laneScales(), s + 3 * L);
    FloatVector a0 = FloatVector.zero(F32);
    FloatVector a1 = a0;
    FloatVector a2 = a0;
    FloatVector a3 = a0;
    for (int r = w.blockPtr()[b]; r < end; r++) {
      IntVector o = IntVector.fromArray(I32, offsets, SellMatrix.FIRST + r * L);
      IntVector c = IntVector.fromArray(I32, codes, SellMatrix.FIRST + 2 * r * L);
      IntVector d = IntVector.fromArray(I32, codes, SellMatrix.FIRST + 2 * r * L + L);
      FloatVector v0 =
          c.lanewise(VectorOperators.LSHL, 16)
              .lanewise(VectorOperators.ASHR, 3)
              .and(HALF)
              .reinterpretAsFloats()
              .mul(BIAS)
              .mul(s0);
      IntVector x0 = FloatVector.fromArray(F32, x, xo + starts[4 * r]).reinterpretAsInts();
      a0 = v0.fma(o.selectFrom(x0).reinterpretAsFloats(), a0);
      FloatVector v1 =
          c.lanewise(VectorOperators.ASHR, 3).and(HALF).reinterpretAsFloats().mul(BIAS).mul(s1);
      IntVector x1 = FloatVector.fromArray(F32, x, xo + starts[4 * r + 1]).reinterpretAsInts();
      a1 = v1.fma(o.lanewise(VectorOperators.LSHR, 8).selectFrom(x1).reinterpretAsFloats(), a1);
      FloatVector v2 =
          d.lanewise(VectorOperators.LSHL, 16)
              .lanewise(VectorOperators.ASHR, 3)
              .and(HALF)
              .reinterpretAsFloats()
              .mul(BIAS)
              .mul(s2);
      IntVector x2 = FloatVector.fromArray(F32, x, xo + starts[4 * r + 2]).reinterpretAsInts();
      a2 = v2.fma(o.lanewise(VectorOperators.LSHR, 16).selectFrom(x2).reinterpretAsFloats(), a2);
      FloatVector v3 =
          d.lanewise(VectorOperators.ASHR, 3).and(HALF).reinterpretAsFloats().mul(BIAS).mul(s3);
      IntVector x3 = FloatVector.fromArray(F32, x, xo + starts[4 * r + 3]).reinterpretAsInts();
      a3 = v3.fma(o.lanewise(VectorOperators.LSHR, 24).selectFrom(x3).reinterpretAsFloats(), a3);
    }
    a0.intoArray(sums, s);
    a1.intoArray(sums, s + L);
    a2.intoArray(sums, s + 2 * L);
    a3.intoArray(sums, s + 3 * L);
  }

  /** Two groups take two steps each, in windows of two registers; values are halves. */
  static void twoGroupsOfHalves(SellMatrix w, int b, float[] x, int xo, float[] sums) {
    char[] starts = w.starts();
    int[] offsets = w.offsets();
    int[] codes = w.codes();
    int end = w.blockPtr()[b + 1];
    int s = b * 2 * L;
    FloatVector s0 = FloatVector.fromArray(F32, w.laneScales(), s);
    FloatVector s1 = FloatVector.fromArray(F32, w.laneScales(), s + L);
    FloatVector a0 = FloatVector.zero(F32);
    FloatVector a1 = a0;
    for (int r = w.blockPtr()[b]; r < end; r++) {
      IntVector o = IntVector.fromArray(I32, offsets, SellMatrix.FIRST + r * L);
      IntVector c = IntVector.fromArray(I32, codes, SellMatrix.FIRST + 2 * r * L);
      IntVector d = IntVector.fromArray(I32, codes, SellMatrix.FIRST + 2 * r * L + L);
      int q0 = xo + starts[2 * r];
      IntVector l0 = FloatVector.fromArray(F32, x, q0).reinterpretAsInts();
      IntVector h0 = FloatVector.fromArray(F32, x, q0 + L).reinterpretAsInts();
      FloatVector v0 =
          c.lanewise(VectorOperators.LSHL, 16)
              .lanewise(VectorOperators.ASHR, 3)
              .and(HALF)
              .reinterpretAsFloats()
              .mul(BIAS)
              .mul(s0);
      a0 = v0.fma(o.selectFrom(l0, h0).reinterpretAsFloats(), a0);
      FloatVector v1 =
          c.lanewise(VectorOperators.ASHR, 3).and(HALF).reinterpretAsFloats().mul(BIAS).mul(s0);
      a0 = v1.fma(o.lanewise(VectorOperators.LSHR, 8).selectFrom(l0, h0).reinterpretAsFloats(), a0);
      int q1 = xo + starts[2 * r + 1];
      IntVector l1 = FloatVector.fromArray(F32, x, q1).reinterpretAsInts();
      IntVector h1 = FloatVector.fromArray(F32, x, q1 + L).reinterpretAsInts();
      FloatVector v2 =
          d.lanewise(VectorOperators.LSHL, 16)
              .lanewise(VectorOperators.ASHR, 3)
              .and(HALF)
              .reinterpretAsFloats()
              .mul(BIAS)
              .mul(s1);
      a1 =
          v2.fma(o.lanewise(VectorOperators.LSHR, 16).selectFrom(l1, h1).reinterpretAsFloats(), a1);
      FloatVector v3 =
          d.lanewise(VectorOperators.ASHR, 3).and(HALF).reinterpretAsFloats().mul(BIAS).mul(s1);
      a1 =
          v3.fma(o.lanewise(VectorOperators.LSHR, 24).selectFrom(l1, h1).reinterpretAsFloats(), a1);
    }
    a0.intoArray(sums, s);
    a1.intoArray(sums, s + L);
  }
}
