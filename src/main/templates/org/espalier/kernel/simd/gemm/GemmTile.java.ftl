<#--
  C += A·B for a tile of C that stays in registers:

      c[i][j] += a[i][p] · b[p][j]      for p = 0 … k−1, i < rows, j < vectors (of L columns each)

  Each step loads the vectors b[p][·] once, broadcasts one a[i][p] after the other and feeds
  rows × vectors chains of fma. Registers: rows × vectors accumulators, the vectors of b, two
  broadcasts (one at work, the next on its way).

  The chains hide the latency of fma: 4 cycles, two begun in each, so from 8 accumulators on.

  Every accumulator is a local variable of its own: an array of vectors, or a method for the inner
  lines, is beyond what the compiler takes apart, and it would put the vectors on the heap.
-->
<#include "/notation.ftl">
<#-- c[i][j] += a[i][p] · b[p][j], where a's element p lies at a${i} + element. -->
<#macro steps element>
    for (int p = 0; p < k; p++) {
<#list vectors as j>
      FloatVector b${j} = FloatVector.fromArray(F32, b, ${at("bo + p * NR", j, "L")});
</#list>
<#list rows as i>
      FloatVector x${i} = FloatVector.broadcast(F32, a[a${i} + ${element}]);
  <#list vectors as j>
      c${i}${j} = x${i}.fma(b${j}, c${i}${j});
  </#list>
</#list>
    }
</#macro>

<@pp.dropOutputFile/>
<#list gemmTiles as tile>
  <#assign rows = 0..<tile.rows>
  <#assign vectors = 0..<tile.vectors>
  <#assign class = "GemmTile${tile.rows}x${tile.vectors}">
  <#assign accumulators = []>
  <#list rows as i><#list vectors as j><#assign accumulators += ["c${i}${j}"]></#list></#list>
<@pp.changeOutputFile name="${class}.java"/>
<#include "/generated.ftl">
package org.espalier.kernel.simd.gemm;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.espalier.kernel.simd.Lanes;

/** A tile of ${tile.rows} rows by ${tile.vectors} vectors in ${accumulators?size + tile.vectors + 2} registers: ${accumulators?size} accumulators, ${tile.vectors} of b and 2 broadcasts. */
final class ${class} {
  static final int MR = ${tile.rows};

  private static final VectorSpecies<Float> F32 = Lanes.F32;
  private static final int L = Lanes.LENGTH;
  private static final int NR = ${tile.vectors} * L;

  private ${class}() {}

  /** See {@link org.espalier.kernel.contract.GemmKernels#tileRows}. */
  static void rows(
      int k,
      float[] a,
      int ao,
      int lda,
      int count,
      int[] rows,
      int ro,
      float[] b,
      int bo,
      boolean resume,
      float[] c,
      int co,
      int ldc) {
    int a0 = ao + rows[ro] * lda;
<#list rows[1..] as i>
    int a${i} = ao + rows[ro + Math.min(${i}, count - 1)] * lda;
</#list>
<@declare 4 "FloatVector" accumulators/>
    if (resume) {
<#list rows as i><#list vectors as j>
      c${i}${j} = FloatVector.fromArray(F32, c, ${at("co", i, "ldc", j, "L")});
</#list></#list>
    } else {
      FloatVector zero = FloatVector.zero(F32);
<#list rows as i><#list vectors as j>
      c${i}${j} = zero;
</#list></#list>
    }
<@steps element="p"/>
<#list rows as i><#list vectors as j>
    c${i}${j}.intoArray(c, ${at("co", i, "ldc", j, "L")});
</#list></#list>
  }

  /**
   * See {@link org.espalier.kernel.contract.GemmKernels#tilePanel}.
   *
   * @param one 1; a constant here would let the compiler load all broadcasts from one address,
   *     which it then does so early that an accumulator is left without a register
   */
  static void panel(
      int k,
      float[] a,
      int ao,
      int one,
      float[] b,
      int bo,
      boolean resume,
      float[] c,
      int co,
      int ldc,
      int[] rows,
      int ro) {
    int a0 = ao;
<#list rows[1..] as i>
    int a${i} = a${i - 1} + one;
</#list>
<@declare 4 "FloatVector" accumulators/>
    if (resume) {
<#list rows as i>
      int s${i} = co + rows[ro + ${i}] * ldc;
</#list>
<#list rows as i><#list vectors as j>
      c${i}${j} = FloatVector.fromArray(F32, c, ${at("s${i}", j, "L")});
</#list></#list>
    } else {
      FloatVector zero = FloatVector.zero(F32);
<#list rows as i><#list vectors as j>
      c${i}${j} = zero;
</#list></#list>
    }
<@steps element="p * MR"/>
<#list rows as i>
    int y${i} = co + rows[ro + ${i}] * ldc;
  <#list vectors as j>
    c${i}${j}.intoArray(c, ${at("y${i}", j, "L")});
  </#list>
</#list>
  }
}
</#list>
