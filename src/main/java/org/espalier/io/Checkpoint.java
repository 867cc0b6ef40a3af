package org.espalier.io;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.espalier.InputException;
import org.espalier.tensor.Tensor;

/** What a training needs to go on: tensors and strings by name, in a safetensors file. */
public final class Checkpoint {
  private final Path file;
  private final Safetensors content;

  private Checkpoint(Path file, Safetensors content) {
    this.file = file;
    this.content = content;
  }

  /**
   * Writes a checkpoint, whole or not at all.
   *
   * @throws InputException if the file can't be written
   */
  public static void write(Path file, Map<String, Tensor> state, Map<String, String> metadata) {
    Map<String, RawTensor> tensors = new LinkedHashMap<>();
    state.forEach((name, t) -> tensors.put(name, RawTensor.ofFloats(t.shape(), t.toArray())));
    new Safetensors(tensors, metadata).write(file);
  }

  /**
   * Reads a checkpoint.
   *
   * @throws InputException if it can't be read or is damaged
   */
  public static Checkpoint read(Path file) {
    return new Checkpoint(file, Safetensors.read(file));
  }

  /** Returns the strings. */
  public Map<String, String> metadata() {
    return content.metadata();
  }

  /**
   * Copies the tensors into those of the same names.
   *
   * @throws InputException if names or shapes differ; then nothing is copied
   */
  public void restore(Map<String, Tensor> state) {
    if (!content.tensors().keySet().equals(state.keySet())) {
      throw InputException.expected(file, "tensors " + state.keySet(), content.tensors().keySet());
    }
    content
        .tensors()
        .forEach(
            (name, raw) -> {
              Tensor t = state.get(name);
              if (t == null || raw.dtype() != DType.F32 || !raw.shape().equals(t.shape())) {
                throw InputException.expected(
                    file + ": tensor " + name,
                    t == null ? "nothing" : "F32 " + t.shape(),
                    raw.dtype() + " " + raw.shape());
              }
            });
    content
        .tensors()
        .forEach((name, raw) -> state.getOrDefault(name, Tensor.zeros(0)).copyFrom(raw.floats()));
  }
}
