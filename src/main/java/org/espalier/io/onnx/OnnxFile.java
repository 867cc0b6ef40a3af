package org.espalier.io.onnx;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.espalier.InputException;
import org.espalier.io.AtomicFile;
import org.espalier.io.JsonText;
import org.espalier.model.Graph;
import org.espalier.model.Model;
import org.espalier.model.Node;
import org.espalier.model.Operator;
import org.espalier.model.Preprocessing;
import org.espalier.tensor.Nchw16n;

/**
 * Writes a network as an ONNX model of opset 13, for other programs to run. The input is called
 * {@link Graph#INPUT}, the output as the last node; the first extent of both is the number of
 * examples and is free. With preprocessing the input is called {@code pixels}, bytes, or {@code
 * columns}, doubles of which NaN is a missing one, and there is a second output {@code
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

  private static final int IR_VERSION = 7;
  private static final int OPSET = 13;

  private final Graph graph;
  private final OnnxGraph onnx;
  private final WeightStore weights;
  private final LayerForm layers;

  /** Normalisations that the convolution in front of them has done. */
  private final Set<String> folded = new HashSet<>();

  private OnnxFile(Graph graph, OnnxOptions options) {
    this.graph = graph;
    this.onnx = new OnnxGraph(graph);
    this.weights = new WeightStore(onnx, options);
    this.layers =
        switch (options.form()) {
          case FLOAT -> new FloatLayers(graph, onnx, weights);
          case DYNAMIC_INT8 -> new Int8Layers(graph, onnx);
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
    OnnxFile onnx = new OnnxFile(graph, OnnxOptions.plain(form, false));
    graph.nodes().forEach(onnx::write);
    return bytes(onnx.message());
  }

  /** Returns the content of a file. */
  static byte[] bytes(Model model, OnnxOptions options) {
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
      new InputStage(onnx, graph).write(model.preprocessing());
    }
    metadata.put("preprocessing", options.preprocessing() ? "included" : "not included");
    graph.nodes().forEach(this::write);
    if (options.preprocessing()) {
      String probabilities = onnx.fresh("probabilities");
      String logits = graph.nodes().getLast().name();
      onnx.node("Softmax", probabilities, List.of(logits), new Attribute.Whole("axis", 1));
      onnx.output(probabilities);
    }
    Message message = message();
    metadata.forEach(
        (key, value) -> message.message(14, new Message().text(1, key).text(2, value)));
    return message;
  }

  /** Returns the message {@code ModelProto}. */
  private Message message() {
    return new Message()
        .integer(1, IR_VERSION)
        .text(2, "espalier")
        .message(7, onnx.message())
        .message(8, new Message().text(1, "").integer(2, OPSET));
  }

  private void write(Node node) {
    switch (node.operator()) {
      case Operator.Linear linear -> layers.linear(node, linear);
      case Operator.Conv2d conv -> {
        Optional<Node> norm = layers.foldsNormalizations() ? normBehind(node) : Optional.empty();
        norm.map(Node::name).ifPresent(folded::add);
        layers.conv(node, conv, norm);
      }
      case Operator.BatchNorm norm -> {
        if (!folded.contains(node.name())) {
          normalization(node, norm);
        }
      }
      case Operator.Relu _ -> onnx.node("Relu", node.name(), node.inputs());
      case Operator.Add _ -> onnx.node("Add", node.name(), node.inputs());
      case Operator.Shortcut shortcut -> shortcut(node, shortcut);
      case Operator.MaxPool pool -> onnx.node("MaxPool", node.name(), node.inputs(), window(pool));
      case Operator.AveragePool pool ->
          onnx.node(
              "AveragePool",
              node.name(),
              node.inputs(),
              window(pool, new Attribute.Whole("count_include_pad", 1)));
      case Operator.GlobalAveragePool _ ->
          onnx.node("GlobalAveragePool", node.name(), node.inputs());
      case Operator.Flatten _ ->
          onnx.node("Flatten", node.name(), node.inputs(), new Attribute.Whole("axis", 1));
    }
  }

  /** Returns the normalisation that alone reads a convolution. */
  private Optional<Node> normBehind(Node conv) {
    List<Node> readers = graph.readers(conv.name());
    return readers.size() == 1 && readers.getFirst().operator() instanceof Operator.BatchNorm
        ? Optional.of(readers.getFirst())
        : Optional.empty();
  }

  private void normalization(Node node, Operator.BatchNorm norm) {
    onnx.node(
        "BatchNormalization",
        node.name(),
        List.of(
            node.input(),
            vector(node, Operator.WEIGHT),
            vector(node, Operator.BIAS),
            vector(node, Operator.BatchNorm.MEAN),
            vector(node, Operator.BatchNorm.VARIANCE)),
        new Attribute.Real("epsilon", (float) norm.epsilon()));
  }

  private String vector(Node node, String role) {
    String name = node.parameter(role);
    float[] values = graph.parameter(name).value().toArray();
    return onnx.floats(name, values, values.length);
  }

  /** Every so many-th pixel, then channels of zeros behind those that there are. */
  private void shortcut(Node node, Operator.Shortcut shortcut) {
    int missing = shortcut.outputs() - Nchw16n.of(graph.shapeOf(node.input())).channels();
    boolean pads = missing > 0;
    String pixels = pads ? onnx.fresh(node.name() + ".pixels") : node.name();
    onnx.node(
        "Slice",
        pixels,
        List.of(
            node.input(),
            onnx.wholes(node.name() + ".starts", 0, 0),
            onnx.wholes(node.name() + ".ends", Integer.MAX_VALUE, Integer.MAX_VALUE),
            onnx.wholes(node.name() + ".axes", 2, 3),
            onnx.wholes(node.name() + ".steps", shortcut.stride(), shortcut.stride())));
    if (pads) {
      String pad = onnx.wholes(node.name() + ".pads", 0, 0, 0, 0, 0, missing, 0, 0);
      onnx.node("Pad", node.name(), List.of(pixels, pad));
    }
  }

  private static Attribute[] window(Operator.Pool pool, Attribute... more) {
    int p = pool.padding();
    List<Attribute> attributes = new ArrayList<>(List.of(more));
    attributes.add(new Attribute.Wholes("kernel_shape", pool.kernel(), pool.kernel()));
    attributes.add(new Attribute.Wholes("strides", pool.stride(), pool.stride()));
    attributes.add(new Attribute.Wholes("pads", p, p, p, p));
    return attributes.toArray(Attribute[]::new);
  }
}
