package org.espalier.io.onnx.read;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.espalier.io.onnx.Message;

/** Puts messages of ONNX together. */
final class Proto {
  private Proto() {}

  static byte[] bytes(Message message) {
    var out = new ByteArrayOutputStream();
    try {
      message.writeTo(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  /** Returns a model of format 8 and opset 17. */
  static Message model(Message graph) {
    return new Message()
        .integer(1, 8)
        .text(2, "someone")
        .text(3, "1.0")
        .message(8, new Message().text(1, "").integer(2, 17))
        .message(7, graph);
  }

  static OnnxModel read(Message model) {
    return OnnxModel.read("f", bytes(model));
  }

  static Message value(String name) {
    return new Message().text(1, name);
  }

  /** Returns a graph from input x to output y. */
  static Message graph(Message... nodes) {
    Message graph = new Message().text(2, "g").message(11, value("x")).message(12, value("y"));
    for (Message node : nodes) {
      graph.message(1, node);
    }
    return graph;
  }

  static Message node(String type, List<String> inputs, List<String> outputs) {
    Message node = new Message();
    inputs.forEach(input -> node.text(1, input));
    outputs.forEach(output -> node.text(2, output));
    return node.text(4, type);
  }

  static Message node(String type, String input, String output) {
    return node(type, List.of(input), List.of(output));
  }

  static Message attribute(String name, AttributeKind kind) {
    return new Message().text(1, name).integer(20, kind.ordinal());
  }

  static Message tensor(String name, ElementType type, byte[] raw, long... dims) {
    return head(name, type, dims).bytes(9, raw);
  }

  /** Returns a tensor without elements. */
  static Message head(String name, ElementType type, long... dims) {
    Message tensor = new Message();
    for (long dim : dims) {
      tensor.integer(1, dim);
    }
    return tensor.integer(2, type.ordinal()).text(8, name);
  }

  static OnnxTensor tensor(Message tensor) {
    return OnnxTensor.read("f", bytes(tensor));
  }

  static byte[] floats(float... values) {
    ByteBuffer bytes = littleEndian(Float.BYTES * values.length);
    bytes.asFloatBuffer().put(values);
    return bytes.array();
  }

  static byte[] longs(long... values) {
    ByteBuffer bytes = littleEndian(Long.BYTES * values.length);
    bytes.asLongBuffer().put(values);
    return bytes.array();
  }

  static ByteBuffer littleEndian(int length) {
    return ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Returns whole numbers as a packed field has them. */
  static byte[] packed(long... values) {
    var out = new ByteArrayOutputStream();
    for (long value : values) {
      byte[] field = bytes(new Message().integer(1, value));
      out.write(field, 1, field.length - 1);
    }
    return out.toByteArray();
  }
}
