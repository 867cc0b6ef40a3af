package org.espalier.io;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.espalier.InputException;
import org.espalier.Internal;
import org.espalier.tensor.Shape;
import org.espalier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What a training needs to go on: tensors, words of 64 bits and strings by name, in a safetensors
 * file with a digest.
 */
@Internal
public final class Checkpoint {
  private final Safetensors content;

  private Checkpoint(Safetensors content) {
    this.content = content;
  }

  /**
   * Writes a checkpoint, whole or not at all.
   *
   * @throws InputException if the file can't be written
   */
  public static void write(
      Path file,
      Map<String, Tensor> state,
      Map<String, long[]> memory,
      Map<String, String> metadata) {
    List<RawTensor> tensors = new ArrayList<>();
    new TreeMap<>(state).forEach((name, t) -> tensors.add(RawTensor.of(name, t)));
    new TreeMap<>(memory)
        .forEach(
            (name, words) -> {
              RawTensor stored = RawTensor.zeros(name, DType.I64, Shape.of(words.length));
              stored.buffer().asLongBuffer().put(words);
              tensors.add(stored);
            });
    Safetensors.write(file, metadata, tensors);
  }

  /**
   * Reads a checkpoint.
   *
   * @throws InputException if it can't be read or is damaged
   */
  public static Checkpoint read(Path file) {
    Checkpoint checkpoint = new Checkpoint(Safetensors.read(file));
    checkpoint.metadata(Safetensors.DIGEST);
    return checkpoint;
  }

  /** Returns the strings, the digest among them. */
  public Map<String, String> metadata() {
    return content.metadata();
  }

  /**
   * Returns one of the strings.
   *
   * @throws InputException if there is none under that key
   */
  public String metadata(String key) {
    return content.metadata(key);
  }

  /**
   * Copies tensors and words into those of the same names.
   *
   * @throws InputException if names or shapes differ; then nothing is copied
   */
  public void restore(Map<String, Tensor> state, Map<String, long[]> memory) {
    Map<String, String> wanted = new TreeMap<>();
    state.forEach((name, t) -> wanted.put(name, DType.F32 + " " + t.shape()));
    memory.forEach((name, w) -> wanted.put(name, DType.I64 + " " + Shape.of(w.length)));
    for (String name : wanted.keySet()) {
      if (!content.tensors().containsKey(name)) {
        throw InputException.expected(content.file(), "tensor " + name, "none");
      }
    }
    content.tensors().values().forEach(raw -> check(raw, wanted.get(raw.name())));
    content
        .tensors()
        .forEach(
            (name, raw) -> {
              Tensor t = state.get(name);
              if (t != null) {
                raw.copyTo(t);
              } else {
                raw.buffer().asLongBuffer().get(memory.get(name));
              }
            });
  }

  private void check(RawTensor raw, @Nullable String wanted) {
    if (wanted == null) {
      throw InputException.expected(
          content.file(), "no other tensors than the run has", "tensor " + raw.name());
    }
    if (!raw.description().equals(wanted)) {
      throw InputException.expected(
          content.file() + ", tensor " + raw.name(), wanted, raw.description());
    }
  }
}
