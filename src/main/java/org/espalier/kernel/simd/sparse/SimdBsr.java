package org.espalier.kernel.simd.sparse;

import java.util.Arrays;
import jdk.incubator.vector.VectorSpecies;
import org.espalier.kernel.contract.Clamp;
import org.espalier.kernel.scalar.ScalarSparse;
import org.espalier.kernel.simd.Lanes;
import org.espalier.kernel.simd.SimdVector;
import org.espalier.sparse.BsrMatrix;
import org.jspecify.annotations.Nullable;

/**
 * Products with a {@link BsrMatrix} on the Vector API. Every vector of X that is loaded meets four
 * rows: strip by strip all quads are computed, so that what a strip reads stays in a near cache,
 * and a strip is as wide as its sums fit the registers.
 */
final class SimdBsr {
  private static final VectorSpecies<Float> F32 = Lanes.F32;
  private static final int L = Lanes.LENGTH;

  private static final ScalarSparse TAIL = new ScalarSparse();
  private static final SimdVector VECTOR = new SimdVector();

  private SimdBsr() {}

  /** With padding that meets an infinity or NaN, the specification computes the product. */
  static void spmm(
      BsrMatrix w,
      int from,
      int to,
      int length,
      float[] x,
      int xo,
      int[] distances,
      float[] bias,
      int bo,
      float @Nullable [] other,
      int oo,
      int ldo,
      Clamp clamp,
      float[] y,
      int yo,
      int ldy) {
    float[] add = other == null ? SimdSparse.NOTHING : other;
    int ao = other == null ? 0 : oo;
    int lda = other == null ? 0 : ldo;
    int step = other == null ? 0 : L;
    float low = clamp.low();
    float high = clamp.high();
    int vectors = w.isFull() || isFinite(length, x, xo, distances) ? F32.loopBound(length) / L : 0;
    for (int v = 0; v < vectors; ) {
      int n = strip(vectors - v);
      int xv = xo + v * L;
      int yv = yo + v * L;
      int av = ao + v * step;
      for (int q = from; q < to; q++) {
        if (w.quadRows()[q] >= 0) {
          switch (n) {
            case 5 ->
                BsrSpmm.five(
                    w, q, x, xv, distances, bias, bo, add, av, lda, step, low, high, y, yv, ldy);
            case 4 ->
                BsrSpmm.four(
                    w, q, x, xv, distances, bias, bo, add, av, lda, step, low, high, y, yv, ldy);
            case 2 ->
                BsrSpmm.two(
                    w, q, x, xv, distances, bias, bo, add, av, lda, step, low, high, y, yv, ldy);
            default ->
                BsrSpmm.one(w, q, x, xv, distances, bias, bo, add, av, lda, low, high, y, yv, ldy);
          }
        }
      }
      v += n;
    }
    int whole = vectors * L;
    if (whole < length) { // the tail is the specification
      int rest = length - whole;
      TAIL.bsrSpmm(
          w,
          from,
          to,
          rest,
          x,
          xo + whole,
          distances,
          bias,
          bo,
          other,
          oo + whole,
          ldo,
          clamp,
          y,
          yo + whole,
          ldy);
    }
  }

  static int vectors() {
    // With 16 registers there is room for two vectors of four rows, with 32 for five.
    return Lanes.HAS_32_REGISTERS ? 5 : 2;
  }

  private static boolean isFinite(int length, float[] x, int xo, int[] distances) {
    for (int distance : distances) {
      if (!VECTOR.isFinite(length, x, xo + distance)) {
        return false;
      }
    }
    return true;
  }

  /** Returns the vectors of the next strip: as many as can be, but no short one should remain. */
  private static int strip(int left) {
    if (!Lanes.HAS_32_REGISTERS) {
      return left >= 2 ? 2 : 1;
    }
    return left == 5 || left >= 9 ? 5 : left >= 4 ? 4 : left >= 2 ? 2 : 1;
  }

  /** Zeros that are stored are dealt with as in {@link #spmm}. */
  static void spmv(
      BsrMatrix w,
      int from,
      int to,
      float[] x,
      int xo,
      float[] bias,
      int bo,
      Clamp clamp,
      float[] sums,
      float[] y,
      int yo) {
    if (!w.isFull() && !VECTOR.isFinite(w.cols(), x, xo)) {
      TAIL.bsrSpmv(w, from, to, x, xo, bias, bo, clamp, sums, y, yo);
      return;
    }
    int first = from * BsrSpmv.PARTS;
    int end = to * BsrSpmv.PARTS;
    Arrays.fill(sums, from * BsrMatrix.ROWS, to * BsrMatrix.ROWS, 0f);
    byFour(w, first, end, x, xo, sums);
    ScalarSparse.finish(w, from, to, sums, bias, bo, clamp, y, yo);
  }

  private static void byFour(BsrMatrix w, int first, int end, float[] x, int xo, float[] sums) {
    int p = first;
    for (; p <= end - 4; p += 4) {
      int n =
          Math.min(
              Math.min(BsrSpmv.steps(w, p), BsrSpmv.steps(w, p + 1)),
              Math.min(BsrSpmv.steps(w, p + 2), BsrSpmv.steps(w, p + 3)));
      BsrSpmv.four(w, p, n, x, xo, sums);
      for (int i = p; i < p + 4; i++) {
        if (BsrSpmv.steps(w, i) > n) {
          BsrSpmv.one(w, i, n, x, xo, sums);
        }
      }
    }
    for (; p < end; p++) {
      BsrSpmv.one(w, p, 0, x, xo, sums);
    }
  }
}
