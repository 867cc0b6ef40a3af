package org.espalier.kernel.scalar;

import org.espalier.kernel.contract.Clamp;
import org.espalier.kernel.contract.GemmKernels;
import org.espalier.tensor.BitMask;
import org.espalier.tensor.Precision;
import org.espalier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The specification of matrix products: {@link #nn}, {@link #nt} and {@link #tn} say what a whole
 * product is, the other methods what each kernel does.
 */
public final class ScalarGemm implements GemmKernels {
  private final int mr;
  private final int nr;

  /** Makes kernels with tiles of 4 by 8. */
  public ScalarGemm() {
    this(4, 8);
  }

  /** Makes kernels with tiles of {@code mr} by {@code nr}. */
  public ScalarGemm(int mr, int nr) {
    this.mr = mr;
    this.nr = nr;
  }

  /** {@code c[i][j] = Σ a[i][p]·b[p][j]}; a masked element of {@code b} counts as +0. */
  public static void nn(
      int m, int n, int k, Tensor a, Tensor b, @Nullable BitMask maskB, Tensor c) {
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        float sum = 0f;
        for (int p = 0; p < k; p++) {
          sum = Math.fma(a.get(i, p), kept(maskB, p, j) ? b.get(p, j) : 0f, sum);
        }
        c.set(i, j, sum);
      }
    }
  }

  /** {@code c[i][j] = Σ a[i][p]·b[j][p]}; a masked element of {@code b} counts as +0. */
  public static void nt(
      int m, int n, int k, Tensor a, Tensor b, @Nullable BitMask maskB, Tensor c) {
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        float sum = 0f;
        for (int p = 0; p < k; p++) {
          sum = Math.fma(a.get(i, p), kept(maskB, j, p) ? b.get(j, p) : 0f, sum);
        }
        c.set(i, j, sum);
      }
    }
  }

  /** {@code c[i][j] = Σ a[p][i]·b[p][j]}; a masked element of {@code b} counts as +0. */
  public static void tn(
      int m, int n, int k, Tensor a, Tensor b, @Nullable BitMask maskB, Tensor c) {
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        float sum = 0f;
        for (int p = 0; p < k; p++) {
          sum = Math.fma(a.get(p, i), kept(maskB, p, j) ? b.get(p, j) : 0f, sum);
        }
        c.set(i, j, sum);
      }
    }
  }

  private static boolean kept(@Nullable BitMask mask, int r, int c) {
    return mask == null || mask.get(r, c);
  }

  @Override
  public int mr() {
    return mr;
  }

  @Override
  public int nr() {
    return nr;
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
    for (int p = 0; p < k; p++) {
      for (int j = 0; j < nr; j++) {
        boolean counts = j < count && (mask == null || bit(mask, mo + j * wordsPerRow, mb + p));
        panel[po + p * nr + j] = counts ? x[xo + j * ld + p] : 0f;
      }
    }
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
    for (int p = 0; p < k; p++) {
      for (int j = 0; j < width; j++) {
        boolean counts = j < count && (mask == null || bit(mask, mo + p * wordsPerRow, mb + j));
        panel[po + p * width + j] = counts ? x[xo + p * ld + j] : 0f;
      }
    }
  }

  @Override
  public void packListed(
      int count, int k, float[] x, int xo, int ld, int[] rows, int ro, float[] panel, int po) {
    for (int p = 0; p < k; p++) {
      for (int j = 0; j < nr; j++) {
        panel[po + p * nr + j] = j < count ? x[xo + rows[ro + p] * ld + j] : 0f;
      }
    }
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
      for (int p = 0; p < k; p++) {
        y[yo + i * ldy + p] = bit(mask, mo + i * wordsPerRow, mb + p) ? x[xo + i * ld + p] : 0f;
      }
    }
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
    for (int i = 0; i < mr; i++) {
      int row = co + rows[ro + i] * ldc;
      for (int j = 0; j < nr; j++) {
        float sum = resume ? c[row + j] : 0f;
        for (int p = 0; p < k; p++) {
          sum = Math.fma(a[ao + p * mr + i], b[bo + p * nr + j], sum);
        }
        c[row + j] = sum;
      }
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
    for (int i = 0; i < mr; i++) {
      int row = ao + rows[ro + Math.min(i, count - 1)] * lda;
      for (int j = 0; j < nr; j++) {
        float sum = resume ? c[co + i * ldc + j] : 0f;
        for (int p = 0; p < k; p++) {
          sum = Math.fma(a[row + p], b[bo + p * nr + j], sum);
        }
        c[co + i * ldc + j] = sum;
      }
    }
  }

  @Override
  public void gemvPanels(
      int count, int k, float[] panels, int po, float[] x, int xo, float[] y, int yo) {
    for (int j = 0; j < count * nr; j++) {
      int first = po + j / nr * k * nr + j % nr;
      float sum = 0f;
      for (int p = 0; p < k; p++) {
        sum = Math.fma(panels[first + p * nr], x[xo + p], sum);
      }
      y[yo + j] = sum;
    }
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
    int perCode = precision.perInt();
    for (int j = 0; j < count * nr; j++) {
      int first = po + j / nr * Math.ceilDiv(k, perCode) * nr + j % nr;
      float sum = 0f;
      for (int p = 0; p < k; p++) {
        float w = precision.element(codes[first + p / perCode * nr], p % perCode) * scales[so + j];
        sum = Math.fma(w, x[xo + p], sum);
      }
      y[yo + j] = sum;
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
    int perCode = precision.perInt();
    for (int p = 0; p < k; p++) {
      for (int j = 0; j < nr; j++) {
        int code = codes[po + p / perCode * nr + j];
        panel[to + p * nr + j] = precision.element(code, p % perCode) * scales[so + j];
      }
    }
  }

  @Override
  public void gemvRows(
      int n, int k, float[] w, int wo, int ld, float[] x, int xo, float[] y, int yo) {
    for (int j = 0; j < n; j++) {
      float sum = 0f;
      for (int p = 0; p < k; p++) {
        sum = Math.fma(w[wo + j * ld + p], x[xo + p], sum);
      }
      y[yo + j] = sum;
    }
  }

  @Override
  public void biasColumns(
      int m, int n, float[] bias, int bo, Clamp clamp, float[] c, int co, int ldc) {
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        float sum = c[co + i * ldc + j] + bias[bo + j];
        c[co + i * ldc + j] = clamp.of(sum);
      }
    }
  }

  @Override
  public void biasRows(
      int m, int n, float[] bias, int bo, Clamp clamp, float[] c, int co, int ldc) {
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        float sum = c[co + i * ldc + j] + bias[bo + i];
        c[co + i * ldc + j] = clamp.of(sum);
      }
    }
  }

  @Override
  public void mask(
      int m, int n, long[] mask, int mo, int wordsPerRow, int mb, float[] c, int co, int ldc) {
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        if (!bit(mask, mo + i * wordsPerRow, mb + j)) {
          c[co + i * ldc + j] = 0f;
        }
      }
    }
  }

  private static boolean bit(long[] words, int wo, int bit) {
    return (words[wo + (bit >>> 6)] >>> bit & 1) != 0;
  }
}
