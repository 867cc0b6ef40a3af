package org.espalier.io.onnx.read;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.espalier.InputException;
import org.espalier.tensor.Footprint;

/**
 * A tensor of an ONNX file. Its elements stay in the file until they are asked for, and each call
 * reads them anew. That there are as many as the dimensions say is checked before.
 */
public final class OnnxTensor {
  private final Source source;
  private final Object where;
  private final String name;
  private final ElementType type;
  private final long[] dims;
  private final long size;
  private final OnnxStorage storage;

  OnnxTensor(
      Source source,
      Object where,
      String name,
      ElementType type,
      long[] dims,
      long size,
      OnnxStorage storage) {
    this.source = source;
    this.where = where;
    this.name = name;
    this.type = type;
    this.dims = dims;
    this.size = size;
    this.storage = storage;
  }

  /**
   * Reads a file that is one tensor, as test data of ONNX are.
   *
   * @throws InputException if it can't be read or is no tensor
   */
  public static OnnxTensor read(Path file) {
    return read(Source.map(file));
  }

  /** Reads a tensor that is in memory. */
  static OnnxTensor read(String file, byte[] content) {
    return read(Source.of(file, content));
  }

  private static OnnxTensor read(Source source) {
    try {
      OnnxTensor tensor = TensorParser.parse(source.reader());
      if (tensor.type == ElementType.UNDEFINED) {
        throw InputException.expected(source.file(), "a tensor with a type of elements", "none");
      }
      return tensor;
    } catch (InputException e) {
      throw source.refusal(e);
    }
  }

  /** Returns its name; may be empty. */
  public String name() {
    return name;
  }

  /** Returns the file and the place in it, for messages. */
  public String where() {
    return where.toString();
  }

  /** Returns the type of the elements. */
  public ElementType type() {
    return type;
  }

  /** Returns the dimensions, none of which is negative; a scalar has none. */
  public long[] dims() {
    return dims.clone();
  }

  /** Returns the number of elements, those that are left out because they are 0 counted too. */
  public long size() {
    return size;
  }

  /** Returns where the elements are. */
  public OnnxStorage storage() {
    return storage;
  }

  /** Returns what the tensor was read from. */
  Source source() {
    return source;
  }

  /**
   * Returns the elements as bytes, little-endian, row by row, zeros filled in, those of 4 bits two
   * to a byte, the first at the low end. Where they lie in a file so, it is a view of the file.
   *
   * @throws InputException if the type isn't {@linkplain ElementType#isReadable readable}, if the
   *     elements can't be read, or don't fit into memory
   */
  public ByteBuffer bytes() {
    if (!type.isReadable()) {
      throw InputException.expected(where, "elements of another type", type);
    }
    return TensorBytes.of(this);
  }

  /**
   * Returns the elements as floats. Those of a type that floats can't hold are rounded, as Java
   * does.
   *
   * @throws InputException as {@link #bytes} does
   */
  public float[] floats() {
    ByteBuffer bytes = bytes();
    requireMemory(Float.BYTES);
    return TensorValues.floats(type, bytes, (int) size);
  }

  /**
   * Returns the elements, whole numbers.
   *
   * @throws InputException as {@link #bytes} does, if the type isn't {@linkplain
   *     ElementType#isWhole whole}, or if one is larger than a long
   */
  public long[] integers() {
    if (!type.isWhole()) {
      throw InputException.expected(where, "whole numbers", type);
    }
    ByteBuffer bytes = bytes();
    requireMemory(Long.BYTES);
    return TensorValues.integers(this, bytes, (int) size);
  }

  /** Refuses arrays that don't fit into memory. */
  void requireMemory(int bytesEach) {
    new Footprint(where()).add("elements", Footprint.product(size, bytesEach)).require();
  }

  /** Returns type and dimensions. */
  @Override
  public String toString() {
    return type
        + Arrays.stream(dims).mapToObj(Long::toString).collect(Collectors.joining(", ", " [", "]"));
  }
}
