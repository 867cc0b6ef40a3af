package org.espalier.io;

import java.util.Map;
import org.espalier.InputException;
import org.espalier.tensor.Shape;
import org.espalier.tensor.Tensor;

/**
 * The ways in which a weight lies in a file; the smallest is taken, of equal ones the first. Only
 * +0 counts as zero, so every bit comes back.
 */
enum SparseStorage {
  /** All elements under the weight's name. */
  DENSE,
  /**
   * {@code name.values}, and {@code name.bitmask}: bit {@code i & 7} of byte {@code i >> 3} is set
   * where element i, in row-major order, is stored.
   */
  BITMASK,
  /**
   * {@code name.values}, {@code name.crow_indices}: where each row begins among the values, and the
   * end; {@code name.col_indices}: the column of each value, ascending in a row.
   */
  CSR;

  private static final String VALUES = ".values";
  private static final String MASK = ".bitmask";
  private static final String CROW = ".crow_indices";
  private static final String COL = ".col_indices";

  /** Returns the way that takes the fewest bytes. */
  static SparseStorage smallest(Tensor t) {
    SparseStorage best = DENSE;
    for (SparseStorage storage : values()) {
      if (storage.bytes(t.rows(), t.cols(), nonZeros(t))
          < best.bytes(t.rows(), t.cols(), nonZeros(t))) {
        best = storage;
      }
    }
    return best;
  }

  private long bytes(int rows, int cols, int nnz) {
    long size = (long) rows * cols;
    return switch (this) {
      case DENSE -> size * Float.BYTES;
      case BITMASK -> Math.ceilDiv(size, 8) + (long) nnz * Float.BYTES;
      case CSR ->
          (rows + 1L) * DType.holding(nnz).bytes()
              + (long) nnz * (Float.BYTES + DType.holding(cols - 1).bytes());
    };
  }

  private static boolean isStored(float value) {
    return Float.floatToRawIntBits(value) != 0;
  }

  private static int nonZeros(Tensor t) {
    int n = 0;
    for (float v : t.toArray()) {
      n += isStored(v) ? 1 : 0;
    }
    return n;
  }

  /** Adds a weight to the tensors of a file. */
  void put(String name, Tensor t, Map<String, RawTensor> tensors) {
    float[] all = t.toArray();
    if (this == DENSE) {
      tensors.put(name, RawTensor.ofFloats(t.shape(), all));
      return;
    }
    float[] values = new float[nonZeros(t)];
    int[] columns = new int[values.length];
    int[] starts = new int[t.rows() + 1];
    int[] mask = new int[Math.ceilDiv(all.length, 8)];
    int n = 0;
    for (int i = 0; i < all.length; i++) {
      if (isStored(all[i])) {
        values[n] = all[i];
        columns[n++] = i % t.cols();
        mask[i >> 3] |= 1 << (i & 7);
        starts[i / t.cols() + 1] = n;
      }
    }
    for (int r = 0; r < t.rows(); r++) {
      starts[r + 1] = Math.max(starts[r], starts[r + 1]);
    }
    tensors.put(name + VALUES, RawTensor.ofFloats(Shape.of(n), values));
    if (this == BITMASK) {
      tensors.put(name + MASK, RawTensor.ofInts(DType.U8, mask));
    } else {
      tensors.put(name + CROW, RawTensor.ofInts(DType.holding(n), starts));
      tensors.put(name + COL, RawTensor.ofInts(DType.holding(t.cols() - 1), columns));
    }
  }

  /**
   * Returns the way in which a weight lies in a file.
   *
   * @throws InputException if it is not there
   */
  static SparseStorage of(String where, String name, Map<String, RawTensor> tensors) {
    if (tensors.containsKey(name)) {
      return DENSE;
    }
    if (tensors.containsKey(name + VALUES) && tensors.containsKey(name + MASK)) {
      return BITMASK;
    }
    if (tensors.containsKey(name + VALUES)
        && tensors.containsKey(name + CROW)
        && tensors.containsKey(name + COL)) {
      return CSR;
    }
    throw InputException.expected(where, "tensor " + name, "no such tensor");
  }

  /** Returns the bytes that a weight takes in a file. */
  long bytes(String name, Map<String, RawTensor> tensors) {
    long sum = 0;
    for (String suffix : new String[] {"", VALUES, MASK, CROW, COL}) {
      RawTensor t = tensors.get(name + suffix);
      sum += t == null ? 0 : t.data().remaining();
    }
    return sum;
  }

  /**
   * Removes a weight from the tensors of a file and puts its elements into {@code t}.
   *
   * @throws InputException if they don't fit
   */
  void take(String where, String name, Map<String, RawTensor> tensors, Tensor t) {
    switch (this) {
      case DENSE -> t.copyFrom(floats(where, name, t.shape(), remove(where, name, tensors)));
      case BITMASK -> takeBitmask(where, name, tensors, t);
      case CSR -> takeCsr(where, name, tensors, t);
    }
  }

  private static RawTensor remove(String where, String name, Map<String, RawTensor> tensors) {
    RawTensor t = tensors.remove(name);
    if (t == null) {
      throw InputException.expected(where, "tensor " + name, "no such tensor");
    }
    return t;
  }

  private static float[] floats(String where, String name, Shape shape, RawTensor raw) {
    if (raw.dtype() != DType.F32 || !raw.shape().equals(shape)) {
      throw InputException.expected(
          where + ": tensor " + name, "F32 " + shape, raw.dtype() + " " + raw.shape());
    }
    return raw.floats();
  }

  private static int[] ints(String where, String name, int size, RawTensor raw) {
    if (raw.dtype() == DType.F32 || !raw.shape().equals(Shape.of(size))) {
      throw InputException.expected(
          where + ": tensor " + name,
          "whole numbers [" + size + "]",
          raw.dtype() + " " + raw.shape());
    }
    return raw.ints();
  }

  private static void takeBitmask(
      String where, String name, Map<String, RawTensor> tensors, Tensor t) {
    RawTensor raw = remove(where, name + VALUES, tensors);
    int size = t.size();
    int[] mask =
        ints(where, name + MASK, Math.ceilDiv(size, 8), remove(where, name + MASK, tensors));
    float[] values = floats(where, name + VALUES, Shape.of(raw.shape().size()), raw);
    int n = 0;
    for (int i = 0; i < mask.length * 8; i++) {
      if ((mask[i >> 3] >> (i & 7) & 1) != 0) {
        if (i >= size || n >= values.length || mask[i >> 3] > 0xff) {
          throw InputException.expected(
              where + ": tensor " + name + MASK,
              values.length + " bits among the first " + size,
              "more");
        }
        t.set(i / t.cols(), i % t.cols(), values[n++]);
      }
    }
    if (n != values.length) {
      throw InputException.expected(where + ": tensor " + name + MASK, values.length + " bits", n);
    }
  }

  private static void takeCsr(String where, String name, Map<String, RawTensor> tensors, Tensor t) {
    RawTensor raw = remove(where, name + VALUES, tensors);
    int nnz = raw.shape().size();
    float[] values = floats(where, name + VALUES, Shape.of(nnz), raw);
    int[] starts = ints(where, name + CROW, t.rows() + 1, remove(where, name + CROW, tensors));
    int[] columns = ints(where, name + COL, nnz, remove(where, name + COL, tensors));
    if (starts[0] != 0 || starts[t.rows()] != nnz) {
      throw InputException.expected(
          where + ": tensor " + name + CROW, "0 to " + nnz, starts[0] + " to " + starts[t.rows()]);
    }
    for (int r = 0; r < t.rows(); r++) {
      if (starts[r] > starts[r + 1] || starts[r + 1] > nnz) {
        throw InputException.expected(
            where + ": tensor " + name + CROW, "rising numbers", "a fall behind row " + r);
      }
      for (int i = starts[r]; i < starts[r + 1]; i++) {
        if (columns[i] < 0
            || columns[i] >= t.cols()
            || (i > starts[r] && columns[i] <= columns[i - 1])) {
          throw InputException.expected(
              where + ": tensor " + name + COL,
              "columns below " + t.cols() + ", rising in row " + r,
              columns[i]);
        }
        t.set(r, columns[i], values[i]);
      }
    }
  }
}
