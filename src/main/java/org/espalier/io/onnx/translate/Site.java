package org.espalier.io.onnx.translate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.espalier.io.onnx.read.ElementType;
import org.espalier.io.onnx.read.OnnxNode;
import org.espalier.model.Elementwise;
import org.espalier.model.Movement;
import org.espalier.model.Operator;
import org.espalier.tensor.Shape;
import org.jspecify.annotations.Nullable;

/**
 * A node that is being translated: what it reads and what becomes of it. Axes and shapes of the
 * node count the batch; {@link #axis} turns them into those of an example.
 */
final class Site {
  private final OnnxNode node;
  private final Emitter emitter;
  private final List<@Nullable Value> inputs;
  private final Map<String, Value> outputs = new HashMap<>();
  private final Map<String, String> withheld = new HashMap<>();

  Site(OnnxNode node, Emitter emitter, List<@Nullable Value> inputs) {
    this.node = node;
    this.emitter = emitter;
    this.inputs = inputs;
  }

  OnnxNode node() {
    return node;
  }

  /** Returns the version of the operator set that the file uses. */
  long opset() {
    return node.opset();
  }

  /** Returns whether values are rounded here as the file asks. */
  boolean rounds() {
    return emitter.rounds();
  }

  /** Returns how many inputs are written down, those left out in between too. */
  int inputs() {
    return inputs.size();
  }

  boolean has(int i) {
    return i < inputs.size() && inputs.get(i) != null;
  }

  /** Returns the type of an input that is an initialiser or a constant tensor. */
  Optional<ElementType> type(int i) {
    return has(i) ? emitter.type(node.inputs().get(i)) : Optional.empty();
  }

  /** Counts elements that are about to be made of nothing. */
  void allow(long elements) throws Unsupported {
    emitter.folding().allow(elements, elements);
  }

  /** Returns whether what is computed is 0 or 1 everywhere, as its operator gives nothing else. */
  boolean isTruth(Value.Computed value) {
    @Nullable Operator source = emitter.source(value);
    if (source instanceof Elementwise.Binary(Elementwise.Arithmetic function)) {
      return switch (function) {
        case LESS, LESS_OR_EQUAL, GREATER, GREATER_OR_EQUAL, EQUAL, AND, OR, XOR -> true;
        case ADD, SUB, MUL, DIV, REMAINDER, MAX, MIN, POW, PRELU -> false;
      };
    }
    return source instanceof Elementwise.Activation activation
        && activation.function() == Elementwise.Function.NOT;
  }

  /** Returns whether what is computed is whole everywhere, as its operator gives nothing else. */
  boolean isWhole(Value.Computed value) {
    return isTruth(value)
        || (emitter.source(value) instanceof Elementwise.Activation activation
            && (activation.function() == Elementwise.Function.FLOOR
                || activation.function() == Elementwise.Function.CEIL
                || activation.function() == Elementwise.Function.ROUND
                || activation.function() == Elementwise.Function.SIGN));
  }

  /** Returns whether what is computed is never below 0, as a rectifier gave it. */
  boolean isRectified(Value.Computed value) {
    return emitter.source(value) instanceof Operator.Relu;
  }

  /** Returns numbers as the file has them in place of the real ones that they stand for. */
  Value.Computed numbers(Value.Computed value) throws MixedBatch, Unsupported {
    return emitter.numbers(node, value);
  }

  /** Checks that there can be values of a shape. */
  void allowSize(Shape shape) {
    if (shape.size() == 0) {
      throw new IllegalArgumentException("no elements: " + shape);
    }
  }

  /** Returns an input. */
  Value input(int i) throws Unsupported {
    Value value = i < inputs.size() ? inputs.get(i) : null;
    if (value == null) {
      throw new Unsupported("input " + i + " is missing");
    }
    return value;
  }

  /** Returns whole numbers that must be known, such as axes. */
  long[] wholes(int i) throws Unsupported {
    return switch (input(i)) {
      case Value.Wholes known -> known.values();
      case Value.Reals known -> {
        long[] whole = new long[known.values().length];
        for (int k = 0; k < whole.length; k++) {
          whole[k] = (long) known.values()[k];
        }
        yield whole;
      }
      case Value.Computed _ -> throw new Unsupported("input " + i + " isn't constant");
    };
  }

  /** Returns real numbers that must be known. */
  Value.Reals reals(int i) throws Unsupported {
    return reals(input(i), "input " + i);
  }

  /** Returns real numbers that must be known, of whole ones too. */
  static Value.Reals reals(Value value, String what) throws Unsupported {
    return switch (value) {
      case Value.Reals known -> known;
      case Value.Wholes known -> {
        float[] reals = new float[known.values().length];
        for (int k = 0; k < reals.length; k++) {
          reals[k] = known.values()[k];
        }
        yield new Value.Reals(known.shape(), reals);
      }
      case Value.Computed _ -> throw new Unsupported(what + " isn't constant");
    };
  }

  /** Returns a single real number that must be known, or a default if the input is left out. */
  float scalar(int i, float otherwise) throws Unsupported {
    if (!has(i)) {
      return otherwise;
    }
    float[] values = reals(i).values();
    if (values.length != 1) {
      throw new Unsupported("input " + i + " has " + values.length + " values, not one");
    }
    return values[0];
  }

  /** Returns the axis of a value that a number means, from the end if it is negative. */
  static int normalAxis(Value value, long axis) {
    long positive = axis < 0 ? axis + value.rank() : axis;
    if (positive < 0 || positive >= value.rank()) {
      throw new IllegalArgumentException("axis " + axis + " of " + value.rank());
    }
    return (int) positive;
  }

  /**
   * Returns the axis of an example that a number means.
   *
   * @throws MixedBatch if it is that of the batch
   */
  static int axis(Value value, long axis) throws MixedBatch {
    int normal = normalAxis(value, axis);
    if (!(value instanceof Value.Computed computed) || !computed.batched()) {
      return normal;
    }
    if (normal == 0) {
      throw new MixedBatch("works along the axis of the batch");
    }
    return normal - 1;
  }

  /** Returns the shape of an example, or of known values. */
  static Shape shape(Value value) {
    return switch (value) {
      case Value.Computed computed -> computed.shape();
      case Value.Reals known -> known.shape();
      case Value.Wholes known -> known.shape();
    };
  }

  static boolean isBatched(Value value) {
    return value instanceof Value.Computed computed && computed.batched();
  }

  /** Adds an operator over one value. */
  Value emit(Operator operator, Value... values) throws MixedBatch, Unsupported {
    return emitter.emit(this, operator, Arrays.asList(values), Map.of());
  }

  /** Adds an operator with parameters. */
  Value emit(Operator operator, List<Value> values, Map<String, Value.Reals> parameters)
      throws MixedBatch, Unsupported {
    return emitter.emit(this, operator, values, parameters);
  }

  /** Adds a function of two values. */
  Value emit(Elementwise.Arithmetic function, Value x, Value y) throws MixedBatch, Unsupported {
    return emit(new Elementwise.Binary(function), x, y);
  }

  /** Gives an example, or known values, another shape. */
  Value reshape(Value value, int... dims) throws MixedBatch, Unsupported {
    Shape shape = Shape.of(dims);
    if (shape(value).equals(shape)) {
      return value;
    }
    return emit(new Movement.Reshape(shape), value);
  }

  /** Returns whether an output has a name, by which somebody may ask for it. */
  boolean asks(int output) {
    return output < node.outputs().size() && !node.outputs().get(output).isEmpty();
  }

  /**
   * Says why an output has no value; the node is refused if anybody reads it.
   *
   * @param why names the output
   */
  void withhold(int output, String why) {
    if (asks(output)) {
      withheld.put(node.outputs().get(output), why);
    }
  }

  /** Returns by name why outputs have no value. */
  Map<String, String> withheld() {
    return withheld;
  }

  /** Gives the node's first output its value. */
  void give(Value value) {
    give(0, value);
  }

  /** Gives an output its value, if anybody may ask for it. */
  void give(int output, Value value) {
    if (asks(output)) {
      outputs.put(node.outputs().get(output), value);
    }
  }

  Map<String, Value> outputs() {
    return outputs;
  }

  /** Returns where a known value comes from. */
  static Optional<Value.Origin> origin(Value value) {
    return value instanceof Value.Reals known ? known.origin() : Optional.empty();
  }

  /** Returns all inputs, none of them left out. */
  List<Value> all() throws Unsupported {
    List<Value> all = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      all.add(input(i));
    }
    return all;
  }
}
