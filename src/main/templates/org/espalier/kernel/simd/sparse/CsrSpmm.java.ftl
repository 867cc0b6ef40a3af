<#--
  Y = W·X for some rows of a CSR and some vectors of examples, then the bias and what is below a floor:

      sum[i][j] += value(e) · x[column of e][j]      for the entries e of row i, i < rows, j < vectors

  Several rows go in step as far as the one with fewest entries does, then each on its own. rows ×
  vectors = 8 sums hide the latency of fma; what has fewer is for the last rows or the last vectors. The
  sums are local variables, for the reason given in GemmTile.
-->
<#include "/notation.ftl">
<#-- Adds the entry at an index to the sums of row i. -->
<#macro entry i index vectors>
      int x${i} = xo + cols[${index}] * ldx;
      FloatVector w${i} = FloatVector.broadcast(F32, values[${index}]);
<#list 0..<vectors as j>
      ${letter(i)}${j} = w${i}.fma(FloatVector.fromArray(F32, x, ${at("x${i}", j, "L")}), ${letter(i)}${j});
</#list>
</#macro>
<#macro product name rows vectors of>
  /** Computes ${of}. */
  static void ${name}(
      CsrMatrix w,
      int i,
      float[] x,
      int xo,
      int ldx,
      float @Nullable [] bias,
      int bo,
      float low,
      float high,
      float[] y,
      int yo,
      int ldy) {
    int[] ptr = w.rowPtr();
    char[] cols = w.colIdx();
    float[] values = w.values();
<#list 0..<rows as i>
    int r${i} = w.rowOrder()[${at("i", i, "1")}];
</#list>
<#list 0..<rows as i><#list 0..<vectors as j>
    FloatVector ${letter(i)}${j} = FloatVector.zero(F32);
</#list></#list>
<#if rows == 1>
    int end = ptr[r0 + 1];
    for (int e = ptr[r0]; e < end; e++) {
<@entry i=0 index="e" vectors=vectors/>
    }
<#else>
<#list 0..<rows as i>
    int e${i} = ptr[r${i}];
</#list>
    int n = ptr[r0 + 1] - e0; // the first has fewest
    for (int j = 0; j < n; j++) {
<#list 0..<rows as i>
<@entry i=i index="e${i} + j" vectors=vectors/>
</#list>
    }
<#list 1..<rows as i>
    for (int e = e${i} + n; e < ptr[r${i} + 1]; e++) {
<@entry i=i index="e" vectors=vectors/>
    }
</#list>
</#if>
<#list 0..<rows as i>
    float bias${i} = bias == null ? 0f : bias[bo + r${i}] + 0f; // −0 counts as +0
    int y${i} = yo + r${i} * ldy;
  <#list 0..<vectors as j>
    ${letter(i)}${j} = ${letter(i)}${j}.add(bias${i});
<@store "${letter(i)}${j}" at("y${i}", j, "L")/>
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
import org.espalier.sparse.CsrMatrix;
import org.jspecify.annotations.Nullable;

/**
 * Rows of the product of a {@link CsrMatrix} with some vectors of examples. An entry is broadcast
 * and multiplied with a piece of a row of X, which is contiguous; the sums of a row stay in
 * registers while all its entries pass. An fma takes four cycles and two can start in each: eight
 * chains are in flight, of one row if it has eight vectors, else of several.
 */
final class CsrSpmm {
  private static final VectorSpecies<Float> F32 = Lanes.F32;
  private static final int L = F32.length();

  private CsrSpmm() {}

<@product name="eight" rows=1 vectors=8 of="a row, eight vectors"/>

<@product name="fourOfTwo" rows=2 vectors=4 of="two rows, which have about as many entries, four vectors"/>

<@product name="twoOfFour" rows=4 vectors=2 of="four rows, which have about as many entries, two vectors"/>

<@product name="oneOfFour" rows=4 vectors=1 of="four rows, which have about as many entries, a vector"/>

<@product name="four" rows=1 vectors=4 of="a row, four vectors"/>

<@product name="two" rows=1 vectors=2 of="a row, two vectors"/>

<@product name="one" rows=1 vectors=1 of="a row, a vector"/>
}
