package org.espalier.io;

import java.util.List;
import java.util.Map;
import org.espalier.InputException;
import org.espalier.tensor.Shape;
import org.espalier.tensor.Tensor;

/**
 * The ways in which a parameter lies in a file, simplest first. Only +0 is left out, so that every
 * bit of every value comes back, −0 and NaN included. Tensors are seen as matrices.
 */
enum SparseStorage {
  /** All elements, under the parameter's name. */
  DENSE {
    @Override
    long dataBytes(int rows, int cols, long nnz) {
      return (long) rows * cols * Float.BYTES;
    }

    @Override
    List<RawTensor> encode(String name, Tensor t) {
      return List.of(RawTensor.of(name, t));
    }

    @Override
    List<String> suffixes() {
      return List.of("");
    }

    @Override
    void check(Stored stored, Shape shape) {
      stored.require("", shape, DType.F32);
    }

    @Override
    void decode(Stored stored, Tensor t) {
      stored.get("").copyTo(t);
    }
  },

  /**
   * The non-zeros in row-major order as {@code name.values}, and {@code name.bitmask}: element i of
   * the matrix, in row-major order, is among them where bit {@code i & 7} of byte {@code i >>> 3}
   * is set; the bits behind the last element are clear.
   */
  BITMASK {
    @Override
    long dataBytes(int rows, int cols, long nnz) {
      return nnz * Float.BYTES + Math.ceilDiv((long) rows * cols, Byte.SIZE);
    }

    @Override
    List<RawTensor> encode(String name, Tensor t) {
      RawTensor values =
          RawTensor.zeros(name + VALUES, DType.F32, Shape.of((int) countNonZeros(t)));
      RawTensor mask =
          RawTensor.zeros(name + MASK, DType.U8, Shape.of(Math.ceilDiv(t.size(), Byte.SIZE)));
      int n = 0;
      for (int i = 0; i < t.size(); i++) {
        float value = t.get(i / t.cols(), i % t.cols());
        if (isStored(value)) {
          values.setFloat(n++, value);
          mask.bytes()[i >>> 3] |= (byte) (1 << (i & 7));
        }
      }
      return List.of(values, mask);
    }

    @Override
    List<String> suffixes() {
      return List.of(VALUES, MASK);
    }

    @Override
    void check(Stored stored, Shape shape) {
      stored.requireValues(shape);
      stored.require(MASK, Shape.of(Math.ceilDiv(shape.size(), Byte.SIZE)), DType.U8);
    }

    @Override
    void decode(Stored stored, Tensor t) {
      RawTensor values = stored.get(VALUES);
      byte[] mask = stored.get(MASK).bytes();
      int nnz = values.shape().size();
      int bits = 0;
      for (byte b : mask) {
        bits += Integer.bitCount(b & 0xff);
      }
      int behind = t.size() & 7;
      if (bits != nnz || (behind != 0 && (mask[mask.length - 1] & 0xff) >>> behind != 0)) {
        throw stored.wrong(
            MASK, nnz + " bits set, as there are values, none behind " + t.size(), bits);
      }
      int n = 0;
      for (int i = 0; i < t.size(); i++) {
        boolean isSet = (mask[i >>> 3] >>> (i & 7) & 1) != 0;
        t.set(i / t.cols(), i % t.cols(), isSet ? values.getFloat(n++) : 0);
      }
    }
  },

  /**
   * The non-zeros in row-major order as {@code name.values}; {@code name.crow_indices}: where each
   * row begins among them, and the end of the last; {@code name.col_indices}: the column of each,
   * ascending within a row. The indices have the narrowest of the types U8, U16 and I32.
   */
  CSR {
    @Override
    long dataBytes(int rows, int cols, long nnz) {
      return nnz * (Float.BYTES + DType.forIndices(cols - 1).bytes())
          + (rows + 1L) * DType.forIndices(nnz).bytes();
    }

    @Override
    List<RawTensor> encode(String name, Tensor t) {
      int nnz = (int) countNonZeros(t);
      RawTensor values = RawTensor.zeros(name + VALUES, DType.F32, Shape.of(nnz));
      RawTensor starts =
          RawTensor.zeros(name + STARTS, DType.forIndices(nnz), Shape.of(t.rows() + 1));
      RawTensor columns =
          RawTensor.zeros(name + COLUMNS, DType.forIndices(t.cols() - 1), Shape.of(nnz));
      int n = 0;
      for (int r = 0; r < t.rows(); r++) {
        for (int c = 0; c < t.cols(); c++) {
          if (isStored(t.get(r, c))) {
            values.setFloat(n, t.get(r, c));
            columns.setIndex(n++, c);
          }
        }
        starts.setIndex(r + 1, n);
      }
      return List.of(values, starts, columns);
    }

    @Override
    List<String> suffixes() {
      return List.of(VALUES, STARTS, COLUMNS);
    }

    @Override
    void check(Stored stored, Shape shape) {
      int nnz = stored.requireValues(shape);
      stored.require(STARTS, Shape.of(shape.rows() + 1), DType.U8, DType.U16, DType.I32);
      stored.require(COLUMNS, Shape.of(nnz), DType.U8, DType.U16, DType.I32);
    }

    @Override
    void decode(Stored stored, Tensor t) {
      RawTensor values = stored.get(VALUES);
      RawTensor starts = stored.get(STARTS);
      RawTensor columns = stored.get(COLUMNS);
      int nnz = values.shape().size();
      if (starts.index(0) != 0 || starts.index(t.rows()) != nnz) {
        throw stored.wrong(
            STARTS, "0 to " + nnz, starts.index(0) + " to " + starts.index(t.rows()));
      }
      t.fill(0);
      for (int r = 0; r < t.rows(); r++) {
        int end = starts.index(r + 1);
        if (end < starts.index(r) || end > nnz) {
          throw stored.wrong(STARTS, "row " + r + " to end from " + starts.index(r) + " on", end);
        }
        int before = -1;
        for (int i = starts.index(r); i < end; i++) {
          int c = columns.index(i);
          if (c <= before || c >= t.cols()) {
            throw stored.wrong(COLUMNS, "ascending columns below " + t.cols() + " in row " + r, c);
          }
          t.set(r, c, values.getFloat(i));
          before = c;
        }
      }
    }
  };

  private static final String VALUES = ".values";
  private static final String MASK = ".bitmask";
  private static final String STARTS = ".crow_indices";
  private static final String COLUMNS = ".col_indices";

  /** What a tensor costs in a file beside its data: its entry in the header. */
  private static final int ENTRY_BYTES = 96;

  /**
   * A parameter may have this many bytes for each byte that is stored of it; a small file can't
   * claim gigabytes, then. Reached only where next to nothing is left of a wide matrix.
   */
  private static final int LARGEST_GROWTH = 4096;

  /** Returns the bytes of data that a matrix with {@code nnz} stored elements takes. */
  abstract long dataBytes(int rows, int cols, long nnz);

  /** Returns the tensors that make up a parameter in a file. */
  abstract List<RawTensor> encode(String name, Tensor t);

  /** Returns what the names of these tensors have behind the parameter's. */
  abstract List<String> suffixes();

  /** Checks types and shapes of the tensors of a parameter, all of which are there. */
  abstract void check(Stored stored, Shape shape);

  /** Puts the elements into {@code t}, after {@link #check}; the indices are still unchecked. */
  abstract void decode(Stored stored, Tensor t);

  /**
   * Returns the way that takes the fewest bytes, of equal ones the simplest; each tensor counts 96
   * bytes more for its entry in the header.
   */
  static SparseStorage smallest(Tensor t) {
    long nnz = countNonZeros(t);
    SparseStorage best = DENSE;
    for (SparseStorage way : values()) {
      if (way.bytes(t.shape(), nnz) < best.bytes(t.shape(), nnz)
          && !way.growsTooMuch(t.shape(), nnz)) {
        best = way;
      }
    }
    return best;
  }

  private long bytes(Shape shape, long nnz) {
    return dataBytes(shape.rows(), shape.cols(), nnz) + (long) ENTRY_BYTES * suffixes().size();
  }

  private boolean growsTooMuch(Shape shape, long nnz) {
    return (long) shape.size() * Float.BYTES
        > LARGEST_GROWTH * dataBytes(shape.rows(), shape.cols(), nnz);
  }

  /** Returns the number of elements that aren't +0. */
  static long countNonZeros(Tensor t) {
    long n = 0;
    for (int r = 0; r < t.rows(); r++) {
      for (int i = t.row(r); i < t.row(r) + t.cols(); i++) {
        n += isStored(t.data()[i]) ? 1 : 0;
      }
    }
    return n;
  }

  private static boolean isStored(float value) {
    return Float.floatToRawIntBits(value) != 0;
  }

  /**
   * The tensors of one parameter in a file.
   *
   * @param file the file's name, for messages
   * @param name the parameter
   * @param way how it is stored
   * @param tensors all tensors of the file
   */
  record Stored(String file, String name, SparseStorage way, Map<String, RawTensor> tensors) {
    /**
     * Finds a parameter in a file and checks types and shapes, so that its size can be believed.
     *
     * @throws InputException if it isn't there or has another shape
     */
    static Stored find(String file, Map<String, RawTensor> tensors, String name, Shape shape) {
      for (SparseStorage way : SparseStorage.values()) {
        if (way.suffixes().stream().allMatch(suffix -> tensors.containsKey(name + suffix))) {
          Stored stored = new Stored(file, name, way, tensors);
          way.check(stored, shape);
          if ((long) shape.size() * Float.BYTES > LARGEST_GROWTH * stored.bytes()) {
            throw stored.wrong(
                "",
                "at most " + LARGEST_GROWTH + " times the " + stored.bytes() + " bytes stored",
                shape);
          }
          return stored;
        }
      }
      throw InputException.expected(
          file, "tensor " + name + " " + shape + " (or a sparse form of it)", "none");
    }

    /** Returns the bytes of data in the file. */
    long bytes() {
      return way.suffixes().stream().mapToLong(suffix -> get(suffix).bytes().length).sum();
    }

    /** Returns the names of the tensors. */
    List<String> names() {
      return way.suffixes().stream().map(suffix -> name + suffix).toList();
    }

    /**
     * Puts the elements into a tensor of the shape that was checked.
     *
     * @throws InputException if an index is wrong
     */
    void decode(Tensor t) {
      way.decode(this, t);
    }

    private RawTensor get(String suffix) {
      RawTensor tensor = tensors.get(name + suffix);
      if (tensor == null) {
        throw InputException.expected(file, "tensor " + name + suffix, "none");
      }
      return tensor;
    }

    private void require(String suffix, Shape shape, DType... types) {
      RawTensor tensor = get(suffix);
      if (!List.of(types).contains(tensor.type()) || !tensor.shape().equals(shape)) {
        throw wrong(
            suffix,
            (types.length == 1 ? types[0] : "one of " + List.of(types)) + " " + shape,
            tensor.description());
      }
    }

    /** Checks the stored values and returns how many there are. */
    private int requireValues(Shape shape) {
      int nnz = get(VALUES).shape().size();
      require(VALUES, Shape.of(nnz), DType.F32);
      if (nnz > shape.size()) {
        throw wrong(VALUES, "at most " + shape.size() + " values", nnz);
      }
      return nnz;
    }

    private InputException wrong(String suffix, String expected, Object found) {
      return InputException.expected(file + ", tensor " + name + suffix, expected, found);
    }
  }
}
