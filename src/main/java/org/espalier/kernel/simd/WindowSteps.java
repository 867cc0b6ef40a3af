package org.espalier.kernel.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.espalier.sparse.WindowMatrix;

/**
 * The steps of a block of a {@link WindowMatrix}, in its two forms. An offset comes to the low end
 * of its lane by a shift; {@code selectFrom} looks at as many low bits as there are elements to
 * choose from.
 */
final class WindowSteps {
  private static final VectorSpecies<Float> F32 = Lanes.F32;
  private static final VectorSpecies<Integer> I32 = Lanes.I32;
  private static final int L = F32.length();

  private WindowSteps() {}

  /** Four groups take a step each, in windows of one register. */
  static void fourGroups(WindowMatrix w, int b, float[] x, int xo, float[] sums) {
    char[] starts = w.starts();
    int[] offsets = w.offsets();
    float[] values = w.values();
    int end = w.blockPtr()[b + 1];
    FloatVector a0 = FloatVector.zero(F32);
    FloatVector a1 = a0;
    FloatVector a2 = a0;
    FloatVector a3 = a0;
    for (int r = w.blockPtr()[b]; r < end; r++) {
      int v = WindowMatrix.FIRST + r * 4 * L;
      IntVector o = IntVector.fromArray(I32, offsets, WindowMatrix.FIRST + r * L);
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
  static void twoGroups(WindowMatrix w, int b, float[] x, int xo, float[] sums) {
    char[] starts = w.starts();
    int[] offsets = w.offsets();
    float[] values = w.values();
    int end = w.blockPtr()[b + 1];
    FloatVector a0 = FloatVector.zero(F32);
    FloatVector a1 = a0;
    for (int r = w.blockPtr()[b]; r < end; r++) {
      int v = WindowMatrix.FIRST + r * 4 * L;
      IntVector o = IntVector.fromArray(I32, offsets, WindowMatrix.FIRST + r * L);
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
}
