<#--
  A convolution of single maps, for a few channels by some vectors of pixels, in registers:

      s[i][j] += w[i · taps + k] · x[i][distances[k] + j]      for all taps k, i < channels, j < vectors

  Eight chains hide the latency of fma. Long runs take them from one channel, whose rows stay in the
  nearest cache; of short ones several channels are computed at once. Unrolled for the reason given in
  GemmTile.
-->
<#include "/notation.ftl">
<#macro strip channels vectors>
  private static void strip${channels}x${vectors}(
      int taps,
      float[] w,
      int wo,
      float[] x,
<#list 0..<channels as i>
      int x${i},
</#list>
      int[] distances,
      float[] bias,
      int bo,
      float low,
      float high,
      float[] y,
      int yo<#if channels gt 1>,
      int ldy</#if>) {
<#list 0..<channels as i><#list 0..<vectors as j>
    FloatVector s${i}${j} = ${(i + j == 0)?then("FloatVector.zero(F32)", "s00")};
</#list></#list>
    for (int k = 0; k < taps; k++) {
      int d = distances[k];
<#list 0..<channels as i>
      FloatVector w${i} = FloatVector.broadcast(F32, w[${at("wo + k", i, "taps")}]);
  <#list 0..<vectors as j>
      s${i}${j} = w${i}.fma(FloatVector.fromArray(F32, x, ${at("x${i} + d", j, "L")}), s${i}${j});
  </#list>
</#list>
    }
<#list 0..<channels as i>
  <#list 0..<vectors as j>
    s${i}${j} = s${i}${j}.add(bias[${at("bo", i, "1")}]);
<@store "s${i}${j}" at("yo", i, "ldy", j, "L")/>
  </#list>
</#list>
  }
</#macro>
<#include "/generated.ftl">
package org.espalier.kernel.simd.conv;

import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.LE;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.espalier.kernel.contract.Clamp;
import org.espalier.kernel.contract.ConvStrips;
import org.espalier.kernel.simd.Lanes;

/** Convolutions whose outputs read one map each, on the Vector API. */
final class DepthwiseConv {
  private static final VectorSpecies<Float> F32 = Lanes.F32;
  private static final int L = Lanes.LENGTH;

  /** Channels of short runs that are computed at once. */
  private static final int CHANNELS = 4;

  private DepthwiseConv() {}

  /** See {@link org.espalier.kernel.contract.ConvKernels#depthwise}. */
  static void run(
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
    float low = clamp.low();
    float high = clamp.high();
    int vectors = length / L;
    int whole = from + (to - from) / CHANNELS * CHANNELS;
    for (int c = from; c < to; c += c < whole ? CHANNELS : 1) {
      int wc = wo + c * taps;
      int bc = bo + c;
      int yc = yo + c * ldy;
      int xc = xo + c / outputsPerMap * ldx;
      boolean four = c < whole;
      for (int v = 0; v < vectors; ) {
        int n = ConvStrips.next(vectors - v);
        int at = v * L;
        if (four && n == 3) {
          int x0 = xc + at;
          int x1 = xo + (c + 1) / outputsPerMap * ldx + at;
          int x2 = xo + (c + 2) / outputsPerMap * ldx + at;
          int x3 = xo + (c + 3) / outputsPerMap * ldx + at;
          int y0 = yc + at;
          int w2 = wc + 2 * taps;
          int y2 = y0 + 2 * ldy;
          strip2x3(taps, w, wc, x, x0, x1, distances, bias, bc, low, high, y, y0, ldy);
          strip2x3(taps, w, w2, x, x2, x3, distances, bias, bc + 2, low, high, y, y2, ldy);
        } else if (!four || n > 2) {
          for (int i = c; i < (four ? c + CHANNELS : c + 1); i++) {
            int xv = xo + i / outputsPerMap * ldx + at;
            int wi = wo + i * taps;
            int yv = yo + i * ldy + at;
            switch (n) {
              case 8 -> strip1x8(taps, w, wi, x, xv, distances, bias, bo + i, low, high, y, yv);
              case 5 -> strip1x5(taps, w, wi, x, xv, distances, bias, bo + i, low, high, y, yv);
              case 4 -> strip1x4(taps, w, wi, x, xv, distances, bias, bo + i, low, high, y, yv);
              case 3 -> strip1x3(taps, w, wi, x, xv, distances, bias, bo + i, low, high, y, yv);
              case 2 -> strip1x2(taps, w, wi, x, xv, distances, bias, bo + i, low, high, y, yv);
              default -> strip1x1(taps, w, wi, x, xv, distances, bias, bo + i, low, high, y, yv);
            }
          }
        } else {
          int x0 = xc + at;
          int x1 = xo + (c + 1) / outputsPerMap * ldx + at;
          int x2 = xo + (c + 2) / outputsPerMap * ldx + at;
          int x3 = xo + (c + 3) / outputsPerMap * ldx + at;
          int y0 = yc + at;
          if (n == 2) {
            strip4x2(taps, w, wc, x, x0, x1, x2, x3, distances, bias, bc, low, high, y, y0, ldy);
          } else {
            strip4x1(taps, w, wc, x, x0, x1, x2, x3, distances, bias, bc, low, high, y, y0, ldy);
          }
        }
        v += n;
      }
    }
  }

<#list [8, 5, 4, 3, 2, 1] as vectors>
<@strip 1 vectors/>

</#list>
<@strip 2 3/>

<@strip 4 2/>

<@strip 4 1/>
}
