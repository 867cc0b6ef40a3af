<#--
  Y += Wᵀ·X for a row of a CSR and some vectors of X, which stay in registers while the row passes:

      y[column of e][j] += value(e) · x[j]      for the entries e of the row, j < vectors

  The vectors are local variables, for the reason given in GemmTile.
-->
<#include "/notation.ftl">
<#macro row name vectors of>
  /** Adds the entries of a row, times its ${of} of X, to the rows of Y. */
  static void ${name}(CsrMatrix w, int row, float[] x, int xo, float[] y, int yo, int ldy) {
    char[] cols = w.colIdx();
    float[] values = w.values();
    int end = w.rowPtr()[row + 1];
<#list 0..<vectors as j>
    FloatVector x${j} = FloatVector.fromArray(F32, x, ${at("xo", j, "L")});
</#list>
    for (int e = w.rowPtr()[row]; e < end; e++) {
      int y0 = yo + cols[e] * ldy;
      FloatVector a = FloatVector.broadcast(F32, values[e]);
<#list 0..<vectors as j>
      a.fma(x${j}, FloatVector.fromArray(F32, y, ${at("y0", j, "L")})).intoArray(y, ${at("y0", j, "L")});
</#list>
    }
  }
</#macro>
<#include "/generated.ftl">
package org.espalier.kernel.simd.sparse;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.espalier.kernel.simd.Lanes;
import org.espalier.sparse.CsrMatrix;

/**
 * The product of a transposed {@link CsrMatrix} with some vectors of examples: what a row has is
 * added to the rows of Y, whose sums are in memory. The row of X stays in registers.
 */
final class CsrTransposedSpmm {
  private static final VectorSpecies<Float> F32 = Lanes.F32;
  private static final int L = F32.length();

  private CsrTransposedSpmm() {}

<@row name="eight" vectors=8 of="eight vectors"/>

<@row name="four" vectors=4 of="four vectors"/>

<@row name="two" vectors=2 of="two vectors"/>

<@row name="one" vectors=1 of="vector"/>
}
