package org.espalier.io.onnx.translate;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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

  private static final Operator DIVISION = new Elementwise.Binary(Elementwise.Arithmetic.DIV);
  private static final Operator ADDITION = new Elementwise.Binary(Elementwise.Arithmetic.ADD);
  private static final Operator ROUNDING = new Elementwise.Activation(Elementwise.Function.ROUND);

  private final Folding folding = new Folding();
  private final List<Emitted> all = new ArrayList<>();

  /** Known values that are operands, so that each is stored once. */
  private final IdentityHashMap<Value, Integer> constants = new IdentityHashMap<>();

  /** By the name of an initialiser, or of what a constant or a cast gives, its type. */
  private final Map<String, ElementType> types = new HashMap<>();

  /** Numbers of the file that were made of real ones. */
  private final Map<Value.Computed, Value.Computed> numbers = new HashMap<>();

  /** Layers that have taken over a sum or a product. */
  private final Set<Integer> changedLayers = new HashSet<>();

  /** Whether numbers of the file are whole where it says so. */
  private final boolean exact;

  private boolean leavesOutRounding;

  Emitter(OnnxNetwork network, boolean exact) {
    this.exact = exact;
    network.initializers().forEach((name, tensor) -> types.put(name, tensor.type()));
    for (OnnxNode node : network.nodes()) {
      if (node.opType().equals("Constant") && node.domain().isEmpty() && node.has("value")) {
        node.tensor("value").ifPresent(t -> types.put(node.outputs().getFirst(), t.type()));
      } else if (node.opType().equals("Cast") && node.domain().isEmpty()) {
        ElementType.ofCode(node.integer("to", 0))
            .ifPresent(type -> node.outputs().forEach(output -> types.put(output, type)));
      }
    }
  }

  Folding folding() {
    return folding;
  }

  /** Returns whether values are rounded as the file asks, which it does here. */
  boolean rounds() {
    leavesOutRounding |= !exact;
    return exact;
  }

  /** Returns whether values stayed as they were that the file rounds. */
  boolean leavesOutRounding() {
    return leavesOutRounding;
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
    return new Value.Computed(all.size() - 1, shape, batched, Grid.NONE);
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
    if (operator instanceof Elementwise.Binary(Elementwise.Arithmetic function)
        && values.getFirst() instanceof Value.Computed x
        && !x.grid().equals(Grid.NONE)
        && isNumber(values.getLast(), x.rank())) {
      Optional<Grid> grid =
          x.grid().after(function, Site.reals(values.getLast(), "an operand").values()[0]);
      if (grid.isPresent()) {
        return x.on(grid.get());
      }
    }
    Optional<OnGrid> onGrid = OnGrid.of(operator, values);
    if (onGrid.isEmpty()) {
      return emit(site.node(), operator, numbers(site.node(), values), parameters, batched);
    }
    Operator real = onGrid.get().operator();
    return emit(site.node(), real, onGrid.get().values(), parameters, batched)
        .on(onGrid.get().grid());
  }

  private static boolean isNumber(Value value, int mostAxes) {
    return !(value instanceof Value.Computed)
        && Site.shape(value).size() == 1
        && value.rank() <= mostAxes;
  }

  /** Adds an operator over real numbers. */
  private Value.Computed emit(
      @Nullable OnnxNode node,
      Operator operator,
      List<Value> values,
      Map<String, Value.Reals> parameters,
      boolean batched)
      throws MixedBatch, Unsupported {
    List<Value> aligned = batched ? aligned(operator, values) : values;
    List<Shape> shapes = aligned.stream().map(Site::shape).toList();
    Shape shape = operator.outputShape(shapes);
    Optional<Emitted> layer = layerOf(operator, aligned, shape);
    if (layer.isPresent()) {
      all.add(layer.get());
    } else {
      List<Integer> inputs = new ArrayList<>();
      for (Value value : aligned) {
        inputs.add(id(node, value));
      }
      all.add(new Emitted(operator, inputs, Map.copyOf(parameters), node, "", shape));
    }
    return new Value.Computed(all.size() - 1, shape, batched, Grid.NONE);
  }

  /**
   * Returns the layer of whole weights that has taken over what is added to its units, or by what
   * they are multiplied. Each layer does so once, so that a file can't have its weights copied
   * again and again.
   */
  private Optional<Emitted> layerOf(Operator operator, List<Value> values, Shape shape)
      throws Unsupported {
    if (!(operator instanceof Elementwise.Binary(Elementwise.Arithmetic function))) {
      return Optional.empty();
    }
    int at = values.getFirst() instanceof Value.Computed ? 0 : 1;
    if (!(values.get(at) instanceof Value.Computed layer)
        || values.get(1 - at) instanceof Value.Computed
        || !layer.shape().equals(shape)) {
      return Optional.empty();
    }
    Value.Reals operand = Site.reals(values.get(1 - at), "an operand");
    Optional<Emitted> changed = WholeWeights.with(all.get(layer.id()), function, operand);
    return changed.isPresent() && changedLayers.add(layer.id()) ? changed : Optional.empty();
  }

  /** Returns the numbers of the file in place of the real ones that they stand for. */
  private List<Value> numbers(@Nullable OnnxNode node, List<Value> values)
      throws MixedBatch, Unsupported {
    List<Value> numbers = new ArrayList<>();
    for (Value value : values) {
      numbers.add(value instanceof Value.Computed computed ? numbers(node, computed) : value);
    }
    return numbers;
  }

  /** Returns the numbers of the file in place of the real ones that they stand for. */
  Value.Computed numbers(@Nullable OnnxNode node, Value.Computed value)
      throws MixedBatch, Unsupported {
    Value.Computed known = numbers.get(value);
    if (known != null || value.grid().equals(Grid.NONE)) {
      return known == null ? value : known;
    }
    Grid grid = value.grid();
    if (grid.dynamic()) {
      throw new Unsupported(
          "reads the numbers of a dynamic quantisation; --exact-quantization computes them");
    }
    Value.Computed number = value.on(Grid.NONE);
    if (grid.scale() != 1) {
      Value scale = new Value.Reals(Shape.of(), grid.scale());
      number = emit(node, DIVISION, List.of(number, scale), Map.of(), value.batched());
    }
    if (rounds()) {
      number = emit(node, ROUNDING, List.of(number), Map.of(), value.batched());
    }
    if (grid.zero() != 0) {
      Value zero = new Value.Reals(Shape.of(), grid.zero());
      number = emit(node, ADDITION, List.of(number, zero), Map.of(), value.batched());
    }
    numbers.put(value, number);
    return number;
  }

  private int id(@Nullable OnnxNode node, Value value) throws Unsupported {
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
            node,
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
