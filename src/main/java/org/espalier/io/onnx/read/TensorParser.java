package org.espalier.io.onnx.read;

import it.unimi.dsi.fastutil.longs.LongArrayList;
import java.util.HashMap;
import java.util.Map;
import org.espalier.InputException;
import org.espalier.tensor.Footprint;
import org.jspecify.annotations.Nullable;

/** Reads {@code TensorProto} and {@code SparseTensorProto}. */
final class TensorParser {
  /** Dimensions that a tensor or value may have. */
  static final int MOST_DIMS = 64;

  /** Elements that a tensor may have: as many as an array. */
  private static final long MOST_ELEMENTS = Integer.MAX_VALUE - 8;

  private static final int EXTERNAL = 1;

  private final WireReader in;
  private final int from;
  private final LongArrayList dims = new LongArrayList(4);
  private ElementType type = ElementType.UNDEFINED;
  private String name = "";
  private @Nullable WireReader raw;
  private int field;
  private long count;
  private boolean isExternal;
  private final Map<String, String> external = new HashMap<>();

  private TensorParser(WireReader in) {
    this.in = in;
    this.from = in.at();
  }

  /** Reads a tensor. */
  static OnnxTensor parse(WireReader in) {
    TensorParser parser = new TensorParser(in);
    parser.read();
    return parser.tensor();
  }

  private void read() {
    in.source().count(1);
    for (int number = in.next(); number != 0; number = in.next()) {
      switch (number) {
        case 1 -> in.integers(dims, MOST_DIMS);
        case 2 -> type = type(in);
        case 3 -> throw InputException.expected(in.where(), "a whole tensor", "a segment of one");
        case ElementType.FLOATS,
            ElementType.INT32S,
            ElementType.STRINGS,
            ElementType.INT64S,
            ElementType.DOUBLES,
            ElementType.UINT64S ->
            elements(number);
        case 8 -> name = in.text();
        case 9 -> raw = in.message(in.where());
        case 13 -> entry(in.message(in.where()), external);
        case 14 -> isExternal = in.integer() == EXTERNAL;
        default -> in.skip();
      }
    }
  }

  /** Reads the number of a type of elements. */
  static ElementType type(WireReader in) {
    int code = in.int32();
    if (code < 0 || code >= ElementType.count()) {
      throw InputException.expected(
          in.where(), "a type of elements from 0 to " + (ElementType.count() - 1), code);
    }
    return ElementType.of(code);
  }

  /** Reads a {@code StringStringEntryProto}. */
  static void entry(WireReader in, Map<String, String> to) {
    in.source().count(1);
    String key = "";
    String value = "";
    for (int number = in.next(); number != 0; number = in.next()) {
      switch (number) {
        case 1 -> key = in.text();
        case 2 -> value = in.text();
        default -> in.skip();
      }
    }
    to.put(key, value);
  }

  private void elements(int number) {
    if (field != 0 && field != number) {
      throw InputException.expected(
          in.where(), "elements in one field", "some in " + field + " and " + number);
    }
    field = number;
    switch (number) {
      case ElementType.FLOATS -> count += length(in.fixed(Float.BYTES)) / Float.BYTES;
      case ElementType.DOUBLES -> count += length(in.fixed(Double.BYTES)) / Double.BYTES;
      case ElementType.STRINGS -> in.skip();
      default -> count += in.countVarints();
    }
  }

  private static int length(WireReader piece) {
    return piece.end() - piece.at();
  }

  private OnnxTensor tensor() {
    Object where = name.isEmpty() ? in.where() : new Place(in.source().file(), "tensor " + name);
    long size = size(where, dims);
    return new OnnxTensor(
        in.source(), where, name, type, dims.toLongArray(), size, storage(where, size));
  }

  /** Returns the product of dimensions. */
  static long size(Object where, LongArrayList dims) {
    for (long dim : dims) {
      if (dim < 0) {
        throw InputException.expected(where, "dimensions that are not negative", dims);
      }
    }
    long size = Footprint.product(dims.toLongArray());
    if (size > MOST_ELEMENTS) {
      throw InputException.expected(where, "at most " + MOST_ELEMENTS + " elements", dims);
    }
    return size;
  }

  private OnnxStorage storage(Object where, long size) {
    long bytes = type.bytes(size);
    int rawBytes = raw == null ? 0 : length(raw);
    if ((isExternal ? 1 : 0) + (rawBytes > 0 ? 1 : 0) + (field == 0 ? 0 : 1) > 1) {
      throw InputException.expected(where, "elements in one place", "some in two");
    }
    if (isExternal) {
      return ExternalData.storage(where, external, bytes);
    }
    if (field != 0) {
      checkField(where, size);
      return new OnnxStorage.Fields(field, from, in.end());
    }
    if (rawBytes != bytes) {
      throw InputException.expected(
          where, bytes + " bytes for " + type + " " + dims, rawBytes == 0 ? "none" : rawBytes);
    }
    return raw == null || rawBytes == 0
        ? new OnnxStorage.None()
        : new OnnxStorage.InFile(raw.at(), rawBytes);
  }

  private void checkField(Object where, long size) {
    if (field != type.field()) {
      throw InputException.expected(
          where, "elements of " + type + " in field " + type.field(), "some in " + field);
    }
    long numbers =
        switch (field) {
          case ElementType.STRINGS -> 0;
          case ElementType.FLOATS -> type.bytes(size) / Float.BYTES; // two for a complex one
          case ElementType.DOUBLES -> type.bytes(size) / Double.BYTES;
          default -> type.bits() < Byte.SIZE ? type.bytes(size) : size;
        };
    if (count != numbers) {
      throw InputException.expected(
          where, numbers + " numbers for " + type + " " + dims, String.valueOf(count));
    }
  }

  /** Reads a tensor of which only some elements are listed. */
  static OnnxTensor parseSparse(WireReader in) {
    in.source().count(1);
    OnnxTensor values = null;
    OnnxTensor indices = null;
    LongArrayList dims = new LongArrayList(4);
    for (int number = in.next(); number != 0; number = in.next()) {
      switch (number) {
        case 1 -> values = parse(in.message(new Place(in.where(), "values")));
        case 2 -> indices = parse(in.message(new Place(in.where(), "indices")));
        case 3 -> in.integers(dims, MOST_DIMS);
        default -> in.skip();
      }
    }
    if (values == null || indices == null) {
      throw InputException.expected(in.where(), "values and their indices", "no such");
    }
    String name = values.name();
    Object where = name.isEmpty() ? in.where() : new Place(in.source().file(), "tensor " + name);
    long size = size(where, dims);
    SparsePlaces.check(where, values, indices, dims.size());
    return new OnnxTensor(
        in.source(),
        where,
        name,
        values.type(),
        dims.toLongArray(),
        size,
        new OnnxStorage.Sparse(values, indices));
  }
}
