package org.espalier.sparse;

import java.util.Arrays;
import org.espalier.tensor.Precision;
import org.espalier.tensor.Tensor;

/**
 * A sparse matrix whose column indices take a byte each: row {@code r} owns the entries {@code
 * rowPtr[r]} to {@code rowPtr[r + 1]} (exclusive), columns ascending, and {@code deltas} has for
 * each how far its column lies behind that of the entry before, or behind 0. Where that is more
 * than a byte holds, entries of value −0 stand between.
 *
 * <p>The values are floats; or halves of IEEE 754 times a power of two for each row; or bytes times
 * a scale for each row. All products are exact, so nothing but memory depends on it.
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
  private final Precision precision;

  /** All values, if they are floats; else none. */
  private final float[] floats;

  /** All values, if they are halves; else none. */
  private final short[] halves;

  /** All values, if they are bytes; else none. */
  private final byte[] bytes;

  /** What the values of each row are to be multiplied with; none for floats. */
  private final float[] scales;

  private DeltaMatrix(
      Tensor dense, Precision precision, int nnz, int[] rowPtr, byte[] deltas, float[] values) {
    this.rows = dense.rows();
    this.cols = dense.cols();
    this.nnz = nnz;
    this.rowPtr = rowPtr;
    this.deltas = deltas;
    this.precision = precision;
    this.floats = precision == Precision.FP32 ? values : new float[0];
    this.halves = new short[precision == Precision.FP16 ? values.length : 0];
    this.bytes = new byte[precision == Precision.INT8 ? values.length : 0];
    this.scales = new float[precision == Precision.FP32 ? 0 : rows];
    for (int r = 0; r < scales.length; r++) {
      float scale = precision.scale(dense, r);
      for (int e = rowPtr[r]; e < rowPtr[r + 1]; e++) {
        if (precision == Precision.FP16) {
          halves[e] = Precision.toHalf(values[e], scale);
        } else {
          bytes[e] = Precision.toInt8(values[e], -scale);
        }
      }
      // A byte has no −0, which bridges need; but 0 times a number below 0 is.
      scales[r] = precision == Precision.INT8 ? -scale : scale;
    }
  }

  /** Returns the matrix of the elements that are not zero; NaN and infinities are kept. */
  public static DeltaMatrix of(Tensor dense) {
    return of(dense, Precision.FP32);
  }

  /**
   * Returns the matrix of the elements that are not zero, with narrow values.
   *
   * @param dense rounded to the precision by {@link Precision#roundRows}
   */
  public static DeltaMatrix of(Tensor dense, Precision precision) {
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
    return new DeltaMatrix(dense, precision, nnz, rowPtr, deltas, values);
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
    return precision == Precision.FP32 ? 1 : scales[row];
  }

  /**
   * Returns the value of an entry.
   *
   * @param scale that of its row
   */
  public float value(int entry, float scale) {
    return switch (precision) {
      case FP32 -> floats[entry];
      case FP16 -> Float.float16ToFloat(halves[entry]) * scale;
      case INT8 -> bytes[entry] * scale;
    };
  }

  /** Returns the bytes that the arrays take. */
  public long bytes() {
    return (long) Integer.BYTES * rowPtr.length
        + (long) (precision.bytes() + Byte.BYTES) * deltas.length
        + (long) Float.BYTES * scales.length;
  }
}
