package org.espalier.kernel.gemm;

import org.espalier.kernel.contract.Clamp;
import org.espalier.kernel.contract.GemmKernels;
import org.espalier.tensor.BitMask;
import org.espalier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** The matrix that a product writes and what is done to it last. Reused from product to product. */
final class Output {
  private static final float[] NOTHING = {};
  private static final long[] NO_WORDS = {};

  private final GemmKernels kernels;
  private final Gemm.Epilogue epilogue;
  private float[] data = NOTHING;
  private int offset;
  private int ld;
  private float[] bias = NOTHING;
  private int biasOffset;
  private long[] mask = NO_WORDS;
  private int wordsPerRow;
  private int @Nullable [] list;

  Output(GemmKernels kernels, Gemm.Epilogue epilogue) {
    this.kernels = kernels;
    this.epilogue = epilogue;
  }

  /** Takes a matrix and what the epilogue needs; the caller has checked that it is there. */
  void set(Tensor c, @Nullable Tensor b, @Nullable BitMask m) {
    data = c.data();
    offset = c.offset();
    ld = c.ld();
    bias = b == null ? NOTHING : b.data();
    biasOffset = b == null ? 0 : b.offset();
    mask = m == null ? NO_WORDS : m.words();
    wordsPerRow = m == null ? 0 : m.wordsPerRow();
    list = null;
  }

  /** Writes the rows of the product to the listed rows of the matrix; without an epilogue. */
  void listed(int[] rows) {
    list = rows;
  }

  /** Lets go of the matrix, so that it can be collected. */
  void clear() {
    data = NOTHING;
    bias = NOTHING;
    mask = NO_WORDS;
    list = null;
  }

  /** Returns which rows of the matrix the rows of the product are, or null for the first ones. */
  int @Nullable [] list() {
    return list;
  }

  float[] data() {
    return data;
  }

  int ld() {
    return ld;
  }

  /** Returns the index in {@link #data()} of row 0 of the matrix, column {@code j}. */
  int column(int j) {
    return offset + j;
  }

  /** Returns the index in {@link #data()} of row {@code i}, column {@code j} of the product. */
  int at(int i, int j) {
    return offset + (list == null ? i : list[i]) * ld + j;
  }

  /**
   * Writes a tile of width {@link GemmKernels#nr()}, of which {@code m} rows and {@code n} columns
   * count, to the rows from {@code i} and columns from {@code j} of the product.
   */
  void store(int i, int j, int m, int n, float[] tile, int to) {
    for (int y = 0; y < m; y++) {
      System.arraycopy(tile, to + y * kernels.nr(), data, at(i + y, j), n);
    }
  }

  /** Applies the epilogue to {@code m} rows from {@code i} and {@code n} columns from {@code j}. */
  void finish(int i, int j, int m, int n) {
    switch (epilogue) {
      case NONE -> {}
      case BIAS, BIAS_RELU ->
          kernels.biasColumns(
              m,
              n,
              bias,
              biasOffset + j,
              Clamp.rectifier(epilogue == Gemm.Epilogue.BIAS_RELU),
              data,
              at(i, j),
              ld);
      case ROW_BIAS, ROW_BIAS_RELU ->
          kernels.biasRows(
              m,
              n,
              bias,
              biasOffset + i,
              Clamp.rectifier(epilogue == Gemm.Epilogue.ROW_BIAS_RELU),
              data,
              at(i, j),
              ld);
      case MASK ->
          kernels.mask(
              m, n, mask, i * wordsPerRow + (j >>> 6), wordsPerRow, j & 63, data, at(i, j), ld);
    }
  }
}
