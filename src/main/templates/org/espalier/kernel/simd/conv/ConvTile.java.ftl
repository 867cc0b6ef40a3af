<#--
  A convolution for a tile of output channels by vectors of pixels, in registers:

      c[i][j] += panel[q + i] · x[tap + j]      for all taps (tap, q), i < channels, j < vectors

  Each tap loads the vectors of x once and broadcasts a weight for each channel. Registers: channels ×
  vectors accumulators, the vectors of x, two broadcasts (one at work, the next on its way). Unrolled
  as in GemmTile; the end is a ladder, channel by channel, because a tile at the edge has fewer.
-->
<#include "/notation.ftl">
<@pp.dropOutputFile/>
<#list convTiles as tile>
  <#assign channels = 0..<tile.channels>
  <#assign vectors = 0..<tile.vectors>
  <#assign class = "ConvTile${tile.channels}x${tile.vectors}">
  <#assign sums = tile.channels * tile.vectors>
<@pp.changeOutputFile name="${class}.java"/>
<#include "/generated.ftl">
package org.espalier.kernel.simd.conv;

import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.LE;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.espalier.kernel.contract.Clamp;
import org.espalier.kernel.simd.Lanes;

/** A tile of ${tile.channels} channels by ${tile.vectors} vectors in ${sums + tile.vectors + 2} registers: ${sums} accumulators, ${tile.vectors} of x, 2 broadcasts. */
final class ${class} {
  static final int CHANNELS = ${tile.channels};

  private static final VectorSpecies<Float> F32 = Lanes.F32;
  private static final float[] ZEROS = new float[Lanes.LENGTH];
  private static final int[] NO_ROWS = {0};

  private ${class}() {}

  /** See {@link org.espalier.kernel.contract.ConvKernels#tile}. */
  static void tile(
      int count,
      int steps,
      int[] taps,
      int to,
      float[] x,
      int xo,
      int xd,
      float[] panel,
      int po,
      boolean resume,
      float[] bias,
      int bo,
      Clamp clamp,
      float[] y,
      int[] rows,
      int ro,
      int ldy,
      int yo,
      int yd) {
    // Chosen without a jump: behind one the compiler may keep some sums in memory. The rows are
    // looked up again below, so that they take no registers from the loop.
    int at = resume ? -1 : 0;
    float[] start = resume ? y : ZEROS;
    int[] startRows = resume ? rows : NO_ROWS;
    int so = at & yo;
    int sd = at & yd;
    int s0 = so + startRows[at & ro] * ldy;
<#list channels[1..] as i>
    int s${i} = so + startRows[at & (ro + Math.min(${i}, count - 1))] * ldy;
</#list>
<#list channels as i><#list vectors as j>
    FloatVector c${i}${j} = FloatVector.fromArray(F32, start, ${at("s${i}", j, "sd")});
</#list></#list>
<#list vectors[1..] as j>
    int x${j} = ${at("xo", j, "xd")};
</#list>
    int end = to + 2 * steps;
    for (int t = to; t < end; t += 2) {
      int tap = taps[t];
      int q = po + taps[t + 1];
<#list vectors as j>
      FloatVector b${j} = FloatVector.fromArray(F32, x, ${(j == 0)?then("xo", "x${j}")} + tap);
</#list>
<#list channels as i>
      FloatVector w${i} = FloatVector.broadcast(F32, panel[${at("q", i, "1")}]);
  <#list vectors as j>
      c${i}${j} = w${i}.fma(b${j}, c${i}${j});
  </#list>
</#list>
    }
    float low = clamp.low();
    float high = clamp.high();
<#list channels as i>
  <#list vectors as j>
    c${i}${j} = c${i}${j}.add(bias[${at("bo", i, "1")}]);
  </#list>
    int y${i} = yo + rows[${at("ro", i, "1")}] * ldy;
  <#list vectors as j>
<@store "c${i}${j}" at("y${i}", j, "yd")/>
  </#list>
  <#sep>
    if (count == ${i + 1}) {
      return;
    }
  </#sep>
</#list>
  }
}
</#list>
