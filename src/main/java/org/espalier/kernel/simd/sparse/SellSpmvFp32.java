package org.espalier.kernel.simd.sparse;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.espalier.kernel.simd.Lanes;
import org.espalier.sparse.SellMatrix;

/**
 * The steps of a block of a {@link SellMatrix}, in its forms. An offset comes to the low end of its
 * lane by a shift; {@code selectFrom} looks at as many low bits as there are elements to choose
 * from; where there are more registers, the bits above choose among what each pair of them gave. To
 * let the chains of additions of several groups overlap is left to the processor where a block has
 * one.
 */
final class SellSpmvFp32 {
  private static final VectorSpecies<Float> F32 = Lanes.F32;
  private static final VectorSpecies<Integer> I32 = Lanes.I32;
  private static final int L = F32.length();

  /** Columns of the windows of {@link #wide}. */
  static final int WIDE = 64;

  /** Columns of the windows of {@link #widest}. */
  static final int WIDEST = 128;

  private SellSpmvFp32() {}

  /** Four groups take a step each, in windows of one register. */
  static void fourGroups(SellMatrix w, int b, float[] x, int xo, float[] sums) {
    char[] starts = w.starts();
    int[] offsets = w.offsets();
    float[] values = w.values();
    int end = w.blockPtr()[b + 1];
    FloatVector a0 = FloatVector.zero(F32);
    FloatVector a1 = a0;
    FloatVector a2 = a0;
    FloatVector a3 = a0;
    for (int r = w.blockPtr()[b]; r < end; r++) {
      int v = SellMatrix.FIRST + r * 4 * L;
      IntVector o = IntVector.fromArray(I32, offsets, SellMatrix.FIRST + r * L);
      a0 = FloatVector.fromArray(F32, values, v).fma(pick(o, x, xo + starts[4 * r]), a0);
      a1 =
          FloatVector.fromArray(F32, values, v + L)
              .fma(pick(o.lanewise(VectorOperators.LSHR, 8), x, xo + starts[4 * r + 1]), a1);
      a2 =
          FloatVector.fromArray(F32, values, v + 2 * L)
              .fma(pick(o.lanewise(VectorOperators.LSHR, 16), x, xo + starts[4 * r + 2]), a2);
      a3 =
          FloatVector.fromArray(F32, values, v + 3 * L)
              .fma(pick(o.lanewise(VectorOperators.LSHR, 24), x, xo + starts[4 * r + 3]), a3);
    }
    int s = b * 4 * L;
    a0.intoArray(sums, s);
    a1.intoArray(sums, s + L);
    a2.intoArray(sums, s + 2 * L);
    a3.intoArray(sums, s + 3 * L);
  }

  /** Returns for each lane the element of the window at {@code start} that its offset names. */
  private static FloatVector pick(IntVector offsets, float[] x, int start) {
    return offsets
        .selectFrom(FloatVector.fromArray(F32, x, start).reinterpretAsInts())
        .reinterpretAsFloats();
  }

  /** Two groups take two steps each, in windows of two registers. */
  static void twoGroups(SellMatrix w, int b, float[] x, int xo, float[] sums) {
    char[] starts = w.starts();
    int[] offsets = w.offsets();
    float[] values = w.values();
    int end = w.blockPtr()[b + 1];
    FloatVector a0 = FloatVector.zero(F32);
    FloatVector a1 = a0;
    for (int r = w.blockPtr()[b]; r < end; r++) {
      int v = SellMatrix.FIRST + r * 4 * L;
      IntVector o = IntVector.fromArray(I32, offsets, SellMatrix.FIRST + r * L);
      int q0 = xo + starts[2 * r];
      IntVector l0 = FloatVector.fromArray(F32, x, q0).reinterpretAsInts();
      IntVector h0 = FloatVector.fromArray(F32, x, q0 + L).reinterpretAsInts();
      IntVector p0 = o.selectFrom(l0, h0);
      IntVector p1 = o.lanewise(VectorOperators.LSHR, 8).selectFrom(l0, h0);
      a0 = FloatVector.fromArray(F32, values, v).fma(p0.reinterpretAsFloats(), a0);
      a0 = FloatVector.fromArray(F32, values, v + L).fma(p1.reinterpretAsFloats(), a0);
      int q1 = xo + starts[2 * r + 1];
      IntVector l1 = FloatVector.fromArray(F32, x, q1).reinterpretAsInts();
      IntVector h1 = FloatVector.fromArray(F32, x, q1 + L).reinterpretAsInts();
      IntVector p2 = o.lanewise(VectorOperators.LSHR, 16).selectFrom(l1, h1);
      IntVector p3 = o.lanewise(VectorOperators.LSHR, 24).selectFrom(l1, h1);
      a1 = FloatVector.fromArray(F32, values, v + 2 * L).fma(p2.reinterpretAsFloats(), a1);
      a1 = FloatVector.fromArray(F32, values, v + 3 * L).fma(p3.reinterpretAsFloats(), a1);
    }
    int s = b * 2 * L;
    a0.intoArray(sums, s);
    a1.intoArray(sums, s + L);
  }

  /** A group takes four steps in a window of four registers: {@link #WIDE} columns. */
  static void wide(SellMatrix w, int b, float[] x, int xo, float[] sums) {
    char[] starts = w.starts();
    int[] offsets = w.offsets();
    float[] values = w.values();
    int end = w.blockPtr()[b + 1];
    FloatVector a = FloatVector.zero(F32);
    for (int r = w.blockPtr()[b]; r < end; r++) {
      int v = SellMatrix.FIRST + r * 4 * L;
      int q = xo + starts[r];
      IntVector x0 = FloatVector.fromArray(F32, x, q).reinterpretAsInts();
      IntVector x1 = FloatVector.fromArray(F32, x, q + L).reinterpretAsInts();
      IntVector x2 = FloatVector.fromArray(F32, x, q + 2 * L).reinterpretAsInts();
      IntVector x3 = FloatVector.fromArray(F32, x, q + 3 * L).reinterpretAsInts();
      IntVector o0 = IntVector.fromArray(I32, offsets, SellMatrix.FIRST + r * L);
      VectorMask<Integer> m0 = o0.and(2 * L).compare(VectorOperators.NE, 0);
      IntVector p0 = o0.selectFrom(x0, x1).blend(o0.selectFrom(x2, x3), m0);
      a = FloatVector.fromArray(F32, values, v).fma(p0.reinterpretAsFloats(), a);
      IntVector o1 = o0.lanewise(VectorOperators.LSHR, 8);
      VectorMask<Integer> m1 = o1.and(2 * L).compare(VectorOperators.NE, 0);
      IntVector p1 = o1.selectFrom(x0, x1).blend(o1.selectFrom(x2, x3), m1);
      a = FloatVector.fromArray(F32, values, v + L).fma(p1.reinterpretAsFloats(), a);
      IntVector o2 = o0.lanewise(VectorOperators.LSHR, 16);
      VectorMask<Integer> m2 = o2.and(2 * L).compare(VectorOperators.NE, 0);
      IntVector p2 = o2.selectFrom(x0, x1).blend(o2.selectFrom(x2, x3), m2);
      a = FloatVector.fromArray(F32, values, v + 2 * L).fma(p2.reinterpretAsFloats(), a);
      IntVector o3 = o0.lanewise(VectorOperators.LSHR, 24);
      VectorMask<Integer> m3 = o3.and(2 * L).compare(VectorOperators.NE, 0);
      IntVector p3 = o3.selectFrom(x0, x1).blend(o3.selectFrom(x2, x3), m3);
      a = FloatVector.fromArray(F32, values, v + 3 * L).fma(p3.reinterpretAsFloats(), a);
    }
    a.intoArray(sums, b * L);
  }

  /** A group takes four steps in a window of eight registers: {@link #WIDEST} columns. */
  static void widest(SellMatrix w, int b, float[] x, int xo, float[] sums) {
    char[] starts = w.starts();
    int[] offsets = w.offsets();
    float[] values = w.values();
    int end = w.blockPtr()[b + 1];
    FloatVector a = FloatVector.zero(F32);
    for (int r = w.blockPtr()[b]; r < end; r++) {
      int v = SellMatrix.FIRST + r * 4 * L;
      int q = xo + starts[r];
      IntVector x0 = FloatVector.fromArray(F32, x, q).reinterpretAsInts();
      IntVector x1 = FloatVector.fromArray(F32, x, q + L).reinterpretAsInts();
      IntVector x2 = FloatVector.fromArray(F32, x, q + 2 * L).reinterpretAsInts();
      IntVector x3 = FloatVector.fromArray(F32, x, q + 3 * L).reinterpretAsInts();
      IntVector x4 = FloatVector.fromArray(F32, x, q + 4 * L).reinterpretAsInts();
      IntVector x5 = FloatVector.fromArray(F32, x, q + 5 * L).reinterpretAsInts();
      IntVector x6 = FloatVector.fromArray(F32, x, q + 6 * L).reinterpretAsInts();
      IntVector x7 = FloatVector.fromArray(F32, x, q + 7 * L).reinterpretAsInts();
      IntVector o0 = IntVector.fromArray(I32, offsets, SellMatrix.FIRST + r * L);
      VectorMask<Integer> m0 = o0.and(2 * L).compare(VectorOperators.NE, 0);
      VectorMask<Integer> n0 = o0.and(4 * L).compare(VectorOperators.NE, 0);
      IntVector l0 = o0.selectFrom(x0, x1).blend(o0.selectFrom(x2, x3), m0);
      IntVector h0 = o0.selectFrom(x4, x5).blend(o0.selectFrom(x6, x7), m0);
      IntVector p0 = l0.blend(h0, n0);
      a = FloatVector.fromArray(F32, values, v).fma(p0.reinterpretAsFloats(), a);
      IntVector o1 = o0.lanewise(VectorOperators.LSHR, 8);
      VectorMask<Integer> m1 = o1.and(2 * L).compare(VectorOperators.NE, 0);
      VectorMask<Integer> n1 = o1.and(4 * L).compare(VectorOperators.NE, 0);
      IntVector l1 = o1.selectFrom(x0, x1).blend(o1.selectFrom(x2, x3), m1);
      IntVector h1 = o1.selectFrom(x4, x5).blend(o1.selectFrom(x6, x7), m1);
      IntVector p1 = l1.blend(h1, n1);
      a = FloatVector.fromArray(F32, values, v + L).fma(p1.reinterpretAsFloats(), a);
      IntVector o2 = o0.lanewise(VectorOperators.LSHR, 16);
      VectorMask<Integer> m2 = o2.and(2 * L).compare(VectorOperators.NE, 0);
      VectorMask<Integer> n2 = o2.and(4 * L).compare(VectorOperators.NE, 0);
      IntVector l2 = o2.selectFrom(x0, x1).blend(o2.selectFrom(x2, x3), m2);
      IntVector h2 = o2.selectFrom(x4, x5).blend(o2.selectFrom(x6, x7), m2);
      IntVector p2 = l2.blend(h2, n2);
      a = FloatVector.fromArray(F32, values, v + 2 * L).fma(p2.reinterpretAsFloats(), a);
      IntVector o3 = o0.lanewise(VectorOperators.LSHR, 24);
      VectorMask<Integer> m3 = o3.and(2 * L).compare(VectorOperators.NE, 0);
      VectorMask<Integer> n3 = o3.and(4 * L).compare(VectorOperators.NE, 0);
      IntVector l3 = o3.selectFrom(x0, x1).blend(o3.selectFrom(x2, x3), m3);
      IntVector h3 = o3.selectFrom(x4, x5).blend(o3.selectFrom(x6, x7), m3);
      IntVector p3 = l3.blend(h3, n3);
      a = FloatVector.fromArray(F32, values, v + 3 * L).fma(p3.reinterpretAsFloats(), a);
    }
    a.intoArray(sums, b * L);
  }

  /**
   * Two groups of eight rows take two steps each, in windows of two registers. No instruction
   * chooses from both: bit 3 of an offset, brought to the sign, says of which the element is.
   */
  static void pairs(SellMatrix w, int b, float[] x, int xo, float[] sums) {
    char[] starts = w.starts();
    int[] offsets = w.offsets();
    float[] values = w.values();
    int end = w.blockPtr()[b + 1];
    FloatVector a0 = FloatVector.zero(F32);
    FloatVector a1 = a0;
    for (int r = w.blockPtr()[b]; r < end; r++) {
      int v = SellMatrix.FIRST + r * 4 * L;
      IntVector o = IntVector.fromArray(I32, offsets, SellMatrix.FIRST + r * L);
      int q0 = xo + starts[2 * r];
      IntVector l0 = FloatVector.fromArray(F32, x, q0).reinterpretAsInts();
      IntVector h0 = FloatVector.fromArray(F32, x, q0 + L).reinterpretAsInts();
      VectorMask<Integer> m0 = o.lanewise(VectorOperators.LSHL, 28).compare(VectorOperators.LT, 0);
      IntVector p0 = o.selectFrom(l0).blend(o.selectFrom(h0), m0);
      a0 = FloatVector.fromArray(F32, values, v).fma(p0.reinterpretAsFloats(), a0);
      IntVector o1 = o.lanewise(VectorOperators.LSHR, 8);
      VectorMask<Integer> m1 = o.lanewise(VectorOperators.LSHL, 20).compare(VectorOperators.LT, 0);
      IntVector p1 = o1.selectFrom(l0).blend(o1.selectFrom(h0), m1);
      a0 = FloatVector.fromArray(F32, values, v + L).fma(p1.reinterpretAsFloats(), a0);
      int q1 = xo + starts[2 * r + 1];
      IntVector l1 = FloatVector.fromArray(F32, x, q1).reinterpretAsInts();
      IntVector h1 = FloatVector.fromArray(F32, x, q1 + L).reinterpretAsInts();
      IntVector o2 = o.lanewise(VectorOperators.LSHR, 16);
      VectorMask<Integer> m2 = o.lanewise(VectorOperators.LSHL, 12).compare(VectorOperators.LT, 0);
      IntVector p2 = o2.selectFrom(l1).blend(o2.selectFrom(h1), m2);
      a1 = FloatVector.fromArray(F32, values, v + 2 * L).fma(p2.reinterpretAsFloats(), a1);
      IntVector o3 = o.lanewise(VectorOperators.LSHR, 24);
      VectorMask<Integer> m3 = o.lanewise(VectorOperators.LSHL, 4).compare(VectorOperators.LT, 0);
      IntVector p3 = o3.selectFrom(l1).blend(o3.selectFrom(h1), m3);
      a1 = FloatVector.fromArray(F32, values, v + 3 * L).fma(p3.reinterpretAsFloats(), a1);
    }
    int s = b * 2 * L;
    a0.intoArray(sums, s);
    a1.intoArray(sums, s + L);
  }
}
