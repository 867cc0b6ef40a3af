package org.espalier.kernel.simd.conv;

import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.LE;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;
import org.espalier.kernel.contract.Clamp;
import org.espalier.kernel.contract.StridedMaps;
import org.espalier.kernel.simd.Lanes;

/**
 * A convolution of a single map with strides, which is read where it lies: to put every second
 * pixel beside the next first would write and read the map once more, and it is the maps that such
 * layers take their time for.
 */
final class StridedDepthwise {
  private static final VectorSpecies<Float> F32 = Lanes.F32;
  private static final int L = Lanes.LENGTH;
  private static final VectorShuffle<Float> EVEN = VectorShuffle.makeUnzip(F32, 0);

  private StridedDepthwise() {}

  static void map(
      StridedMaps maps,
      int taps,
      float[] w,
      int wo,
      float[] x,
      int xo,
      int[] distances,
      float bias,
      Clamp clamp,
      float[] y,
      int yo) {
    int columns = maps.columns();
    for (int r = 0; r < maps.rows(); r++) {
      int xr = xo + r * maps.rowStep();
      int yr = yo + r * maps.ldRow();
      if (maps.lanes() > 1) {
        pixels(columns, maps.pixelStep(), taps, w, wo, x, xr, distances, bias, clamp, y, yr);
      } else if (maps.pixelStep() == 2 && columns >= L) {
        everySecond(columns, taps, w, wo, x, xr, distances, bias, clamp, y, yr);
      } else {
        single(columns, maps.pixelStep(), taps, w, wo, x, xr, distances, bias, clamp, y, yr);
      }
    }
  }

  /** Sixteen images: four pixels at once, so that chains hide the latency of fma. */
  private static void pixels(
      int columns,
      int step,
      int taps,
      float[] w,
      int wo,
      float[] x,
      int xo,
      int[] distances,
      float bias,
      Clamp clamp,
      float[] y,
      int yo) {
    float low = clamp.low();
    float high = clamp.high();
    for (int lane = 0; lane < SimdConv.PIXEL; lane += L) {
      for (int c = 0; c < columns; c += 4) {
        // those beyond the last are the last again
        int c1 = Math.min(c + 1, columns - 1);
        int c2 = Math.min(c + 2, columns - 1);
        int c3 = Math.min(c + 3, columns - 1);
        int x0 = xo + lane + c * step;
        int x1 = xo + lane + c1 * step;
        int x2 = xo + lane + c2 * step;
        int x3 = xo + lane + c3 * step;
        FloatVector s0 = FloatVector.zero(F32);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        for (int k = 0; k < taps; k++) {
          int d = distances[k];
          FloatVector v = FloatVector.broadcast(F32, w[wo + k]);
          s0 = v.fma(FloatVector.fromArray(F32, x, x0 + d), s0);
          s1 = v.fma(FloatVector.fromArray(F32, x, x1 + d), s1);
          s2 = v.fma(FloatVector.fromArray(F32, x, x2 + d), s2);
          s3 = v.fma(FloatVector.fromArray(F32, x, x3 + d), s3);
        }
        s0 = s0.add(bias);
        s1 = s1.add(bias);
        s2 = s2.add(bias);
        s3 = s3.add(bias);
        s0 = s0.blend(low, s0.compare(LE, low));
        s1 = s1.blend(low, s1.compare(LE, low));
        s2 = s2.blend(low, s2.compare(LE, low));
        s3 = s3.blend(low, s3.compare(LE, low));
        int to = yo + lane;
        s0.blend(high, s0.compare(GE, high)).intoArray(y, to + c * SimdConv.PIXEL);
        s1.blend(high, s1.compare(GE, high)).intoArray(y, to + c1 * SimdConv.PIXEL);
        s2.blend(high, s2.compare(GE, high)).intoArray(y, to + c2 * SimdConv.PIXEL);
        s3.blend(high, s3.compare(GE, high)).intoArray(y, to + c3 * SimdConv.PIXEL);
      }
    }
  }

  /** One image, stride 2; the last vectors are moved back to end with the last pixel. */
  private static void everySecond(
      int columns,
      int taps,
      float[] w,
      int wo,
      float[] x,
      int xo,
      int[] distances,
      float bias,
      Clamp clamp,
      float[] y,
      int yo) {
    float low = clamp.low();
    float high = clamp.high();
    for (int block = 0; block < columns; block += 2 * L) {
      int c0 = Math.min(block, columns - L);
      int c1 = Math.min(block + L, columns - L);
      FloatVector s0 = FloatVector.zero(F32);
      FloatVector s1 = s0;
      for (int k = 0; k < taps; k++) {
        int x0 = xo + distances[k] + 2 * c0;
        int x1 = xo + distances[k] + 2 * c1;
        FloatVector v = FloatVector.broadcast(F32, w[wo + k]);
        FloatVector even0 =
            FloatVector.fromArray(F32, x, x0)
                .rearrange(EVEN, FloatVector.fromArray(F32, x, x0 + L));
        FloatVector even1 =
            FloatVector.fromArray(F32, x, x1)
                .rearrange(EVEN, FloatVector.fromArray(F32, x, x1 + L));
        s0 = v.fma(even0, s0);
        s1 = v.fma(even1, s1);
      }
      s0 = s0.add(bias);
      s1 = s1.add(bias);
      s0 = s0.blend(low, s0.compare(LE, low));
      s1 = s1.blend(low, s1.compare(LE, low));
      s0.blend(high, s0.compare(GE, high)).intoArray(y, yo + c0);
      s1.blend(high, s1.compare(GE, high)).intoArray(y, yo + c1);
    }
  }

  /** A short row, or another stride, pixel by pixel: four at once. */
  private static void single(
      int columns,
      int step,
      int taps,
      float[] w,
      int wo,
      float[] x,
      int xo,
      int[] distances,
      float bias,
      Clamp clamp,
      float[] y,
      int yo) {
    for (int c = 0; c < columns; c += 4) {
      int c1 = Math.min(c + 1, columns - 1);
      int c2 = Math.min(c + 2, columns - 1);
      int c3 = Math.min(c + 3, columns - 1);
      float s0 = 0;
      float s1 = 0;
      float s2 = 0;
      float s3 = 0;
      for (int k = 0; k < taps; k++) {
        int at = xo + distances[k];
        float v = w[wo + k];
        s0 = Math.fma(v, x[at + c * step], s0);
        s1 = Math.fma(v, x[at + c1 * step], s1);
        s2 = Math.fma(v, x[at + c2 * step], s2);
        s3 = Math.fma(v, x[at + c3 * step], s3);
      }
      y[yo + c] = clamp.of(s0 + bias);
      y[yo + c1] = clamp.of(s1 + bias);
      y[yo + c2] = clamp.of(s2 + bias);
      y[yo + c3] = clamp.of(s3 + bias);
    }
  }
}
