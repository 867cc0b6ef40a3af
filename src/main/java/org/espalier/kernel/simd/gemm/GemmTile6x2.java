package org.espalier.kernel.simd.gemm;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.espalier.kernel.simd.Lanes;

/**
 * A tile of six rows by two vectors, straight-line: twelve accumulators, two vectors of b and two
 * broadcasts fill the sixteen registers of processors without AVX-512. Twelve chains hide the
 * latency of fma (4 cycles, two a cycle).
 */
final class GemmTile6x2 {
  static final int MR = 6;

  private static final VectorSpecies<Float> F32 = Lanes.F32;
  private static final int L = Lanes.LENGTH;
  private static final int NR = 2 * L;

  private GemmTile6x2() {}

  /** See {@link org.espalier.kernel.contract.GemmKernels#tileRows}. */
  static void rows(
      int k,
      float[] a,
      int ao,
      int lda,
      int count,
      int[] rows,
      int ro,
      float[] b,
      int bo,
      boolean resume,
      float[] c,
      int co,
      int ldc) {
    int a0 = ao + rows[ro] * lda;
    int a1 = ao + rows[ro + Math.min(1, count - 1)] * lda;
    int a2 = ao + rows[ro + Math.min(2, count - 1)] * lda;
    int a3 = ao + rows[ro + Math.min(3, count - 1)] * lda;
    int a4 = ao + rows[ro + Math.min(4, count - 1)] * lda;
    int a5 = ao + rows[ro + Math.min(5, count - 1)] * lda;
    FloatVector c00, c01, c10, c11, c20, c21, c30, c31, c40, c41, c50, c51;
    if (resume) {
      c00 = FloatVector.fromArray(F32, c, co);
      c01 = FloatVector.fromArray(F32, c, co + L);
      c10 = FloatVector.fromArray(F32, c, co + ldc);
      c11 = FloatVector.fromArray(F32, c, co + ldc + L);
      c20 = FloatVector.fromArray(F32, c, co + 2 * ldc);
      c21 = FloatVector.fromArray(F32, c, co + 2 * ldc + L);
      c30 = FloatVector.fromArray(F32, c, co + 3 * ldc);
      c31 = FloatVector.fromArray(F32, c, co + 3 * ldc + L);
      c40 = FloatVector.fromArray(F32, c, co + 4 * ldc);
      c41 = FloatVector.fromArray(F32, c, co + 4 * ldc + L);
      c50 = FloatVector.fromArray(F32, c, co + 5 * ldc);
      c51 = FloatVector.fromArray(F32, c, co + 5 * ldc + L);
    } else {
      FloatVector zero = FloatVector.zero(F32);
      c00 = zero;
      c01 = zero;
      c10 = zero;
      c11 = zero;
      c20 = zero;
      c21 = zero;
      c30 = zero;
      c31 = zero;
      c40 = zero;
      c41 = zero;
      c50 = zero;
      c51 = zero;
    }
    for (int p = 0; p < k; p++) {
      FloatVector b0 = FloatVector.fromArray(F32, b, bo + p * NR);
      FloatVector b1 = FloatVector.fromArray(F32, b, bo + p * NR + L);
      FloatVector x0 = FloatVector.broadcast(F32, a[a0 + p]);
      c00 = x0.fma(b0, c00);
      c01 = x0.fma(b1, c01);
      FloatVector x1 = FloatVector.broadcast(F32, a[a1 + p]);
      c10 = x1.fma(b0, c10);
      c11 = x1.fma(b1, c11);
      FloatVector x2 = FloatVector.broadcast(F32, a[a2 + p]);
      c20 = x2.fma(b0, c20);
      c21 = x2.fma(b1, c21);
      FloatVector x3 = FloatVector.broadcast(F32, a[a3 + p]);
      c30 = x3.fma(b0, c30);
      c31 = x3.fma(b1, c31);
      FloatVector x4 = FloatVector.broadcast(F32, a[a4 + p]);
      c40 = x4.fma(b0, c40);
      c41 = x4.fma(b1, c41);
      FloatVector x5 = FloatVector.broadcast(F32, a[a5 + p]);
      c50 = x5.fma(b0, c50);
      c51 = x5.fma(b1, c51);
    }
    c00.intoArray(c, co);
    c01.intoArray(c, co + L);
    c10.intoArray(c, co + ldc);
    c11.intoArray(c, co + ldc + L);
    c20.intoArray(c, co + 2 * ldc);
    c21.intoArray(c, co + 2 * ldc + L);
    c30.intoArray(c, co + 3 * ldc);
    c31.intoArray(c, co + 3 * ldc + L);
    c40.intoArray(c, co + 4 * ldc);
    c41.intoArray(c, co + 4 * ldc + L);
    c50.intoArray(c, co + 5 * ldc);
    c51.intoArray(c, co + 5 * ldc + L);
  }

  /**
   * See {@link org.espalier.kernel.contract.GemmKernels#tilePanel}.
   *
   * @param one 1; a constant here would let the compiler load all broadcasts from one address,
   *     which it then does so early that an accumulator is left without a register
   */
  static void panel(
      int k,
      float[] a,
      int ao,
      int one,
      float[] b,
      int bo,
      boolean resume,
      float[] c,
      int co,
      int ldc,
      int[] rows,
      int ro) {
    int a0 = ao;
    int a1 = a0 + one;
    int a2 = a1 + one;
    int a3 = a2 + one;
    int a4 = a3 + one;
    int a5 = a4 + one;
    FloatVector c00, c01, c10, c11, c20, c21, c30, c31, c40, c41, c50, c51;
    if (resume) {
      int s0 = co + rows[ro + 0] * ldc;
      int s1 = co + rows[ro + 1] * ldc;
      int s2 = co + rows[ro + 2] * ldc;
      int s3 = co + rows[ro + 3] * ldc;
      int s4 = co + rows[ro + 4] * ldc;
      int s5 = co + rows[ro + 5] * ldc;
      c00 = FloatVector.fromArray(F32, c, s0);
      c01 = FloatVector.fromArray(F32, c, s0 + L);
      c10 = FloatVector.fromArray(F32, c, s1);
      c11 = FloatVector.fromArray(F32, c, s1 + L);
      c20 = FloatVector.fromArray(F32, c, s2);
      c21 = FloatVector.fromArray(F32, c, s2 + L);
      c30 = FloatVector.fromArray(F32, c, s3);
      c31 = FloatVector.fromArray(F32, c, s3 + L);
      c40 = FloatVector.fromArray(F32, c, s4);
      c41 = FloatVector.fromArray(F32, c, s4 + L);
      c50 = FloatVector.fromArray(F32, c, s5);
      c51 = FloatVector.fromArray(F32, c, s5 + L);
    } else {
      FloatVector zero = FloatVector.zero(F32);
      c00 = zero;
      c01 = zero;
      c10 = zero;
      c11 = zero;
      c20 = zero;
      c21 = zero;
      c30 = zero;
      c31 = zero;
      c40 = zero;
      c41 = zero;
      c50 = zero;
      c51 = zero;
    }
    for (int p = 0; p < k; p++) {
      FloatVector b0 = FloatVector.fromArray(F32, b, bo + p * NR);
      FloatVector b1 = FloatVector.fromArray(F32, b, bo + p * NR + L);
      FloatVector x0 = FloatVector.broadcast(F32, a[a0 + p * MR]);
      c00 = x0.fma(b0, c00);
      c01 = x0.fma(b1, c01);
      FloatVector x1 = FloatVector.broadcast(F32, a[a1 + p * MR]);
      c10 = x1.fma(b0, c10);
      c11 = x1.fma(b1, c11);
      FloatVector x2 = FloatVector.broadcast(F32, a[a2 + p * MR]);
      c20 = x2.fma(b0, c20);
      c21 = x2.fma(b1, c21);
      FloatVector x3 = FloatVector.broadcast(F32, a[a3 + p * MR]);
      c30 = x3.fma(b0, c30);
      c31 = x3.fma(b1, c31);
      FloatVector x4 = FloatVector.broadcast(F32, a[a4 + p * MR]);
      c40 = x4.fma(b0, c40);
      c41 = x4.fma(b1, c41);
      FloatVector x5 = FloatVector.broadcast(F32, a[a5 + p * MR]);
      c50 = x5.fma(b0, c50);
      c51 = x5.fma(b1, c51);
    }
    int y0 = co + rows[ro + 0] * ldc;
    c00.intoArray(c, y0);
    c01.intoArray(c, y0 + L);
    int y1 = co + rows[ro + 1] * ldc;
    c10.intoArray(c, y1);
    c11.intoArray(c, y1 + L);
    int y2 = co + rows[ro + 2] * ldc;
    c20.intoArray(c, y2);
    c21.intoArray(c, y2 + L);
    int y3 = co + rows[ro + 3] * ldc;
    c30.intoArray(c, y3);
    c31.intoArray(c, y3 + L);
    int y4 = co + rows[ro + 4] * ldc;
    c40.intoArray(c, y4);
    c41.intoArray(c, y4 + L);
    int y5 = co + rows[ro + 5] * ldc;
    c50.intoArray(c, y5);
    c51.intoArray(c, y5 + L);
  }
}
