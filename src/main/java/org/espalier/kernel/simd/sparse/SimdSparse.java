package org.espalier.kernel.simd.sparse;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.espalier.kernel.contract.SparseKernels;
import org.espalier.kernel.scalar.ScalarSparse;
import org.espalier.kernel.simd.Lanes;
import org.espalier.kernel.simd.Transpose16;
import org.espalier.kernel.simd.Transpose4;
import org.espalier.kernel.simd.Transpose8;
import org.espalier.sparse.CacheBlockedMatrix;
import org.espalier.sparse.SellMatrix;
import org.espalier.tensor.Precision;
import org.jspecify.annotations.Nullable;

/** Products with a sparse matrix on the Vector API. */
public final class SimdSparse implements SparseKernels {
  private static final VectorSpecies<Float> F32 = Lanes.F32;
  private static final VectorSpecies<Integer> I32 = Lanes.I32;
  private static final int L = F32.length();

  /**
   * What suits any matrix. A wide register holds many rows, some of which often idle: then a window
   * of two registers, from which one instruction chooses, and two steps in it, since it takes two
   * loads that may straddle cache lines. In narrower ones steps of more groups do, in a window of
   * one register.
   */
  private static final SellMatrix.Form FORM =
      L == 16
          ? new SellMatrix.Form(L, 2, 2, 2 * L)
          : new SellMatrix.Form(L, SellMatrix.PLACES, 1, L);

  /**
   * For registers of eight floats, and floats: a window of two, which takes five instructions for
   * two where one register takes two for one, but leaves a tenth to a sixth fewer lanes idle and
   * has half the windows. With 1024 to 1024 units it takes three quarters of the time from 20 % to
   * 5 %.
   */
  private static final SellMatrix.Form PAIRS = new SellMatrix.Form(8, 2, 2, 16);

  /**
   * For wide registers and floats, which take most of the memory that is read: four steps in a
   * window of four registers, which takes some more instructions, but a tenth less memory.
   */
  private static final SellMatrix.Form WIDE =
      new SellMatrix.Form(16, 1, SellMatrix.PLACES, SellSpmvFp32.WIDE);

  /** For few entries: a window of eight registers, in which hardly any row idles. */
  private static final SellMatrix.Form WIDEST =
      new SellMatrix.Form(16, 1, SellMatrix.PLACES, SellSpmvFp32.WIDEST);

  /**
   * Density up to which the widest windows do. Measured with 1024 to 1024 units, beside others and
   * {@link CacheBlockedMatrix}: at 10 % and 5 % they are as fast as the first for one example and
   * within a seventh of the second for 64, with less memory than either; at 20 % slower by a fifth.
   */
  private static final double FEW = 0.15;

  private static final int EXPONENT = 0x7f800000;

  @Override
  public int lanes() {
    return L;
  }

  @Override
  public SellMatrix.Form form(int cols, double density, Precision precision) {
    if (L == 8 && precision == Precision.FP32 && cols >= PAIRS.window()) {
      return PAIRS;
    }
    if (L < 16 || precision != Precision.FP32 || cols < SellSpmvFp32.WIDE) {
      return FORM;
    }
    return density <= FEW && cols >= SellSpmvFp32.WIDEST ? WIDEST : WIDE;
  }

  @Override
  public boolean isForBatches(SellMatrix matrix) {
    return matrix.form().equals(WIDEST) && matrix.precision() == Precision.FP32;
  }

  /**
   * A row that idles multiplies −0 with the first row of X in the block, which leaves its sum alone
   * (but may make +0 of −0, which the bias does anyway) if that is finite. If it is not, the
   * specification computes the product: it is slow, but such a network is broken.
   */
  @Override
  public void spmm(
      CacheBlockedMatrix w,
      int from,
      int to,
      int batch,
      float[] x,
      int xo,
      int ldx,
      float @Nullable [] bias,
      int bo,
      boolean relu,
      float[] y,
      int yo,
      int ldy) {
    int whole = w.blocks() == 0 ? 0 : F32.loopBound(batch);
    for (int b = 0; b < w.blocks(); b++) {
      if (!isFinite(whole, x, xo + b * w.width() * ldx)) {
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
      CacheBlockedSpmm.finish(w, p, whole, bias, bo, relu, y, yo, ldy);
    }
    if (whole < batch) { // the tail is the specification
      tail.spmm(w, from, to, batch - whole, x, xo + whole, ldx, bias, bo, relu, y, yo + whole, ldy);
    }
  }

  private final ScalarSparse tail = new ScalarSparse();

  /**
   * A row that idles multiplies −0 with the first row of X in the window, which leaves its sum
   * alone (but may make +0 of −0, which the bias does anyway) if that is finite. If it is not, a
   * sum becomes NaN, and the specification computes the block once more: it is slow, but such a
   * network is broken.
   */
  @Override
  public void spmm(
      SellMatrix w,
      int from,
      int to,
      int batch,
      float[] x,
      int xo,
      int ldx,
      float @Nullable [] bias,
      int bo,
      boolean relu,
      float[] y,
      int yo,
      int ldy) {
    int whole = L == 16 && isForBatches(w) ? F32.loopBound(batch) : 0;
    for (int b = from; b < to && whole > 0; b++) {
      SellSpmm.block(w, b, whole, x, xo, ldx, y, yo, ldy);
      if (!SellSpmm.finish(w, b, whole, bias, bo, relu, y, yo, ldy)) {
        tail.spmm(w, b, b + 1, whole, x, xo, ldx, bias, bo, relu, y, yo, ldy);
      }
    }
    if (whole < batch) { // the tail is the specification
      tail.spmm(w, from, to, batch - whole, x, xo + whole, ldx, bias, bo, relu, y, yo + whole, ldy);
    }
  }

  /**
   * An idle lane multiplies −0 with whatever its offset 0 finds, which leaves its sum alone (but
   * may make +0 of −0, which the bias does anyway) if that is finite. If it is not, the
   * specification computes the product: it is slow, but such a network is broken.
   */
  @Override
  public void spmv(
      SellMatrix w,
      int from,
      int to,
      float[] x,
      int xo,
      float @Nullable [] bias,
      int bo,
      boolean relu,
      float[] sums,
      float[] y,
      int yo) {
    SellMatrix.Form form = w.form();
    boolean isOther =
        L == 16 ? form.equals(WIDE) || form.equals(WIDEST) : L == 8 && form.equals(PAIRS);
    if (w.cols() < form.window()
        || !(form.equals(FORM) || (isOther && w.precision() == Precision.FP32))
        || !isFinite(w.cols(), x, xo)) {
      tail.spmv(w, from, to, x, xo, bias, bo, relu, sums, y, yo);
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
    ScalarSparse.finish(w, from, to, sums, bias, bo, relu, y, yo);
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

  private static boolean isFinite(int n, float[] x, int xo) {
    IntVector seen = IntVector.zero(I32);
    int i = 0;
    for (int bound = F32.loopBound(n); i < bound; i += L) {
      IntVector bits = FloatVector.fromArray(F32, x, xo + i).reinterpretAsInts();
      seen = seen.max(bits.and(EXPONENT));
    }
    int most = seen.reduceLanes(VectorOperators.MAX);
    for (; i < n; i++) {
      most = Math.max(most, Float.floatToRawIntBits(x[xo + i]) & EXPONENT);
    }
    return most < EXPONENT;
  }

  @Override
  public void transpose(
      int rows, int cols, float[] x, int xo, int ldx, float[] y, int yo, int ldy) {
    if (rows < L || cols < L) {
      tail.transpose(rows, cols, x, xo, ldx, y, yo, ldy);
      return;
    }
    for (int r = 0; r < rows; r += L) {
      int block = Math.min(r, rows - L); // the last may write some rows again
      transposeRows(cols, x, xo + block * ldx, ldx, y, yo + block, ldy);
    }
  }

  private static void transposeRows(
      int cols, float[] x, int xo, int ldx, float[] y, int yo, int ldy) {
    int last = cols - L; // so may the last columns be written again
    if (transposeBlocks(cols, x, xo, ldx, y, yo, ldy) < cols) {
      transposeBlocks(L, x, xo + last, ldx, y, yo + last * ldy, ldy);
    }
  }

  private static int transposeBlocks(
      int cols, float[] x, int xo, int ldx, float[] y, int yo, int ldy) {
    return switch (L) {
      case 4 -> Transpose4.rows(L, cols, x, xo, ldx, null, 0, 0, 0, y, yo, ldy);
      case 8 -> Transpose8.rows(L, cols, x, xo, ldx, null, 0, 0, 0, y, yo, ldy);
      default -> Transpose16.rows(L, cols, x, xo, ldx, null, 0, 0, 0, y, yo, ldy);
    };
  }
}
