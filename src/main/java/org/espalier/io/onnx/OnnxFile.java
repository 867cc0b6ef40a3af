package org.espalier.io.onnx;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.espalier.InputException;
import org.espalier.io.AtomicFile;
import org.espalier.model.Graph;
import org.espalier.model.Node;
import org.espalier.model.Operator;
import org.espalier.tensor.Planes;

/**
 * Writes a network as an ONNX model of opset 13, for other programs to run. The input is called
 * {@link Graph#INPUT}, the output as the last node; the first extent of both is the number of
 * examples and is free. The input is what the network takes: preprocessing is not part of it. Zeros
 * are written like any other weight. The same network always makes the same bytes.
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
  private final LayerForm layers;

  /** Normalisations that the convolution in front of them has done. */
  private final Set<String> folded = new HashSet<>();

  private OnnxFile(Graph graph, Form form) {
    this.graph = graph;
    this.onnx = new OnnxGraph(graph);
    this.layers =
        switch (form) {
          case FLOAT -> new FloatLayers(graph, onnx);
          case DYNAMIC_INT8 -> new Int8Layers(graph, onnx);
        };
  }

  /**
   * Writes a network, whole or not at all.
   *
   * @throws InputException if the file can't be written or would be larger than the format allows
   */
  public static void write(Path file, Graph graph, Form form) {
    Message model = new OnnxFile(graph, form).model();
    if (model.size() > Integer.MAX_VALUE) {
      throw InputException.expected(
          file, "at most 2^31-1 bytes, as readers of the format take", model.size());
    }
    AtomicFile.write(file, model::writeTo);
  }

  /** Returns the content of such a file. */
  public static byte[] bytes(Graph graph, Form form) {
    Message model = new OnnxFile(graph, form).model();
    var out = new ByteArrayOutputStream(Math.toIntExact(model.size()));
    try {
      model.writeTo(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory takes what is written
    }
    return out.toByteArray();
  }

  /** Returns the message {@code ModelProto}. */
  private Message model() {
    graph.nodes().forEach(this::write);
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
    int missing = shortcut.outputs() - Planes.of(graph.shapeOf(node.input())).channels();
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
