package org.espalier.io.onnx;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.espalier.InputException;
import org.espalier.io.AtomicFile;
import org.espalier.io.JsonText;
import org.espalier.model.Graph;
import org.espalier.model.Model;
import org.espalier.model.Preprocessing;

/**
 * Writes a network as an ONNX model, for other programs to run. Inputs and outputs are called as
 * they are in the graph: mostly one {@link Graph#INPUT}, and the last node. Their first extent is
 * the number of examples and is free. With preprocessing the input is called {@code pixels}, bytes,
 * or {@code columns}, doubles of which NaN is a missing one, and there is a second output {@code
 * probabilities}. The properties of the model name its classes and columns. The same network always
 * makes the same bytes.
 */
public final class OnnxFile {
  /** Which weights and which arithmetic. */
  public enum Form {
    /** All fp32, as the network is. */
    FLOAT,
    /**
     * Weights of 8 bits; the inputs of layers are quantised as they come. Normalisations are folded
     * into the convolutions in front of them. What ONNX Runtime calls dynamic quantisation.
     */
    DYNAMIC_INT8
  }

  /** The opset since which inputs are quantised as they come. */
  private static final int DYNAMIC = 11;

  /** The opset since which there are {@code IsNaN} and {@code Where}. */
  private static final int MISSING = 9;

  private final Graph graph;
  private final OnnxGraph onnx;
  private final WeightStore weights;
  private final NodeWriter nodes;

  private OnnxFile(Graph graph, OnnxOptions options) {
    this.graph = graph;
    this.onnx = new OnnxGraph(graph, options.opset());
    this.weights = new WeightStore(onnx, options);
    LayerForm layers =
        switch (options.form()) {
          case FLOAT -> new FloatLayers(graph, onnx, weights);
          case DYNAMIC_INT8 -> {
            require(DYNAMIC, "dynamic quantisation");
            yield new Int8Layers(graph, onnx);
          }
        };
    this.nodes = new NodeWriter(graph, onnx, layers);
  }

  private void require(int opset, String what) {
    if (onnx.opset() < opset) {
      throw InputException.expected(
          "--opset", opset + " or newer for " + what, Integer.toString(onnx.opset()));
    }
  }

  /** Returns the version of the format in which an opset came. */
  private static int irVersion(int opset) {
    return switch (opset) {
      case 7, 8 -> 3;
      case 9 -> 4;
      case 10 -> 5;
      case 11 -> 6;
      case 12, 13, 14 -> 7;
      case 15, 16, 17, 18 -> 8;
      case 19, 20 -> 9;
      default -> 10;
    };
  }

  /**
   * Writes a model, whole or not at all.
   *
   * @throws InputException if the file can't be written or would be larger than the format allows,
   *     or a weight doesn't fit into the precision that is asked for
   */
  public static OnnxSummary write(Path file, Model model, OnnxOptions options) {
    OnnxFile onnx = new OnnxFile(model.graph(), options);
    Message message = onnx.message(model, options);
    if (message.size() > Integer.MAX_VALUE) {
      throw InputException.expected(
          file, "at most 2^31-1 bytes, as readers of the format take", message.size());
    }
    AtomicFile.write(file, message::writeTo);
    return onnx.weights.summary(message.size());
  }

  /** Returns what would be written, without writing it. */
  public static OnnxSummary summary(Model model, OnnxOptions options) {
    OnnxFile onnx = new OnnxFile(model.graph(), options);
    return onnx.weights.summary(onnx.message(model, options).size());
  }

  /** Returns the content of a file without preprocessing, with all weights whole. */
  public static byte[] bytes(Graph graph, Form form) {
    return bytes(graph, OnnxOptions.plain(form, false));
  }

  /** Returns the content of a file without preprocessing. */
  public static byte[] bytes(Graph graph, OnnxOptions options) {
    OnnxFile onnx = new OnnxFile(graph, options);
    onnx.nodes.write();
    return bytes(onnx.message());
  }

  /** Returns the content of a file. */
  public static byte[] bytes(Model model, OnnxOptions options) {
    return bytes(new OnnxFile(model.graph(), options).message(model, options));
  }

  private static byte[] bytes(Message message) {
    var out = new ByteArrayOutputStream(Math.toIntExact(message.size()));
    try {
      message.writeTo(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory takes what is written
    }
    return out.toByteArray();
  }

  private Message message(Model model, OnnxOptions options) {
    Map<String, String> metadata = new TreeMap<>();
    metadata.put("classes", JsonText.of(model.classes()));
    if (model.preprocessing() instanceof Preprocessing.Columns table) {
      metadata.put("columns", JsonText.of(InputStage.names(table)));
    }
    if (options.preprocessing()) {
      checkPreprocessing(model);
      new InputStage(onnx, graph).write(model.preprocessing());
    }
    metadata.put("preprocessing", options.preprocessing() ? "included" : "not included");
    nodes.write();
    if (options.preprocessing()) {
      String probabilities = onnx.fresh("probabilities");
      String logits = graph.outputs().getFirst();
      onnx.node("Softmax", probabilities, List.of(logits), new Attribute.Whole("axis", 1));
      onnx.output(probabilities);
    }
    Message message = message();
    metadata.forEach(
        (key, value) -> message.message(14, new Message().text(1, key).text(2, value)));
    return message;
  }

  private void checkPreprocessing(Model model) {
    if (graph.inputs().size() > 1 || !graph.isInput(Graph.INPUT)) {
      throw InputException.expected(
          "--with-preprocessing",
          "a network of one input, " + Graph.INPUT,
          "inputs " + graph.inputs().keySet());
    }
    if (model.preprocessing() instanceof Preprocessing.Columns) {
      require(MISSING, "missing values");
    }
  }

  /** Returns the message {@code ModelProto}. */
  private Message message() {
    return new Message()
        .integer(1, irVersion(onnx.opset()))
        .text(2, "espalier")
        .message(7, onnx.message())
        .message(8, new Message().text(1, "").integer(2, onnx.opset()));
  }
}
