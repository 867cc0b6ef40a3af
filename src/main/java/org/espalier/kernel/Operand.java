package org.espalier.kernel;

import org.espalier.tensor.BitMask;
import org.espalier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * One operand of a product as the kernels see it: panels of a fixed width across a matrix that runs
 * along k by its rows or by its columns. Reused from product to product.
 */
final class Operand {
  private static final float[] NOTHING = {};

  private final GemmKernels kernels;
  private final int width;
  private boolean alongColumns;
  private int extent;
  private float[] data = NOTHING;
  private int offset;
  private int ld;
  private long @Nullable [] mask;
  private int wordsPerRow;

  /**
   * Makes an operand.
   *
   * @param width of its panels
   */
  Operand(GemmKernels kernels, int width) {
    this.kernels = kernels;
    this.width = width;
  }

  /** Takes the first {@code extent} rows of a matrix whose columns run along k. */
  void rows(Tensor x, @Nullable BitMask m, int extent) {
    set(x, m, extent);
    alongColumns = true;
  }

  /** Takes the first {@code extent} columns of a matrix whose rows run along k. */
  void columns(Tensor x, @Nullable BitMask m, int extent) {
    set(x, m, extent);
    alongColumns = false;
  }

  private void set(Tensor x, @Nullable BitMask m, int e) {
    extent = e;
    data = x.data();
    offset = x.offset();
    ld = x.ld();
    mask = m == null ? null : m.words();
    wordsPerRow = m == null ? 0 : m.wordsPerRow();
  }

  /** Lets go of the matrix, so that it can be collected. */
  void clear() {
    data = NOTHING;
    mask = null;
  }

  /** Packs panel {@code q} from {@code p} for {@code k} steps. */
  void pack(int q, int p, int k, float[] panel, int po) {
    int first = q * width;
    int count = Math.min(width, extent - first);
    if (alongColumns) {
      kernels.packRows(
          width,
          count,
          k,
          data,
          offset + first * ld + p,
          ld,
          mask,
          first * wordsPerRow + (p >>> 6),
          wordsPerRow,
          p & 63,
          panel,
          po);
    } else {
      kernels.packColumns(
          width,
          count,
          k,
          data,
          offset + p * ld + first,
          ld,
          mask,
          p * wordsPerRow + (first >>> 6),
          wordsPerRow,
          first & 63,
          panel,
          po);
    }
  }
}
