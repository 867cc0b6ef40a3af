<#--
  y = W·x + bias + add, cut off at a bound, for a quad (four rows) of BSR and a run of some vectors of
  pixels:

      sum[i][j] += value(block, i) · x[column of block][j]      i < 4, j < vectors

  A vector of x is loaded once for four rows. Four rows by five vectors are 20 sums, five vectors of x
  and a value: for 32 registers. The sums are local variables, for the reason given in GemmTile.
-->
<#include "/notation.ftl">
<#macro run name vectors of>
  /** Four rows, ${of}. */
  static void ${name}(
      BsrMatrix m,
      int quad,
      float[] x,
      int xo,
      int[] distances,
      float[] bias,
      int bo,
      float[] add,
      int ao,
      int lda,
<#if vectors gt 1>
      int step,
</#if>
      float low,
      float high,
      float[] y,
      int yo,
      int ldy) {
    int perGroup = BsrMatrix.ROWS / m.height();
    char[] cols = m.colIdx();
    float[] values = m.values();
    int[] ptr = m.groupPtr();
    int lane = quad % 4 * 4;
    int member = lane / m.height();
    int end = ptr[quad / 4 + 1];
<#list 0..<4 as i><#list 0..<vectors as j>
    FloatVector ${letter(i)}${j} = ${(i + j == 0)?then("FloatVector.zero(F32)", "a0")};
</#list></#list>
    for (int s = ptr[quad / 4]; s < end; s++) {
      int at = xo + distances[cols[s * perGroup + member]];
      int e = s * BsrMatrix.ROWS + lane;
<#list 0..<vectors as j>
      FloatVector x${j} = FloatVector.fromArray(F32, x, ${at("at", j, "L")});
</#list>
<#list 0..<4 as i>
  <#assign r = letter(i)>
      FloatVector w${r} = FloatVector.broadcast(F32, values[${at("e", i, "1")}]);
  <#list 0..<vectors as j>
      ${r}${j} = w${r}.fma(x${j}, ${r}${j});
  </#list>
</#list>
    }
    int row = m.quadRows()[quad];
    int most = m.rows() - 1;
<#list 3..0 as i>
  <#assign r = letter(i)>
    int row${r} = ${(i == 0)?then("row", "Math.min(row + ${i}, most)")};
    int to${r} = yo + row${r} * ldy;
    int from${r} = ao + row${r} * lda;
    float bias${r} = bias[bo + row${r}];
  <#list 0..<vectors as j>
    ${r}${j} = ${r}${j}.add(bias${r}).add(FloatVector.fromArray(F32, add, ${at("from${r}", j, "step")}));
<@store "${r}${j}" at("to${r}", j, "L")/>
  </#list>
</#list>
  }
</#macro>
<#include "/generated.ftl">
package org.espalier.kernel.simd.sparse;

import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.LE;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.espalier.kernel.simd.Lanes;
import org.espalier.sparse.BsrMatrix;

/**
 * Runs of a quad of a {@link BsrMatrix}, one to five vectors: what is loaded of x meets the four
 * values of a block. A quad that lacks rows computes its last one for them; rows are written from
 * the last to the first, so what they leave is overwritten by it.
 */
final class BsrSpmm {
  private static final VectorSpecies<Float> F32 = Lanes.F32;
  private static final int L = Lanes.LENGTH;

  private BsrSpmm() {}

<@run name="five" vectors=5 of="five vectors"/>

<@run name="four" vectors=4 of="four vectors"/>

<@run name="two" vectors=2 of="two vectors"/>

<@run name="one" vectors=1 of="one vector"/>
}
