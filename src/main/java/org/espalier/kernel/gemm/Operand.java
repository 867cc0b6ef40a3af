package org.espalier.kernel.gemm;

import java.util.Objects;
import org.espalier.kernel.contract.GemmKernels;
import org.espalier.tensor.BitMask;
import org.espalier.tensor.Precision;
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
  private int @Nullable [] list;
  private @Nullable PackedMatrix narrow;

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

  /**
   * Takes of the matrix the listed rows only, in the order of the list, whatever they run along;
   * called after {@link #rows} or {@link #columns} without a mask.
   */
  void listed(int[] rows) {
    list = rows;
  }

  /** Takes a matrix that is packed already, with narrow elements, which are to be widened. */
  void narrow(PackedMatrix packed) {
    extent = packed.rows();
    alongColumns = true;
    narrow = packed;
  }

  private void set(Tensor x, @Nullable BitMask m, int e) {
    extent = e;
    data = x.data();
    offset = x.offset();
    ld = x.ld();
    list = null;
    mask = m == null ? null : m.words();
    wordsPerRow = m == null ? 0 : m.wordsPerRow();
  }

  /** Lets go of the matrix, so that it can be collected. */
  void clear() {
    data = NOTHING;
    mask = null;
    list = null;
    narrow = null;
  }

  /** Whether the matrix runs along k by its columns: its rows can be read as they are. */
  boolean alongColumns() {
    return alongColumns;
  }

  /** Whether rows can't be read as they are stored: some elements count as +0. */
  boolean needsCopy() {
    return mask != null;
  }

  /** Returns which rows of the matrix are taken, or null for the first ones. */
  int @Nullable [] list() {
    return list;
  }

  /** The elements as they are stored. */
  float[] data() {
    return data;
  }

  /** Returns the index in {@link #data()} of row {@code i}, column {@code j}. */
  int at(int i, int j) {
    return offset + i * ld + j;
  }

  int ld() {
    return ld;
  }

  /** Whether its panels are widened, not copied. */
  boolean isNarrow() {
    return narrow != null;
  }

  /** Returns how many of the panel's rows or columns there are. */
  int count(int q) {
    return Math.min(width, extent - q * width);
  }

  /** Packs panel {@code q} from {@code p} for {@code k} steps. */
  void pack(int q, int p, int k, float[] panel, int po) {
    int first = q * width;
    if (narrow != null) {
      Precision precision = narrow.precision();
      int at = PackedMatrix.START + q * PackedMatrix.panelLength(narrow.cols(), width, precision);
      int code = at + p / precision.perInt() * width;
      kernels.widen(precision, k, narrow.codes(), code, narrow.scales(), first, panel, po);
    } else if (list != null) { // they run along k: others are read as they are stored
      kernels.packListed(count(q), k, data, at(0, first), ld, list, p, panel, po);
    } else if (alongColumns) {
      kernels.packRows(
          count(q),
          k,
          data,
          at(first, p),
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
          count(q),
          k,
          data,
          at(p, first),
          ld,
          mask,
          p * wordsPerRow + (first >>> 6),
          wordsPerRow,
          first & 63,
          panel,
          po);
    }
  }

  /** Copies the rows of panel {@code q} from {@code p} for {@code k} steps, masked. */
  void copy(int q, int p, int k, float[] rows, int ro, int ldr) {
    int first = q * width;
    long[] m = Objects.requireNonNull(mask);
    kernels.copyMasked(
        count(q),
        k,
        data,
        at(first, p),
        ld,
        m,
        first * wordsPerRow + (p >>> 6),
        wordsPerRow,
        p & 63,
        rows,
        ro,
        ldr);
  }
}
