package org.espalier.kernel.simd.conv;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;
import org.espalier.kernel.contract.Clamp;
import org.espalier.kernel.contract.ConvKernels;
import org.espalier.kernel.contract.StridedMaps;
import org.espalier.kernel.simd.Lanes;

/** Convolutions on the Vector API. */
public final class SimdConv implements ConvKernels {
  private static final VectorSpecies<Float> F32 = Lanes.F32;
  private static final int L = Lanes.LENGTH;

  private static final VectorShuffle<Float> SWAP8 = VectorShuffle.fromOp(F32, i -> i ^ 8);
  private static final VectorShuffle<Float> SWAP4 = VectorShuffle.fromOp(F32, i -> i ^ 4);
  private static final VectorShuffle<Float> SWAP2 = VectorShuffle.fromOp(F32, i -> i ^ 2);
  private static final VectorShuffle<Float> SWAP1 = VectorShuffle.fromOp(F32, i -> i ^ 1);

  @Override
  public int channels() {
    return Lanes.HAS_32_REGISTERS ? ConvTile8x2.CHANNELS : ConvTile6x2.CHANNELS;
  }

  @Override
  public int lanes() {
    return L;
  }

  @Override
  public int gradientOutputs() {
    return Lanes.HAS_32_REGISTERS ? WgradTile6x4.OUTPUTS : WgradTile4x3.OUTPUTS;
  }

  @Override
  public int gradientInputs() {
    return Lanes.HAS_32_REGISTERS ? WgradTile6x4.INPUTS : WgradTile4x3.INPUTS;
  }

  @Override
  public int vectors() {
    return Lanes.HAS_32_REGISTERS ? 3 : 2;
  }

  @Override
  public void tile(
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
      Clamp clamp,
      float[] y,
      int[] rows,
      int ro,
      int ldy,
      int yo,
      int yd) {
    if (Lanes.HAS_32_REGISTERS) {
      ConvTile8x2.tile(
          count, steps, taps, to, x, xo, xd, panel, po, resume, bias, bo, clamp, y, rows, ro, ldy,
          yo, yd);
    } else {
      ConvTile6x2.tile(
          count, steps, taps, to, x, xo, xd, panel, po, resume, bias, bo, clamp, y, rows, ro, ldy,
          yo, yd);
    }
  }

  @Override
  public void run(
      int vectors,
      int count,
      int steps,
      float[] x,
      int xo,
      int[] distances,
      int first,
      float[] panel,
      int po,
      boolean resume,
      float[] bias,
      int bo,
      Clamp clamp,
      float[] y,
      int yo,
      int ldy) {
    if (!Lanes.HAS_32_REGISTERS && vectors == 1) {
      RunTile6x1.run(
          count, steps, x, xo, distances, first, panel, po, resume, bias, bo, clamp, y, yo, ldy);
    } else if (!Lanes.HAS_32_REGISTERS) {
      RunTile6x2.run(
          count, steps, x, xo, distances, first, panel, po, resume, bias, bo, clamp, y, yo, ldy);
    } else if (vectors == 3) {
      RunTile8x3.run(
          count, steps, x, xo, distances, first, panel, po, resume, bias, bo, clamp, y, yo, ldy);
    } else if (vectors == 2) {
      RunTile8x2.run(
          count, steps, x, xo, distances, first, panel, po, resume, bias, bo, clamp, y, yo, ldy);
    } else {
      RunTile8x1.run(
          count, steps, x, xo, distances, first, panel, po, resume, bias, bo, clamp, y, yo, ldy);
    }
  }

  @Override
  public void depthwise(
      int from,
      int to,
      int length,
      int outputsPerMap,
      int taps,
      float[] w,
      int wo,
      float[] x,
      int xo,
      int ldx,
      int[] distances,
      float[] bias,
      int bo,
      Clamp clamp,
      float[] y,
      int yo,
      int ldy) {
    DepthwiseConv.run(
        from,
        to,
        length,
        outputsPerMap,
        taps,
        w,
        wo,
        x,
        xo,
        ldx,
        distances,
        bias,
        bo,
        clamp,
        y,
        yo,
        ldy);
  }

  @Override
  public void depthwise(
      int from,
      int to,
      StridedMaps maps,
      int outputsPerMap,
      int taps,
      float[] w,
      int wo,
      float[] x,
      int xo,
      int ldx,
      int[] distances,
      float[] bias,
      int bo,
      Clamp clamp,
      float[] y,
      int yo,
      int ldy) {
    for (int c = from; c < to; c++) {
      StridedDepthwise.map(
          maps,
          taps,
          w,
          wo + c * taps,
          x,
          xo + c / outputsPerMap * ldx,
          distances,
          bias[bo + c],
          clamp,
          y,
          yo + c * ldy);
    }
  }

  @Override
  public void gradientTile(
      int count,
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
    for (int l = 0; l < PIXEL; l += L) {
      if (!Lanes.HAS_32_REGISTERS) {
        WgradTile4x3.tile(
            steps, pixels, po, dy, dyRows, oo, ldDy, dyo + l, x, xRows, co, ldX, xo + l, sums,
            so + l);
      } else if (count <= WgradTile4x4.OUTPUTS) {
        WgradTile4x4.tile(
            steps, pixels, po, dy, dyRows, oo, ldDy, dyo + l, x, xRows, co, ldX, xo + l, sums,
            so + l);
      } else {
        WgradTile6x4.tile(
            steps, pixels, po, dy, dyRows, oo, ldDy, dyo + l, x, xRows, co, ldX, xo + l, sums,
            so + l);
      }
    }
  }

  @Override
  public void addPixels(int pixels, float[] x, int xo, float[] sums, int so) {
    for (int l = 0; l < PIXEL; l += L) {
      FloatVector sum = FloatVector.fromArray(F32, sums, so + l);
      for (int p = 0; p < pixels; p++) {
        sum = sum.add(FloatVector.fromArray(F32, x, xo + l + p * PIXEL));
      }
      sum.intoArray(sums, so + l);
    }
  }

  @Override
  public void merge(int n, float[] sums, int so, float[] y, int yo) {
    for (int i = 0; i < n; i++) {
      int at = so + i * PIXEL;
      FloatVector s = FloatVector.fromArray(F32, sums, at);
      if (L == 4) {
        FloatVector s1 = FloatVector.fromArray(F32, sums, at + 4);
        s = s.add(FloatVector.fromArray(F32, sums, at + 8));
        s = s.add(s1.add(FloatVector.fromArray(F32, sums, at + 12)));
      } else if (L == 8) {
        s = s.add(FloatVector.fromArray(F32, sums, at + 8));
      } else {
        s = s.add(s.rearrange(SWAP8));
      }
      if (L > 4) {
        s = s.add(s.rearrange(SWAP4));
      }
      s = s.add(s.rearrange(SWAP2));
      s = s.add(s.rearrange(SWAP1));
      y[yo + i] = s.lane(0) + 0f;
    }
  }
}
