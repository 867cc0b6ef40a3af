package org.espalier.io.onnx;

import java.util.List;
import java.util.Locale;
import org.espalier.InputException;

/**
 * The ONNX nodes that one of our nodes becomes: some on the way, and the one that gives its value.
 */
final class Steps {
  private final OnnxGraph onnx;
  private final String name;
  private final String output;

  /**
   * Starts.
   *
   * @param name of our node
   * @param output the name of its value
   */
  Steps(OnnxGraph onnx, String name, String output) {
    this.onnx = onnx;
    this.name = name;
    this.output = output;
  }

  /** Returns whether the operators are those of an opset or newer. */
  boolean since(int opset) {
    return onnx.opset() >= opset;
  }

  /**
   * Refuses an opset that is too old.
   *
   * @throws InputException if it is
   */
  void require(int opset, String what) {
    if (!since(opset)) {
      throw InputException.expected(
          "node " + name, "opset " + opset + " or newer for " + what, "opset " + onnx.opset());
    }
  }

  /** Returns the exception for what no opset has. */
  InputException refusal(String what) {
    return InputException.expected("node " + name, "what ONNX can say", what);
  }

  /** Adds a node on the way and returns the name of what it gives. */
  String step(String type, String... inputs) {
    return step(type, List.of(inputs));
  }

  /** Adds a node on the way and returns the name of what it gives. */
  String step(String type, List<String> inputs, Attribute... attributes) {
    String value = onnx.fresh(name + "." + type.toLowerCase(Locale.ROOT));
    onnx.node(type, value, inputs, attributes);
    return value;
  }

  /** Adds the node that gives the value. */
  void end(String type, String... inputs) {
    end(type, List.of(inputs));
  }

  /** Adds the node that gives the value. */
  void end(String type, List<String> inputs, Attribute... attributes) {
    onnx.node(type, output, inputs, attributes);
  }

  /** Returns a value as another type. */
  String cast(String x, OnnxType type) {
    return step("Cast", List.of(x), to(type));
  }

  /** Gives a value as a float. */
  void endCast(String x) {
    end("Cast", List.of(x), to(OnnxType.FLOAT));
  }

  private static Attribute to(OnnxType type) {
    return new Attribute.Whole("to", type.code());
  }

  /** Returns the name of a constant that is one number. */
  String real(float value) {
    return onnx.floats(name + ".number", new float[] {value});
  }

  /** Returns the name of a vector of whole numbers. */
  String wholes(String what, long... values) {
    return onnx.wholes(name + "." + what, values);
  }

  /** Returns the name of a vector of floats. */
  String reals(String what, float... values) {
    return onnx.floats(name + "." + what, values, values.length);
  }
}
