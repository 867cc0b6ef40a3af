<#--
  y = W·x for a packed W of narrow codes, two panels (of two vectors of outputs each) at once:

      y[q][h] += float(codes[q][h], step s) · scale[q][h] · x[p + s]      q, h < 2, s < steps

  and widen(), which writes a panel's floats without the product. An int of a lane holds the codes of
  the next steps, the first at the low end: each is shifted to its place and becomes a float there. One
  load of codes serves all of its steps, so the steps are unrolled, too.

  Registers: 4 sums, 4 scales, an x for each step, the codes and what they become: 14 for int8. The
  widening stands in the loop, written out: as a method (which the compiler would have to inline 16
  times) it was 28 times slower for int8 and 16 times for fp16.
-->
<#include "/notation.ftl">
<#include "/widening.ftl">

<#macro gemv class code steps tailShift>
<@pp.changeOutputFile name="${class}.java"/>
<#include "/generated.ftl">
package org.espalier.kernel.simd.gemm;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.espalier.kernel.simd.Lanes;

<#if code == "int8">
/**
 * A packed matrix of bytes times a vector, and panels of it as floats. A byte comes to the top of
 * its lane, then down with its sign.
 */
<#else>
/**
 * A packed matrix of halves times a vector, and panels of it as floats. A half's sign, exponent and
 * significand come to where a float has them, of which only the bias of the exponent is another.
 */
</#if>
final class ${class} {
  private static final VectorSpecies<Float> F32 = Lanes.F32;
  private static final VectorSpecies<Integer> I32 = Lanes.I32;
  private static final int L = Lanes.LENGTH;
  private static final int NR = 2 * L;

  /** Steps that an int holds. */
  private static final int STEPS = ${steps};

<#if code == "fp16">
<@halfConstants/>

</#if>
  private ${class}() {}

  /** See {@link org.espalier.kernel.contract.GemmKernels#gemvCodes}. */
  static void gemv(
      int count,
      int k,
      int[] codes,
      int po,
      float[] scales,
      int so,
      float[] x,
      int xo,
      float[] y,
      int yo) {
    int last = count - 1;
    for (int q = 0; q <= last; q += 2) {
      // The last two may repeat one: chains of fewer would wait for each other.
      two(Math.max(0, Math.min(q, last - 1)), last, k, codes, po, scales, so, x, xo, y, yo);
    }
  }

  /** Two panels at once: more would need more registers than most processors have. */
  private static void two(
      int q,
      int last,
      int k,
      int[] codes,
      int po,
      float[] scales,
      int so,
      float[] x,
      int xo,
      float[] y,
      int yo) {
    int q1 = Math.min(q + 1, last);
    int size = Math.ceilDiv(k, STEPS) * NR;
    int c0 = po + q * size;
    int c1 = po + q1 * size;
<#list ["q", "q1"] as panel><#list 0..<2 as h>
    FloatVector s${panel?index}${h} = FloatVector.fromArray(F32, scales, ${at("so + ${panel} * NR", h, "L")});
</#list></#list>
    FloatVector zero = FloatVector.zero(F32);
<#list 0..<2 as q><#list 0..<2 as h>
    FloatVector y${q}${h} = zero;
</#list></#list>
    int p = 0;
    for (; p <= k - STEPS; p += STEPS) {
<#list 0..<steps as s>
      FloatVector v${s} = FloatVector.broadcast(F32, x[${at("xo + p", s, "1")}]);
</#list>
<#list 0..<2 as q><#list 0..<2 as h>
      IntVector i${q}${h} = IntVector.fromArray(I32, codes, ${at("c${q} + p / STEPS * NR", h, "L")});
  <#list 0..<steps as s>
    <@chain indent=6 head="y${q}${h} =" expression="i${q}${h}" calls=floats(code, s) + ["mul(s${q}${h})", "fma(v${s}, y${q}${h})"]/>
  </#list>
</#list></#list>
    }
    for (; p < k; p++) { // at most ${steps - 1}
      int shift = ${tailShift};
      FloatVector v = FloatVector.broadcast(F32, x[xo + p]);
<#list 0..<2 as q><#list 0..<2 as h>
      IntVector i${q}${h} = IntVector.fromArray(I32, codes, ${at("c${q} + p / STEPS * NR", h, "L")});
  <@chain indent=6 head="y${q}${h} =" expression="i${q}${h}" calls=floatsShifted(code, "shift") + ["mul(s${q}${h})", "fma(v, y${q}${h})"]/>
</#list></#list>
    }
<#list ["q", "q1"] as panel><#list 0..<2 as h>
    y${panel?index}${h}.intoArray(y, ${at("yo + ${panel} * NR", h, "L")});
</#list></#list>
  }

  /** See {@link org.espalier.kernel.contract.GemmKernels#widen}. */
  static void widen(int k, int[] codes, int po, float[] scales, int so, float[] panel, int to) {
<#list 0..<2 as h>
    FloatVector s${h} = FloatVector.fromArray(F32, scales, ${at("so", h, "L")});
</#list>
    int p = 0;
    for (; p <= k - STEPS; p += STEPS) {
      int o = to + p * NR;
<#list 0..<2 as h>
      IntVector i${h} = IntVector.fromArray(I32, codes, ${at("po + p / STEPS * NR", h, "L")});
</#list>
<#list 0..<steps as s><#list 0..<2 as h>
  <@chain indent=6 head="" expression="i${h}" calls=floats(code, s) + ["mul(s${h})", "intoArray(panel, ${at('o', s, 'NR', h, 'L')})"]/>
</#list></#list>
    }
    for (; p < k; p++) { // at most ${steps - 1}
      int shift = ${tailShift};
<#list 0..<2 as h>
      IntVector i${h} = IntVector.fromArray(I32, codes, ${at("po + p / STEPS * NR", h, "L")});
</#list>
<#list 0..<2 as h>
  <@chain indent=6 head="" expression="i${h}" calls=floatsShifted(code, "shift") + ["mul(s${h})", "intoArray(panel, ${at('to + p * NR', h, 'L')})"]/>
</#list>
    }
  }
}
</#macro>
<@pp.dropOutputFile/>
<@gemv class="GemvInt8" code="int8" steps=4 tailShift="24 - p % STEPS * Byte.SIZE"/>
<@gemv class="GemvFp16" code="fp16" steps=2 tailShift="Short.SIZE - p % STEPS * Short.SIZE"/>
