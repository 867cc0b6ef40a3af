package org.espalier.io;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.espalier.InputException;
import org.espalier.tensor.Tensor;

/**
 * What a training needs to go on: tensors and strings by name, in a safetensors file with a digest.
 */
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
  public static void write(Path file, Map<String, Tensor> state, Map<String, String> metadata) {
    List<RawTensor> tensors = new ArrayList<>();
    new TreeMap<>(state).forEach((name, t) -> tensors.add(RawTensor.of(name, t)));
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
   * Copies the tensors into those of the same names.
   *
   * @throws InputException if names or shapes differ; then nothing is copied
   */
  public void restore(Map<String, Tensor> state) {
    for (String name : new TreeSet<>(state.keySet())) {
      if (!content.tensors().containsKey(name)) {
        throw InputException.expected(content.file(), "tensor " + name, "none");
      }
    }
    content.tensors().values().forEach(raw -> check(raw, state));
    content
        .tensors()
        .forEach(
            (name, raw) -> {
              Tensor t = state.get(name);
              if (t != null) { // checked above
                raw.copyTo(t);
              }
            });
  }

  private void check(RawTensor raw, Map<String, Tensor> state) {
    Tensor t = state.get(raw.name());
    if (t == null) {
      throw InputException.expected(
          content.file(), "no other tensors than the run has", "tensor " + raw.name());
    }
    if (raw.type() != DType.F32 || !raw.shape().equals(t.shape())) {
      throw InputException.expected(
          content.file() + ", tensor " + raw.name(), "F32 " + t.shape(), raw.description());
    }
  }
}
