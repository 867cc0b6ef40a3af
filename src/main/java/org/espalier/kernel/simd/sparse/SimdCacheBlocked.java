package org.espalier.kernel.simd.sparse;

import jdk.incubator.vector.VectorSpecies;
import org.espalier.kernel.contract.Clamp;
import org.espalier.kernel.scalar.ScalarSparse;
import org.espalier.kernel.simd.Lanes;
import org.espalier.sparse.CacheBlockedMatrix;
import org.jspecify.annotations.Nullable;

/** Products with a {@link CacheBlockedMatrix} on the Vector API. */
final class SimdCacheBlocked {
  private static final VectorSpecies<Float> F32 = Lanes.F32;
  private static final int L = F32.length();
  private static final ScalarSparse TAIL = new ScalarSparse();

  private SimdCacheBlocked() {}

  /** With an infinity or NaN in X, which padding may meet, the specification computes it all. */
  static void spmm(
      CacheBlockedMatrix w,
      int from,
      int to,
      int batch,
      float[] x,
      int xo,
      int ldx,
      float @Nullable [] bias,
      int bo,
      Clamp clamp,
      float[] y,
      int yo,
      int ldy) {
    int whole = w.blocks() == 0 ? 0 : F32.loopBound(batch);
    for (int b = 0; b < w.blocks(); b++) {
      if (!Finite.are(whole, x, xo + b * w.width() * ldx)) {
        whole = 0;
      }
    }
    for (int p = from; whole > 0 && p < to; p++) {
      for (int b = 0; b < w.blocks(); b++) {
        int j = 0;
        for (; j <= whole - 4 * L; j += 4 * L) {
          CacheBlockedSpmm.four(w, p, b, x, xo + j, ldx, y, yo + j, ldy);
        }
        if (j <= whole - 2 * L) {
          CacheBlockedSpmm.two(w, p, b, x, xo + j, ldx, y, yo + j, ldy);
          j += 2 * L;
        }
        if (j < whole) {
          CacheBlockedSpmm.one(w, p, b, x, xo + j, ldx, y, yo + j, ldy);
        }
      }
      CacheBlockedSpmm.finish(w, p, whole, bias, bo, clamp, y, yo, ldy);
    }
    if (whole < batch) { // the tail is the specification
      TAIL.cacheBlockedSpmm(
          w, from, to, batch - whole, x, xo + whole, ldx, bias, bo, clamp, y, yo + whole, ldy);
    }
  }
}
