<#--
  How a narrow code in a lane of 32 bits becomes a float, as a chain of calls.

  int8: the byte of step s goes to the top of the lane (left by 24 − 8·s), comes down with its sign
  (right by 24) and is converted.

  fp16: the half of step s goes to the top (left by 16 − 16·s); its exponent has 5 bits, a float's 8,
  so right by 3 its sign, exponent and significand stand where a float has them. The bits between are
  cut off, and a factor puts the exponent's bias right.
-->
<#function floats code step>
  <#local bits = (code == "int8")?then(8, 16)>
  <#return floatsShifted(code, 32 - bits * (step + 1))>
</#function>

<#-- As floats, the shift to the left given: a number, or an expression. -->
<#function floatsShifted code shift>
  <#local up = (shift?string == "0")?then([], ["lanewise(VectorOperators.LSHL, ${shift})"])>
  <#if code == "int8">
    <#return up + ["lanewise(VectorOperators.ASHR, 24)", "convert(VectorOperators.I2F, 0)", "reinterpretAsFloats()"]>
  </#if>
  <#return up + ["lanewise(VectorOperators.ASHR, 3)", "and(HALF)", "reinterpretAsFloats()", "mul(BIAS)"]>
</#function>

<#macro halfConstants>
  /** The bits that a half has in a float. */
  private static final int HALF = 0x8fffe000;

  /** By how much the biases of the exponents differ: 127 − 15. */
  private static final float BIAS = 0x1p112f;
</#macro>
