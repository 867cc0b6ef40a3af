package org.espalier.io;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.espalier.Internal;
import org.espalier.tensor.Shape;

/**
 * A safetensors file of another program: named tensors, but no network.
 *
 * @param metadata strings that go with them, sorted by key
 * @param tensors what is in it, sorted by name
 */
@Internal
public record TensorFile(Map<String, String> metadata, List<Entry> tensors) {
  /** Copies the list. */
  public TensorFile {
    tensors = List.copyOf(tensors);
  }

  /** A tensor. */
  public static final class Entry {
    private final RawTensor raw;

    private Entry(RawTensor raw) {
      this.raw = raw;
    }

    /** Returns its name. */
    public String name() {
      return raw.name();
    }

    /** Returns the type of its elements. */
    public DType type() {
      return raw.type();
    }

    /** Returns its shape. */
    public Shape shape() {
      return raw.shape();
    }

    /** Returns the bytes of its elements. */
    public long bytes() {
      return raw.bytes().length;
    }

    /** Returns how many elements are neither 0 nor −0. */
    public long nonZeros() {
      return countNonZeros(raw);
    }

    /** Returns whether {@link #floats} gives something. */
    public boolean hasFloats() {
      return switch (raw.type()) {
        case F16, BF16, F32, F64, BOOL, U8 -> true;
        case I8, I16, U16, I32, U32, I64, U64, F8_E5M2, F8_E4M3 -> false;
      };
    }

    /**
     * Returns the elements, packed row by row, each the float that is nearest; or nothing where
     * they aren't of the types that weights are kept in: F16, BF16, F32, F64, and of masks BOOL and
     * U8.
     */
    public Optional<float[]> floats() {
      ByteBuffer from = raw.buffer();
      return switch (raw.type()) {
        case F32 -> floats(i -> from.getFloat(Float.BYTES * i));
        case F64 -> floats(i -> (float) from.getDouble(Double.BYTES * i));
        case F16 -> floats(i -> Float.float16ToFloat(from.getShort(Short.BYTES * i)));
        case BF16 -> floats(i -> Float.intBitsToFloat(from.getShort(Short.BYTES * i) << 16));
        case BOOL, U8 -> floats(i -> raw.bytes()[i] & 0xff);
        case I8, I16, U16, I32, U32, I64, U64, F8_E5M2, F8_E4M3 -> Optional.empty();
      };
    }

    private Optional<float[]> floats(Element element) {
      float[] floats = new float[raw.shape().size()];
      for (int i = 0; i < floats.length; i++) {
        floats[i] = element.at(i);
      }
      return Optional.of(floats);
    }
  }

  /** An element of a tensor as a float. */
  private interface Element {
    float at(int i);
  }

  /**
   * Reads a file, unless it is a model file of ours.
   *
   * @throws org.espalier.InputException if it can't be read, or is no safetensors file
   */
  public static Optional<TensorFile> read(Path file) {
    Safetensors content = Safetensors.read(file);
    if (ModelFile.isModel(content)) {
      return Optional.empty();
    }
    List<Entry> entries = new ArrayList<>();
    for (RawTensor t : new TreeMap<>(content.tensors()).values()) {
      entries.add(new Entry(t));
    }
    return Optional.of(new TensorFile(new TreeMap<>(content.metadata()), entries));
  }

  private static long countNonZeros(RawTensor t) {
    int size = t.type().bytes();
    int lastMask = t.type().isFloat() ? 0x7f : 0xff; // without the sign
    long n = 0;
    for (int i = 0; i < t.bytes().length; i += size) {
      int any = t.bytes()[i + size - 1] & lastMask;
      for (int j = i; j < i + size - 1; j++) {
        any |= t.bytes()[j];
      }
      n += any == 0 ? 0 : 1;
    }
    return n;
  }
}
