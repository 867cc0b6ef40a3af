package org.espalier.io;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.espalier.InputException;
import org.espalier.tensor.Precision;
import org.espalier.tensor.Shape;
import org.espalier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The ways in which a parameter lies in a file, simplest first. Only +0 is left out, so that every
 * bit of every value comes back, −0 and NaN included. Tensors are seen as matrices.
 *
 * <p>The values of each are F32; or F16; or I8 with {@code name.scales}, F32, a scale for each row
 * of the matrix: the element is their product. What is to be stored so must have been rounded to
 * it.
 */
enum SparseStorage {
  /** All elements, under the parameter's name. */
  DENSE {
    @Override
    long values(int rows, int cols, long nnz) {
      return (long) rows * cols;
    }

    @Override
    long indexBytes(int rows, int cols, long nnz) {
      return 0;
    }

    @Override
    List<RawTensor> encode(String name, Tensor t, Precision precision) {
      StoredValues values = StoredValues.room(name, "", t.shape(), precision, t);
      for (int i = 0; i < t.size(); i++) {
        values.set(i, i / t.cols(), t.get(i / t.cols(), i % t.cols()));
      }
      return values.tensors();
    }

    @Override
    List<String> suffixes() {
      return List.of("");
    }

    @Override
    void check(Stored stored, Shape shape) {
      stored.require("", shape, DType.F32, DType.F16, DType.I8);
      stored.requireScales(shape);
    }

    @Override
    void decode(Stored stored, Tensor t) {
      StoredValues values = stored.values();
      for (int i = 0; i < t.size(); i++) {
        t.set(i / t.cols(), i % t.cols(), stored.element(values, i, i / t.cols()));
      }
    }
  },

  /**
   * The non-zeros in row-major order as {@code name.values}, and {@code name.bitmask}: element i of
   * the matrix, in row-major order, is among them where bit {@code i & 7} of byte {@code i >>> 3}
   * is set; the bits behind the last element are clear.
   */
  BITMASK {
    @Override
    long values(int rows, int cols, long nnz) {
      return nnz;
    }

    @Override
    long indexBytes(int rows, int cols, long nnz) {
      return Math.ceilDiv((long) rows * cols, Byte.SIZE);
    }

    @Override
    List<RawTensor> encode(String name, Tensor t, Precision precision) {
      StoredValues values =
          StoredValues.room(name, VALUES, Shape.of((int) countNonZeros(t)), precision, t);
      RawTensor mask =
          RawTensor.zeros(name + MASK, DType.U8, Shape.of(Math.ceilDiv(t.size(), Byte.SIZE)));
      int n = 0;
      for (int i = 0; i < t.size(); i++) {
        float value = t.get(i / t.cols(), i % t.cols());
        if (isStored(value)) {
          values.set(n++, i / t.cols(), value);
          mask.bytes()[i >>> 3] |= (byte) (1 << (i & 7));
        }
      }
      return with(values, mask);
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
      StoredValues values = stored.values();
      byte[] mask = stored.get(MASK).bytes();
      int nnz = values.raw().shape().size();
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
        float value = isSet ? stored.element(values, n++, i / t.cols()) : 0;
        t.set(i / t.cols(), i % t.cols(), value);
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
    long values(int rows, int cols, long nnz) {
      return nnz;
    }

    @Override
    long indexBytes(int rows, int cols, long nnz) {
      return nnz * DType.forIndices(cols - 1).bytes() + (rows + 1L) * DType.forIndices(nnz).bytes();
    }

    @Override
    List<RawTensor> encode(String name, Tensor t, Precision precision) {
      int nnz = (int) countNonZeros(t);
      StoredValues values = StoredValues.room(name, VALUES, Shape.of(nnz), precision, t);
      RawTensor starts =
          RawTensor.zeros(name + STARTS, DType.forIndices(nnz), Shape.of(t.rows() + 1));
      RawTensor columns =
          RawTensor.zeros(name + COLUMNS, DType.forIndices(t.cols() - 1), Shape.of(nnz));
      int n = 0;
      for (int r = 0; r < t.rows(); r++) {
        for (int c = 0; c < t.cols(); c++) {
          if (isStored(t.get(r, c))) {
            values.set(n, r, t.get(r, c));
            columns.setIndex(n++, c);
          }
        }
        starts.setIndex(r + 1, n);
      }
      return with(values, starts, columns);
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
      StoredValues values = stored.values();
      RawTensor starts = stored.get(STARTS);
      RawTensor columns = stored.get(COLUMNS);
      int nnz = values.raw().shape().size();
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
          t.set(r, c, stored.element(values, i, r));
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

  /** Returns how many values are stored of a matrix with {@code nnz} elements that aren't +0. */
  abstract long values(int rows, int cols, long nnz);

  /** Returns the bytes of what says where they belong. */
  abstract long indexBytes(int rows, int cols, long nnz);

  /**
   * Returns the tensors that make up a parameter in a file.
   *
   * @param t the parameter, rounded to the precision
   */
  abstract List<RawTensor> encode(String name, Tensor t, Precision precision);

  /**
   * Returns what the names of these tensors have behind the parameter's, the values first; scales
   * come on top.
   */
  abstract List<String> suffixes();

  /** Checks types and shapes of the tensors of a parameter, all of which are there. */
  abstract void check(Stored stored, Shape shape);

  /** Puts the elements into {@code t}, after {@link #check}; the indices are still unchecked. */
  abstract void decode(Stored stored, Tensor t);

  /**
   * Returns the way that takes the fewest bytes, of equal ones the simplest; each tensor counts 96
   * bytes more for its entry in the header.
   *
   * @param t the parameter, rounded to the precision
   */
  static SparseStorage smallest(Tensor t, Precision precision) {
    long nnz = countNonZeros(t);
    SparseStorage best = DENSE;
    for (SparseStorage way : values()) {
      if (way.bytes(t.shape(), nnz, precision) < best.bytes(t.shape(), nnz, precision)
          && !way.growsTooMuch(t.shape(), nnz, precision)) {
        best = way;
      }
    }
    return best;
  }

  /** Returns the bytes of data that a matrix with {@code nnz} stored elements takes. */
  long dataBytes(int rows, int cols, long nnz, Precision precision) {
    long scales = precision == Precision.INT8 ? (long) rows * Float.BYTES : 0;
    return values(rows, cols, nnz) * precision.bytes() + indexBytes(rows, cols, nnz) + scales;
  }

  private long bytes(Shape shape, long nnz, Precision precision) {
    return dataBytes(shape.rows(), shape.cols(), nnz, precision)
        + (long) ENTRY_BYTES * suffixes().size();
  }

  private boolean growsTooMuch(Shape shape, long nnz, Precision precision) {
    return (long) shape.size() * Float.BYTES
        > LARGEST_GROWTH * dataBytes(shape.rows(), shape.cols(), nnz, precision);
  }

  private static List<RawTensor> with(StoredValues values, RawTensor... indices) {
    List<RawTensor> tensors = new ArrayList<>(values.tensors());
    tensors.addAll(List.of(indices));
    return tensors;
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
      return names().stream().mapToLong(n -> get(n.substring(name.length())).bytes().length).sum();
    }

    /** Returns the names of the tensors. */
    List<String> names() {
      List<String> names = new ArrayList<>(way.suffixes());
      if (isScaled()) {
        names.add(StoredValues.SCALES);
      }
      names.replaceAll(suffix -> name + suffix);
      return names;
    }

    /** Returns the precision of the values. */
    Precision precision() {
      return values().precision();
    }

    /**
     * Puts the elements into a tensor of the shape that was checked.
     *
     * @throws InputException if an index is wrong
     */
    void decode(Tensor t) {
      way.decode(this, t);
    }

    /** Returns the scales of the rows, if the elements are bytes. */
    float @Nullable [] steps() {
      RawTensor scales = values().scales();
      if (scales == null) {
        return null;
      }
      float[] steps = new float[scales.shape().size()];
      for (int r = 0; r < steps.length; r++) {
        steps[r] = scales.getFloat(r);
      }
      return steps;
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
      require(VALUES, Shape.of(nnz), DType.F32, DType.F16, DType.I8);
      if (nnz > shape.size()) {
        throw wrong(VALUES, "at most " + shape.size() + " values", nnz);
      }
      requireScales(shape);
      return nnz;
    }

    private boolean isScaled() {
      return get(way.suffixes().getFirst()).type() == DType.I8;
    }

    /** Checks the scales of rows, if there have to be any. */
    private void requireScales(Shape shape) {
      if (isScaled()) {
        require(StoredValues.SCALES, Shape.of(shape.rows()), DType.F32);
        RawTensor scales = get(StoredValues.SCALES);
        for (int r = 0; r < shape.rows(); r++) {
          float scale = scales.getFloat(r);
          if (!(scale >= 0 && scale <= Float.MAX_VALUE / Precision.MAX_INT8)) {
            throw wrong(
                StoredValues.SCALES,
                "scales from 0 to " + Float.MAX_VALUE / Precision.MAX_INT8,
                scale + " for row " + r);
          }
        }
      }
    }

    private StoredValues values() {
      return new StoredValues(
          get(way.suffixes().getFirst()), isScaled() ? get(StoredValues.SCALES) : null);
    }

    /** Returns an element; bytes below −127 are refused. */
    private float element(StoredValues values, int i, int row) {
      float value = values.get(i, row);
      if (values.scales() != null && values.raw().bytes()[i] < -Precision.MAX_INT8) {
        throw wrong(
            way.suffixes().getFirst(), "whole numbers from -127 to 127", values.raw().bytes()[i]);
      }
      return value;
    }

    private InputException wrong(String suffix, String expected, Object found) {
      return InputException.expected(file + ", tensor " + name + suffix, expected, found);
    }
  }
}
