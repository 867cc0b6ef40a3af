package org.espalier.io.onnx.translate;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.espalier.io.onnx.read.ElementType;
import org.espalier.io.onnx.read.OnnxNetwork;
import org.espalier.io.onnx.read.OnnxNode;
import org.espalier.model.Elementwise;
import org.espalier.model.Movement;
import org.espalier.model.Operator;
import org.espalier.model.Reduction;
import org.espalier.tensor.Shape;
import org.jspecify.annotations.Nullable;

/**
 * Collects the operators of our graph. What depends on no input of the network is computed at once
 * instead, whatever the operator, up to a budget.
 */
final class Emitter {
  /**
   * An operator that has been emitted, or an input of the network.
   *
   * @param operator what it computes; null of an input
   * @param inputs numbers of what it reads
   * @param parameters by role
   * @param node for which it was emitted; null of an input
   * @param input name of the input; empty of an operator
   * @param shape of an example of what it gives
   */
  record Emitted(
      @Nullable Operator operator,
      List<Integer> inputs,
      Map<String, Value.Reals> parameters,
      @Nullable OnnxNode node,
      String input,
      Shape shape) {}

  private final Folding folding = new Folding();
  private final List<Emitted> all = new ArrayList<>();

  /** Known values that are operands, so that each is stored once. */
  private final IdentityHashMap<Value, Integer> constants = new IdentityHashMap<>();

  /** By the name of an initialiser, or of what a constant node gives, its type. */
  private final Map<String, ElementType> types = new HashMap<>();

  Emitter(OnnxNetwork network) {
    network.initializers().forEach((name, tensor) -> types.put(name, tensor.type()));
    for (OnnxNode node : network.nodes()) {
      if (node.opType().equals("Constant") && node.domain().isEmpty() && node.has("value")) {
        node.tensor("value").ifPresent(t -> types.put(node.outputs().getFirst(), t.type()));
      }
    }
  }

  Folding folding() {
    return folding;
  }

  /** Returns whether an initialiser, or what a constant node gives, holds signed whole numbers. */
  boolean isSigned(String name) {
    ElementType type = type(name).orElse(ElementType.UNDEFINED);
    return type == ElementType.INT8
        || type == ElementType.INT4
        || type == ElementType.INT16
        || type == ElementType.INT32;
  }

  /** Returns the type of an initialiser, or of the tensor that a constant node gives. */
  Optional<ElementType> type(String name) {
    return Optional.ofNullable(types.get(name));
  }

  /** Returns all, each behind those that it reads. */
  List<Emitted> all() {
    return all;
  }

  /** Adds an input of the network. */
  Value.Computed input(String name, Shape shape, boolean batched) {
    all.add(new Emitted(null, List.of(), Map.of(), null, name, shape));
    return new Value.Computed(all.size() - 1, shape, batched);
  }

  /**
   * Adds an operator.
   *
   * @throws IllegalArgumentException if parameters or operands don't fit the operator
   * @throws MixedBatch if operands would be aligned at other axes than the file's
   */
  Value emit(Site site, Operator operator, List<Value> values, Map<String, Value.Reals> parameters)
      throws MixedBatch, Unsupported {
    for (Operator.ParameterSpec spec : operator.parameters()) {
      Value.Reals parameter = parameters.get(spec.role());
      if (parameter != null && parameter.shape().size() != spec.shape().size()) {
        throw new IllegalArgumentException(
            spec.role() + " of " + parameter.shape() + ", not " + spec.shape());
      }
    }
    boolean known = true;
    boolean batched = false;
    for (Value value : values) {
      known &= !(value instanceof Value.Computed);
      batched |= Site.isBatched(value);
    }
    if (known) {
      return folding.fold(operator, values, parameters);
    }
    List<Value> aligned = batched ? aligned(operator, values) : values;
    List<Integer> inputs = new ArrayList<>();
    List<Shape> shapes = new ArrayList<>();
    for (Value value : aligned) {
      inputs.add(id(site, value));
      shapes.add(Site.shape(value));
    }
    Shape shape = operator.outputShape(shapes);
    all.add(new Emitted(operator, inputs, Map.copyOf(parameters), site.node(), "", shape));
    return new Value.Computed(all.size() - 1, shape, batched);
  }

  private int id(Site site, Value value) throws Unsupported {
    if (value instanceof Value.Computed computed) {
      return computed.id();
    }
    Integer there = constants.get(value);
    if (there != null) {
      return there;
    }
    Value.Reals reals = Site.reals(value, "an operand");
    all.add(
        new Emitted(
            new Movement.Constant(reals.shape()),
            List.of(),
            Map.of(Movement.Constant.VALUE, reals),
            site.node(),
            "",
            reals.shape()));
    constants.put(value, all.size() - 1);
    return all.size() - 1;
  }

  /** Drops the batch's axis of known operands, where they have it. */
  private static List<Value> aligned(Operator operator, List<Value> values) throws MixedBatch {
    boolean broadcasts = operator instanceof Elementwise || operator instanceof Reduction.MatMul;
    int rank = 0;
    for (Value value : values) {
      rank = Site.isBatched(value) ? Math.max(rank, value.rank()) : rank;
    }
    List<Value> aligned = new ArrayList<>();
    for (Value value : values) {
      if (value instanceof Value.Computed computed) {
        if (computed.batched() && value.rank() != rank && broadcasts) {
          throw new MixedBatch("aligns the axis of the batch with another");
        }
        aligned.add(value);
      } else if (value.rank() < rank && broadcasts) {
        aligned.add(value);
      } else {
        aligned.add(example(value));
      }
    }
    return aligned;
  }

  /** Returns known values without their first axis, along which there must be one. */
  static Value example(Value value) throws MixedBatch {
    Shape shape = Site.shape(value);
    if (shape.rank() == 0 || shape.dim(0) != 1) {
      throw new MixedBatch("has values for each example");
    }
    int[] dims = new int[shape.rank() - 1];
    for (int i = 0; i < dims.length; i++) {
      dims[i] = shape.dim(i + 1);
    }
    return switch (value) {
      case Value.Reals known -> new Value.Reals(Shape.of(dims), known.values(), Optional.empty());
      case Value.Wholes known -> new Value.Wholes(Shape.of(dims), known.values());
      case Value.Computed computed -> computed;
    };
  }

  /** Returns the operator whose results a value holds, perhaps moved; null if it is an input. */
  @Nullable Operator source(Value.Computed value) {
    Emitted emitted = all.get(value.id());
    while (emitted.operator() instanceof Movement movement
        && !(movement instanceof Movement.Pad)
        && emitted.inputs().size() == 1) {
      emitted = all.get(emitted.inputs().getFirst());
    }
    return emitted.operator();
  }
}
