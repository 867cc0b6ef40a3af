package org.espalier.io;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.espalier.InputException;
import org.espalier.model.Elementwise;
import org.espalier.model.Movement;
import org.espalier.model.Node;
import org.espalier.model.Operator;
import org.espalier.model.Reduction;
import org.espalier.model.Resampling;
import org.espalier.model.Window;
import tools.jackson.core.JsonGenerator;

/**
 * An operator as the fields of a node: those that can be trained, and windows; {@link
 * ForeignOperatorJson} has the others. A choice that there was not always is written only where it
 * isn't as it always was.
 */
final class OperatorJson {
  private static final String OPERATOR = "operator";
  private static final String NAME = "name";
  private static final String INPUT = "input";
  private static final String OTHER = "other";

  /** Names, of operators that read neither one nor two nodes; of layers it is a number. */
  private static final String INPUTS = "inputs";

  private static final String LINEAR = "linear";
  private static final String CONV2D = "conv2d";
  private static final String BATCH_NORM = "batch_norm";
  private static final String RELU = "relu";
  private static final String ADD = "add";
  private static final String SHORTCUT = "shortcut";
  private static final String MAX_POOL = "max_pool";
  private static final String AVERAGE_POOL = "average_pool";
  private static final String GLOBAL_AVERAGE_POOL = "global_average_pool";
  private static final String FLATTEN = "flatten";

  private static final List<String> KINDS =
      List.of(
          LINEAR,
          CONV2D,
          BATCH_NORM,
          RELU,
          ADD,
          SHORTCUT,
          MAX_POOL,
          AVERAGE_POOL,
          GLOBAL_AVERAGE_POOL,
          FLATTEN);

  private static final String OUTPUTS = "outputs";
  private static final String BIAS = "bias";
  private static final String GROUPS = "groups";
  private static final String STRIDE = "stride";
  private static final String PADDING = "padding";
  private static final String KERNEL = "kernel";
  private static final String KERNEL_HEIGHT = "kernelHeight";
  private static final String KERNEL_WIDTH = "kernelWidth";
  private static final String WINDOW = "window";
  private static final String CEIL = "ceil";
  private static final String COUNT_PADDING = "countPadding";

  private OperatorJson() {}

  /** Writes the names of the nodes that a node reads. */
  static void writeInputs(JsonGenerator json, Node node) {
    List<String> inputs = node.inputs();
    if (isList(node.operator())) {
      JsonText.writeStrings(json, INPUTS, inputs);
      return;
    }
    if (!inputs.isEmpty()) {
      json.writeStringProperty(INPUT, inputs.getFirst());
    }
    if (inputs.size() > 1) {
      json.writeStringProperty(OTHER, inputs.get(1));
    }
  }

  /** Returns the names of the nodes that a node reads, as many as its operator takes. */
  static List<String> readInputs(JsonObject node, Operator operator) {
    if (isList(operator)) {
      return node.stringList(INPUTS);
    }
    List<String> inputs = new ArrayList<>();
    if (operator.arity() > 0) {
      inputs.add(node.string(INPUT));
    }
    if (operator.arity() > 1) {
      inputs.add(node.string(OTHER));
    }
    return inputs;
  }

  private static boolean isList(Operator operator) {
    return operator instanceof Movement.Concat || operator.arity() > 2;
  }

  /** Writes kind and fields of an operator. */
  static void write(JsonGenerator json, Operator operator) {
    switch (operator) {
      case Operator.Linear linear -> {
        writeKind(json, LINEAR);
        json.writeNumberProperty(INPUTS, linear.inputs());
        json.writeNumberProperty(OUTPUTS, linear.outputs());
        if (!linear.bias()) {
          json.writeBooleanProperty(BIAS, false);
        }
      }
      case Operator.Conv2d conv -> write(json, conv);
      case Operator.BatchNorm(int channels, double momentum, double epsilon) -> {
        writeKind(json, BATCH_NORM);
        json.writeNumberProperty("channels", channels);
        json.writeNumberProperty("momentum", momentum);
        json.writeNumberProperty("epsilon", epsilon);
      }
      case Operator.Relu _ -> writeKind(json, RELU);
      case Operator.Add _ -> writeKind(json, ADD);
      case Operator.Shortcut(int outputs, int stride) -> {
        writeKind(json, SHORTCUT);
        json.writeNumberProperty(OUTPUTS, outputs);
        json.writeNumberProperty(STRIDE, stride);
      }
      case Operator.MaxPool pool -> {
        writeKind(json, MAX_POOL);
        writePool(json, pool);
      }
      case Operator.AveragePool pool -> {
        writeKind(json, AVERAGE_POOL);
        writePool(json, pool);
        if (!pool.countPadding()) {
          json.writeBooleanProperty(COUNT_PADDING, false);
        }
      }
      case Operator.GlobalAveragePool _ -> writeKind(json, GLOBAL_AVERAGE_POOL);
      case Operator.Flatten _ -> writeKind(json, FLATTEN);
      case Elementwise elementwise -> ForeignOperatorJson.write(json, elementwise);
      case Movement movement -> ForeignOperatorJson.write(json, movement);
      case Reduction reduction -> ForeignOperatorJson.write(json, reduction);
      case Resampling resampling -> ForeignOperatorJson.write(json, resampling);
    }
  }

  static void writeKind(JsonGenerator json, String kind) {
    json.writeStringProperty(OPERATOR, kind);
  }

  private static void write(JsonGenerator json, Operator.Conv2d conv) {
    writeKind(json, CONV2D);
    json.writeNumberProperty(INPUTS, conv.inputs());
    json.writeNumberProperty(OUTPUTS, conv.outputs());
    Window window = conv.window();
    if (window.isRegular()) {
      json.writeNumberProperty(KERNEL_HEIGHT, window.height());
      json.writeNumberProperty(KERNEL_WIDTH, window.width());
      json.writeNumberProperty(STRIDE, window.strideY());
      json.writeNumberProperty(PADDING, window.top());
    } else {
      write(json, window);
    }
    json.writeNumberProperty(GROUPS, conv.groups());
    json.writeBooleanProperty(BIAS, conv.bias());
  }

  private static void writePool(JsonGenerator json, Operator.Pool pool) {
    Window window = pool.window();
    if (window.isRegular() && window.height() == window.width()) {
      json.writeNumberProperty(KERNEL, window.height());
      json.writeNumberProperty(STRIDE, window.strideY());
      json.writeNumberProperty(PADDING, window.top());
    } else {
      write(json, window);
    }
    if (pool.ceil()) {
      json.writeBooleanProperty(CEIL, true);
    }
  }

  /** Writes a window of any kind. */
  static void write(JsonGenerator json, Window w) {
    json.writeObjectPropertyStart(WINDOW);
    json.writeNumberProperty("height", w.height());
    json.writeNumberProperty("width", w.width());
    json.writeNumberProperty("strideY", w.strideY());
    json.writeNumberProperty("strideX", w.strideX());
    json.writeNumberProperty("top", w.top());
    json.writeNumberProperty("left", w.left());
    json.writeNumberProperty("bottom", w.bottom());
    json.writeNumberProperty("right", w.right());
    json.writeNumberProperty("dilationY", w.dilationY());
    json.writeNumberProperty("dilationX", w.dilationX());
    json.writeEndObject();
  }

  /**
   * Reads the operator of a node.
   *
   * @throws InputException if it isn't one, or the node has fields that don't belong to it
   */
  static Operator read(JsonObject node) {
    String kind = node.string(OPERATOR);
    try {
      return switch (kind) {
        case LINEAR -> {
          allow(node, INPUTS, OUTPUTS, BIAS);
          yield new Operator.Linear(
              node.positive(INPUTS), node.positive(OUTPUTS), flag(node, BIAS, true));
        }
        case CONV2D -> readConv(node);
        case BATCH_NORM -> {
          allow(node, "channels", "momentum", "epsilon");
          yield new Operator.BatchNorm(
              node.positive("channels"), node.number("momentum"), node.number("epsilon"));
        }
        case RELU -> bare(node, new Operator.Relu());
        case ADD -> {
          allow(node, OTHER);
          yield new Operator.Add();
        }
        case SHORTCUT -> {
          allow(node, OUTPUTS, STRIDE);
          yield new Operator.Shortcut(node.positive(OUTPUTS), node.positive(STRIDE));
        }
        case MAX_POOL -> {
          Window window = readSquare(node, CEIL);
          yield new Operator.MaxPool(window, flag(node, CEIL, false));
        }
        case AVERAGE_POOL -> {
          Window window = readSquare(node, CEIL, COUNT_PADDING);
          yield new Operator.AveragePool(
              window, flag(node, CEIL, false), flag(node, COUNT_PADDING, true));
        }
        case GLOBAL_AVERAGE_POOL -> bare(node, new Operator.GlobalAveragePool());
        case FLATTEN -> bare(node, new Operator.Flatten());
        default ->
            ForeignOperatorJson.read(node, kind)
                .orElseThrow(
                    () -> {
                      List<String> kinds = new ArrayList<>(KINDS);
                      kinds.addAll(ForeignOperatorJson.KINDS);
                      return InputException.expected(
                          node.where() + ", operator", "one of " + kinds, kind);
                    });
      };
    } catch (IllegalArgumentException e) {
      throw new InputException(node.where() + ": " + e.getMessage(), e);
    }
  }

  private static Operator readConv(JsonObject node) {
    Window window;
    if (node.has(WINDOW)) {
      allow(node, INPUTS, OUTPUTS, WINDOW, GROUPS, BIAS);
      window = readWindow(node);
    } else {
      allow(node, INPUTS, OUTPUTS, KERNEL_HEIGHT, KERNEL_WIDTH, STRIDE, PADDING, GROUPS, BIAS);
      window =
          Window.of(
              node.positive(KERNEL_HEIGHT),
              node.positive(KERNEL_WIDTH),
              node.positive(STRIDE),
              node.natural(PADDING));
    }
    return new Operator.Conv2d(
        node.positive(INPUTS),
        node.positive(OUTPUTS),
        window,
        node.positive(GROUPS),
        node.bool(BIAS));
  }

  /** Reads the window of a pooling, which has the fields {@code more} besides. */
  private static Window readSquare(JsonObject node, String... more) {
    List<String> fields = new ArrayList<>(List.of(more));
    if (node.has(WINDOW)) {
      fields.add(WINDOW);
      allow(node, fields.toArray(String[]::new));
      return readWindow(node);
    }
    fields.addAll(0, List.of(KERNEL, STRIDE, PADDING));
    allow(node, fields.toArray(String[]::new));
    int kernel = node.positive(KERNEL);
    return Window.of(kernel, kernel, node.positive(STRIDE), node.natural(PADDING));
  }

  /** Reads a window of any kind. */
  static Window readWindow(JsonObject node) {
    JsonObject w = node.object(WINDOW);
    w.allow(
        "height",
        "width",
        "strideY",
        "strideX",
        "top",
        "left",
        "bottom",
        "right",
        "dilationY",
        "dilationX");
    return new Window(
        w.positive("height"),
        w.positive("width"),
        w.positive("strideY"),
        w.positive("strideX"),
        w.natural("top"),
        w.natural("left"),
        w.natural("bottom"),
        w.natural("right"),
        w.positive("dilationY"),
        w.positive("dilationX"));
  }

  private static boolean flag(JsonObject node, String key, boolean usual) {
    return node.has(key) ? node.bool(key) : usual;
  }

  private static Operator bare(JsonObject node, Operator operator) {
    allow(node);
    return operator;
  }

  /** Refuses all fields but these, the name, the kind and the node that is read. */
  static void allow(JsonObject node, String... fields) {
    node.allow(prefixed(List.of(NAME, INPUT, OPERATOR), fields));
  }

  /** Refuses all fields but these, the name and the kind. */
  static void allowOnly(JsonObject node, String... fields) {
    node.allow(prefixed(List.of(NAME, OPERATOR), fields));
  }

  private static String[] prefixed(List<String> always, String... fields) {
    return Stream.concat(always.stream(), Stream.of(fields)).toArray(String[]::new);
  }
}
