package org.espalier.kernel.simd.conv;

import static jdk.incubator.vector.VectorOperators.LE;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.espalier.kernel.simd.Lanes;

/** A tile of eight channels by two vectors, straight-line, for processors with 32 registers. */
final class ConvTile8x2 {
  static final int CHANNELS = 8;

  private static final VectorSpecies<Float> F32 = Lanes.F32;
  private static final float[] ZEROS = new float[Lanes.LENGTH];
  private static final int[] NO_ROWS = {0};

  private ConvTile8x2() {}

  /** See {@link org.espalier.kernel.contract.ConvKernels#tile}. */
  static void tile(
      int count,
      int steps,
      int[] taps,
      int to,
      float[] x,
      int xo,
      int xd,
      float[] panel,
      int po,
      boolean resume,
      float[] bias,
      int bo,
      boolean relu,
      float[] y,
      int[] rows,
      int ro,
      int ldy,
      int yo,
      int yd) {
    // Chosen without a jump: behind one the compiler may keep some sums in memory. The rows are
    // looked up again below, so that they take no registers from the loop.
    int at = resume ? -1 : 0;
    float[] start = resume ? y : ZEROS;
    int[] startRows = resume ? rows : NO_ROWS;
    int so = at & yo;
    int sd = at & yd;
    int s0 = so + startRows[at & ro] * ldy;
    int s1 = so + startRows[at & (ro + Math.min(1, count - 1))] * ldy;
    int s2 = so + startRows[at & (ro + Math.min(2, count - 1))] * ldy;
    int s3 = so + startRows[at & (ro + Math.min(3, count - 1))] * ldy;
    int s4 = so + startRows[at & (ro + Math.min(4, count - 1))] * ldy;
    int s5 = so + startRows[at & (ro + Math.min(5, count - 1))] * ldy;
    int s6 = so + startRows[at & (ro + Math.min(6, count - 1))] * ldy;
    int s7 = so + startRows[at & (ro + Math.min(7, count - 1))] * ldy;
    FloatVector c00 = FloatVector.fromArray(F32, start, s0);
    FloatVector c01 = FloatVector.fromArray(F32, start, s0 + sd);
    FloatVector c10 = FloatVector.fromArray(F32, start, s1);
    FloatVector c11 = FloatVector.fromArray(F32, start, s1 + sd);
    FloatVector c20 = FloatVector.fromArray(F32, start, s2);
    FloatVector c21 = FloatVector.fromArray(F32, start, s2 + sd);
    FloatVector c30 = FloatVector.fromArray(F32, start, s3);
    FloatVector c31 = FloatVector.fromArray(F32, start, s3 + sd);
    FloatVector c40 = FloatVector.fromArray(F32, start, s4);
    FloatVector c41 = FloatVector.fromArray(F32, start, s4 + sd);
    FloatVector c50 = FloatVector.fromArray(F32, start, s5);
    FloatVector c51 = FloatVector.fromArray(F32, start, s5 + sd);
    FloatVector c60 = FloatVector.fromArray(F32, start, s6);
    FloatVector c61 = FloatVector.fromArray(F32, start, s6 + sd);
    FloatVector c70 = FloatVector.fromArray(F32, start, s7);
    FloatVector c71 = FloatVector.fromArray(F32, start, s7 + sd);
    int x1 = xo + xd;
    int end = to + 2 * steps;
    for (int t = to; t < end; t += 2) {
      int tap = taps[t];
      int q = po + taps[t + 1];
      FloatVector b0 = FloatVector.fromArray(F32, x, xo + tap);
      FloatVector b1 = FloatVector.fromArray(F32, x, x1 + tap);
      FloatVector w0 = FloatVector.broadcast(F32, panel[q]);
      c00 = w0.fma(b0, c00);
      c01 = w0.fma(b1, c01);
      FloatVector w1 = FloatVector.broadcast(F32, panel[q + 1]);
      c10 = w1.fma(b0, c10);
      c11 = w1.fma(b1, c11);
      FloatVector w2 = FloatVector.broadcast(F32, panel[q + 2]);
      c20 = w2.fma(b0, c20);
      c21 = w2.fma(b1, c21);
      FloatVector w3 = FloatVector.broadcast(F32, panel[q + 3]);
      c30 = w3.fma(b0, c30);
      c31 = w3.fma(b1, c31);
      FloatVector w4 = FloatVector.broadcast(F32, panel[q + 4]);
      c40 = w4.fma(b0, c40);
      c41 = w4.fma(b1, c41);
      FloatVector w5 = FloatVector.broadcast(F32, panel[q + 5]);
      c50 = w5.fma(b0, c50);
      c51 = w5.fma(b1, c51);
      FloatVector w6 = FloatVector.broadcast(F32, panel[q + 6]);
      c60 = w6.fma(b0, c60);
      c61 = w6.fma(b1, c61);
      FloatVector w7 = FloatVector.broadcast(F32, panel[q + 7]);
      c70 = w7.fma(b0, c70);
      c71 = w7.fma(b1, c71);
    }
    // A comparison with NaN is never true: then nothing is cut off.
    float bound = relu ? 0f : Float.NaN;
    c00 = c00.add(bias[bo]);
    c01 = c01.add(bias[bo]);
    int y0 = yo + rows[ro] * ldy;
    c00.blend(0f, c00.compare(LE, bound)).intoArray(y, y0);
    c01.blend(0f, c01.compare(LE, bound)).intoArray(y, y0 + yd);
    if (count == 1) {
      return;
    }
    c10 = c10.add(bias[bo + 1]);
    c11 = c11.add(bias[bo + 1]);
    int y1 = yo + rows[ro + 1] * ldy;
    c10.blend(0f, c10.compare(LE, bound)).intoArray(y, y1);
    c11.blend(0f, c11.compare(LE, bound)).intoArray(y, y1 + yd);
    if (count == 2) {
      return;
    }
    c20 = c20.add(bias[bo + 2]);
    c21 = c21.add(bias[bo + 2]);
    int y2 = yo + rows[ro + 2] * ldy;
    c20.blend(0f, c20.compare(LE, bound)).intoArray(y, y2);
    c21.blend(0f, c21.compare(LE, bound)).intoArray(y, y2 + yd);
    if (count == 3) {
      return;
    }
    c30 = c30.add(bias[bo + 3]);
    c31 = c31.add(bias[bo + 3]);
    int y3 = yo + rows[ro + 3] * ldy;
    c30.blend(0f, c30.compare(LE, bound)).intoArray(y, y3);
    c31.blend(0f, c31.compare(LE, bound)).intoArray(y, y3 + yd);
    if (count == 4) {
      return;
    }
    c40 = c40.add(bias[bo + 4]);
    c41 = c41.add(bias[bo + 4]);
    int y4 = yo + rows[ro + 4] * ldy;
    c40.blend(0f, c40.compare(LE, bound)).intoArray(y, y4);
    c41.blend(0f, c41.compare(LE, bound)).intoArray(y, y4 + yd);
    if (count == 5) {
      return;
    }
    c50 = c50.add(bias[bo + 5]);
    c51 = c51.add(bias[bo + 5]);
    int y5 = yo + rows[ro + 5] * ldy;
    c50.blend(0f, c50.compare(LE, bound)).intoArray(y, y5);
    c51.blend(0f, c51.compare(LE, bound)).intoArray(y, y5 + yd);
    if (count == 6) {
      return;
    }
    c60 = c60.add(bias[bo + 6]);
    c61 = c61.add(bias[bo + 6]);
    int y6 = yo + rows[ro + 6] * ldy;
    c60.blend(0f, c60.compare(LE, bound)).intoArray(y, y6);
    c61.blend(0f, c61.compare(LE, bound)).intoArray(y, y6 + yd);
    if (count == 7) {
      return;
    }
    c70 = c70.add(bias[bo + 7]);
    c71 = c71.add(bias[bo + 7]);
    int y7 = yo + rows[ro + 7] * ldy;
    c70.blend(0f, c70.compare(LE, bound)).intoArray(y, y7);
    c71.blend(0f, c71.compare(LE, bound)).intoArray(y, y7 + yd);
  }
}
