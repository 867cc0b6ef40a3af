package org.espalier.sparse;

import java.util.Arrays;
import org.espalier.tensor.Precision;
import org.espalier.tensor.Tensor;

/**
 * A sparse matrix in compressed sparse rows whose columns are coded by their distances (delta-coded
 * CSR): row {@code r} owns the entries {@code rowPtr[r]} to {@code rowPtr[r + 1]} (exclusive),
 * columns ascending, and {@code deltas} has for each, in a byte, how far its column lies behind
 * that of the entry before, or behind 0. Where that is more than a byte holds, entries of value −0
 * stand between.
 *
 * <pre>{@code
 * columns  2 5 300        deltas  2 3 255 40
 * values   a b c          values  a b −0  c
 * }</pre>
 *
 * <p>The values are floats; or halves of IEEE 754 times a power of two for each row; or bytes times
 * a scale for each row. All products are exact, so nothing but memory depends on it.
 *
 * <p>Immutable; the arrays that the accessors return are shared with the matrix and must not be
 * written.
 *
 * <p>Source: Willcock and Lumsdaine, <em>Accelerating sparse matrix computations via data
 * compression</em>, ICS 2006 (delta-coded column indices).
 */
public final class DeltaCsrMatrix {
  /** The longest step to the next entry. */
  public static final int MAX_DELTA = 255;

  private final int rows;
  private final int cols;
  private final int nnz;
  private final int[] rowPtr;
  private final byte[] deltas;
  private final PackedValues values;

  private DeltaCsrMatrix(
      int rows, int cols, int nnz, int[] rowPtr, byte[] deltas, PackedValues values) {
    this.rows = rows;
    this.cols = cols;
    this.nnz = nnz;
    this.rowPtr = rowPtr;
    this.deltas = deltas;
    this.values = values;
  }

  /** Returns the matrix of the elements that are not zero; NaN and infinities are kept. */
  public static DeltaCsrMatrix of(Tensor dense) {
    return of(dense, Precision.FP32);
  }

  /**
   * Returns the matrix of the elements that are not zero, with narrow values.
   *
   * @param dense rounded to the precision by {@link Precision#roundRows}
   */
  public static DeltaCsrMatrix of(Tensor dense, Precision precision) {
    int rows = dense.rows();
    int cols = dense.cols();
    int[] rowPtr = new int[rows + 1];
    int nnz = 0;
    for (int r = 0; r < rows; r++) {
      int entries = 0;
      int last = 0;
      for (int c = 0; c < cols; c++) {
        if (dense.get(r, c) != 0) {
          entries += 1 + bridges(c - last);
          last = c;
          nnz++;
        }
      }
      rowPtr[r + 1] = Math.addExact(rowPtr[r], entries);
    }
    byte[] deltas = new byte[rowPtr[rows]];
    PackedValues values = new PackedValues(precision, rowPtr[rows], dense);
    int e = 0;
    for (int r = 0; r < rows; r++) {
      int last = 0;
      for (int c = 0; c < cols; c++) {
        float value = dense.get(r, c);
        if (value != 0) {
          int bridges = bridges(c - last);
          Arrays.fill(deltas, e, e + bridges, (byte) MAX_DELTA);
          e += bridges;
          deltas[e] = (byte) (c - last - bridges * MAX_DELTA);
          values.set(e++, r, value);
          last = c;
        }
      }
    }
    return new DeltaCsrMatrix(rows, cols, nnz, rowPtr, deltas, values);
  }

  /** Returns how many entries it takes to come within reach of the next column. */
  private static int bridges(int distance) {
    return Math.max(0, distance - 1) / MAX_DELTA;
  }

  /** Returns the number of rows. */
  public int rows() {
    return rows;
  }

  /** Returns the number of columns. */
  public int cols() {
    return cols;
  }

  /** Returns the number of entries that are not zero. */
  public int nnz() {
    return nnz;
  }

  /** Returns for each row the index of its first entry, and last the number of entries. */
  public int[] rowPtr() {
    return rowPtr;
  }

  /** Returns for each entry how far its column lies behind the one before, as unsigned bytes. */
  public byte[] deltas() {
    return deltas;
  }

  /** Returns what {@link #value} of a row's entries takes. */
  public float scale(int row) {
    return values.scale(row);
  }

  /**
   * Returns the value of an entry.
   *
   * @param scale that of its row
   */
  public float value(int entry, float scale) {
    return values.get(entry, scale);
  }

  /** Returns the bytes that the arrays take. */
  public long bytes() {
    return (long) Integer.BYTES * rowPtr.length + deltas.length + values.bytes();
  }
}
