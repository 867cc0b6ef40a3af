<#--
  y = xᵀ for square blocks of n rows of n lanes, in registers. The step of distance d (a power of two)
  does this for each row i without bit d, and its partner i + d:

      new[i]     = old[i],                          where a lane has bit d: old[i + d], d lanes lower
      new[i + d] = old[i], d lanes higher,          where a lane has bit d: old[i + d]

  After the steps n/2, n/4, … 1 lane l of row i holds what was lane i of row l. All n rows are alive at
  once, so 16 lanes go with the 32 registers of AVX-512, and 8 or 4 fit into 16. The rows are local
  variables and the steps are written out, for the reason given in GemmTile.
-->
<#include "/notation.ftl">
<@pp.dropOutputFile/>
<#list transposes as n>
  <#assign lanes = 0..<n>
  <#assign distances = [8, 4, 2, 1]?filter(d -> d lt n)>
  <#assign names = ["r", "a", "b", "c", "d"]>
<@pp.changeOutputFile name="Transpose${n}.java"/>
<#include "/generated.ftl">
package org.espalier.kernel.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/** Transposes blocks of ${n} by ${n} in registers. Only for vectors of ${n} lanes. */
public final class Transpose${n} {
  private static final VectorSpecies<Float> F32 = Lanes.F32;
<#list distances as d>
  private static final VectorShuffle<Float> SWAP${d} = VectorShuffle.fromOp(F32, i -> i ^ ${d});
  private static final VectorMask<Float> ODD${d} = odd(${d});
</#list>

  private Transpose${n}() {}

  private static VectorMask<Float> odd(int distance) {
    boolean[] lanes = new boolean[${n}];
    for (int i = 0; i < lanes.length; i++) {
      lanes[i] = (i & distance) != 0;
    }
    return VectorMask.fromArray(F32, lanes, 0);
  }

  /**
   * Writes {@code y[yo + p·ldy + i] = x[xo + i·ld + p]} for {@code i < ${n}} and the {@code p} below
   * {@code k} that fill whole blocks, and returns how many those are. Rows from {@code count} on
   * are not read, +0 is written for them.
   *
   * @param count at least 1
   * @param mask as {@link org.espalier.kernel.contract.GemmKernels#packRows} has it; {@code mb} a
   *     multiple of ${n}
   */
  public static int rows(
      int count,
      int k,
      float[] x,
      int xo,
      int ld,
      long @Nullable [] mask,
      int mo,
      int wordsPerRow,
      int mb,
      float[] y,
      int yo,
      int ldy) {
    boolean masked = mask != null || count < ${n};
    int x0 = xo;
<#list lanes[1..] as i>
    int x${i} = xo + Math.min(${i}, count - 1) * ld;
</#list>
    int p = 0;
    for (; p <= k - ${n}; p += ${n}) {
<#list lanes as i>
      FloatVector r${i} = FloatVector.fromArray(F32, x, x${i} + p);
</#list>
      if (masked) {
        int b = mb + p;
        FloatVector zero = FloatVector.zero(F32);
<#list lanes as i>
  <#assign kept = "VectorMask.fromLong(F32, bits(mask, ${at('mo', i, 'wordsPerRow')}, b, ${i} < count))">
  <#if i lt 2>
        r${i} = zero.blend(r${i}, ${kept});
  <#else>
        r${i} =
            zero.blend(
                r${i}, ${kept});
  </#if>
</#list>
      }
<#list distances as d>
  <#assign old = names[d?index]>
  <#assign new = names[d?index + 1]>
  <#list lanes as i>
    <#if (i / d)?floor % 2 == 0>
      FloatVector ${new}${i} = ${old}${i}.blend(${old}${i + d}.rearrange(SWAP${d}), ODD${d});
    <#else>
      FloatVector ${new}${i} = ${old}${i - d}.rearrange(SWAP${d}).blend(${old}${i}, ODD${d});
    </#if>
  </#list>
</#list>
      int to = yo + p * ldy;
<#list lanes as i>
      ${new}${i}.intoArray(y, ${at("to", i, "ldy")});
</#list>
    }
    return p;
  }

  private static long bits(long @Nullable [] mask, int row, int b, boolean there) {
    if (!there) {
      return 0;
    }
    return mask == null ? -1 : Bits.from(mask, row, b);
  }
}
</#list>
