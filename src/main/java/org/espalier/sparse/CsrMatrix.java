package org.espalier.sparse;

import java.util.Arrays;
import org.espalier.tensor.BitMask;
import org.espalier.tensor.Precision;
import org.espalier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A sparse matrix in compressed sparse rows (CSR, also called CRS or the Yale format): row {@code
 * r} owns the entries {@code rowPtr[r]} to {@code rowPtr[r + 1]} (exclusive) of {@code colIdx} and
 * {@code values}, columns strictly ascending, no value zero. All of it is checked once, here, so
 * that kernels may trust it.
 *
 * <pre>{@code
 * a . b .    rowPtr  0   2 2     5
 * . . . .            |   |/      |
 * c d . e    colIdx  0 2 0 1 3
 *            values  a b c d e
 * }</pre>
 *
 * <p>A column index is a {@code char}, 16 bits without sign: an entry takes six bytes instead of
 * eight. So a matrix has at most {@link #MAX_COLS} columns.
 *
 * <p>The matrix never changes; the arrays that the accessors return are shared with it and must not
 * be written.
 *
 * <p>Source: the storage scheme of Tinney and Walker, <em>Direct solutions of sparse network
 * equations by optimally ordered triangular factorization</em>, Proc. IEEE 55(11), 1967; as CSR in
 * Saad, <em>Iterative Methods for Sparse Linear Systems</em>, 2nd ed., SIAM 2003, section 3.4.
 */
public final class CsrMatrix {
  /** The most columns that a matrix can have. */
  public static final int MAX_COLS = 1 << Character.SIZE;

  private final int rows;
  private final int cols;
  private final int[] rowPtr;
  private final char[] colIdx;
  private final float[] values;
  private final int[] rowOrder;

  /** For each row of what its values are whole multiples; null if nobody said so. */
  private final float @Nullable [] steps;

  private CsrMatrix(
      int rows, int cols, int[] rowPtr, char[] colIdx, float[] values, float @Nullable [] steps) {
    this.rows = rows;
    this.cols = cols;
    this.rowPtr = rowPtr;
    this.colIdx = colIdx;
    this.values = values;
    this.steps = steps;
    this.rowOrder = byLength(rowPtr);
  }

  /**
   * Returns the matrix of the elements of {@code dense} that are not zero: +0 and −0 are left out,
   * NaN and infinities are kept.
   *
   * @throws IllegalArgumentException if there are more than {@link #MAX_COLS} columns
   */
  public static CsrMatrix of(Tensor dense) {
    return of(dense, null);
  }

  /**
   * Returns the matrix of the elements of {@code dense} whose bit is set and which are not zero: a
   * pruned weight without a pruned copy of it. What the mask leaves out may be anything.
   *
   * @param keep as large as {@code dense}, or null if every element counts
   * @throws IllegalArgumentException if the mask is of another size or there are more than {@link
   *     #MAX_COLS} columns
   */
  public static CsrMatrix of(Tensor dense, @Nullable BitMask keep) {
    int rows = dense.rows();
    int cols = dense.cols();
    checkCols(cols);
    if (keep != null && (keep.rows() != rows || keep.cols() != cols)) {
      throw new IllegalArgumentException(
          "a mask of " + keep.rows() + "x" + keep.cols() + " for a matrix of " + dense.shape());
    }
    int[] rowPtr = new int[rows + 1];
    for (int r = 0; r < rows; r++) {
      rowPtr[r + 1] = rowPtr[r];
      for (int c = 0; c < cols; c++) {
        if (isEntry(dense, keep, r, c)) {
          rowPtr[r + 1]++;
        }
      }
    }
    char[] colIdx = new char[rowPtr[rows]];
    float[] values = new float[rowPtr[rows]];
    int p = 0;
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < cols; c++) {
        if (isEntry(dense, keep, r, c)) {
          colIdx[p] = (char) c;
          values[p++] = dense.get(r, c);
        }
      }
    }
    return new CsrMatrix(rows, cols, rowPtr, colIdx, values, dense.steps());
  }

  private static boolean isEntry(Tensor dense, @Nullable BitMask keep, int r, int c) {
    return (keep == null || keep.get(r, c)) && dense.get(r, c) != 0;
  }

  /**
   * Returns the matrix that consists of the given parts, which are copied. An explicit zero is left
   * out.
   *
   * @param rowPtr for each row the index of its first entry, and last the number of entries
   * @param colIdx the column of each entry
   * @param values the value of each entry
   * @throws IllegalArgumentException if an extent is negative or there are more than {@link
   *     #MAX_COLS} columns; if the lengths don't agree; if {@code rowPtr} doesn't start at 0, falls
   *     or doesn't end at the number of entries; if the columns of a row are out of range or don't
   *     ascend strictly. The message says where.
   */
  public static CsrMatrix of(int rows, int cols, int[] rowPtr, int[] colIdx, float[] values) {
    if (rows < 0 || cols < 0) {
      throw new IllegalArgumentException("a matrix of " + rows + "x" + cols);
    }
    checkCols(cols);
    checkRowPtr(rows, rowPtr, colIdx.length);
    if (colIdx.length != values.length) {
      throw new IllegalArgumentException(
          colIdx.length + " column indices for " + values.length + " values");
    }
    int[] start = new int[rows + 1];
    char[] columns = new char[values.length];
    float[] kept = new float[values.length];
    int n = 0;
    for (int r = 0; r < rows; r++) {
      int before = -1;
      for (int p = rowPtr[r]; p < rowPtr[r + 1]; p++) {
        int c = colIdx[p];
        if (c <= before || c >= cols) {
          throw new IllegalArgumentException(
              "row " + r + ": column " + c + " behind " + before + " of " + cols + " columns");
        }
        before = c;
        if (values[p] != 0) {
          columns[n] = (char) c;
          kept[n++] = values[p];
        }
      }
      start[r + 1] = n;
    }
    return new CsrMatrix(
        rows, cols, start, Arrays.copyOf(columns, n), Arrays.copyOf(kept, n), null);
  }

  private static void checkCols(int cols) {
    if (cols > MAX_COLS) {
      throw new IllegalArgumentException(
          "a sparse matrix has at most " + MAX_COLS + " columns, not " + cols);
    }
  }

  private static void checkRowPtr(int rows, int[] rowPtr, int entries) {
    if (rowPtr.length != rows + 1L) {
      throw new IllegalArgumentException(rowPtr.length + " row pointers for " + rows + " rows");
    }
    if (rowPtr[0] != 0 || rowPtr[rows] != entries) {
      throw new IllegalArgumentException(
          "row pointers from "
              + rowPtr[0]
              + " to "
              + rowPtr[rows]
              + " for "
              + entries
              + " entries");
    }
    for (int r = 0; r < rows; r++) {
      if (rowPtr[r] > rowPtr[r + 1]) {
        throw new IllegalArgumentException(
            "row " + r + ": from entry " + rowPtr[r] + " to " + rowPtr[r + 1]);
      }
    }
  }

  /** Sorts the rows by length, stable, by counting. */
  private static int[] byLength(int[] rowPtr) {
    int rows = rowPtr.length - 1;
    int longest = 0;
    for (int r = 0; r < rows; r++) {
      longest = Math.max(longest, rowPtr[r + 1] - rowPtr[r]);
    }
    int[] next = new int[longest + 2];
    for (int r = 0; r < rows; r++) {
      next[rowPtr[r + 1] - rowPtr[r] + 1]++;
    }
    for (int n = 0; n <= longest; n++) {
      next[n + 1] += next[n];
    }
    int[] order = new int[rows];
    for (int r = 0; r < rows; r++) {
      order[next[rowPtr[r + 1] - rowPtr[r]]++] = r;
    }
    return order;
  }

  /** Returns this matrix with its zeros, as a tensor of shape {@code [rows, cols]}. */
  public Tensor toTensor() {
    Tensor dense = Tensor.zeros(rows, cols);
    for (int r = 0; r < rows; r++) {
      for (int p = rowPtr[r]; p < rowPtr[r + 1]; p++) {
        dense.set(r, colIdx[p], values[p]);
      }
    }
    return dense;
  }

  /** Returns the number of rows. */
  public int rows() {
    return rows;
  }

  /** Returns the number of columns. */
  public int cols() {
    return cols;
  }

  /** Returns the number of entries. */
  public int nnz() {
    return values.length;
  }

  /** Returns the share of the elements that are entries; 0 for a matrix without elements. */
  public double density() {
    return values.length == 0 ? 0 : (double) values.length / ((long) rows * cols);
  }

  /** Returns the bytes that the arrays take. */
  public long bytes() {
    return (long) Integer.BYTES * (rowPtr.length + rowOrder.length)
        + (long) (Character.BYTES + Float.BYTES) * values.length;
  }

  /** Returns for each row the index of its first entry, and last the number of entries. */
  public int[] rowPtr() {
    return rowPtr;
  }

  /** Returns the column of each entry. */
  public char[] colIdx() {
    return colIdx;
  }

  /** Returns the scale by which a precision holds a row's values. */
  float scale(Precision precision, int row) {
    float step = steps == null ? 0 : steps[row];
    return precision.scale(values, rowPtr[row], rowPtr[row + 1], step);
  }

  /** Returns the value of each entry. */
  public float[] values() {
    return values;
  }

  /**
   * Returns the rows by number of entries, short ones first, equal ones in their order. A kernel
   * that works on neighbours of this order works on rows of about equal length.
   */
  public int[] rowOrder() {
    return rowOrder;
  }

  /** Returns whether the other is a matrix of the same extents and the same entries. */
  @Override
  public boolean equals(Object o) {
    return o instanceof CsrMatrix m
        && m.rows == rows
        && m.cols == cols
        && Arrays.equals(m.rowPtr, rowPtr)
        && Arrays.equals(m.colIdx, colIdx)
        && Arrays.equals(m.values, values);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(colIdx) + Arrays.hashCode(values);
  }
}
