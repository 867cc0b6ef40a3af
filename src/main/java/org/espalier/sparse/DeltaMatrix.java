package org.espalier.sparse;

import java.util.Arrays;
import org.espalier.tensor.Tensor;

/**
 * A sparse matrix whose column indices take a byte each: row {@code r} owns the entries {@code
 * rowPtr[r]} to {@code rowPtr[r + 1]} (exclusive), columns ascending, and {@code deltas} has for
 * each how far its column lies behind that of the entry before, or behind 0. Where that is more
 * than a byte holds, entries of value −0 stand between.
 *
 * <p>Immutable; the arrays that the accessors return are shared with the matrix and must not be
 * written.
 */
public final class DeltaMatrix {
  /** The longest step to the next entry. */
  public static final int MAX_DELTA = 255;

  /** What an entry that only bridges a gap multiplies with: it leaves every sum alone. */
  private static final float BRIDGE = -0f;

  private final int rows;
  private final int cols;
  private final int nnz;
  private final int[] rowPtr;
  private final byte[] deltas;
  private final float[] values;

  private DeltaMatrix(int rows, int cols, int nnz, int[] rowPtr, byte[] deltas, float[] values) {
    this.rows = rows;
    this.cols = cols;
    this.nnz = nnz;
    this.rowPtr = rowPtr;
    this.deltas = deltas;
    this.values = values;
  }

  /** Returns the matrix of the elements that are not zero; NaN and infinities are kept. */
  public static DeltaMatrix of(Tensor dense) {
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
    float[] values = new float[rowPtr[rows]];
    int e = 0;
    for (int r = 0; r < rows; r++) {
      int last = 0;
      for (int c = 0; c < cols; c++) {
        float value = dense.get(r, c);
        if (value != 0) {
          int bridges = bridges(c - last);
          Arrays.fill(deltas, e, e + bridges, (byte) MAX_DELTA);
          Arrays.fill(values, e, e + bridges, BRIDGE);
          e += bridges;
          deltas[e] = (byte) (c - last - bridges * MAX_DELTA);
          values[e++] = value;
          last = c;
        }
      }
    }
    return new DeltaMatrix(rows, cols, nnz, rowPtr, deltas, values);
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

  /** Returns the value of each entry. */
  public float[] values() {
    return values;
  }

  /** Returns the bytes that the arrays take. */
  public long bytes() {
    return (long) Integer.BYTES * rowPtr.length + (long) (Float.BYTES + Byte.BYTES) * values.length;
  }
}
