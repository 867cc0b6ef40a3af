package org.espalier.io.onnx.translate;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.espalier.io.onnx.Message;

/** Small ONNX files, put together node by node. */
final class OnnxGraphs {
  private static final int FLOAT = 1;
  private static final int UINT8 = 2;
  private static final int INT8 = 3;
  private static final int UINT16 = 4;
  private static final int INT32 = 6;
  private static final int INT64 = 7;
  private static final int BOOL = 9;

  private final Message graph = new Message();
  private final int opset;

  OnnxGraphs(int opset) {
    this.opset = opset;
  }

  /** Adds an input of floats, the first extent of which is open. */
  OnnxGraphs input(String name, int... example) {
    Message shape = new Message().message(1, new Message().text(2, "batch"));
    for (int dim : example) {
      shape.message(1, new Message().integer(1, dim));
    }
    graph.message(11, value(name, shape));
    return this;
  }

  /** Adds an input of floats all of whose extents are fixed. */
  OnnxGraphs fixedInput(String name, long... dims) {
    graph.message(11, value(name, shape(dims)));
    return this;
  }

  /** Adds an output of floats all of whose extents are fixed. */
  OnnxGraphs fixedOutput(String name, long... dims) {
    graph.message(12, value(name, shape(dims)));
    return this;
  }

  private static Message shape(long... dims) {
    Message shape = new Message();
    for (long dim : dims) {
      shape.message(1, new Message().integer(1, dim));
    }
    return shape;
  }

  OnnxGraphs output(String name) {
    graph.message(12, new Message().text(1, name));
    return this;
  }

  private static Message value(String name, Message shape) {
    Message tensor = new Message().integer(1, FLOAT).message(2, shape);
    return new Message().text(1, name).message(2, new Message().message(1, tensor));
  }

  OnnxGraphs floats(String name, int[] dims, float... values) {
    ByteBuffer raw = raw(values.length * Float.BYTES);
    raw.asFloatBuffer().put(values);
    return constant(name, FLOAT, dims, raw.array());
  }

  OnnxGraphs wholes(String name, int[] dims, long... values) {
    ByteBuffer raw = raw(values.length * Long.BYTES);
    raw.asLongBuffer().put(values);
    return constant(name, INT64, dims, raw.array());
  }

  OnnxGraphs unsignedBytes(String name, int[] dims, int... values) {
    return constant(name, UINT8, dims, bytes(values));
  }

  OnnxGraphs signedBytes(String name, int[] dims, int... values) {
    return constant(name, INT8, dims, bytes(values));
  }

  private static byte[] bytes(int... values) {
    byte[] raw = new byte[values.length];
    for (int i = 0; i < raw.length; i++) {
      raw[i] = (byte) values[i];
    }
    return raw;
  }

  OnnxGraphs unsignedShorts(String name, int[] dims, int... values) {
    ByteBuffer raw = raw(values.length * Short.BYTES);
    for (int value : values) {
      raw.putShort((short) value);
    }
    return constant(name, UINT16, dims, raw.array());
  }

  OnnxGraphs ints(String name, int[] dims, int... values) {
    ByteBuffer raw = raw(values.length * Integer.BYTES);
    raw.asIntBuffer().put(values);
    return constant(name, INT32, dims, raw.array());
  }

  OnnxGraphs truths(String name, boolean... values) {
    byte[] raw = new byte[values.length];
    for (int i = 0; i < raw.length; i++) {
      raw[i] = (byte) (values[i] ? 1 : 0);
    }
    return constant(name, BOOL, new int[] {values.length}, raw);
  }

  private static ByteBuffer raw(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private OnnxGraphs constant(String name, int type, int[] dims, byte[] raw) {
    Message tensor = new Message();
    for (int dim : dims) {
      tensor.integer(1, dim);
    }
    graph.message(5, tensor.integer(2, type).bytes(9, raw).text(8, name));
    return this;
  }

  OnnxGraphs node(String operator, List<String> inputs, String output, Message... attributes) {
    return node(operator, inputs, List.of(output), attributes);
  }

  OnnxGraphs node(
      String operator, List<String> inputs, List<String> outputs, Message... attributes) {
    return node("", operator, inputs, outputs, attributes);
  }

  OnnxGraphs node(
      String domain,
      String operator,
      List<String> inputs,
      List<String> outputs,
      Message... attributes) {
    Message node = new Message();
    inputs.forEach(input -> node.text(1, input));
    outputs.forEach(output -> node.text(2, output));
    node.text(3, operator + " of " + outputs.getFirst()).text(4, operator).text(7, domain);
    for (Message attribute : attributes) {
      node.message(5, attribute);
    }
    graph.message(1, node);
    return this;
  }

  static Message whole(String name, long value) {
    return new Message().text(1, name).integer(3, value).integer(20, 2);
  }

  static Message wholes(String name, long... values) {
    Message attribute = new Message().text(1, name);
    for (long value : values) {
      attribute.integer(8, value);
    }
    return attribute.integer(20, 7);
  }

  static Message real(String name, float value) {
    return new Message().text(1, name).real(2, value).integer(20, 1);
  }

  OnnxImport read(Path folder) {
    return OnnxImport.read(write(folder), ImportOptions.defaults());
  }

  Path write(Path folder) {
    Message model =
        new Message()
            .integer(1, 8)
            .message(7, graph)
            .message(8, new Message().text(1, "").integer(2, opset))
            .message(8, new Message().text(1, "com.microsoft").integer(2, 1));
    Path file = folder.resolve("model.onnx");
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      model.writeTo(bytes);
      Files.write(file, bytes.toByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return file;
  }
}
