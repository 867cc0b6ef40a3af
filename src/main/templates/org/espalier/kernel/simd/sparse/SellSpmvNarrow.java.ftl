<#--
  y = W·x for a block of SELL-C-σ whose values are codes of 8 or 16 bits. An int holds four offsets, one
  of each step, and four bytes or two halves; as floats,

      sum[g] += float(code, step s) · scale[g] · x[start of g + offset(step s)]      s < 4, g the group of step s

  Four groups take a step each, in windows of one register, or two groups two steps each, in windows of
  two. The sums are local variables, and the widening is written out, for the reason given in GemvCodes.
-->
<#include "/notation.ftl">
<#include "/widening.ftl">
<#macro block name groups code of>
  /** ${of}. */
  static void ${name}(SellMatrix w, int b, float[] x, int xo, float[] sums) {
    char[] starts = w.starts();
    int[] offsets = w.offsets();
    int[] codes = w.codes();
    int end = w.blockPtr()[b + 1];
    int s = b * ${groups} * L;
<#list 0..<groups as g>
    FloatVector s${g} = FloatVector.fromArray(F32, w.laneScales(), ${at("s", g, "L")});
</#list>
<#list 0..<groups as g>
    FloatVector a${g} = ${(g == 0)?then("FloatVector.zero(F32)", "a0")};
</#list>
    for (int r = w.blockPtr()[b]; r < end; r++) {
      IntVector o = IntVector.fromArray(I32, offsets, SellMatrix.FIRST + r * L);
<#if code == "int8">
      IntVector c = IntVector.fromArray(I32, codes, SellMatrix.FIRST + r * L);
<#else>
      IntVector c = IntVector.fromArray(I32, codes, SellMatrix.FIRST + 2 * r * L);
      IntVector d = IntVector.fromArray(I32, codes, SellMatrix.FIRST + 2 * r * L + L);
</#if>
<#list 0..<4 as s>
  <#assign g = (s * groups / 4)?floor>
  <#assign offset = (s == 0)?then("o.", "o.lanewise(VectorOperators.LSHR, ${8 * s}).")>
  <#if groups == 2 && s % 2 == 0>
      int q${g} = xo + starts[${at("2 * r", g, "1")}];
      IntVector l${g} = FloatVector.fromArray(F32, x, q${g}).reinterpretAsInts();
      IntVector h${g} = FloatVector.fromArray(F32, x, q${g} + L).reinterpretAsInts();
  </#if>
  <#if code == "int8">
    <@chain indent=6 head="FloatVector v${s} =" expression="c" calls=floats("int8", s) + ["mul(s${g})"]/>
  <#else>
    <@chain indent=6 head="FloatVector v${s} =" expression=(s lt 2)?then("c", "d") calls=floats("fp16", s % 2) + ["mul(s${g})"]/>
  </#if>
  <#if groups == 4>
      IntVector x${g} = FloatVector.fromArray(F32, x, xo + starts[${at("4 * r", g, "1")}]).reinterpretAsInts();
    <@chain indent=6 head="a${g} =" expression="v${s}" calls=["fma(${offset}selectFrom(x${g}).reinterpretAsFloats(), a${g})"]/>
  <#else>
    <@chain indent=6 head="a${g} =" expression="v${s}" calls=["fma(${offset}selectFrom(l${g}, h${g}).reinterpretAsFloats(), a${g})"]/>
  </#if>
</#list>
    }
<#list 0..<groups as g>
    a${g}.intoArray(sums, ${at("s", g, "L")});
</#list>
  }
</#macro>
<#include "/generated.ftl">
package org.espalier.kernel.simd.sparse;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.espalier.kernel.simd.Lanes;
import org.espalier.sparse.SellMatrix;

/**
 * The steps of {@link SellSpmvFp32} with values of bytes or halves, widened in registers. A byte
 * comes to the top of its lane, then down with its sign. A half's sign, exponent and significand
 * come to where a float has them, of which only the bias of the exponent is another.
 */
final class SellSpmvNarrow {
  private static final VectorSpecies<Float> F32 = Lanes.F32;
  private static final VectorSpecies<Integer> I32 = Lanes.I32;
  private static final int L = F32.length();

<@halfConstants/>

  private SellSpmvNarrow() {}

<@block name="fourGroupsOfBytes" groups=4 code="int8" of="Four groups take a step each, in windows of one register; values are bytes"/>

<@block name="twoGroupsOfBytes" groups=2 code="int8" of="Two groups take two steps each, in windows of two registers; values are bytes"/>

<@block name="fourGroupsOfHalves" groups=4 code="fp16" of="Four groups take a step each, in windows of one register; values are halves"/>

<@block name="twoGroupsOfHalves" groups=2 code="fp16" of="Two groups take two steps each, in windows of two registers; values are halves"/>
}
