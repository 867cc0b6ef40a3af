package org.espalier.io.onnx.translate;

import java.util.HashMap;
import java.util.Map;
import org.espalier.model.Elementwise;
import org.espalier.model.Elementwise.Activation;
import org.espalier.model.Elementwise.Arithmetic;
import org.espalier.model.Elementwise.Function;
import org.espalier.model.Operator;
import org.espalier.tensor.Shape;

/** Functions of each element. */
final class ElementwiseRules {
  static final Map<String, Rule> ALL = new HashMap<>();

  /** Since when an axis and the flag to broadcast are no attributes of arithmetic. */
  private static final int NUMPY = 7;

  static {
    ALL.put("Relu", site -> site.give(site.emit(new Operator.Relu(), site.input(0))));
    ALL.put("Clip", ElementwiseRules::clip);
    function("LeakyRelu", Function.LEAKY_RELU, "alpha", 0.01f, "", 0);
    function("HardSigmoid", Function.HARD_SIGMOID, "alpha", 0.2f, "beta", 0.5f);
    function("Elu", Function.ELU, "alpha", 1, "", 0);
    function("Selu", Function.SELU, "alpha", 1.6732632f, "gamma", 1.050701f);
    function("Celu", Function.CELU, "alpha", 1, "", 0);
    function("ThresholdedRelu", Function.THRESHOLDED_RELU, "alpha", 1, "", 0);
    function("Swish", Function.SWISH, "alpha", 1, "", 0);
    function("Sigmoid", Function.SIGMOID);
    function("HardSwish", Function.HARD_SWISH);
    function("Tanh", Function.TANH);
    function("Softplus", Function.SOFTPLUS);
    function("Softsign", Function.SOFTSIGN);
    function("Mish", Function.MISH);
    function("Erf", Function.ERF);
    function("Exp", Function.EXP);
    function("Log", Function.LOG);
    function("Sqrt", Function.SQRT);
    function("Abs", Function.ABS);
    function("Neg", Function.NEG);
    function("Reciprocal", Function.RECIPROCAL);
    function("Sign", Function.SIGN);
    function("Floor", Function.FLOOR);
    function("Ceil", Function.CEIL);
    function("Round", Function.ROUND);
    function("Sin", Function.SIN);
    function("Cos", Function.COS);
    function("Not", Function.NOT);
    ALL.put(
        "Gelu",
        site ->
            site.give(
                site.emit(
                    new Activation(
                        switch (site.node().text("approximate", "none")) {
                          case "none" -> Function.GELU;
                          case "tanh" -> Function.GELU_TANH;
                          default ->
                              throw new Unsupported(
                                  "approximate " + site.node().text("approximate", ""));
                        }),
                    site.input(0))));
    binary("Add", Arithmetic.ADD);
    binary("Sub", Arithmetic.SUB);
    binary("Mul", Arithmetic.MUL);
    binary("Div", Arithmetic.DIV);
    binary("Pow", Arithmetic.POW);
    binary("Less", Arithmetic.LESS);
    binary("LessOrEqual", Arithmetic.LESS_OR_EQUAL);
    binary("Greater", Arithmetic.GREATER);
    binary("GreaterOrEqual", Arithmetic.GREATER_OR_EQUAL);
    binary("Equal", Arithmetic.EQUAL);
    binary("And", Arithmetic.AND);
    binary("Or", Arithmetic.OR);
    binary("Xor", Arithmetic.XOR);
    ALL.put("PRelu", ElementwiseRules::prelu);
    ALL.put(
        "Where",
        site ->
            site.give(
                site.emit(new Elementwise.Where(), site.input(0), site.input(1), site.input(2))));
    ALL.put("Sum", site -> site.give(chain(site, Arithmetic.ADD)));
    ALL.put("Max", site -> site.give(chain(site, Arithmetic.MAX)));
    ALL.put("Min", site -> site.give(chain(site, Arithmetic.MIN)));
    ALL.put(
        "Mean",
        site ->
            site.give(
                site.emit(
                    Arithmetic.DIV,
                    chain(site, Arithmetic.ADD),
                    new Value.Reals(Shape.of(), site.inputs()))));
  }

  private ElementwiseRules() {}

  private static void function(String name, Function function) {
    ALL.put(name, site -> site.give(site.emit(new Activation(function), site.input(0))));
  }

  private static void function(
      String name, Function function, String a, float missingA, String b, float missingB) {
    ALL.put(
        name,
        site ->
            site.give(
                site.emit(
                    new Activation(
                        function,
                        site.node().real(a, missingA),
                        b.isEmpty() ? 0 : site.node().real(b, missingB)),
                    site.input(0))));
  }

  private static void binary(String name, Arithmetic function) {
    ALL.put(
        name,
        site -> site.give(binary(site, function, site.input(0), operand(site, site.input(1)))));
  }

  /** The sum of two of one shape is what layers take over. */
  static Value binary(Site site, Arithmetic function, Value x, Value y)
      throws MixedBatch, Unsupported {
    boolean sum =
        function == Arithmetic.ADD
            && x instanceof Value.Computed left
            && y instanceof Value.Computed right
            && left.shape().equals(right.shape())
            && left.batched() == right.batched();
    return sum ? site.emit(new Operator.Add(), x, y) : site.emit(function, x, y);
  }

  /** Before operands were broadcast as NumPy does, an axis said where the second one begins. */
  private static Value operand(Site site, Value y) throws MixedBatch, Unsupported {
    if (site.opset() >= NUMPY
        || !site.node().has("axis")
        || site.node().integer("broadcast", 0) == 0) {
      return y;
    }
    Value x = site.input(0);
    int axis = Site.normalAxis(x, site.node().integer("axis", 0));
    int[] dims = new int[x.rank() - axis];
    Shape shape = Site.shape(y);
    for (int i = 0; i < dims.length; i++) {
      dims[i] = i < shape.rank() ? shape.dim(i) : 1;
    }
    return site.reshape(y, dims);
  }

  private static Value chain(Site site, Arithmetic function) throws MixedBatch, Unsupported {
    Value result = site.input(0);
    for (int i = 1; i < site.inputs(); i++) {
      result = binary(site, function, result, site.input(i));
    }
    return result;
  }

  /** The limits are attributes up to version 10, then inputs. */
  private static void clip(Site site) throws MixedBatch, Unsupported {
    float low;
    float high;
    if (site.opset() < 11) {
      low = site.node().real("min", -Float.MAX_VALUE);
      high = site.node().real("max", Float.MAX_VALUE);
    } else if (isKnown(site, 1) && isKnown(site, 2)) {
      low = site.scalar(1, Float.NEGATIVE_INFINITY);
      high = site.scalar(2, Float.POSITIVE_INFINITY);
    } else {
      Value x =
          site.has(1) ? site.emit(Arithmetic.MAX, site.input(0), site.input(1)) : site.input(0);
      site.give(site.has(2) ? site.emit(Arithmetic.MIN, x, site.input(2)) : x);
      return;
    }
    boolean unlimited = high >= Float.MAX_VALUE;
    site.give(
        low == 0 && unlimited
            ? site.emit(new Operator.Relu(), site.input(0))
            : site.emit(new Activation(Function.CLIP, low, high), site.input(0)));
  }

  private static boolean isKnown(Site site, int i) throws Unsupported {
    return !site.has(i) || !(site.input(i) instanceof Value.Computed);
  }

  /** Slopes of fewer axes than the input belong to its channels if their number says so. */
  private static void prelu(Site site) throws MixedBatch, Unsupported {
    Value x = site.input(0);
    Value slope = site.input(1);
    Shape shape = Site.shape(slope);
    if (shape.rank() == 1 && x.rank() > 2 && site.opset() < NUMPY) {
      int[] dims = new int[x.rank() - 1];
      java.util.Arrays.fill(dims, 1);
      dims[0] = shape.dim(0);
      slope = site.reshape(slope, dims);
    }
    site.give(site.emit(Arithmetic.PRELU, x, slope));
  }
}
