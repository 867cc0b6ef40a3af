package org.espalier.io;

import java.util.List;
import java.util.Optional;
import org.espalier.InputException;
import org.espalier.model.Elementwise;
import org.espalier.model.Movement;
import org.espalier.model.Operator;
import org.espalier.model.Reduction;
import org.espalier.model.Resampling;
import org.espalier.tensor.Shape;
import tools.jackson.core.JsonGenerator;

/** The operators of networks that were trained elsewhere as the fields of a node. */
final class ForeignOperatorJson {
  private static final String ACTIVATION = "activation";
  private static final String BINARY = "binary";
  private static final String WHERE = "where";
  private static final String CONCAT = "concat";
  private static final String SLICE = "slice";
  private static final String GATHER = "gather";
  private static final String PAD = "pad";
  private static final String TRANSPOSE = "transpose";
  private static final String RESHAPE = "reshape";
  private static final String EXPAND = "expand";
  private static final String CONSTANT = "constant";
  private static final String REDUCE = "reduce";
  private static final String SOFTMAX = "softmax";
  private static final String STANDARDIZE = "standardize";
  private static final String LOCAL_RESPONSE = "local_response";
  private static final String MAT_MUL = "mat_mul";
  private static final String RESIZE = "resize";
  private static final String CONV_TRANSPOSE2D = "conv_transpose2d";

  /** What the operators are called. */
  static final List<String> KINDS =
      List.of(
          ACTIVATION,
          BINARY,
          WHERE,
          CONCAT,
          SLICE,
          GATHER,
          PAD,
          TRANSPOSE,
          RESHAPE,
          EXPAND,
          CONSTANT,
          REDUCE,
          SOFTMAX,
          STANDARDIZE,
          LOCAL_RESPONSE,
          MAT_MUL,
          RESIZE,
          CONV_TRANSPOSE2D);

  private static final String OTHER = "other";
  private static final String INPUTS = "inputs";
  private static final String OUTPUTS = "outputs";
  private static final String FUNCTION = "function";
  private static final String AXIS = "axis";
  private static final String AXES = "axes";
  private static final String SHAPE = "shape";
  private static final String EPSILON = "epsilon";

  private ForeignOperatorJson() {}

  static void write(JsonGenerator json, Elementwise operator) {
    switch (operator) {
      case Elementwise.Activation(Elementwise.Function function, float a, float b) -> {
        OperatorJson.writeKind(json, ACTIVATION);
        json.writeStringProperty(FUNCTION, JsonText.name(function));
        JsonText.writeReal(json, "a", a);
        JsonText.writeReal(json, "b", b);
      }
      case Elementwise.Binary(Elementwise.Arithmetic function) -> {
        OperatorJson.writeKind(json, BINARY);
        json.writeStringProperty(FUNCTION, JsonText.name(function));
      }
      case Elementwise.Where _ -> OperatorJson.writeKind(json, WHERE);
    }
  }

  static void write(JsonGenerator json, Movement operator) {
    switch (operator) {
      case Movement.Concat(int axis, int _) -> {
        OperatorJson.writeKind(json, CONCAT);
        json.writeNumberProperty(AXIS, axis);
      }
      case Movement.Slice(int axis, int start, int step, int size) -> {
        OperatorJson.writeKind(json, SLICE);
        json.writeNumberProperty(AXIS, axis);
        json.writeNumberProperty("start", start);
        json.writeNumberProperty("step", step);
        json.writeNumberProperty("size", size);
      }
      case Movement.Gather(int axis, List<Integer> indices) -> {
        OperatorJson.writeKind(json, GATHER);
        json.writeNumberProperty(AXIS, axis);
        JsonText.writeNumbers(json, "indices", indices);
      }
      case Movement.Pad pad -> {
        OperatorJson.writeKind(json, PAD);
        json.writeStringProperty("padding", JsonText.name(pad.padding()));
        JsonText.writeNumbers(json, "before", pad.before());
        JsonText.writeNumbers(json, "after", pad.after());
        JsonText.writeReal(json, "value", pad.value());
      }
      case Movement.Transpose(List<Integer> axes) -> {
        OperatorJson.writeKind(json, TRANSPOSE);
        JsonText.writeNumbers(json, AXES, axes);
      }
      case Movement.Reshape(Shape shape) -> writeShape(json, RESHAPE, shape);
      case Movement.Expand(Shape shape) -> writeShape(json, EXPAND, shape);
      case Movement.Constant(Shape shape) -> writeShape(json, CONSTANT, shape);
    }
  }

  private static void writeShape(JsonGenerator json, String kind, Shape shape) {
    OperatorJson.writeKind(json, kind);
    JsonText.writeNumbers(json, SHAPE, shape.dims());
  }

  static void write(JsonGenerator json, Reduction operator) {
    switch (operator) {
      case Reduction.Reduce(Reduction.Kind kind, List<Integer> axes, boolean keep) -> {
        OperatorJson.writeKind(json, REDUCE);
        json.writeStringProperty(FUNCTION, JsonText.name(kind));
        JsonText.writeNumbers(json, AXES, axes);
        json.writeBooleanProperty("keep", keep);
      }
      case Reduction.Softmax(int axis, boolean log) -> {
        OperatorJson.writeKind(json, SOFTMAX);
        json.writeNumberProperty(AXIS, axis);
        json.writeBooleanProperty("log", log);
      }
      case Reduction.Standardize(List<Integer> axes, double epsilon) -> {
        OperatorJson.writeKind(json, STANDARDIZE);
        JsonText.writeNumbers(json, AXES, axes);
        json.writeNumberProperty(EPSILON, epsilon);
      }
      case Reduction.LocalResponse local -> {
        OperatorJson.writeKind(json, LOCAL_RESPONSE);
        json.writeNumberProperty("size", local.size());
        JsonText.writeReal(json, "alpha", local.alpha());
        JsonText.writeReal(json, "beta", local.beta());
        JsonText.writeReal(json, "bias", local.bias());
      }
      case Reduction.MatMul _ -> OperatorJson.writeKind(json, MAT_MUL);
    }
  }

  static void write(JsonGenerator json, Resampling operator) {
    switch (operator) {
      case Resampling.Resize resize -> {
        OperatorJson.writeKind(json, RESIZE);
        JsonText.writeNumbers(json, "sizes", resize.sizes());
        JsonText.writeReals(json, "scales", resize.scales());
        json.writeStringProperty("interpolation", JsonText.name(resize.interpolation()));
        json.writeStringProperty("coordinates", JsonText.name(resize.coordinates()));
        json.writeStringProperty("rounding", JsonText.name(resize.rounding()));
        JsonText.writeReal(json, "cubic", resize.cubic());
        json.writeBooleanProperty("excludeOutside", resize.excludeOutside());
      }
      case Resampling.ConvTranspose2d conv -> {
        OperatorJson.writeKind(json, CONV_TRANSPOSE2D);
        json.writeNumberProperty(INPUTS, conv.inputs());
        json.writeNumberProperty(OUTPUTS, conv.outputs());
        OperatorJson.write(json, conv.window());
        json.writeNumberProperty("moreRows", conv.moreRows());
        json.writeNumberProperty("moreColumns", conv.moreColumns());
        json.writeNumberProperty("groups", conv.groups());
        json.writeBooleanProperty("bias", conv.bias());
      }
    }
  }

  /**
   * Reads the operator of a node, if it is one of these.
   *
   * @throws InputException if its fields aren't those of its kind
   */
  static Optional<Operator> read(JsonObject node, String kind) {
    return Optional.ofNullable(
        switch (kind) {
          case ACTIVATION -> {
            OperatorJson.allow(node, FUNCTION, "a", "b");
            yield new Elementwise.Activation(
                node.choice(FUNCTION, Elementwise.Function.class), node.real("a"), node.real("b"));
          }
          case BINARY -> {
            OperatorJson.allow(node, OTHER, FUNCTION);
            yield new Elementwise.Binary(node.choice(FUNCTION, Elementwise.Arithmetic.class));
          }
          case WHERE -> {
            OperatorJson.allowOnly(node, INPUTS);
            yield new Elementwise.Where();
          }
          case CONCAT -> {
            OperatorJson.allowOnly(node, INPUTS, AXIS);
            yield new Movement.Concat(node.natural(AXIS), node.stringList(INPUTS).size());
          }
          case SLICE -> {
            OperatorJson.allow(node, AXIS, "start", "step", "size");
            yield new Movement.Slice(
                node.natural(AXIS),
                node.natural("start"),
                node.whole("step"),
                node.positive("size"));
          }
          case GATHER -> {
            OperatorJson.allow(node, AXIS, "indices");
            yield new Movement.Gather(node.natural(AXIS), node.wholes("indices"));
          }
          case PAD -> {
            OperatorJson.allow(node, "padding", "before", "after", "value");
            yield new Movement.Pad(
                node.choice("padding", Movement.Padding.class),
                node.wholes("before"),
                node.wholes("after"),
                node.real("value"));
          }
          case TRANSPOSE -> {
            OperatorJson.allow(node, AXES);
            yield new Movement.Transpose(node.wholes(AXES));
          }
          case RESHAPE -> {
            OperatorJson.allow(node, SHAPE);
            yield new Movement.Reshape(shape(node));
          }
          case EXPAND -> {
            OperatorJson.allow(node, SHAPE);
            yield new Movement.Expand(shape(node));
          }
          case CONSTANT -> {
            OperatorJson.allowOnly(node, SHAPE);
            yield new Movement.Constant(shape(node));
          }
          case REDUCE -> {
            OperatorJson.allow(node, FUNCTION, AXES, "keep");
            yield new Reduction.Reduce(
                node.choice(FUNCTION, Reduction.Kind.class), node.wholes(AXES), node.bool("keep"));
          }
          case SOFTMAX -> {
            OperatorJson.allow(node, AXIS, "log");
            yield new Reduction.Softmax(node.natural(AXIS), node.bool("log"));
          }
          case STANDARDIZE -> {
            OperatorJson.allow(node, AXES, EPSILON);
            yield new Reduction.Standardize(node.wholes(AXES), epsilon(node));
          }
          case LOCAL_RESPONSE -> {
            OperatorJson.allow(node, "size", "alpha", "beta", "bias");
            yield new Reduction.LocalResponse(
                node.positive("size"), node.real("alpha"), node.real("beta"), node.real("bias"));
          }
          case MAT_MUL -> {
            OperatorJson.allow(node, OTHER);
            yield new Reduction.MatMul();
          }
          case RESIZE -> readResize(node);
          case CONV_TRANSPOSE2D -> readConvTranspose(node);
          default -> null;
        });
  }

  private static Operator readResize(JsonObject node) {
    OperatorJson.allow(
        node,
        "sizes",
        "scales",
        "interpolation",
        "coordinates",
        "rounding",
        "cubic",
        "excludeOutside");
    List<Float> scales = node.reals("scales");
    for (float scale : scales) {
      if (!(scale > 0) || Float.isInfinite(scale)) {
        throw InputException.expected(node.where() + ", scales", "finite ones above 0", scale);
      }
    }
    return new Resampling.Resize(
        node.wholes("sizes"),
        scales,
        node.choice("interpolation", Resampling.Interpolation.class),
        node.choice("coordinates", Resampling.Coordinates.class),
        node.choice("rounding", Resampling.Rounding.class),
        node.real("cubic"),
        node.bool("excludeOutside"));
  }

  private static Operator readConvTranspose(JsonObject node) {
    OperatorJson.allow(
        node, INPUTS, OUTPUTS, "window", "moreRows", "moreColumns", "groups", "bias");
    return new Resampling.ConvTranspose2d(
        node.positive(INPUTS),
        node.positive(OUTPUTS),
        OperatorJson.readWindow(node),
        node.natural("moreRows"),
        node.natural("moreColumns"),
        node.positive("groups"),
        node.bool("bias"));
  }

  private static Shape shape(JsonObject node) {
    return GraphJson.shape(node.where(), node.positives(SHAPE));
  }

  private static double epsilon(JsonObject node) {
    double epsilon = node.number(EPSILON);
    if (!(epsilon >= 0) || Double.isInfinite(epsilon)) {
      throw InputException.expected(
          node.where() + ", " + EPSILON, "a finite number from 0", epsilon);
    }
    return epsilon;
  }
}
