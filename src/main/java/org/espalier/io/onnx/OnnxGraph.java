package org.espalier.io.onnx;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.espalier.model.Graph;
import org.espalier.model.Node;
import org.espalier.tensor.Shape;

/**
 * An ONNX graph that is being put together: nodes and constants. Every value has a name of its own;
 * those of our nodes' outputs are the nodes' names.
 */
final class OnnxGraph {
  /** What the first extent, the number of examples, is called: it is free. */
  private static final String BATCH = "batch";

  private final Graph graph;
  private final Set<String> taken = new HashSet<>();
  private final List<Message> nodes = new ArrayList<>();
  private final List<Message> constants = new ArrayList<>();

  OnnxGraph(Graph graph) {
    this.graph = graph;
    taken.add(Graph.INPUT);
    graph.nodes().stream().map(Node::name).forEach(taken::add);
  }

  /** Returns a name that nothing else has, the wanted one if it is free. */
  String fresh(String wanted) {
    String name = wanted;
    while (!taken.add(name)) {
      name += "_";
    }
    return name;
  }

  /** Adds a node that writes a value of the given name. */
  void node(String type, String output, List<String> inputs, Attribute... attributes) {
    node(type, List.of(output), inputs, attributes);
  }

  /** Adds a node that writes several values. */
  void node(String type, List<String> outputs, List<String> inputs, Attribute... attributes) {
    Message node = new Message();
    inputs.forEach(input -> node.text(1, input));
    outputs.forEach(output -> node.text(2, output));
    node.text(3, outputs.getFirst()).text(4, type);
    for (Attribute attribute : attributes) {
      node.message(5, attribute.message());
    }
    nodes.add(node);
  }

  /**
   * Adds a constant.
   *
   * @param raw its elements, the lowest byte of each first
   * @return its name
   */
  String constant(String wanted, OnnxType type, byte[] raw, long... dims) {
    String name = fresh(wanted);
    Message tensor = new Message();
    for (long dim : dims) {
      tensor.integer(1, dim);
    }
    constants.add(tensor.integer(2, type.code()).text(8, name).bytes(9, raw));
    return name;
  }

  /** Adds a constant of floats and returns its name. */
  String floats(String wanted, float[] values, long... dims) {
    byte[] raw = new byte[values.length * Float.BYTES];
    littleEndian(raw).asFloatBuffer().put(values);
    return constant(wanted, OnnxType.FLOAT, raw, dims);
  }

  /** Adds a vector of whole numbers, such as an operator takes for an attribute. */
  String wholes(String wanted, long... values) {
    byte[] raw = new byte[values.length * Long.BYTES];
    littleEndian(raw).asLongBuffer().put(values);
    return constant(wanted, OnnxType.INT64, raw, values.length);
  }

  private static ByteBuffer littleEndian(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Returns the message {@code GraphProto}. */
  Message message() {
    Message message = new Message();
    nodes.forEach(node -> message.message(1, node));
    message.text(2, "espalier");
    constants.forEach(constant -> message.message(5, constant));
    String output = graph.nodes().isEmpty() ? Graph.INPUT : graph.nodes().getLast().name();
    message.message(11, value(Graph.INPUT, graph.inputShape()));
    message.message(12, value(output, graph.outputShape()));
    return message;
  }

  /** Returns the message {@code ValueInfoProto} of floats. */
  private static Message value(String name, Shape shape) {
    Message dims = new Message().message(1, new Message().text(2, BATCH));
    for (int dim : shape.dims()) {
      dims.message(1, new Message().integer(1, dim));
    }
    Message tensor = new Message().integer(1, OnnxType.FLOAT.code()).message(2, dims);
    return new Message().text(1, name).message(2, new Message().message(1, tensor));
  }
}
