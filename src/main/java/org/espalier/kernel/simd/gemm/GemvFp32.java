package org.espalier.kernel.simd.gemm;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.espalier.kernel.simd.Lanes;

/** A packed matrix times a vector. */
final class GemvFp32 {
  private static final VectorSpecies<Float> F32 = Lanes.F32;
  private static final int L = Lanes.LENGTH;
  private static final int NR = 2 * L;

  private GemvFp32() {}

  /** See {@link org.espalier.kernel.contract.GemmKernels#gemvPanels}. */
  static void gemv(int count, int k, float[] panels, int po, float[] x, int xo, float[] y, int yo) {
    int last = count - 1;
    int q = 0;
    for (; q < last - 1; q += 4) {
      // The last four may repeat one: as cheap as three, whose chains would wait for each other.
      four(Math.min(q, Math.max(0, last - 3)), last, k, panels, po, x, xo, y, yo);
    }
    if (q <= last) {
      two(q, last, k, panels, po, x, xo, y, yo);
    }
  }

  /** Two panels at once, or one twice. */
  private static void two(
      int q, int last, int k, float[] w, int po, float[] x, int xo, float[] y, int yo) {
    int size = k * NR;
    int w0 = po + q * size;
    int w1 = po + last * size;
    FloatVector zero = FloatVector.zero(F32);
    FloatVector y00 = zero;
    FloatVector y01 = zero;
    FloatVector y10 = zero;
    FloatVector y11 = zero;
    for (int p = 0; p < k; p++) {
      FloatVector v = FloatVector.broadcast(F32, x[xo + p]);
      y00 = FloatVector.fromArray(F32, w, w0 + p * NR).fma(v, y00);
      y01 = FloatVector.fromArray(F32, w, w0 + p * NR + L).fma(v, y01);
      y10 = FloatVector.fromArray(F32, w, w1 + p * NR).fma(v, y10);
      y11 = FloatVector.fromArray(F32, w, w1 + p * NR + L).fma(v, y11);
    }
    y00.intoArray(y, yo + q * NR);
    y01.intoArray(y, yo + q * NR + L);
    y10.intoArray(y, yo + last * NR);
    y11.intoArray(y, yo + last * NR + L);
  }

  /** Four panels at once: eight chains hide the latency of fma. */
  private static void four(
      int q, int last, int k, float[] w, int po, float[] x, int xo, float[] y, int yo) {
    int q1 = Math.min(q + 1, last);
    int q2 = Math.min(q + 2, last);
    int q3 = Math.min(q + 3, last);
    int size = k * NR;
    int w0 = po + q * size;
    int w1 = po + q1 * size;
    int w2 = po + q2 * size;
    int w3 = po + q3 * size;
    FloatVector zero = FloatVector.zero(F32);
    FloatVector y00 = zero;
    FloatVector y01 = zero;
    FloatVector y10 = zero;
    FloatVector y11 = zero;
    FloatVector y20 = zero;
    FloatVector y21 = zero;
    FloatVector y30 = zero;
    FloatVector y31 = zero;
    for (int p = 0; p < k; p++) {
      FloatVector v = FloatVector.broadcast(F32, x[xo + p]);
      y00 = FloatVector.fromArray(F32, w, w0 + p * NR).fma(v, y00);
      y01 = FloatVector.fromArray(F32, w, w0 + p * NR + L).fma(v, y01);
      y10 = FloatVector.fromArray(F32, w, w1 + p * NR).fma(v, y10);
      y11 = FloatVector.fromArray(F32, w, w1 + p * NR + L).fma(v, y11);
      y20 = FloatVector.fromArray(F32, w, w2 + p * NR).fma(v, y20);
      y21 = FloatVector.fromArray(F32, w, w2 + p * NR + L).fma(v, y21);
      y30 = FloatVector.fromArray(F32, w, w3 + p * NR).fma(v, y30);
      y31 = FloatVector.fromArray(F32, w, w3 + p * NR + L).fma(v, y31);
    }
    y00.intoArray(y, yo + q * NR);
    y01.intoArray(y, yo + q * NR + L);
    y10.intoArray(y, yo + q1 * NR);
    y11.intoArray(y, yo + q1 * NR + L);
    y20.intoArray(y, yo + q2 * NR);
    y21.intoArray(y, yo + q2 * NR + L);
    y30.intoArray(y, yo + q3 * NR);
    y31.intoArray(y, yo + q3 * NR + L);
  }
}
