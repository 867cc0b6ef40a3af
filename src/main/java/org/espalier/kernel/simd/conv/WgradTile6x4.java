package org.espalier.kernel.simd.conv;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.espalier.kernel.contract.ConvKernels;
import org.espalier.kernel.simd.Lanes;

/** Six outputs by four inputs, straight-line, for processors with 32 registers. */
final class WgradTile6x4 {
  static final int OUTPUTS = 6;
  static final int INPUTS = 4;

  private static final VectorSpecies<Float> F32 = Lanes.F32;
  private static final int PIXEL = ConvKernels.PIXEL;

  private WgradTile6x4() {}

  /** See {@link ConvKernels#gradientTile}; one vector of the lanes. */
  static void tile(
      int steps,
      int[] pixels,
      int po,
      float[] dy,
      int[] dyRows,
      int oo,
      int ldDy,
      int dyo,
      float[] x,
      int[] xRows,
      int co,
      int ldX,
      int xo,
      float[] sums,
      int so) {
    int d0 = dyo + dyRows[oo] * ldDy;
    int d1 = dyo + dyRows[oo + 1] * ldDy;
    int d2 = dyo + dyRows[oo + 2] * ldDy;
    int d3 = dyo + dyRows[oo + 3] * ldDy;
    int d4 = dyo + dyRows[oo + 4] * ldDy;
    int d5 = dyo + dyRows[oo + 5] * ldDy;
    int x0 = xo + xRows[co] * ldX;
    int x1 = xo + xRows[co + 1] * ldX;
    int x2 = xo + xRows[co + 2] * ldX;
    int x3 = xo + xRows[co + 3] * ldX;
    FloatVector s00 = FloatVector.fromArray(F32, sums, so);
    FloatVector s01 = FloatVector.fromArray(F32, sums, so + PIXEL);
    FloatVector s02 = FloatVector.fromArray(F32, sums, so + 2 * PIXEL);
    FloatVector s03 = FloatVector.fromArray(F32, sums, so + 3 * PIXEL);
    FloatVector s10 = FloatVector.fromArray(F32, sums, so + 4 * PIXEL);
    FloatVector s11 = FloatVector.fromArray(F32, sums, so + 5 * PIXEL);
    FloatVector s12 = FloatVector.fromArray(F32, sums, so + 6 * PIXEL);
    FloatVector s13 = FloatVector.fromArray(F32, sums, so + 7 * PIXEL);
    FloatVector s20 = FloatVector.fromArray(F32, sums, so + 8 * PIXEL);
    FloatVector s21 = FloatVector.fromArray(F32, sums, so + 9 * PIXEL);
    FloatVector s22 = FloatVector.fromArray(F32, sums, so + 10 * PIXEL);
    FloatVector s23 = FloatVector.fromArray(F32, sums, so + 11 * PIXEL);
    FloatVector s30 = FloatVector.fromArray(F32, sums, so + 12 * PIXEL);
    FloatVector s31 = FloatVector.fromArray(F32, sums, so + 13 * PIXEL);
    FloatVector s32 = FloatVector.fromArray(F32, sums, so + 14 * PIXEL);
    FloatVector s33 = FloatVector.fromArray(F32, sums, so + 15 * PIXEL);
    FloatVector s40 = FloatVector.fromArray(F32, sums, so + 16 * PIXEL);
    FloatVector s41 = FloatVector.fromArray(F32, sums, so + 17 * PIXEL);
    FloatVector s42 = FloatVector.fromArray(F32, sums, so + 18 * PIXEL);
    FloatVector s43 = FloatVector.fromArray(F32, sums, so + 19 * PIXEL);
    FloatVector s50 = FloatVector.fromArray(F32, sums, so + 20 * PIXEL);
    FloatVector s51 = FloatVector.fromArray(F32, sums, so + 21 * PIXEL);
    FloatVector s52 = FloatVector.fromArray(F32, sums, so + 22 * PIXEL);
    FloatVector s53 = FloatVector.fromArray(F32, sums, so + 23 * PIXEL);
    for (int p = 0; p < steps; p++) {
      int d = pixels[po + 2 * p];
      int q = pixels[po + 2 * p + 1];
      FloatVector b0 = FloatVector.fromArray(F32, x, x0 + q);
      FloatVector b1 = FloatVector.fromArray(F32, x, x1 + q);
      FloatVector b2 = FloatVector.fromArray(F32, x, x2 + q);
      FloatVector b3 = FloatVector.fromArray(F32, x, x3 + q);
      FloatVector a0 = FloatVector.fromArray(F32, dy, d0 + d);
      s00 = a0.fma(b0, s00);
      s01 = a0.fma(b1, s01);
      s02 = a0.fma(b2, s02);
      s03 = a0.fma(b3, s03);
      FloatVector a1 = FloatVector.fromArray(F32, dy, d1 + d);
      s10 = a1.fma(b0, s10);
      s11 = a1.fma(b1, s11);
      s12 = a1.fma(b2, s12);
      s13 = a1.fma(b3, s13);
      FloatVector a2 = FloatVector.fromArray(F32, dy, d2 + d);
      s20 = a2.fma(b0, s20);
      s21 = a2.fma(b1, s21);
      s22 = a2.fma(b2, s22);
      s23 = a2.fma(b3, s23);
      FloatVector a3 = FloatVector.fromArray(F32, dy, d3 + d);
      s30 = a3.fma(b0, s30);
      s31 = a3.fma(b1, s31);
      s32 = a3.fma(b2, s32);
      s33 = a3.fma(b3, s33);
      FloatVector a4 = FloatVector.fromArray(F32, dy, d4 + d);
      s40 = a4.fma(b0, s40);
      s41 = a4.fma(b1, s41);
      s42 = a4.fma(b2, s42);
      s43 = a4.fma(b3, s43);
      FloatVector a5 = FloatVector.fromArray(F32, dy, d5 + d);
      s50 = a5.fma(b0, s50);
      s51 = a5.fma(b1, s51);
      s52 = a5.fma(b2, s52);
      s53 = a5.fma(b3, s53);
    }
    s00.intoArray(sums, so);
    s01.intoArray(sums, so + PIXEL);
    s02.intoArray(sums, so + 2 * PIXEL);
    s03.intoArray(sums, so + 3 * PIXEL);
    s10.intoArray(sums, so + 4 * PIXEL);
    s11.intoArray(sums, so + 5 * PIXEL);
    s12.intoArray(sums, so + 6 * PIXEL);
    s13.intoArray(sums, so + 7 * PIXEL);
    s20.intoArray(sums, so + 8 * PIXEL);
    s21.intoArray(sums, so + 9 * PIXEL);
    s22.intoArray(sums, so + 10 * PIXEL);
    s23.intoArray(sums, so + 11 * PIXEL);
    s30.intoArray(sums, so + 12 * PIXEL);
    s31.intoArray(sums, so + 13 * PIXEL);
    s32.intoArray(sums, so + 14 * PIXEL);
    s33.intoArray(sums, so + 15 * PIXEL);
    s40.intoArray(sums, so + 16 * PIXEL);
    s41.intoArray(sums, so + 17 * PIXEL);
    s42.intoArray(sums, so + 18 * PIXEL);
    s43.intoArray(sums, so + 19 * PIXEL);
    s50.intoArray(sums, so + 20 * PIXEL);
    s51.intoArray(sums, so + 21 * PIXEL);
    s52.intoArray(sums, so + 22 * PIXEL);
    s53.intoArray(sums, so + 23 * PIXEL);
  }
}
