<#--
  Y += W·X for the block of a cache-blocked CSR: quads of four rows whose entries alternate, times some
  vectors of columns,

      sum[i][j] += value(e + i) · x[offset(e + i)][j]      for the entries e of a quad, i of its rows, j < vectors

  Four rows by four vectors are 16 sums and need more than 16 registers with what they are fed from;
  where there are no more, the quad is passed twice, two rows at a time. The sums are local variables,
  for the reason given in GemmTile.
-->
<#include "/notation.ftl">
<#macro quad name rows vectors of>
  /** ${of}. */
  private static void ${name}(
      CacheBlockedMatrix w,
      int q,
      boolean first,
      float[] x,
      int xo,
      int ldx,
      float[] y,
      int yo,
      int ldy) {
    byte[] offsets = w.offsets();
    int[] rows = w.quadRows();
<#list rows as i>
    float f${i} = w.scale(rows[4 * q + ${i}]);
</#list>
    int end = 4 * w.quadPtr()[q + 1];
    float[] sums = first ? ZEROS : y;
<#list rows as i>
    int y${i} = yo + rows[4 * q + ${i}] * ldy;
    int s${i} = first ? 0 : y${i};
</#list>
<#list rows as i><#list 0..<vectors as j>
    FloatVector ${letter(i)}${j} = FloatVector.fromArray(F32, sums, ${at("s${i}", j, "L")});
</#list></#list>
    for (int e = 4 * w.quadPtr()[q]; e < end; e += 4) {
<#list rows as i>
      int x${i} = xo + (offsets[${at("e", i, "1")}] & 0xff) * ldx;
      FloatVector w${i} = FloatVector.broadcast(F32, w.value(${at("e", i, "1")}, f${i}));
  <#list 0..<vectors as j>
      ${letter(i)}${j} = w${i}.fma(FloatVector.fromArray(F32, x, ${at("x${i}", j, "L")}), ${letter(i)}${j});
  </#list>
</#list>
    }
<#list rows as i><#list 0..<vectors as j>
    ${letter(i)}${j}.intoArray(y, ${at("y${i}", j, "L")});
</#list></#list>
  }
</#macro>
<#include "/generated.ftl">
package org.espalier.kernel.simd.sparse;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.espalier.kernel.contract.Clamp;
import org.espalier.kernel.simd.Lanes;
import org.espalier.sparse.CacheBlockedMatrix;
import org.jspecify.annotations.Nullable;

/**
 * Products of {@link CacheBlockedMatrix} with one, two or four vectors of neighbouring columns.
 * Every entry is broadcast and multiplied with a piece of a row of X, which is contiguous, so
 * nothing is gathered. An fma takes four cycles and two can start in each: eight chains must be in
 * flight, from several vectors of several rows.
 */
final class CacheBlockedSpmm {
  private static final VectorSpecies<Float> F32 = Lanes.F32;
  private static final int L = F32.length();

  /** Where the sums of the first block begin. */
  private static final float[] ZEROS = new float[4 * L];

  private CacheBlockedSpmm() {}

  /** Adds what the rows of a panel have in a block to four vectors of their sums. */
  static void four(
      CacheBlockedMatrix w, int p, int b, float[] x, int xo, int ldx, float[] y, int yo, int ldy) {
    int xb = xo + b * w.width() * ldx;
    int from = w.firstQuad(p, b);
    int to = from + w.quads(p);
    for (int q = from; q < to; q++) {
      if (Lanes.HAS_32_REGISTERS) {
        quad4(w, q, b == 0, x, xb, ldx, y, yo, ldy);
      } else { // there is room for eight sums only
        front4(w, q, b == 0, x, xb, ldx, y, yo, ldy);
        back4(w, q, b == 0, x, xb, ldx, y, yo, ldy);
      }
    }
  }

<@quad name="quad4" rows=0..3 vectors=4 of="Four rows, four vectors"/>

<@quad name="front4" rows=0..1 vectors=4 of="The first two rows of a quad, four vectors"/>

<@quad name="back4" rows=2..3 vectors=4 of="The last two rows of a quad, four vectors"/>

  /** Adds what the rows of a panel have in a block to two vectors of their sums. */
  static void two(
      CacheBlockedMatrix w, int p, int b, float[] x, int xo, int ldx, float[] y, int yo, int ldy) {
    int xb = xo + b * w.width() * ldx;
    int from = w.firstQuad(p, b);
    int to = from + w.quads(p);
    for (int q = from; q < to; q++) {
      quad2(w, q, b == 0, x, xb, ldx, y, yo, ldy);
    }
  }

<@quad name="quad2" rows=0..3 vectors=2 of="Four rows, two vectors"/>

  /** Adds what the rows of a panel have in a block to one vector of their sums. */
  static void one(
      CacheBlockedMatrix w, int p, int b, float[] x, int xo, int ldx, float[] y, int yo, int ldy) {
    int xb = xo + b * w.width() * ldx;
    int from = w.firstQuad(p, b);
    int to = from + w.quads(p);
    for (int q = from; q < to; q++) {
      quad1(w, q, b == 0, x, xb, ldx, y, yo, ldy);
    }
  }

<@quad name="quad1" rows=0..3 vectors=1 of="Four rows, one vector"/>

  /** Adds the bias to the sums of a panel; with clamp, what is not above 0 becomes +0. */
  static void finish(
      CacheBlockedMatrix w,
      int p,
      int batch,
      float @Nullable [] bias,
      int bo,
      Clamp clamp,
      float[] y,
      int yo,
      int ldy) {
    float low = clamp.low();
    float high = clamp.high();
    int end = Math.min((p + 1) * w.panelRows(), w.rows());
    for (int r = p * w.panelRows(); r < end; r++) {
      float add = bias == null ? 0f : bias[bo + r] + 0f; // −0 counts as +0
      int o = yo + r * ldy;
      for (int j = o; j < o + batch; j += L) {
        FloatVector s = FloatVector.fromArray(F32, y, j).add(add);
        s = s.blend(low, s.compare(VectorOperators.LE, low));
        s.blend(high, s.compare(VectorOperators.GE, high)).intoArray(y, j);
      }
    }
  }
}
