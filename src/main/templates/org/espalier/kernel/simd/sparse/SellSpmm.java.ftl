<#--
  Y = W·X for a W of SELL-C-σ: the rows in some neighbouring lanes of a block of L rows, times some
  vectors of examples,

      sum[i][j] += value(step s, lane i) · x[start + offset(step s, lane i)][j]      s < 4, i < lanes, j < vectors

  in windows of four steps: an int holds the four offsets of a lane. lanes × vectors = 8 sums, so that
  eight chains hide the latency of fma; with a value and a vector of x they fit into 16 registers. The
  sums are local variables and the steps are written out, for the reason given in GemmTile.
-->
<#include "/notation.ftl">
<#-- Offset s of the four in an int. -->
<#function offset s word>
  <#return ["${word} & 0xff", "${word} >>> 8 & 0xff", "${word} >>> 16 & 0xff", "${word} >>> 24"][s]>
</#function>
<#macro sums name lanes vectors of>
  /** Sums of the rows of ${of}. */
  static void ${name}(
      SellMatrix w, int b, int l, float[] x, int xo, int ldx, float[] y, int yo, int ldy) {
    char[] starts = w.starts();
    int[] offsets = w.offsets();
    float[] values = w.values();
    int end = w.blockPtr()[b + 1];
    FloatVector zero = FloatVector.zero(F32);
<#list 0..<lanes as i><#list 0..<vectors as j>
    FloatVector ${letter(i)}${j} = zero;
</#list></#list>
    for (int r = w.blockPtr()[b]; r < end; r++) {
      int q = xo + starts[r] * ldx;
      int o = SellMatrix.FIRST + r * L + l;
      int v = SellMatrix.FIRST + r * 4 * L + l;
<#list 0..<lanes as i>
      int o${i} = offsets[${at("o", i, "1")}];
</#list>
<#list 0..<4 as s><#list 0..<lanes as i>
      int x${s}${i} = q + (${offset(s, "o${i}")}) * ldx;
      FloatVector w${s}${i} = FloatVector.broadcast(F32, values[${at("v", s, "L", i, "1")}]);
  <#list 0..<vectors as j>
      ${letter(i)}${j} = w${s}${i}.fma(FloatVector.fromArray(F32, x, ${at("x${s}${i}", j, "L")}), ${letter(i)}${j});
  </#list>
</#list></#list>
    }
    int[] rows = w.laneRows();
    int i = b * L + l;
<#list (lanes - 1)..0 as i>
    int y${i} = yo + row(rows, b, ${at("i", i, "1")}) * ldy;
  <#list 0..<vectors as j>
    ${letter(i)}${j}.intoArray(y, ${at("y${i}", j, "L")});
  </#list>
</#list>
  }
</#macro>
<#include "/generated.ftl">
package org.espalier.kernel.simd.sparse;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.espalier.kernel.contract.Clamp;
import org.espalier.kernel.simd.Lanes;
import org.espalier.sparse.SellMatrix;
import org.jspecify.annotations.Nullable;

/**
 * A {@link SellMatrix} of floats, of groups of sixteen rows that take four steps in a window, times
 * a batch: some neighbouring lanes at once, so that their chains of additions overlap, with
 * examples in the lanes of vectors.
 */
final class SellSpmm {
  private static final VectorSpecies<Float> F32 = Lanes.F32;
  private static final VectorSpecies<Integer> I32 = Lanes.I32;
  private static final int L = F32.length();

  /** The bits of a float without its sign: only those of NaN are above those of infinity. */
  private static final int MAGNITUDE = 0x7fffffff;

  private static final int INFINITY = 0x7f800000;

  private SellSpmm() {}

  /** Computes the sums of a block, whole vectors of examples. */
  static void block(
      SellMatrix w, int b, int batch, float[] x, int xo, int ldx, float[] y, int yo, int ldy) {
    int j = 0; // the first lanes come last: see row()
    for (; j <= batch - 4 * L; j += 4 * L) {
      for (int l = L - 2; l >= 0; l -= 2) {
        four(w, b, l, x, xo + j, ldx, y, yo + j, ldy);
      }
    }
    if (j <= batch - 2 * L) {
      for (int l = L - 4; l >= 0; l -= 4) {
        two(w, b, l, x, xo + j, ldx, y, yo + j, ldy);
      }
      j += 2 * L;
    }
    if (j < batch) {
      for (int l = L - 8; l >= 0; l -= 8) {
        one(w, b, l, x, xo + j, ldx, y, yo + j, ldy);
      }
    }
  }

<@sums name="four" lanes=2 vectors=4 of="two lanes from lane {@code l} on, four vectors of examples"/>

<@sums name="two" lanes=4 vectors=2 of="four lanes from lane {@code l} on, two vectors of examples"/>

<@sums name="one" lanes=8 vectors=1 of="eight lanes from lane {@code l} on, a vector of examples"/>

  /**
   * Returns the row of a lane; of one without the first lane's of the group, which is written last.
   */
  private static int row(int[] rows, int b, int i) {
    return rows[i] < 0 ? rows[b * L] : rows[i];
  }

  /**
   * Adds the bias to the sums of a block; with clamp, what is not above 0 becomes +0.
   *
   * @return whether no sum was NaN
   */
  static boolean finish(
      SellMatrix w,
      int b,
      int batch,
      float @Nullable [] bias,
      int bo,
      Clamp clamp,
      float[] y,
      int yo,
      int ldy) {
    float low = clamp.low();
    float high = clamp.high();
    IntVector largest = IntVector.zero(I32);
    for (int i = b * L; i < (b + 1) * L; i++) {
      int row = w.laneRows()[i];
      if (row >= 0) {
        float add = bias == null ? 0f : bias[bo + row] + 0f; // −0 counts as +0
        int o = yo + row * ldy;
        for (int j = o; j < o + batch; j += L) {
          FloatVector s = FloatVector.fromArray(F32, y, j);
          largest = largest.max(s.reinterpretAsInts().and(MAGNITUDE));
          s = s.add(add);
          s = s.blend(low, s.compare(VectorOperators.LE, low));
          s.blend(high, s.compare(VectorOperators.GE, high)).intoArray(y, j);
        }
      }
    }
    return largest.reduceLanes(VectorOperators.MAX) <= INFINITY;
  }
}
