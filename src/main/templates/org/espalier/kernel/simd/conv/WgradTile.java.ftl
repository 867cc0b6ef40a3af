<#--
  The gradient of a convolution's weight for a tile of outputs by inputs, in registers:

      s[o][c] += dy[o][pixel d] · x[c][pixel q]      for all pairs (d, q) of pixels, o < outputs, c < inputs

  A vector holds one pixel of several images, so both factors are loaded and nothing is broadcast.
  Registers: outputs × inputs accumulators, the inputs' vectors, one of dy; 4 × 3 fill 16 of them,
  6 × 4 fit into 32. Unrolled as in GemmTile.
-->
<#include "/notation.ftl">
<@pp.dropOutputFile/>
<#list wgradTiles as tile>
  <#assign outputs = 0..<tile.outputs>
  <#assign inputs = 0..<tile.inputs>
  <#assign class = "WgradTile${tile.outputs}x${tile.inputs}">
  <#assign sums = tile.outputs * tile.inputs>
<@pp.changeOutputFile name="${class}.java"/>
<#include "/generated.ftl">
package org.espalier.kernel.simd.conv;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.espalier.kernel.contract.ConvKernels;
import org.espalier.kernel.simd.Lanes;

/** A tile of ${tile.outputs} outputs by ${tile.inputs} inputs in ${sums + tile.inputs + 1} registers: ${sums} accumulators, ${tile.inputs} of x and one of dy. */
final class ${class} {
  static final int OUTPUTS = ${tile.outputs};
  static final int INPUTS = ${tile.inputs};

  private static final VectorSpecies<Float> F32 = Lanes.F32;
  private static final int PIXEL = ConvKernels.PIXEL;

  private ${class}() {}

  /** See {@link ConvKernels#gradientTile}; one vector of the lanes. */
  static void tile(
      int steps,
      int[] pixels,
      int po,
      float[] dy,
      int[] dyRows,
      int oo,
      int ldDy,
      int dyo,
      float[] x,
      int[] xRows,
      int co,
      int ldX,
      int xo,
      float[] sums,
      int so) {
<#list outputs as o>
    int d${o} = dyo + dyRows[${at("oo", o, "1")}] * ldDy;
</#list>
<#list inputs as c>
    int x${c} = xo + xRows[${at("co", c, "1")}] * ldX;
</#list>
<#list outputs as o><#list inputs as c>
    FloatVector s${o}${c} = FloatVector.fromArray(F32, sums, ${at("so", o * tile.inputs + c, "PIXEL")});
</#list></#list>
    for (int p = 0; p < steps; p++) {
      int d = pixels[po + 2 * p];
      int q = pixels[po + 2 * p + 1];
<#list inputs as c>
      FloatVector b${c} = FloatVector.fromArray(F32, x, x${c} + q);
</#list>
<#list outputs as o>
      FloatVector a${o} = FloatVector.fromArray(F32, dy, d${o} + d);
  <#list inputs as c>
      s${o}${c} = a${o}.fma(b${c}, s${o}${c});
  </#list>
</#list>
    }
<#list outputs as o><#list inputs as c>
    s${o}${c}.intoArray(sums, ${at("so", o * tile.inputs + c, "PIXEL")});
</#list></#list>
  }
}
</#list>
