package org.espalier.io;

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

  /**
   * A tensor.
   *
   * @param name its name
   * @param type of its elements
   * @param shape its shape
   * @param nonZeros elements that are neither 0 nor −0
   * @param bytes of its elements
   */
  public record Entry(String name, DType type, Shape shape, long nonZeros, long bytes) {}

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
      entries.add(new Entry(t.name(), t.type(), t.shape(), countNonZeros(t), t.bytes().length));
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
