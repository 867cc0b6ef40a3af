package org.espalier.kernel.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.espalier.kernel.SparseKernels;
import org.espalier.kernel.scalar.ScalarSparse;
import org.espalier.sparse.CsrMatrix;
import org.espalier.sparse.WindowMatrix;
import org.jspecify.annotations.Nullable;

/** Products with a sparse matrix on the Vector API. */
public final class SimdSparse implements SparseKernels {
  private static final VectorSpecies<Float> F32 = Lanes.F32;
  private static final VectorSpecies<Integer> I32 = Lanes.I32;
  private static final int L = F32.length();

  /** Brings the four bits of a lane's offset to the low end of the lane. */
  private static final IntVector OFFSET_SHIFTS =
      IntVector.zero(I32).addIndex(1).and(7).lanewise(VectorOperators.LSHL, 2);

  /** The lanes whose offsets are in the second word. */
  private static final VectorMask<Integer> SECOND_WORD =
      IntVector.zero(I32).addIndex(1).compare(VectorOperators.GE, 8);

  private static final int EXPONENT = 0x7f800000;

  @Override
  public int lanes() {
    return L;
  }

  @Override
  public void spmm(
      CsrMatrix w,
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
    int j = 0;
    for (; j <= batch - 8 * L; j += 8 * L) {
      SpmmStrips.strip8(w, from, to, x, xo + j, ldx, bias, bo, relu, y, yo + j, ldy);
    }
    if (j <= batch - 4 * L) {
      SpmmStrips.strip4(w, from, to, x, xo + j, ldx, bias, bo, relu, y, yo + j, ldy);
      j += 4 * L;
    }
    if (j <= batch - 2 * L) {
      SpmmStrips.strip2(w, from, to, x, xo + j, ldx, bias, bo, relu, y, yo + j, ldy);
      j += 2 * L;
    }
    if (j <= batch - L) {
      SpmmStrips.strip1(w, from, to, x, xo + j, ldx, bias, bo, relu, y, yo + j, ldy);
      j += L;
    }
    if (j < batch) { // the tail is the specification
      tail.spmm(w, from, to, batch - j, x, xo + j, ldx, bias, bo, relu, y, yo + j, ldy);
    }
  }

  private final ScalarSparse tail = new ScalarSparse();

  /**
   * An idle lane multiplies −0 with whatever its offset 0 finds, which leaves its sum alone (but
   * may make +0 of −0, which the bias does anyway) if that is finite. If it is not, the
   * specification computes the product: it is slow, but such a network is broken.
   */
  @Override
  public void spmv(
      WindowMatrix w,
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
    if (w.cols() < L || w.lanes() != L || !isFinite(w.cols(), x, xo)) {
      tail.spmv(w, from, to, x, xo, bias, bo, relu, sums, y, yo);
      return;
    }
    for (int b = from; b < to; b++) {
      block(w, b, x, xo, sums);
    }
    ScalarSparse.finish(w, from, to, sums, bias, bo, relu, y, yo);
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

  /** All steps of a block: four groups in turn, so that four chains are in flight. */
  private static void block(WindowMatrix w, int b, float[] x, int xo, float[] sums) {
    char[] starts = w.starts();
    int[] offsets = w.offsets();
    float[] values = w.values();
    int end = w.blockPtr()[b + 1];
    FloatVector a0 = FloatVector.zero(F32);
    FloatVector a1 = a0;
    FloatVector a2 = a0;
    FloatVector a3 = a0;
    for (int e = w.blockPtr()[b]; e < end; e += WindowMatrix.GROUPS) {
      int v = WindowMatrix.FIRST_VALUE + e * L;
      a0 = FloatVector.fromArray(F32, values, v).fma(pick(x, xo + starts[e], offsets, e), a0);
      a1 =
          FloatVector.fromArray(F32, values, v + L)
              .fma(pick(x, xo + starts[e + 1], offsets, e + 1), a1);
      a2 =
          FloatVector.fromArray(F32, values, v + 2 * L)
              .fma(pick(x, xo + starts[e + 2], offsets, e + 2), a2);
      a3 =
          FloatVector.fromArray(F32, values, v + 3 * L)
              .fma(pick(x, xo + starts[e + 3], offsets, e + 3), a3);
    }
    int o = b * WindowMatrix.GROUPS * L;
    a0.intoArray(sums, o);
    a1.intoArray(sums, o + L);
    a2.intoArray(sums, o + 2 * L);
    a3.intoArray(sums, o + 3 * L);
  }

  /** Returns for each lane the element of the window at {@code start} that its offset names. */
  private static FloatVector pick(float[] x, int start, int[] offsets, int e) {
    IntVector words =
        L <= 8
            ? IntVector.broadcast(I32, offsets[e])
            : IntVector.broadcast(I32, offsets[2 * e])
                .blend(IntVector.broadcast(I32, offsets[2 * e + 1]), SECOND_WORD);
    // selectFrom looks at as many low bits as there are lanes to choose from
    return words
        .lanewise(VectorOperators.LSHR, OFFSET_SHIFTS)
        .selectFrom(FloatVector.fromArray(F32, x, start).reinterpretAsInts())
        .reinterpretAsFloats();
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
