<#--
  y = W·x + bias + add, cut off at a bound, for a row of a delta-coded CSR and a strip of some vectors of
  pixels:

      sum[j] += value(e) · x[column of e][j]      for the entries e of the row, j < vectors

  Eight chains hide the latency of fma; shorter strips are for what is left of a run. The sums are local
  variables, for the reason given in GemmTile.
-->
<#include "/notation.ftl">
<#macro strip vectors>
  private static void strip${vectors}(
      DeltaCsrMatrix m,
      int row,
      float[] x,
      int xo,
      int[] distances,
      float bias,
      float[] add,
      int ao,
<#if vectors gt 1>
      int step,
</#if>
      float low,
      float high,
      float[] y,
      int yo) {
    float scale = m.scale(row);
    byte[] deltas = m.deltas();
    int end = m.rowPtr()[row + 1];
<#list 0..<vectors as j>
    FloatVector s${j} = ${(j == 0)?then("FloatVector.zero(F32)", "s0")};
</#list>
    int col = 0;
    for (int e = m.rowPtr()[row]; e < end; e++) {
      col += deltas[e] & 0xff;
      int at = xo + distances[col];
      FloatVector w = FloatVector.broadcast(F32, m.value(e, scale));
<#list 0..<vectors as j>
      s${j} = w.fma(FloatVector.fromArray(F32, x, ${at("at", j, "L")}), s${j});
</#list>
    }
<#list 0..<vectors as j>
    s${j} = s${j}.add(bias).add(FloatVector.fromArray(F32, add, ${at("ao", j, "step")}));
<@store "s${j}" at("yo", j, "L")/>
</#list>
  }
</#macro>
<#include "/generated.ftl">
package org.espalier.kernel.simd.sparse;

import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.LE;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.espalier.kernel.contract.Clamp;
import org.espalier.kernel.contract.ConvStrips;
import org.espalier.kernel.simd.Lanes;
import org.espalier.sparse.DeltaCsrMatrix;
import org.jspecify.annotations.Nullable;

/**
 * Convolution with a sparse weight on the Vector API. A run is cut into strips of one to eight
 * vectors, whose sums stay in registers while the entries of a row pass; strip by strip all rows
 * are computed, so that what a strip reads stays in the nearest cache. Strips of five are for maps
 * of eight by eight pixels: five vectors of 512 bits, with the border.
 */
final class DeltaCsrConv {
  private static final VectorSpecies<Float> F32 = Lanes.F32;
  private static final int L = Lanes.LENGTH;

  private DeltaCsrConv() {}

  static void run(
      DeltaCsrMatrix w,
      int from,
      int to,
      int length,
      float[] x,
      int xo,
      int[] distances,
      float[] bias,
      int bo,
      float @Nullable [] other,
      int oo,
      int ldo,
      Clamp clamp,
      float[] y,
      int yo,
      int ldy) {
    float[] add = other == null ? SimdSparse.NOTHING : other;
    int ao = other == null ? 0 : oo;
    int lda = other == null ? 0 : ldo;
    int step = other == null ? 0 : L;
    float low = clamp.low();
    float high = clamp.high();
    int vectors = length / L;
    for (int v = 0; v < vectors; ) {
      int n = ConvStrips.next(vectors - v);
      int xv = xo + v * L;
      int yv = yo + v * L;
      int av = ao + v * step;
      for (int r = from; r < to; r++) {
        int y0 = yv + r * ldy;
        int a0 = av + r * lda;
        switch (n) {
          case 8 -> strip8(w, r, x, xv, distances, bias[bo + r], add, a0, step, low, high, y, y0);
          case 5 -> strip5(w, r, x, xv, distances, bias[bo + r], add, a0, step, low, high, y, y0);
          case 4 -> strip4(w, r, x, xv, distances, bias[bo + r], add, a0, step, low, high, y, y0);
          case 3 -> strip3(w, r, x, xv, distances, bias[bo + r], add, a0, step, low, high, y, y0);
          case 2 -> strip2(w, r, x, xv, distances, bias[bo + r], add, a0, step, low, high, y, y0);
          default -> strip1(w, r, x, xv, distances, bias[bo + r], add, a0, low, high, y, y0);
        }
      }
      v += n;
    }
  }

<#list [8, 5, 4, 3, 2, 1] as vectors>
<@strip vectors/>
<#sep>

</#sep>
</#list>
}
