package org.espalier.kernel.simd.sparse;

import static jdk.incubator.vector.VectorOperators.LE;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.espalier.kernel.simd.Lanes;
import org.espalier.sparse.BsrMatrix;

/**
 * Runs of a quad of a {@link BsrMatrix}, one to five vectors: what is loaded of x meets the four
 * values of a block. A quad that lacks rows computes its last one for them; rows are written from
 * the last to the first, so what they leave is overwritten by it.
 */
final class BsrSpmm {
  private static final VectorSpecies<Float> F32 = Lanes.F32;
  private static final int L = Lanes.LENGTH;

  private BsrSpmm() {}

  /** Four rows, five vectors. */
  static void five(
      BsrMatrix m,
      int quad,
      float[] x,
      int xo,
      int[] distances,
      float[] bias,
      int bo,
      float[] add,
      int ao,
      int lda,
      int step,
      float bound,
      float[] y,
      int yo,
      int ldy) {
    int perGroup = BsrMatrix.ROWS / m.height();
    char[] cols = m.colIdx();
    float[] values = m.values();
    int[] ptr = m.groupPtr();
    int lane = quad % 4 * 4;
    int member = lane / m.height();
    int end = ptr[quad / 4 + 1];
    FloatVector a0 = FloatVector.zero(F32);
    FloatVector a1 = a0;
    FloatVector a2 = a0;
    FloatVector a3 = a0;
    FloatVector a4 = a0;
    FloatVector b0 = a0;
    FloatVector b1 = a0;
    FloatVector b2 = a0;
    FloatVector b3 = a0;
    FloatVector b4 = a0;
    FloatVector c0 = a0;
    FloatVector c1 = a0;
    FloatVector c2 = a0;
    FloatVector c3 = a0;
    FloatVector c4 = a0;
    FloatVector d0 = a0;
    FloatVector d1 = a0;
    FloatVector d2 = a0;
    FloatVector d3 = a0;
    FloatVector d4 = a0;
    for (int s = ptr[quad / 4]; s < end; s++) {
      int at = xo + distances[cols[s * perGroup + member]];
      int e = s * BsrMatrix.ROWS + lane;
      FloatVector x0 = FloatVector.fromArray(F32, x, at);
      FloatVector x1 = FloatVector.fromArray(F32, x, at + L);
      FloatVector x2 = FloatVector.fromArray(F32, x, at + 2 * L);
      FloatVector x3 = FloatVector.fromArray(F32, x, at + 3 * L);
      FloatVector x4 = FloatVector.fromArray(F32, x, at + 4 * L);
      FloatVector wa = FloatVector.broadcast(F32, values[e]);
      a0 = wa.fma(x0, a0);
      a1 = wa.fma(x1, a1);
      a2 = wa.fma(x2, a2);
      a3 = wa.fma(x3, a3);
      a4 = wa.fma(x4, a4);
      FloatVector wb = FloatVector.broadcast(F32, values[e + 1]);
      b0 = wb.fma(x0, b0);
      b1 = wb.fma(x1, b1);
      b2 = wb.fma(x2, b2);
      b3 = wb.fma(x3, b3);
      b4 = wb.fma(x4, b4);
      FloatVector wc = FloatVector.broadcast(F32, values[e + 2]);
      c0 = wc.fma(x0, c0);
      c1 = wc.fma(x1, c1);
      c2 = wc.fma(x2, c2);
      c3 = wc.fma(x3, c3);
      c4 = wc.fma(x4, c4);
      FloatVector wd = FloatVector.broadcast(F32, values[e + 3]);
      d0 = wd.fma(x0, d0);
      d1 = wd.fma(x1, d1);
      d2 = wd.fma(x2, d2);
      d3 = wd.fma(x3, d3);
      d4 = wd.fma(x4, d4);
    }
    int row = m.quadRows()[quad];
    int most = m.rows() - 1;
    int rowd = Math.min(row + 3, most);
    int tod = yo + rowd * ldy;
    int fromd = ao + rowd * lda;
    float biasd = bias[bo + rowd];
    d0 = d0.add(biasd).add(FloatVector.fromArray(F32, add, fromd));
    d0.blend(0f, d0.compare(LE, bound)).intoArray(y, tod);
    d1 = d1.add(biasd).add(FloatVector.fromArray(F32, add, fromd + step));
    d1.blend(0f, d1.compare(LE, bound)).intoArray(y, tod + L);
    d2 = d2.add(biasd).add(FloatVector.fromArray(F32, add, fromd + 2 * step));
    d2.blend(0f, d2.compare(LE, bound)).intoArray(y, tod + 2 * L);
    d3 = d3.add(biasd).add(FloatVector.fromArray(F32, add, fromd + 3 * step));
    d3.blend(0f, d3.compare(LE, bound)).intoArray(y, tod + 3 * L);
    d4 = d4.add(biasd).add(FloatVector.fromArray(F32, add, fromd + 4 * step));
    d4.blend(0f, d4.compare(LE, bound)).intoArray(y, tod + 4 * L);
    int rowc = Math.min(row + 2, most);
    int toc = yo + rowc * ldy;
    int fromc = ao + rowc * lda;
    float biasc = bias[bo + rowc];
    c0 = c0.add(biasc).add(FloatVector.fromArray(F32, add, fromc));
    c0.blend(0f, c0.compare(LE, bound)).intoArray(y, toc);
    c1 = c1.add(biasc).add(FloatVector.fromArray(F32, add, fromc + step));
    c1.blend(0f, c1.compare(LE, bound)).intoArray(y, toc + L);
    c2 = c2.add(biasc).add(FloatVector.fromArray(F32, add, fromc + 2 * step));
    c2.blend(0f, c2.compare(LE, bound)).intoArray(y, toc + 2 * L);
    c3 = c3.add(biasc).add(FloatVector.fromArray(F32, add, fromc + 3 * step));
    c3.blend(0f, c3.compare(LE, bound)).intoArray(y, toc + 3 * L);
    c4 = c4.add(biasc).add(FloatVector.fromArray(F32, add, fromc + 4 * step));
    c4.blend(0f, c4.compare(LE, bound)).intoArray(y, toc + 4 * L);
    int rowb = Math.min(row + 1, most);
    int tob = yo + rowb * ldy;
    int fromb = ao + rowb * lda;
    float biasb = bias[bo + rowb];
    b0 = b0.add(biasb).add(FloatVector.fromArray(F32, add, fromb));
    b0.blend(0f, b0.compare(LE, bound)).intoArray(y, tob);
    b1 = b1.add(biasb).add(FloatVector.fromArray(F32, add, fromb + step));
    b1.blend(0f, b1.compare(LE, bound)).intoArray(y, tob + L);
    b2 = b2.add(biasb).add(FloatVector.fromArray(F32, add, fromb + 2 * step));
    b2.blend(0f, b2.compare(LE, bound)).intoArray(y, tob + 2 * L);
    b3 = b3.add(biasb).add(FloatVector.fromArray(F32, add, fromb + 3 * step));
    b3.blend(0f, b3.compare(LE, bound)).intoArray(y, tob + 3 * L);
    b4 = b4.add(biasb).add(FloatVector.fromArray(F32, add, fromb + 4 * step));
    b4.blend(0f, b4.compare(LE, bound)).intoArray(y, tob + 4 * L);
    int rowa = row;
    int toa = yo + rowa * ldy;
    int froma = ao + rowa * lda;
    float biasa = bias[bo + rowa];
    a0 = a0.add(biasa).add(FloatVector.fromArray(F32, add, froma));
    a0.blend(0f, a0.compare(LE, bound)).intoArray(y, toa);
    a1 = a1.add(biasa).add(FloatVector.fromArray(F32, add, froma + step));
    a1.blend(0f, a1.compare(LE, bound)).intoArray(y, toa + L);
    a2 = a2.add(biasa).add(FloatVector.fromArray(F32, add, froma + 2 * step));
    a2.blend(0f, a2.compare(LE, bound)).intoArray(y, toa + 2 * L);
    a3 = a3.add(biasa).add(FloatVector.fromArray(F32, add, froma + 3 * step));
    a3.blend(0f, a3.compare(LE, bound)).intoArray(y, toa + 3 * L);
    a4 = a4.add(biasa).add(FloatVector.fromArray(F32, add, froma + 4 * step));
    a4.blend(0f, a4.compare(LE, bound)).intoArray(y, toa + 4 * L);
  }

  /** Four rows, four vectors. */
  static void four(
      BsrMatrix m,
      int quad,
      float[] x,
      int xo,
      int[] distances,
      float[] bias,
      int bo,
      float[] add,
      int ao,
      int lda,
      int step,
      float bound,
      float[] y,
      int yo,
      int ldy) {
    int perGroup = BsrMatrix.ROWS / m.height();
    char[] cols = m.colIdx();
    float[] values = m.values();
    int[] ptr = m.groupPtr();
    int lane = quad % 4 * 4;
    int member = lane / m.height();
    int end = ptr[quad / 4 + 1];
    FloatVector a0 = FloatVector.zero(F32);
    FloatVector a1 = a0;
    FloatVector a2 = a0;
    FloatVector a3 = a0;
    FloatVector b0 = a0;
    FloatVector b1 = a0;
    FloatVector b2 = a0;
    FloatVector b3 = a0;
    FloatVector c0 = a0;
    FloatVector c1 = a0;
    FloatVector c2 = a0;
    FloatVector c3 = a0;
    FloatVector d0 = a0;
    FloatVector d1 = a0;
    FloatVector d2 = a0;
    FloatVector d3 = a0;
    for (int s = ptr[quad / 4]; s < end; s++) {
      int at = xo + distances[cols[s * perGroup + member]];
      int e = s * BsrMatrix.ROWS + lane;
      FloatVector x0 = FloatVector.fromArray(F32, x, at);
      FloatVector x1 = FloatVector.fromArray(F32, x, at + L);
      FloatVector x2 = FloatVector.fromArray(F32, x, at + 2 * L);
      FloatVector x3 = FloatVector.fromArray(F32, x, at + 3 * L);
      FloatVector wa = FloatVector.broadcast(F32, values[e]);
      a0 = wa.fma(x0, a0);
      a1 = wa.fma(x1, a1);
      a2 = wa.fma(x2, a2);
      a3 = wa.fma(x3, a3);
      FloatVector wb = FloatVector.broadcast(F32, values[e + 1]);
      b0 = wb.fma(x0, b0);
      b1 = wb.fma(x1, b1);
      b2 = wb.fma(x2, b2);
      b3 = wb.fma(x3, b3);
      FloatVector wc = FloatVector.broadcast(F32, values[e + 2]);
      c0 = wc.fma(x0, c0);
      c1 = wc.fma(x1, c1);
      c2 = wc.fma(x2, c2);
      c3 = wc.fma(x3, c3);
      FloatVector wd = FloatVector.broadcast(F32, values[e + 3]);
      d0 = wd.fma(x0, d0);
      d1 = wd.fma(x1, d1);
      d2 = wd.fma(x2, d2);
      d3 = wd.fma(x3, d3);
    }
    int row = m.quadRows()[quad];
    int most = m.rows() - 1;
    int rowd = Math.min(row + 3, most);
    int tod = yo + rowd * ldy;
    int fromd = ao + rowd * lda;
    float biasd = bias[bo + rowd];
    d0 = d0.add(biasd).add(FloatVector.fromArray(F32, add, fromd));
    d0.blend(0f, d0.compare(LE, bound)).intoArray(y, tod);
    d1 = d1.add(biasd).add(FloatVector.fromArray(F32, add, fromd + step));
    d1.blend(0f, d1.compare(LE, bound)).intoArray(y, tod + L);
    d2 = d2.add(biasd).add(FloatVector.fromArray(F32, add, fromd + 2 * step));
    d2.blend(0f, d2.compare(LE, bound)).intoArray(y, tod + 2 * L);
    d3 = d3.add(biasd).add(FloatVector.fromArray(F32, add, fromd + 3 * step));
    d3.blend(0f, d3.compare(LE, bound)).intoArray(y, tod + 3 * L);
    int rowc = Math.min(row + 2, most);
    int toc = yo + rowc * ldy;
    int fromc = ao + rowc * lda;
    float biasc = bias[bo + rowc];
    c0 = c0.add(biasc).add(FloatVector.fromArray(F32, add, fromc));
    c0.blend(0f, c0.compare(LE, bound)).intoArray(y, toc);
    c1 = c1.add(biasc).add(FloatVector.fromArray(F32, add, fromc + step));
    c1.blend(0f, c1.compare(LE, bound)).intoArray(y, toc + L);
    c2 = c2.add(biasc).add(FloatVector.fromArray(F32, add, fromc + 2 * step));
    c2.blend(0f, c2.compare(LE, bound)).intoArray(y, toc + 2 * L);
    c3 = c3.add(biasc).add(FloatVector.fromArray(F32, add, fromc + 3 * step));
    c3.blend(0f, c3.compare(LE, bound)).intoArray(y, toc + 3 * L);
    int rowb = Math.min(row + 1, most);
    int tob = yo + rowb * ldy;
    int fromb = ao + rowb * lda;
    float biasb = bias[bo + rowb];
    b0 = b0.add(biasb).add(FloatVector.fromArray(F32, add, fromb));
    b0.blend(0f, b0.compare(LE, bound)).intoArray(y, tob);
    b1 = b1.add(biasb).add(FloatVector.fromArray(F32, add, fromb + step));
    b1.blend(0f, b1.compare(LE, bound)).intoArray(y, tob + L);
    b2 = b2.add(biasb).add(FloatVector.fromArray(F32, add, fromb + 2 * step));
    b2.blend(0f, b2.compare(LE, bound)).intoArray(y, tob + 2 * L);
    b3 = b3.add(biasb).add(FloatVector.fromArray(F32, add, fromb + 3 * step));
    b3.blend(0f, b3.compare(LE, bound)).intoArray(y, tob + 3 * L);
    int rowa = row;
    int toa = yo + rowa * ldy;
    int froma = ao + rowa * lda;
    float biasa = bias[bo + rowa];
    a0 = a0.add(biasa).add(FloatVector.fromArray(F32, add, froma));
    a0.blend(0f, a0.compare(LE, bound)).intoArray(y, toa);
    a1 = a1.add(biasa).add(FloatVector.fromArray(F32, add, froma + step));
    a1.blend(0f, a1.compare(LE, bound)).intoArray(y, toa + L);
    a2 = a2.add(biasa).add(FloatVector.fromArray(F32, add, froma + 2 * step));
    a2.blend(0f, a2.compare(LE, bound)).intoArray(y, toa + 2 * L);
    a3 = a3.add(biasa).add(FloatVector.fromArray(F32, add, froma + 3 * step));
    a3.blend(0f, a3.compare(LE, bound)).intoArray(y, toa + 3 * L);
  }

  /** Four rows, two vectors. */
  static void two(
      BsrMatrix m,
      int quad,
      float[] x,
      int xo,
      int[] distances,
      float[] bias,
      int bo,
      float[] add,
      int ao,
      int lda,
      int step,
      float bound,
      float[] y,
      int yo,
      int ldy) {
    int perGroup = BsrMatrix.ROWS / m.height();
    char[] cols = m.colIdx();
    float[] values = m.values();
    int[] ptr = m.groupPtr();
    int lane = quad % 4 * 4;
    int member = lane / m.height();
    int end = ptr[quad / 4 + 1];
    FloatVector a0 = FloatVector.zero(F32);
    FloatVector a1 = a0;
    FloatVector b0 = a0;
    FloatVector b1 = a0;
    FloatVector c0 = a0;
    FloatVector c1 = a0;
    FloatVector d0 = a0;
    FloatVector d1 = a0;
    for (int s = ptr[quad / 4]; s < end; s++) {
      int at = xo + distances[cols[s * perGroup + member]];
      int e = s * BsrMatrix.ROWS + lane;
      FloatVector x0 = FloatVector.fromArray(F32, x, at);
      FloatVector x1 = FloatVector.fromArray(F32, x, at + L);
      FloatVector wa = FloatVector.broadcast(F32, values[e]);
      a0 = wa.fma(x0, a0);
      a1 = wa.fma(x1, a1);
      FloatVector wb = FloatVector.broadcast(F32, values[e + 1]);
      b0 = wb.fma(x0, b0);
      b1 = wb.fma(x1, b1);
      FloatVector wc = FloatVector.broadcast(F32, values[e + 2]);
      c0 = wc.fma(x0, c0);
      c1 = wc.fma(x1, c1);
      FloatVector wd = FloatVector.broadcast(F32, values[e + 3]);
      d0 = wd.fma(x0, d0);
      d1 = wd.fma(x1, d1);
    }
    int row = m.quadRows()[quad];
    int most = m.rows() - 1;
    int rowd = Math.min(row + 3, most);
    int tod = yo + rowd * ldy;
    int fromd = ao + rowd * lda;
    float biasd = bias[bo + rowd];
    d0 = d0.add(biasd).add(FloatVector.fromArray(F32, add, fromd));
    d0.blend(0f, d0.compare(LE, bound)).intoArray(y, tod);
    d1 = d1.add(biasd).add(FloatVector.fromArray(F32, add, fromd + step));
    d1.blend(0f, d1.compare(LE, bound)).intoArray(y, tod + L);
    int rowc = Math.min(row + 2, most);
    int toc = yo + rowc * ldy;
    int fromc = ao + rowc * lda;
    float biasc = bias[bo + rowc];
    c0 = c0.add(biasc).add(FloatVector.fromArray(F32, add, fromc));
    c0.blend(0f, c0.compare(LE, bound)).intoArray(y, toc);
    c1 = c1.add(biasc).add(FloatVector.fromArray(F32, add, fromc + step));
    c1.blend(0f, c1.compare(LE, bound)).intoArray(y, toc + L);
    int rowb = Math.min(row + 1, most);
    int tob = yo + rowb * ldy;
    int fromb = ao + rowb * lda;
    float biasb = bias[bo + rowb];
    b0 = b0.add(biasb).add(FloatVector.fromArray(F32, add, fromb));
    b0.blend(0f, b0.compare(LE, bound)).intoArray(y, tob);
    b1 = b1.add(biasb).add(FloatVector.fromArray(F32, add, fromb + step));
    b1.blend(0f, b1.compare(LE, bound)).intoArray(y, tob + L);
    int rowa = row;
    int toa = yo + rowa * ldy;
    int froma = ao + rowa * lda;
    float biasa = bias[bo + rowa];
    a0 = a0.add(biasa).add(FloatVector.fromArray(F32, add, froma));
    a0.blend(0f, a0.compare(LE, bound)).intoArray(y, toa);
    a1 = a1.add(biasa).add(FloatVector.fromArray(F32, add, froma + step));
    a1.blend(0f, a1.compare(LE, bound)).intoArray(y, toa + L);
  }

  /** Four rows, one vector. */
  static void one(
      BsrMatrix m,
      int quad,
      float[] x,
      int xo,
      int[] distances,
      float[] bias,
      int bo,
      float[] add,
      int ao,
      int lda,
      float bound,
      float[] y,
      int yo,
      int ldy) {
    int perGroup = BsrMatrix.ROWS / m.height();
    char[] cols = m.colIdx();
    float[] values = m.values();
    int[] ptr = m.groupPtr();
    int lane = quad % 4 * 4;
    int member = lane / m.height();
    int end = ptr[quad / 4 + 1];
    FloatVector a0 = FloatVector.zero(F32);
    FloatVector b0 = a0;
    FloatVector c0 = a0;
    FloatVector d0 = a0;
    for (int s = ptr[quad / 4]; s < end; s++) {
      int at = xo + distances[cols[s * perGroup + member]];
      int e = s * BsrMatrix.ROWS + lane;
      FloatVector x0 = FloatVector.fromArray(F32, x, at);
      FloatVector wa = FloatVector.broadcast(F32, values[e]);
      a0 = wa.fma(x0, a0);
      FloatVector wb = FloatVector.broadcast(F32, values[e + 1]);
      b0 = wb.fma(x0, b0);
      FloatVector wc = FloatVector.broadcast(F32, values[e + 2]);
      c0 = wc.fma(x0, c0);
      FloatVector wd = FloatVector.broadcast(F32, values[e + 3]);
      d0 = wd.fma(x0, d0);
    }
    int row = m.quadRows()[quad];
    int most = m.rows() - 1;
    int rowd = Math.min(row + 3, most);
    int tod = yo + rowd * ldy;
    int fromd = ao + rowd * lda;
    float biasd = bias[bo + rowd];
    d0 = d0.add(biasd).add(FloatVector.fromArray(F32, add, fromd));
    d0.blend(0f, d0.compare(LE, bound)).intoArray(y, tod);
    int rowc = Math.min(row + 2, most);
    int toc = yo + rowc * ldy;
    int fromc = ao + rowc * lda;
    float biasc = bias[bo + rowc];
    c0 = c0.add(biasc).add(FloatVector.fromArray(F32, add, fromc));
    c0.blend(0f, c0.compare(LE, bound)).intoArray(y, toc);
    int rowb = Math.min(row + 1, most);
    int tob = yo + rowb * ldy;
    int fromb = ao + rowb * lda;
    float biasb = bias[bo + rowb];
    b0 = b0.add(biasb).add(FloatVector.fromArray(F32, add, fromb));
    b0.blend(0f, b0.compare(LE, bound)).intoArray(y, tob);
    int rowa = row;
    int toa = yo + rowa * ldy;
    int froma = ao + rowa * lda;
    float biasa = bias[bo + rowa];
    a0 = a0.add(biasa).add(FloatVector.fromArray(F32, add, froma));
    a0.blend(0f, a0.compare(LE, bound)).intoArray(y, toa);
  }
}
