package org.espalier.io;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.espalier.InputException;
import org.espalier.model.Graph;
import org.espalier.model.Model;
import org.espalier.model.Parameter;
import org.espalier.model.Preprocessing;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * Model files: safetensors, each weight stored the smallest way, with graph, preprocessing, class
 * names and provenance as JSON strings among the metadata. What is read is what was written, bit
 * for bit.
 */
public final class ModelFile {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final String FORMAT = "format";
  private static final String FORMAT_NAME = "espalier-1";

  /** Elements that any file may have, and for each of its bytes: 99.9 % pruned is plausible. */
  private static final long MIN_ELEMENTS = 1L << 24;

  private static final long ELEMENTS_PER_BYTE = 1024;

  private ModelFile() {}

  /**
   * Writes a model, whole or not at all.
   *
   * @throws InputException if the file can't be written
   */
  public static void write(Path file, Model model) {
    Map<String, RawTensor> tensors = new LinkedHashMap<>();
    for (Parameter p : model.graph().parameters()) {
      SparseStorage.smallest(p.value()).put(p.name(), p.value(), tensors);
    }
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put(FORMAT, FORMAT_NAME);
    metadata.put("graph", GraphJson.write(model.graph()));
    metadata.put("preprocessing", JSON.writeValueAsString(model.preprocessing()));
    metadata.put("classes", JSON.writeValueAsString(model.classes()));
    metadata.put("provenance", JSON.writeValueAsString(model.provenance()));
    new Safetensors(tensors, metadata).write(file);
  }

  /**
   * Reads a model.
   *
   * @throws InputException if it can't be read or isn't a sound model file
   */
  public static Model read(Path file) {
    return read(file, new ArrayList<>());
  }

  /** Returns how the parameters of a model lie in its file. */
  public static List<StoredTensor> stored(Path file) {
    List<StoredTensor> stored = new ArrayList<>();
    read(file, stored);
    return stored;
  }

  private static Model read(Path file, List<StoredTensor> stored) {
    Safetensors content = Safetensors.read(file);
    Map<String, String> metadata = content.metadata();
    if (!FORMAT_NAME.equals(metadata.get(FORMAT))) {
      throw InputException.expected(
          file + ": " + FORMAT, FORMAT_NAME, metadata.getOrDefault(FORMAT, "nothing"));
    }
    Map<String, RawTensor> tensors = new LinkedHashMap<>(content.tensors());
    long bytes = tensors.values().stream().mapToLong(t -> t.data().remaining()).sum();
    Graph graph =
        GraphJson.read(
            file.toString(),
            required(file, metadata, "graph"),
            Math.max(MIN_ELEMENTS, bytes * ELEMENTS_PER_BYTE));
    for (Parameter p : graph.parameters()) {
      SparseStorage storage = SparseStorage.of(file.toString(), p.name(), tensors);
      long size = storage.bytes(p.name(), tensors);
      RawTensor values = tensors.getOrDefault(p.name(), tensors.get(p.name() + ".values"));
      long nnz = values == null ? 0 : values.shape().size();
      storage.take(file.toString(), p.name(), tensors, p.value());
      stored.add(
          new StoredTensor(
              p.name(), p.value().shape(), storage.name().toLowerCase(Locale.ROOT), nnz, size));
    }
    if (!tensors.isEmpty()) {
      throw InputException.expected(file, "the graph's parameters", "more: " + tensors.keySet());
    }
    try {
      return new Model(
          graph,
          JSON.readValue(required(file, metadata, "preprocessing"), Preprocessing.class),
          JSON.readValue(required(file, metadata, "classes"), new TypeReference<List<String>>() {}),
          JSON.readValue(
              required(file, metadata, "provenance"), new TypeReference<Map<String, String>>() {}));
    } catch (JacksonException | IllegalArgumentException | NullPointerException e) {
      throw new InputException(file + ": metadata: " + e.getMessage(), e);
    }
  }

  private static String required(Path file, Map<String, String> metadata, String key) {
    String value = metadata.get(key);
    if (value == null) {
      throw InputException.expected(file, "metadata " + key, "none");
    }
    return value;
  }
}
