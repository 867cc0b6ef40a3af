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
