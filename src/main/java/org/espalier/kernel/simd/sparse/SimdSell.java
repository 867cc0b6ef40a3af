package org.espalier.kernel.simd.sparse;

import jdk.incubator.vector.VectorSpecies;
import org.espalier.kernel.contract.Clamp;
import org.espalier.kernel.scalar.ScalarSparse;
import org.espalier.kernel.simd.Lanes;
import org.espalier.sparse.SellMatrix;
import org.espalier.tensor.Precision;
import org.jspecify.annotations.Nullable;

/** Products with a {@link SellMatrix} on the Vector API. */
final class SimdSell {
  private static final VectorSpecies<Float> F32 = Lanes.F32;
  private static final int L = F32.length();
  private static final ScalarSparse TAIL = new ScalarSparse();

  /**
   * What suits any matrix. A wide register holds many rows, of which often some are padded: then a
   * window of two registers, from which one instruction chooses, and two steps in it, since it
   * takes two loads that may straddle cache lines. In narrower ones steps of more groups do, in a
   * window of one register.
   */
  private static final SellMatrix.Form FORM =
      L == 16
          ? new SellMatrix.Form(L, 2, 2, 2 * L)
          : new SellMatrix.Form(L, SellMatrix.SLOTS, 1, L);

  /**
   * For registers of eight floats, and floats: a window of two, which takes five instructions for
   * two where one register takes two for one, but takes a tenth to a sixth less padding and has
   * half the windows. With 1024 to 1024 units it takes three quarters of the time from 20 % to 5 %.
   */
  private static final SellMatrix.Form PAIRS = new SellMatrix.Form(8, 2, 2, 16);

  /**
   * For wide registers and floats, which take most of the memory that is read: four steps in a
   * window of four registers, which takes some more instructions, but a tenth less memory.
   */
  private static final SellMatrix.Form WIDE =
      new SellMatrix.Form(16, 1, SellMatrix.SLOTS, SellSpmvFp32.WIDE);

  /** For few entries: a window of eight registers, in which hardly any padding is needed. */
  private static final SellMatrix.Form WIDEST =
      new SellMatrix.Form(16, 1, SellMatrix.SLOTS, SellSpmvFp32.WIDEST);

  /**
   * Density up to which the widest windows do. Measured with 1024 to 1024 units, beside others and
   * {@link CacheBlockedMatrix}: at 10 % and 5 % they are as fast as the first for one example and
   * within a seventh of the second for 64, with less memory than either; at 20 % slower by a fifth.
   */
  private static final double FEW = 0.15;

  private SimdSell() {}

  static SellMatrix.Form form(int cols, double density, Precision precision) {
    if (L == 8 && precision == Precision.FP32 && cols >= PAIRS.window()) {
      return PAIRS;
    }
    if (L < 16 || precision != Precision.FP32 || cols < SellSpmvFp32.WIDE) {
      return FORM;
    }
    return density <= FEW && cols >= SellSpmvFp32.WIDEST ? WIDEST : WIDE;
  }

  static boolean servesBatches(SellMatrix.Form form, Precision precision) {
    return form.equals(WIDEST) && precision == Precision.FP32;
  }

  /** With an infinity or NaN in x, which padding may meet, the specification computes it all. */
  static void spmv(
      SellMatrix w,
      int from,
      int to,
      float[] x,
      int xo,
      float @Nullable [] bias,
      int bo,
      Clamp clamp,
      float[] sums,
      float[] y,
      int yo) {
    SellMatrix.Form form = w.form();
    boolean isOther =
        L == 16 ? form.equals(WIDE) || form.equals(WIDEST) : L == 8 && form.equals(PAIRS);
    if (w.cols() < form.window()
        || !(form.equals(FORM) || (isOther && w.precision() == Precision.FP32))
        || !Finite.are(w.cols(), x, xo)) {
      TAIL.sellSpmv(w, from, to, x, xo, bias, bo, clamp, sums, y, yo);
      return;
    }
    switch (w.precision()) {
      case FP32 -> floats(w, from, to, x, xo, sums);
      case FP16 -> {
        for (int b = from; b < to; b++) {
          if (FORM.steps() == 1) {
            SellSpmvNarrow.fourGroupsOfHalves(w, b, x, xo, sums);
          } else {
            SellSpmvNarrow.twoGroupsOfHalves(w, b, x, xo, sums);
          }
        }
      }
      case INT8 -> {
        for (int b = from; b < to; b++) {
          if (FORM.steps() == 1) {
            SellSpmvNarrow.fourGroupsOfBytes(w, b, x, xo, sums);
          } else {
            SellSpmvNarrow.twoGroupsOfBytes(w, b, x, xo, sums);
          }
        }
      }
    }
    ScalarSparse.finish(w, from, to, sums, bias, bo, clamp, y, yo);
  }

  private static void floats(SellMatrix w, int from, int to, float[] x, int xo, float[] sums) {
    boolean isWidest = w.form().equals(WIDEST);
    boolean isWide = w.form().equals(WIDE);
    boolean isPairs = w.form().equals(PAIRS);
    for (int b = from; b < to; b++) {
      if (isWidest) {
        SellSpmvFp32.widest(w, b, x, xo, sums);
      } else if (isWide) {
        SellSpmvFp32.wide(w, b, x, xo, sums);
      } else if (isPairs) {
        SellSpmvFp32.pairs(w, b, x, xo, sums);
      } else if (FORM.steps() == 1) {
        SellSpmvFp32.fourGroups(w, b, x, xo, sums);
      } else {
        SellSpmvFp32.twoGroups(w, b, x, xo, sums);
      }
    }
  }

  /**
   * Where padding met an infinity or NaN, a sum becomes NaN, and the specification computes the
   * block once more.
   */
  static void spmm(
      SellMatrix w,
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
    int whole = L == 16 && servesBatches(w.form(), w.precision()) ? F32.loopBound(batch) : 0;
    for (int b = from; b < to && whole > 0; b++) {
      SellSpmm.block(w, b, whole, x, xo, ldx, y, yo, ldy);
      if (!SellSpmm.finish(w, b, whole, bias, bo, clamp, y, yo, ldy)) {
        TAIL.sellSpmm(w, b, b + 1, whole, x, xo, ldx, bias, bo, clamp, y, yo, ldy);
      }
    }
    if (whole < batch) { // the tail is the specification
      TAIL.sellSpmm(
          w, from, to, batch - whole, x, xo + whole, ldx, bias, bo, clamp, y, yo + whole, ldy);
    }
  }
}
