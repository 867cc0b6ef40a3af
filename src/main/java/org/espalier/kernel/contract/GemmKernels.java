package org.espalier.kernel.contract;

import org.espalier.tensor.Precision;
import org.jspecify.annotations.Nullable;

/**
 * The loops of a matrix product. {@code Gemm} cuts {@code C} into tiles of {@link #mr()} rows by
 * {@link #nr()} columns. Operands are packed into panels that hold, for each k in turn, the {@code
 * mr} or {@code nr} elements which that k contributes to a tile; the one whose elements are
 * broadcast can also be read row by row as it is stored.
 *
 * <p>Every output is one fma chain over ascending k that starts at +0. A kernel may stop at any k
 * and go on from the value that it stored.
 */
public interface GemmKernels {
  /** Rows of a tile: elements of one operand that are broadcast. */
  int mr();

  /** Columns of a tile: elements of the other that fill vectors. A multiple of 4, at most 64. */
  int nr();

  /**
   * Packs {@code count} consecutive rows of a matrix whose columns run along k into a panel of
   * width {@link #nr()}: {@code panel[po + p·nr + j] = x[xo + j·ld + p]} for {@code p < k} and
   * {@code j < count}, and +0 for {@code count <= j < nr}.
   *
   * @param count at least 1
   * @param mask bits of the elements of {@code x}, or null if all count; an element whose bit is
   *     clear is packed as +0, NaN included. The bit of element (row {@code j}, column {@code p})
   *     is bit {@code mb + p}, counted from the low end of word {@code mo + j·wordsPerRow}
   * @param mb 0 to 63
   */
  void packRows(
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
      int po);

  /**
   * Packs {@code count} consecutive columns of a matrix whose rows run along k: {@code panel[po +
   * p·width + j] = x[xo + p·ld + j]} for {@code p < k} and {@code j < count}, and +0 for {@code
   * count <= j < width}.
   *
   * @param width {@link #mr()} or {@link #nr()}
   * @param mask as in {@link #packRows}; the bit of element (row {@code p}, column {@code j}) is
   *     bit {@code mb + j}, counted from the low end of word {@code mo + p·wordsPerRow}
   */
  void packColumns(
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
      int po);

  /**
   * Packs {@code count} consecutive columns of some rows of a matrix, which run along k, into a
   * panel of width {@link #nr()}: {@code panel[po + p·nr + j] = x[xo + rows[ro + p]·ld + j]} for
   * {@code p < k} and {@code j < count}, and +0 for {@code count <= j < nr}.
   */
  void packListed(
      int count, int k, float[] x, int xo, int ld, int[] rows, int ro, float[] panel, int po);

  /**
   * Copies rows with +0, in place of NaN too, where the mask is clear: {@code y[yo + i·ldy + p]} is
   * {@code x[xo + i·ld + p]} or +0, for {@code i < m} and {@code p < k}. Bits as in {@link
   * #packRows}.
   */
  void copyMasked(
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
      int ldy);

  /**
   * Computes one whole tile of two panels, whose rows may lie apart: {@code c[co + rows[ro + i]·ldc
   * + j] = Σ a[ao + p·mr + i]·b[bo + p·nr + j]}, an fma chain over {@code p} from 0 to {@code k} −
   * 1.
   *
   * @param resume whether the chain goes on from what is in {@code c}, instead of from +0
   * @param rows from {@code ro} on {@link #mr()} different rows of {@code c}
   */
  void tilePanel(
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
      int ro);

  /**
   * Computes one whole tile of rows as they are stored, which may lie apart, and a panel: {@code
   * c[co + i·ldc + j] = Σ a[ao + rows[ro + i]·lda + p]·b[bo + p·nr + j]}, an fma chain over {@code
   * p} from 0 to {@code k} − 1.
   *
   * @param count how many rows there are, at least 1; if fewer than {@link #mr()}, the last one
   *     stands in for those that are missing
   * @param rows from {@code ro} on {@code count} rows of {@code a}
   * @param resume as in {@link #tilePanel}
   */
  void tileRows(
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
      int ldc);

  /**
   * Matrix times vector, the matrix packed as {@code count} panels of width {@link #nr()}, one
   * behind the other: {@code y[yo + j] = Σ panels[po + (j div nr)·k·nr + p·nr + j mod nr]·x[xo +
   * p]} for {@code j < count·nr}.
   */
  void gemvPanels(int count, int k, float[] panels, int po, float[] x, int xo, float[] y, int yo);

  /**
   * Matrix times vector like {@link #gemvPanels}, the elements of the panels narrow: bytes or
   * halves of IEEE 754, each of which is to be multiplied with the scale of its row, {@code
   * scales[so + j]}, which gives a float exactly. An int of {@code codes} holds those of 4 or 2
   * consecutive steps, the first at its low end: step {@code p} of row {@code j} is number {@code p
   * mod 4} or {@code p mod 2} of {@code codes[po + ((j div nr)·g + p div 4 or 2)·nr + j mod nr]},
   * where {@code g} is {@code k} divided by 4 or 2, rounded up.
   *
   * @param precision that of the elements, {@link Precision#INT8} or {@link Precision#FP16}
   */
  void gemvCodes(
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
      int yo);

  /**
   * Writes {@code k} steps of a panel of narrow elements, as {@link #gemvCodes} says, as a panel of
   * floats: {@code panel[to + p·nr + j]}, {@code j < nr}.
   *
   * @param po where the int of the first step is
   * @param so where the scale of the panel's first row is
   */
  void widen(
      Precision precision,
      int k,
      int[] codes,
      int po,
      float[] scales,
      int so,
      float[] panel,
      int to);

  /** Matrix times vector: {@code y[yo + j] = Σ w[wo + j·ld + p]·x[xo + p]} for {@code j < n}. */
  void gemvRows(int n, int k, float[] w, int wo, int ld, float[] x, int xo, float[] y, int yo);

  /**
   * Adds one value to each column: {@code c[i][j] = c[i][j] + bias[bo + j]}; the sum is clamped.
   */
  void biasColumns(int m, int n, float[] bias, int bo, Clamp clamp, float[] c, int co, int ldc);

  /** Adds one value to each row: {@code c[i][j] = c[i][j] + bias[bo + i]}, and ReLU likewise. */
  void biasRows(int m, int n, float[] bias, int bo, Clamp clamp, float[] c, int co, int ldc);

  /**
   * Writes +0, over NaN too, where the mask is clear. The bit of {@code c[i][j]} is bit {@code mb +
   * j}, counted from the low end of word {@code mo + i·wordsPerRow}.
   */
  void mask(int m, int n, long[] mask, int mo, int wordsPerRow, int mb, float[] c, int co, int ldc);
}
