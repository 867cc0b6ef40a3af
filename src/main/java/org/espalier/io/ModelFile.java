package org.espalier.io;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.espalier.InputException;
import org.espalier.model.Graph;
import org.espalier.model.Model;
import org.espalier.model.Parameter;
import org.espalier.model.Preprocessing;
import org.espalier.tensor.Footprint;
import org.espalier.tensor.Precision;
import org.espalier.tensor.Tensor;
import tools.jackson.core.JsonGenerator;

/**
 * Model files: safetensors, which everybody's reader understands. Parameters go by their names,
 * weights stored the smallest way (see {@link StoredTensor}); graph, preprocessing, class names and
 * provenance are JSON strings among the metadata. What is read is what was written, bit for bit, or
 * its weights rounded to the {@link Precision} that was asked for, and the same model always makes
 * the same file.
 */
public final class ModelFile {
  private static final String FORMAT = "format";
  private static final String FORMAT_NAME = "espalier-1";
  private static final String GRAPH = "graph";
  private static final String PREPROCESSING = "preprocessing";
  private static final String CHANNELS = "channels";
  private static final String AS_IS = "asIs";
  private static final String CLASSES = "classes";
  private static final String PROVENANCE = "provenance";

  private ModelFile() {}

  /**
   * Writes a model, whole or not at all.
   *
   * @throws InputException if the file can't be written, or a parameter is no finite number
   */
  public static void write(Path file, Model model) {
    write(file, model, Precision.FP32);
  }

  /**
   * Writes a model, whole or not at all.
   *
   * @param precision what weights are rounded to; all other parameters are written as they are
   * @throws InputException if the file can't be written, a parameter is no finite number, or a
   *     weight doesn't fit into the precision
   */
  public static void write(Path file, Model model, Precision precision) {
    FiniteParameters.check(file.toString(), model.graph());
    Safetensors.write(file, metadata(model), tensors(file.toString(), model, precision));
  }

  /** Returns how many bytes the file of a model has. */
  public static long size(Model model) {
    return Safetensors.size(metadata(model), tensors("model", model, Precision.FP32));
  }

  private static List<RawTensor> tensors(String where, Model model, Precision precision) {
    List<RawTensor> tensors = new ArrayList<>();
    for (Parameter p : model.graph().parameters()) {
      if (p.kind() == Parameter.Kind.WEIGHT) {
        Tensor rounded = precision.round(where + ", tensor " + p.name(), p.value());
        Precision narrow = precision.of(rounded);
        SparseStorage way = SparseStorage.smallest(rounded, narrow);
        tensors.addAll(way.encode(p.name(), rounded, narrow));
      } else {
        tensors.addAll(SparseStorage.DENSE.encode(p.name(), p.value(), Precision.FP32));
      }
    }
    return tensors;
  }

  private static Map<String, String> metadata(Model model) {
    return Map.of(
        FORMAT, FORMAT_NAME,
        GRAPH, GraphJson.write(model.graph()),
        PREPROCESSING, write(model.preprocessing()),
        CLASSES, JsonText.of(model.classes()),
        PROVENANCE, JsonText.of(model.provenance()));
  }

  private static String write(Preprocessing preprocessing) {
    return JsonText.of(
        json -> {
          json.writeStartObject();
          switch (preprocessing) {
            case Preprocessing.Pixels(List<Preprocessing.Channel> channels)
                when channels.size() == 1 ->
                writeMoments(json, channels.getFirst().mean(), channels.getFirst().deviation());
            case Preprocessing.Pixels pixels -> {
              json.writeArrayPropertyStart(CHANNELS);
              for (Preprocessing.Channel channel : pixels.channels()) {
                json.writeStartObject();
                writeMoments(json, channel.mean(), channel.deviation());
                json.writeEndObject();
              }
              json.writeEndArray();
            }
            case Preprocessing.Columns table -> TableJson.write(json, table);
            case Preprocessing.AsIs _ -> json.writeBooleanProperty(AS_IS, true);
          }
          json.writeEndObject();
        });
  }

  /** Writes as doubles, whose digits give the same float again however a reader rounds. */
  static void writeMoments(JsonGenerator json, float mean, float deviation) {
    json.writeNumberProperty("mean", (double) mean);
    json.writeNumberProperty("deviation", (double) deviation);
  }

  /**
   * Reads a model.
   *
   * @throws InputException if it can't be read, is damaged or is no model file
   */
  public static Model read(Path file) {
    return model(Safetensors.read(file));
  }

  /**
   * Returns how the parameters of a model lie in its file, in the graph's order.
   *
   * @throws InputException if it can't be read, is damaged or is no model file
   */
  public static List<StoredTensor> stored(Path file) {
    Safetensors content = Safetensors.read(file);
    Model model = model(content);
    List<StoredTensor> list = new ArrayList<>();
    for (Parameter p : model.graph().parameters()) {
      SparseStorage.Stored s = find(content, p.name(), p.value());
      list.add(
          new StoredTensor(
              p.name(),
              p.value().shape(),
              s.way().name().toLowerCase(Locale.ROOT),
              s.precision(),
              SparseStorage.countNonZeros(p.value()),
              s.bytes()));
    }
    return list;
  }

  /**
   * Returns how narrow the weights of a model file are: the widest of their precisions.
   *
   * @throws InputException if it can't be read, is damaged or is no model file
   */
  public static Precision precision(Path file) {
    Safetensors content = Safetensors.read(file);
    return model(content).graph().parameters().stream()
        .filter(p -> p.kind() == Parameter.Kind.WEIGHT)
        .map(p -> find(content, p.name(), p.value()).precision())
        .min(Comparator.naturalOrder())
        .orElse(Precision.FP32);
  }

  private static SparseStorage.Stored find(Safetensors content, String name, Tensor t) {
    return SparseStorage.Stored.find(content.file(), content.tensors(), name, t.shape());
  }

  /** Returns whether a file says that it is a model file. */
  static boolean isModel(Safetensors content) {
    return FORMAT_NAME.equals(content.metadata().get(FORMAT));
  }

  /** Returns the model of a file's content. */
  static Model model(Safetensors content) {
    if (!isModel(content)) {
      throw new InputException(
          content.file()
              + ": is a safetensors file without a network inside, which can be inspected but not"
              + " run; expected a model file of Espalier (metadata "
              + FORMAT
              + ": "
              + FORMAT_NAME
              + "), found "
              + FORMAT
              + ": "
              + content.metadata().getOrDefault(FORMAT, "none"));
    }
    if (!content.metadata().containsKey(Safetensors.DIGEST)) {
      throw InputException.expected(content.file(), "metadata " + Safetensors.DIGEST, "none");
    }
    Graph graph = graph(content);
    try {
      return new Model(
          graph,
          preprocessing(
              JsonObject.parse(where(content, PREPROCESSING), json(content, PREPROCESSING))),
          JsonObject.parseStrings(where(content, CLASSES), json(content, CLASSES)),
          JsonObject.parse(where(content, PROVENANCE), json(content, PROVENANCE)).strings());
    } catch (IllegalArgumentException e) {
      throw new InputException(content.file() + ", metadata: " + e.getMessage(), e);
    }
  }

  private static Preprocessing preprocessing(JsonObject json) {
    if (json.fields().containsKey(CHANNELS)) {
      json.allow(CHANNELS);
      return new Preprocessing.Pixels(
          json.objects(CHANNELS).stream().map(ModelFile::channel).toList());
    }
    if (json.has(AS_IS)) {
      json.allow(AS_IS);
      if (!json.bool(AS_IS)) {
        throw InputException.expected(json.where() + ", " + AS_IS, "true", false);
      }
      return new Preprocessing.AsIs();
    }
    return TableJson.isIn(json)
        ? TableJson.read(json)
        : new Preprocessing.Pixels(List.of(channel(json)));
  }

  private static Preprocessing.Channel channel(JsonObject json) {
    json.allow("mean", "deviation");
    try {
      return new Preprocessing.Channel(
          (float) json.number("mean"), (float) json.number("deviation"));
    } catch (IllegalArgumentException e) {
      throw new InputException(json.where() + ": " + e.getMessage(), e);
    }
  }

  private static Graph graph(Safetensors content) {
    GraphJson description = GraphJson.parse(where(content, GRAPH), json(content, GRAPH));
    // Before anything of the graph's size is allocated, the file has to prove that size.
    Set<String> left = new HashSet<>(content.tensors().keySet());
    long floats = 0;
    for (GraphJson.Wanted p : description.parameters()) {
      SparseStorage.Stored stored =
          SparseStorage.Stored.find(content.file(), content.tensors(), p.name(), p.shape());
      stored.names().forEach(left::remove);
      long more = Tensor.floats(p.shape());
      Footprint.arrayLength(content.file() + ", tensor " + p.name(), more);
      floats += more;
    }
    if (!left.isEmpty()) {
      throw InputException.expected(
          content.file(), "only the tensors of the graph", left.stream().sorted().toList());
    }
    new Footprint(content.file()).addFloats("parameters", floats).require();
    Graph graph = description.build();
    for (Parameter p : graph.parameters()) {
      SparseStorage.Stored stored = find(content, p.name(), p.value());
      stored.decode(p.value());
      p.value().setSteps(stored.steps());
    }
    FiniteParameters.check(content.file(), graph);
    return graph;
  }

  private static String where(Safetensors content, String key) {
    return content.file() + ", metadata " + key;
  }

  private static String json(Safetensors content, String key) {
    return content.metadata(key);
  }
}
