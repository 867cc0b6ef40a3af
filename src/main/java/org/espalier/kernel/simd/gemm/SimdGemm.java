package org.espalier.kernel.simd.gemm;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.espalier.kernel.contract.Clamp;
import org.espalier.kernel.contract.GemmKernels;
import org.espalier.kernel.simd.Bits;
import org.espalier.kernel.simd.Lanes;
import org.espalier.kernel.simd.Transpose16;
import org.espalier.kernel.simd.Transpose4;
import org.espalier.kernel.simd.Transpose8;
import org.espalier.tensor.Precision;
import org.jspecify.annotations.Nullable;

/** Matrix products on the Vector API. */
public final class SimdGemm implements GemmKernels {
  private static final VectorSpecies<Float> F32 = Lanes.F32;
  private static final VectorSpecies<Integer> I32 = Lanes.I32;
  private static final int L = Lanes.LENGTH;

  private static final int MR = Lanes.HAS_32_REGISTERS ? GemmTile8x2.MR : GemmTile6x2.MR;
  private static final int NR = 2 * L;

  /** See {@link GemmTile6x2#panel}; set where no compiler takes it for a constant. */
  private final int one;

  /** Makes the kernels. */
  public SimdGemm() {
    one = 1;
  }

  @Override
  public int mr() {
    return MR;
  }

  @Override
  public int nr() {
    return NR;
  }

  @Override
  public void tilePanel(
      int k,
      float[] a,
      int ao,
      float[] b,
      int bo,
      boolean resume,
      float[] c,
      int co,
      int ldc,
      int[] rows,
      int ro) {
    if (Lanes.HAS_32_REGISTERS) {
      GemmTile8x2.panel(k, a, ao, one, b, bo, resume, c, co, ldc, rows, ro);
    } else {
      GemmTile6x2.panel(k, a, ao, one, b, bo, resume, c, co, ldc, rows, ro);
    }
  }

  @Override
  public void tileRows(
      int k,
      float[] a,
      int ao,
      int lda,
      int count,
      int[] rows,
      int ro,
      float[] b,
      int bo,
      boolean resume,
      float[] c,
      int co,
      int ldc) {
    if (Lanes.HAS_32_REGISTERS) {
      GemmTile8x2.rows(k, a, ao, lda, count, rows, ro, b, bo, resume, c, co, ldc);
    } else {
      GemmTile6x2.rows(k, a, ao, lda, count, rows, ro, b, bo, resume, c, co, ldc);
    }
  }

  @Override
  public void packRows(
      int count,
      int k,
      float[] x,
      int xo,
      int ld,
      long @Nullable [] mask,
      int mo,
      int wordsPerRow,
      int mb,
      float[] panel,
      int po) {
    for (int j = 0; j < NR; j += L) {
      int rows = Math.min(L, count - j);
      int m = mo + j * wordsPerRow;
      int p = 0;
      if (rows > 0 && (mask == null || mb % L == 0)) {
        p = transpose(rows, k, x, xo + j * ld, ld, mask, m, wordsPerRow, mb, panel, po + j);
      }
      for (; p < k; p++) {
        for (int i = 0; i < L; i++) {
          boolean counts = i < rows && (mask == null || Bits.at(mask, m + i * wordsPerRow, mb + p));
          panel[po + p * NR + j + i] = counts ? x[xo + (j + i) * ld + p] : 0f;
        }
      }
    }
  }

  private static int transpose(
      int rows,
      int k,
      float[] x,
      int xo,
      int ld,
      long @Nullable [] mask,
      int mo,
      int wordsPerRow,
      int mb,
      float[] y,
      int yo) {
    return switch (L) {
      case 4 -> Transpose4.rows(rows, k, x, xo, ld, mask, mo, wordsPerRow, mb, y, yo, NR);
      case 8 -> Transpose8.rows(rows, k, x, xo, ld, mask, mo, wordsPerRow, mb, y, yo, NR);
      default -> Transpose16.rows(rows, k, x, xo, ld, mask, mo, wordsPerRow, mb, y, yo, NR);
    };
  }

  @Override
  public void packColumns(
      int width,
      int count,
      int k,
      float[] x,
      int xo,
      int ld,
      long @Nullable [] mask,
      int mo,
      int wordsPerRow,
      int mb,
      float[] panel,
      int po) {
    int p = 0;
    if (width == NR && (mask == null || mb % NR == 0)) {
      p = packLanes(count, k, x, xo, ld, mask, mo, wordsPerRow, mb, panel, po);
    } else if (width == MR && count == MR && L == 4 && mask == null) {
      p = packSix(k, x, xo, ld, panel, po);
    } else if (width == MR && count == MR && L != 4) {
      p = packNarrow(k, x, xo, ld, mask, mo, wordsPerRow, mb, panel, po);
    }
    for (; p < k; p++) {
      for (int j = 0; j < count; j++) {
        boolean counts = mask == null || Bits.at(mask, mo + p * wordsPerRow, mb + j);
        panel[po + p * width + j] = counts ? x[xo + p * ld + j] : 0f;
      }
      Arrays.fill(panel, po + p * width + count, po + (p + 1) * width, 0f);
    }
  }

  private static int packLanes(
      int count,
      int k,
      float[] x,
      int xo,
      int ld,
      long @Nullable [] mask,
      int mo,
      int wordsPerRow,
      int mb,
      float[] y,
      int yo) {
    if (mask == null && count == NR) {
      for (int p = 0; p < k; p++) {
        FloatVector v0 = FloatVector.fromArray(F32, x, xo + p * ld);
        FloatVector v1 = FloatVector.fromArray(F32, x, xo + p * ld + L);
        v0.intoArray(y, yo + p * NR);
        v1.intoArray(y, yo + p * NR + L);
      }
      return k;
    }
    return packLanesMasked(count, k, x, xo, ld, mask, mo, wordsPerRow, mb, y, yo);
  }

  private static int packLanesMasked(
      int count,
      int k,
      float[] x,
      int xo,
      int ld,
      long @Nullable [] mask,
      int mo,
      int wordsPerRow,
      int mb,
      float[] y,
      int yo) {
    int bound = stepsWithinRows(k, count, NR, ld);
    FloatVector zero = FloatVector.zero(F32);
    int limit = (int) ((1L << count) - 1);
    for (int p = 0; p < bound; p++) {
      int word = mask == null ? -1 : (int) Bits.from(mask, mo + p * wordsPerRow, mb);
      // one broadcast for both vectors: cheaper than a mask from a long for each
      IntVector bits = IntVector.broadcast(I32, word & limit);
      VectorMask<Float> m0 = bits.and(Bits.LOW).compare(VectorOperators.NE, 0).cast(F32);
      VectorMask<Float> m1 = bits.and(Bits.HIGH).compare(VectorOperators.NE, 0).cast(F32);
      FloatVector v0 = FloatVector.fromArray(F32, x, xo + p * ld);
      FloatVector v1 = FloatVector.fromArray(F32, x, xo + p * ld + L);
      zero.blend(v0, m0).intoArray(y, yo + p * NR);
      zero.blend(v1, m1).intoArray(y, yo + p * NR + L);
    }
    return bound;
  }

  @Override
  public void packListed(
      int count, int k, float[] x, int xo, int ld, int[] rows, int ro, float[] panel, int po) {
    if (count == NR) {
      for (int p = 0; p < k; p++) {
        int row = xo + rows[ro + p] * ld;
        FloatVector v0 = FloatVector.fromArray(F32, x, row);
        FloatVector v1 = FloatVector.fromArray(F32, x, row + L);
        v0.intoArray(panel, po + p * NR);
        v1.intoArray(panel, po + p * NR + L);
      }
    } else {
      for (int p = 0; p < k; p++) {
        System.arraycopy(x, xo + rows[ro + p] * ld, panel, po + p * NR, count);
        Arrays.fill(panel, po + p * NR + count, po + (p + 1) * NR, 0f);
      }
    }
  }

  /** Six columns as two vectors of four that overlap. */
  private static int packSix(int k, float[] x, int xo, int ld, float[] y, int yo) {
    for (int p = 0; p < k; p++) {
      FloatVector v0 = FloatVector.fromArray(F32, x, xo + p * ld);
      FloatVector v1 = FloatVector.fromArray(F32, x, xo + p * ld + 2);
      v0.intoArray(y, yo + p * 6);
      v1.intoArray(y, yo + p * 6 + 2);
    }
    return k;
  }

  /**
   * Six or eight columns as the start of a vector. What it holds too much the next one overwrites;
   * the last steps, at which there is nothing more to read or to overwrite, are left to the caller.
   */
  private static int packNarrow(
      int k,
      float[] x,
      int xo,
      int ld,
      long @Nullable [] mask,
      int mo,
      int wordsPerRow,
      int mb,
      float[] y,
      int yo) {
    int bound = Math.min(k - 1, stepsWithinRows(k, MR, L, ld));
    if (mask == null) {
      for (int p = 0; p < bound; p++) {
        FloatVector.fromArray(F32, x, xo + p * ld).intoArray(y, yo + p * MR);
      }
    } else {
      FloatVector zero = FloatVector.zero(F32);
      for (int p = 0; p < bound; p++) {
        FloatVector v = FloatVector.fromArray(F32, x, xo + p * ld);
        long bits = Bits.window(mask, mo + p * wordsPerRow, mb, MR);
        zero.blend(v, VectorMask.fromLong(F32, bits)).intoArray(y, yo + p * MR);
      }
    }
    return Math.max(0, bound);
  }

  /**
   * Returns how many of {@code k} rows can be read {@code width} elements wide, into the rows that
   * follow, when each has {@code count} elements.
   */
  private static int stepsWithinRows(int k, int count, int width, int ld) {
    return count >= width
        ? k
        : Math.clamp(Math.floorDiv((k - 1) * ld + count - width, Math.max(1, ld)) + 1, 0, k);
  }

  @Override
  public void copyMasked(
      int m,
      int k,
      float[] x,
      int xo,
      int ld,
      long[] mask,
      int mo,
      int wordsPerRow,
      int mb,
      float[] y,
      int yo,
      int ldy) {
    for (int i = 0; i < m; i++) {
      copyRowMasked(k, x, xo + i * ld, mask, mo + i * wordsPerRow, mb, y, yo + i * ldy);
    }
  }

  private static void copyRowMasked(
      int k, float[] x, int xo, long[] mask, int mo, int mb, float[] y, int yo) {
    int p = 0;
    if (mb % L == 0) {
      for (; p <= k - L; p += L) {
        FloatVector v = FloatVector.fromArray(F32, x, xo + p);
        VectorMask<Float> kept = VectorMask.fromLong(F32, Bits.from(mask, mo, mb + p));
        FloatVector.zero(F32).blend(v, kept).intoArray(y, yo + p);
      }
    }
    for (; p < k; p++) {
      y[yo + p] = Bits.at(mask, mo, mb + p) ? x[xo + p] : 0f;
    }
  }

  @Override
  public void gemvPanels(
      int count, int k, float[] panels, int po, float[] x, int xo, float[] y, int yo) {
    GemvFp32.gemv(count, k, panels, po, x, xo, y, yo);
  }

  @Override
  public void gemvCodes(
      Precision precision,
      int count,
      int k,
      int[] codes,
      int po,
      float[] scales,
      int so,
      float[] x,
      int xo,
      float[] y,
      int yo) {
    switch (precision) {
      case INT8 -> GemvInt8.gemv(count, k, codes, po, scales, so, x, xo, y, yo);
      case FP16 -> GemvFp16.gemv(count, k, codes, po, scales, so, x, xo, y, yo);
      case FP32 -> throw new IllegalArgumentException("floats aren't narrow");
    }
  }

  @Override
  public void widen(
      Precision precision,
      int k,
      int[] codes,
      int po,
      float[] scales,
      int so,
      float[] panel,
      int to) {
    switch (precision) {
      case INT8 -> GemvInt8.widen(k, codes, po, scales, so, panel, to);
      case FP16 -> GemvFp16.widen(k, codes, po, scales, so, panel, to);
      case FP32 -> throw new IllegalArgumentException("floats aren't narrow");
    }
  }

  /** Eight rows at once, without vectors: lanes over rows would have to be transposed. */
  @Override
  public void gemvRows(
      int n, int k, float[] w, int wo, int ld, float[] x, int xo, float[] y, int yo) {
    for (int j = 0; j < n; j += 8) {
      // The last eight may repeat some.
      eightRows(Math.min(j, Math.max(0, n - 8)), n - 1, k, w, wo, ld, x, xo, y, yo);
    }
  }

  private static void eightRows(
      int j0, int last, int k, float[] w, int wo, int ld, float[] x, int xo, float[] y, int yo) {
    int j1 = Math.min(j0 + 1, last);
    int j2 = Math.min(j0 + 2, last);
    int j3 = Math.min(j0 + 3, last);
    int j4 = Math.min(j0 + 4, last);
    int j5 = Math.min(j0 + 5, last);
    int j6 = Math.min(j0 + 6, last);
    int j7 = Math.min(j0 + 7, last);
    int w0 = wo + j0 * ld;
    int w1 = wo + j1 * ld;
    int w2 = wo + j2 * ld;
    int w3 = wo + j3 * ld;
    int w4 = wo + j4 * ld;
    int w5 = wo + j5 * ld;
    int w6 = wo + j6 * ld;
    int w7 = wo + j7 * ld;
    float y0 = 0f;
    float y1 = 0f;
    float y2 = 0f;
    float y3 = 0f;
    float y4 = 0f;
    float y5 = 0f;
    float y6 = 0f;
    float y7 = 0f;
    for (int p = 0; p < k; p++) {
      float v = x[xo + p];
      y0 = Math.fma(w[w0 + p], v, y0);
      y1 = Math.fma(w[w1 + p], v, y1);
      y2 = Math.fma(w[w2 + p], v, y2);
      y3 = Math.fma(w[w3 + p], v, y3);
      y4 = Math.fma(w[w4 + p], v, y4);
      y5 = Math.fma(w[w5 + p], v, y5);
      y6 = Math.fma(w[w6 + p], v, y6);
      y7 = Math.fma(w[w7 + p], v, y7);
    }
    y[yo + j0] = y0;
    y[yo + j1] = y1;
    y[yo + j2] = y2;
    y[yo + j3] = y3;
    y[yo + j4] = y4;
    y[yo + j5] = y5;
    y[yo + j6] = y6;
    y[yo + j7] = y7;
  }

  @Override
  public void biasColumns(
      int m, int n, float[] bias, int bo, Clamp clamp, float[] c, int co, int ldc) {
    for (int i = 0; i < m; i++) {
      biasRow(n, bias, bo, clamp, c, co + i * ldc);
    }
  }

  private static void biasRow(int n, float[] bias, int bo, Clamp clamp, float[] c, int co) {
    float low = clamp.low();
    float high = clamp.high();
    int j = 0;
    for (; j <= n - L; j += L) {
      FloatVector sum = FloatVector.fromArray(F32, c, co + j);
      sum = sum.add(FloatVector.fromArray(F32, bias, bo + j));
      // Not max and min, which take more instructions to keep NaN. A bound that is NaN is left out:
      // what is never run isn't compiled, and the callers' methods are near the compiler's limit.
      if (!Float.isNaN(low)) {
        sum = sum.blend(low, sum.compare(VectorOperators.LE, low));
      }
      if (!Float.isNaN(high)) {
        sum = sum.blend(high, sum.compare(VectorOperators.GE, high));
      }
      sum.intoArray(c, co + j);
    }
    for (; j < n; j++) {
      float sum = c[co + j] + bias[bo + j];
      c[co + j] = clamp.of(sum);
    }
  }

  @Override
  public void biasRows(
      int m, int n, float[] bias, int bo, Clamp clamp, float[] c, int co, int ldc) {
    for (int i = 0; i < m; i++) {
      addToRow(n, bias[bo + i], clamp, c, co + i * ldc);
    }
  }

  private static void addToRow(int n, float bias, Clamp clamp, float[] c, int co) {
    float low = clamp.low();
    float high = clamp.high();
    int j = 0;
    for (; j <= n - L; j += L) {
      FloatVector sum = FloatVector.fromArray(F32, c, co + j).add(bias);
      // Not max and min, which take more instructions to keep NaN. A bound that is NaN is left out:
      // what is never run isn't compiled, and the callers' methods are near the compiler's limit.
      if (!Float.isNaN(low)) {
        sum = sum.blend(low, sum.compare(VectorOperators.LE, low));
      }
      if (!Float.isNaN(high)) {
        sum = sum.blend(high, sum.compare(VectorOperators.GE, high));
      }
      sum.intoArray(c, co + j);
    }
    for (; j < n; j++) {
      float sum = c[co + j] + bias;
      c[co + j] = clamp.of(sum);
    }
  }

  @Override
  public void mask(
      int m, int n, long[] mask, int mo, int wordsPerRow, int mb, float[] c, int co, int ldc) {
    for (int i = 0; i < m; i++) {
      int row = co + i * ldc;
      copyRowMasked(n, c, row, mask, mo + i * wordsPerRow, mb, c, row);
    }
  }
}
