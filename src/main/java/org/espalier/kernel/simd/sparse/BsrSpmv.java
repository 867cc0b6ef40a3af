package org.espalier.kernel.simd.sparse;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.espalier.kernel.simd.Lanes;
import org.espalier.sparse.BsrMatrix;

/**
 * Products of a {@link BsrMatrix}, its blocks as high as a group, with one vector. The rows of a
 * group lie in lanes; a <em>part</em> is as many of them as fill a register. Four parts are
 * computed at once, so that their chains of additions overlap, as far as the shortest goes; then
 * each goes on alone.
 */
final class BsrSpmv {
  private static final VectorSpecies<Float> F32 = Lanes.F32;
  private static final int L = Lanes.LENGTH;
  private static final int ROWS = BsrMatrix.ROWS;

  /** Parts of a group. */
  static final int PARTS = ROWS / L;

  private BsrSpmv() {}

  /** Returns the steps of a part. */
  static int steps(BsrMatrix m, int part) {
    return m.groupPtr()[part / PARTS + 1] - m.groupPtr()[part / PARTS];
  }

  /** Returns the index of a part's first value. */
  private static int value(BsrMatrix m, int part) {
    return m.groupPtr()[part / PARTS] * ROWS + part % PARTS * L;
  }

  /** Returns the index of a part's first column. */
  private static int column(BsrMatrix m, int part) {
    return m.groupPtr()[part / PARTS];
  }

  /** The first {@code n} steps of four parts. */
  static void four(BsrMatrix m, int part, int n, float[] x, int xo, float[] sums) {
    float[] values = m.values();
    char[] cols = m.colIdx();
    int v0 = value(m, part);
    int v1 = value(m, part + 1);
    int v2 = value(m, part + 2);
    int v3 = value(m, part + 3);
    int c0 = column(m, part);
    int c1 = column(m, part + 1);
    int c2 = column(m, part + 2);
    int c3 = column(m, part + 3);
    FloatVector s0 = FloatVector.zero(F32);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    for (int i = 0; i < n; i++) {
      int e = i * ROWS;
      FloatVector x0 = FloatVector.broadcast(F32, x[xo + cols[c0 + i]]);
      s0 = FloatVector.fromArray(F32, values, v0 + e).fma(x0, s0);
      FloatVector x1 = FloatVector.broadcast(F32, x[xo + cols[c1 + i]]);
      s1 = FloatVector.fromArray(F32, values, v1 + e).fma(x1, s1);
      FloatVector x2 = FloatVector.broadcast(F32, x[xo + cols[c2 + i]]);
      s2 = FloatVector.fromArray(F32, values, v2 + e).fma(x2, s2);
      FloatVector x3 = FloatVector.broadcast(F32, x[xo + cols[c3 + i]]);
      s3 = FloatVector.fromArray(F32, values, v3 + e).fma(x3, s3);
    }
    s0.intoArray(sums, part * L);
    s1.intoArray(sums, part * L + L);
    s2.intoArray(sums, part * L + 2 * L);
    s3.intoArray(sums, part * L + 3 * L);
  }

  /** Goes on with a part from a step. */
  static void one(BsrMatrix m, int part, int from, float[] x, int xo, float[] sums) {
    float[] values = m.values();
    char[] cols = m.colIdx();
    int v = value(m, part);
    int c = column(m, part);
    int n = steps(m, part);
    FloatVector sum = FloatVector.fromArray(F32, sums, part * L);
    for (int i = from; i < n; i++) {
      FloatVector x0 = FloatVector.broadcast(F32, x[xo + cols[c + i]]);
      sum = FloatVector.fromArray(F32, values, v + i * ROWS).fma(x0, sum);
    }
    sum.intoArray(sums, part * L);
  }
}
