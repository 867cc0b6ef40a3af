package org.espalier.io.onnx;

import java.util.List;
import org.espalier.model.Elementwise;
import org.espalier.model.Node;

/** Writes operators whose every output element depends on one element of each input. */
final class ElementwiseNodes {
  private final Values values;

  ElementwiseNodes(Values values) {
    this.values = values;
  }

  /**
   * Writes an operator.
   *
   * @param single whether its value is there once
   */
  void write(Node node, Elementwise operator, Steps steps, boolean single) {
    switch (operator) {
      case Elementwise.Activation activation -> activation(node.input(), activation, steps);
      case Elementwise.Binary(Elementwise.Arithmetic function) ->
          binary(node, function, steps, single);
      case Elementwise.Where _ -> {
        steps.require(9, "a choice");
        List<String> in = aligned(node);
        String condition = steps.cast(in.getFirst(), OnnxType.BOOL);
        steps.end("Where", condition, in.get(1), in.get(2));
      }
    }
  }

  private List<String> aligned(Node node) {
    int rank = node.outputShape().rank();
    return node.inputs().stream().map(name -> values.aligned(name, rank)).toList();
  }

  private void activation(String x, Elementwise.Activation activation, Steps s) {
    float a = activation.a();
    float b = activation.b();
    switch (activation.function()) {
      case LEAKY_RELU -> s.end("LeakyRelu", List.of(x), alpha(a));
      case CLIP -> {
        if (s.since(11)) {
          s.end("Clip", x, s.real(a), s.real(b));
        } else {
          s.end("Clip", List.of(x), new Attribute.Real("min", a), new Attribute.Real("max", b));
        }
      }
      case SIGMOID -> s.end("Sigmoid", x);
      case HARD_SIGMOID ->
          s.end("HardSigmoid", List.of(x), alpha(a), new Attribute.Real("beta", b));
      case HARD_SWISH -> {
        if (s.since(14)) {
          s.end("HardSwish", x);
        } else {
          Attribute half = new Attribute.Real("beta", 0.5f);
          s.end("Mul", x, s.step("HardSigmoid", List.of(x), alpha(1f / 6), half));
        }
      }
      case SWISH -> s.end("Mul", x, s.step("Sigmoid", a == 1 ? x : s.step("Mul", x, s.real(a))));
      case TANH -> s.end("Tanh", x);
      case ELU -> s.end("Elu", List.of(x), alpha(a));
      case SELU -> s.end("Selu", List.of(x), alpha(a), new Attribute.Real("gamma", b));
      case CELU -> celu(x, a, s);
      case SOFTPLUS -> s.end("Softplus", x);
      case SOFTSIGN -> s.end("Softsign", x);
      case MISH -> {
        if (s.since(18)) {
          s.end("Mish", x);
        } else {
          s.end("Mul", x, s.step("Tanh", s.step("Softplus", x)));
        }
      }
      case GELU -> gelu(x, s);
      case GELU_TANH -> {
        if (s.since(20)) {
          s.end("Gelu", List.of(x), new Attribute.Text("approximate", "tanh"));
        } else {
          String cube = s.step("Mul", s.step("Mul", x, x), x);
          String sum = s.step("Add", x, s.step("Mul", cube, s.real(0.044715f)));
          String scaled = s.step("Mul", sum, s.real((float) Math.sqrt(2 / Math.PI)));
          half(x, s.step("Tanh", scaled), s);
        }
      }
      case THRESHOLDED_RELU -> {
        if (s.since(10)) {
          s.end("ThresholdedRelu", List.of(x), alpha(a));
        } else {
          s.end("Mul", x, s.cast(s.step("Greater", x, s.real(a)), OnnxType.FLOAT));
        }
      }
      case ERF -> {
        s.require(9, "the error function");
        s.end("Erf", x);
      }
      case EXP -> s.end("Exp", x);
      case LOG -> s.end("Log", x);
      case SQRT -> s.end("Sqrt", x);
      case ABS -> s.end("Abs", x);
      case NEG -> s.end("Neg", x);
      case RECIPROCAL -> s.end("Reciprocal", x);
      case SIGN -> {
        if (s.since(9)) {
          s.end("Sign", x);
        } else {
          String zero = s.real(0);
          String above = s.cast(s.step("Greater", x, zero), OnnxType.FLOAT);
          s.end("Sub", above, s.cast(s.step("Less", x, zero), OnnxType.FLOAT));
        }
      }
      case FLOOR -> s.end("Floor", x);
      case CEIL -> s.end("Ceil", x);
      case ROUND -> {
        if (s.since(11)) {
          s.end("Round", x);
        } else {
          round(x, s);
        }
      }
      case SIN -> s.end("Sin", x);
      case COS -> s.end("Cos", x);
      case NOT -> s.endCast(s.step("Not", s.cast(x, OnnxType.BOOL)));
    }
  }

  private static Attribute alpha(float value) {
    return new Attribute.Real("alpha", value);
  }

  /** {@code min(0, z)} is {@code −max(0, −z)}. */
  private static void celu(String x, float a, Steps s) {
    if (s.since(12)) {
      s.end("Celu", List.of(x), alpha(a));
      return;
    }
    String power = s.step("Exp", s.step("Div", x, s.real(a)));
    String below = s.step("Mul", s.step("Sub", s.real(1), power), s.real(a));
    s.end("Sub", s.step("Relu", x), s.step("Relu", below));
  }

  private static void gelu(String x, Steps s) {
    if (s.since(20)) {
      s.end("Gelu", x);
      return;
    }
    s.require(9, "the error function");
    half(x, s.step("Erf", s.step("Mul", x, s.real((float) Math.sqrt(0.5)))), s);
  }

  /** {@code x/2 · (1 + y)}. */
  private static void half(String x, String y, Steps s) {
    s.end("Mul", s.step("Mul", x, s.real(0.5f)), s.step("Add", y, s.real(1)));
  }

  /** One more than the floor if what is left is more than a half, or a half and the floor odd. */
  private static void round(String x, Steps s) {
    String half = s.real(0.5f);
    String floor = s.step("Floor", x);
    String left = s.step("Sub", x, floor);
    String more = s.step("Greater", left, half);
    String notLess = s.step("Not", s.step("Less", left, half));
    String pairs = s.step("Mul", s.step("Floor", s.step("Mul", floor, half)), s.real(2));
    String odd = s.step("Greater", s.step("Sub", floor, pairs), half);
    String up = s.step("Or", more, s.step("And", notLess, odd));
    s.end("Add", floor, s.cast(up, OnnxType.FLOAT));
  }

  private void binary(Node node, Elementwise.Arithmetic function, Steps s, boolean single) {
    List<String> in = aligned(node);
    String x = in.getFirst();
    String y = in.getLast();
    switch (function) {
      case ADD -> s.end("Add", x, y);
      case SUB -> s.end("Sub", x, y);
      case MUL -> s.end("Mul", x, y);
      case DIV -> s.end("Div", x, y);
      case REMAINDER -> {
        s.require(10, "a remainder");
        s.end("Mod", in, new Attribute.Whole("fmod", 1));
      }
      case MAX -> extreme("Max", node, s, single);
      case MIN -> extreme("Min", node, s, single);
      case POW -> s.end("Pow", x, y);
      case PRELU -> prelu(node, x, y, s);
      case LESS -> s.endCast(s.step("Less", x, y));
      case GREATER -> s.endCast(s.step("Greater", x, y));
      case LESS_OR_EQUAL -> s.endCast(orEqual("Less", x, y, s));
      case GREATER_OR_EQUAL -> s.endCast(orEqual("Greater", x, y, s));
      case EQUAL -> s.endCast(equal(x, y, s));
      case AND -> logical("And", x, y, s);
      case OR -> logical("Or", x, y, s);
      case XOR -> logical("Xor", x, y, s);
    }
  }

  private static void logical(String type, String x, String y, Steps s) {
    s.endCast(s.step(type, s.cast(x, OnnxType.BOOL), s.cast(y, OnnxType.BOOL)));
  }

  private static String orEqual(String strict, String x, String y, Steps s) {
    return s.since(12)
        ? s.step(strict + "OrEqual", x, y)
        : s.step("Or", s.step(strict, x, y), equal(x, y, s));
  }

  /** Before opset 11 floats could be compared by order alone, where NaN is neither. */
  private static String equal(String x, String y, Steps s) {
    if (s.since(11)) {
      return s.step("Equal", x, y);
    }
    String different = s.step("Or", s.step("Less", x, y), s.step("Greater", x, y));
    String numbers = s.step("And", isNumber(x, s), isNumber(y, s));
    return s.step("And", s.step("Not", different), numbers);
  }

  private static String isNumber(String x, Steps s) {
    return s.step("Or", s.step("Less", x, s.real(1)), s.step("Greater", x, s.real(0)));
  }

  /** Opset 7 doesn't broadcast. */
  private void extreme(String type, Node node, Steps s, boolean single) {
    List<String> in = aligned(node);
    if (s.since(8)) {
      s.end(type, in);
      return;
    }
    s.end(
        type,
        node.inputs().stream()
            .map(name -> values.spread(name, node.outputShape(), single))
            .toList());
  }

  /** ONNX repeats the slope alone; otherwise it is the positive part less the slope's negative. */
  private void prelu(Node node, String x, String y, Steps s) {
    String first = node.inputs().getFirst();
    boolean fits =
        values.shape(first).equals(node.outputShape())
            && (!values.isOnce(first) || values.isOnce(node.inputs().getLast()));
    if (fits) {
      s.end("PRelu", x, y);
    } else {
      String below = s.step("Relu", s.step("Neg", x));
      s.end("Sub", s.step("Relu", x), s.step("Mul", y, below));
    }
  }
}
