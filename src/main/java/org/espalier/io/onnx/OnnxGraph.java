package org.espalier.io.onnx;

import it.unimi.dsi.fastutil.ints.IntArrayList;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
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

  /** The opset since which constants need not be inputs. */
  private static final int FREE_CONSTANTS = 9;

  private final Graph graph;
  private final int opset;
  private final Set<String> taken = new HashSet<>();
  private final List<Message> nodes = new ArrayList<>();
  private final List<Message> constants = new ArrayList<>();
  private final List<Message> sparse = new ArrayList<>();
  private final List<Message> outputs = new ArrayList<>();
  private final List<Message> inputs = new ArrayList<>();

  /** Constants as inputs, which they had to be at first. */
  private final List<Message> constantInputs = new ArrayList<>();

  OnnxGraph(Graph graph, int opset) {
    this.graph = graph;
    this.opset = opset;
    graph.nodes().stream().map(Node::name).forEach(taken::add);
    graph
        .inputs()
        .forEach(
            (name, shape) -> {
              taken.add(name);
              inputs.add(value(name, OnnxType.FLOAT, shape));
            });
    for (String name : graph.outputs()) {
      outputs.add(value(name, OnnxType.FLOAT, graph.shapeOf(name)));
    }
  }

  /** Returns the version of the operators. */
  int opset() {
    return opset;
  }

  /** Sets what the network takes, in place of the one input of the graph. */
  void input(String name, OnnxType type) {
    inputs.clear();
    inputs.add(value(name, type, graph.inputShape()));
  }

  /** Adds an output, of the shape of the one that there is. */
  void output(String name) {
    outputs.add(value(name, OnnxType.FLOAT, graph.outputShape()));
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
    initializer(name, type, raw, dims);
    return name;
  }

  /** Adds a constant of a name that is given. */
  private void initializer(String name, OnnxType type, byte[] raw, long... dims) {
    constants.add(tensor(type, raw, dims).text(8, name));
    Message extents = new Message();
    for (long dim : dims) {
      extents.message(1, new Message().integer(1, dim));
    }
    constantInputs.add(value(name, type, extents));
  }

  /** Adds a constant of floats of a name that is given. */
  void initializer(String name, float[] values, long... dims) {
    initializer(name, OnnxType.FLOAT, raw(values), dims);
  }

  /**
   * Adds a constant of which most elements are 0.
   *
   * @param raw the other elements
   * @param places where they are among all, ascending
   * @return its name
   */
  String sparse(String wanted, OnnxType type, byte[] raw, IntArrayList places, long... dims) {
    String name = fresh(wanted);
    byte[] indices = new byte[Math.multiplyExact(places.size(), Long.BYTES)];
    LongBuffer longs = littleEndian(indices).asLongBuffer();
    places.forEach(longs::put);
    Message message =
        new Message()
            .message(1, tensor(type, raw, places.size()).text(8, name))
            .message(2, tensor(OnnxType.INT64, indices, places.size()));
    for (long dim : dims) {
      message.integer(3, dim);
    }
    sparse.add(message);
    return name;
  }

  private static Message tensor(OnnxType type, byte[] raw, long... dims) {
    Message tensor = new Message();
    for (long dim : dims) {
      tensor.integer(1, dim);
    }
    return tensor.integer(2, type.code()).bytes(9, raw);
  }

  /** Adds a constant of floats and returns its name. */
  String floats(String wanted, float[] values, long... dims) {
    return constant(wanted, OnnxType.FLOAT, raw(values), dims);
  }

  private static byte[] raw(float[] values) {
    byte[] raw = new byte[values.length * Float.BYTES];
    littleEndian(raw).asFloatBuffer().put(values);
    return raw;
  }

  /** Adds a vector of doubles. */
  String doubles(String wanted, double... values) {
    byte[] raw = new byte[values.length * Double.BYTES];
    littleEndian(raw).asDoubleBuffer().put(values);
    return constant(wanted, OnnxType.DOUBLE, raw, values.length);
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
    inputs.forEach(input -> message.message(11, input));
    if (opset < FREE_CONSTANTS) {
      constantInputs.forEach(input -> message.message(11, input));
    }
    outputs.forEach(output -> message.message(12, output));
    sparse.forEach(constant -> message.message(15, constant));
    return message;
  }

  /** Returns the message {@code ValueInfoProto}. */
  private static Message value(String name, OnnxType type, Shape shape) {
    Message dims = new Message().message(1, new Message().text(2, BATCH));
    for (int dim : shape.dims()) {
      dims.message(1, new Message().integer(1, dim));
    }
    return value(name, type, dims);
  }

  private static Message value(String name, OnnxType type, Message dims) {
    Message tensor = new Message().integer(1, type.code()).message(2, dims);
    return new Message().text(1, name).message(2, new Message().message(1, tensor));
  }
}
