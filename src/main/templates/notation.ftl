<#--
  base + n · stride + …, as one writes it by hand: at("co", 2, "ldc", 1, "L") is "co + 2 * ldc + L",
  at("co", 0, "ldc", 3, "1") is "co + 3".
-->
<#function at base terms...>
  <#local sum = base>
  <#list terms?chunk(2) as term>
    <#if term[1] == "1" && term[0] gt 0>
      <#local sum += " + " + term[0]>
    <#elseif term[0] == 1>
      <#local sum += " + " + term[1]>
    <#elseif term[0] gt 1>
      <#local sum += " + " + term[0] + " * " + term[1]>
    </#if>
  </#list>
  <#return sum>
</#function>

<#-- head expression.call.call…; at the given indentation, broken into lines as the formatter does it. -->
<#macro chain indent head expression calls>
  <#local blank = ""?left_pad(indent)>
  <#local deeper = ""?left_pad(indent + 4)>
  <#local begin = expression + "." + calls[0]>
  <#local links = [begin] + calls[1..]>
  <#local whole = links?join(".") + ";">
  <#if head == "" && (blank + whole)?length lte 100>
${blank}${whole}
  <#elseif head == "">
${blank}${links?join("\n${deeper}.")};
  <#elseif (blank + head + " " + whole)?length lte 100>
${blank}${head} ${whole}
  <#elseif (deeper + whole)?length lte 100>
${blank}${head}
${deeper}${whole}
  <#else>
${blank}${head}
${deeper}${links?join("\n${deeper}    .")};
  </#if>
</#macro>

<#-- Variables of a type, in one declaration, broken into lines as the formatter does it. -->
<#macro declare indent type names>
  <#local line = ""?left_pad(indent) + type + " " + names?join(", ") + ";">
  <#if line?length lte 100>
${line}
  <#else>
${line?replace(", ", ",\n" + ""?left_pad(indent + 4))}
  </#if>
</#macro>

<#-- a, b, c, … for row 0, 1, 2, … -->
<#function letter row>
  <#return "abcdefgh"[row]>
</#function>

<#-- Stores a vector of sums between two bounds: a comparison with NaN is never true, it doesn't bind. -->
<#macro store sum at>
    ${sum} = ${sum}.blend(low, ${sum}.compare(LE, low));
    ${sum}.blend(high, ${sum}.compare(GE, high)).intoArray(y, ${at});
</#macro>
