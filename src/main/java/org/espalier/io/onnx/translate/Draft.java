package org.espalier.io.onnx.translate;

import it.unimi.dsi.fastutil.ints.IntArrayList;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.espalier.model.Elementwise;
import org.espalier.model.Movement;
import org.espalier.model.Operator;
import org.espalier.tensor.Shape;
import org.jspecify.annotations.Nullable;

/**
 * What was emitted, while it is rewritten. A rewriting gives a number another operator, which
 * computes the same of other values, or lets another number stand for it; whatever nobody needs any
 * more is forgotten. What reads a number never changes.
 */
final class Draft {
  private final List<Emitter.Emitted> all;
  private final List<Integer> outputs;

  /** By number, which one stands for it. */
  private final IntArrayList standIns = new IntArrayList();

  /** By the number of a constant, its values in other shapes. */
  private final Map<Integer, Map<Shape, Integer>> reshaped = new HashMap<>();

  /**
   * Begins with what was emitted.
   *
   * @param outputs numbers of what the network gives
   */
  Draft(List<Emitter.Emitted> emitted, List<Integer> outputs) {
    all = new ArrayList<>(emitted);
    this.outputs = List.copyOf(outputs);
    for (int id = 0; id < all.size(); id++) {
      standIns.add(id);
    }
  }

  /** Returns the number that stands for another. */
  int standIn(int id) {
    int found = id;
    while (standIns.getInt(found) != found) {
      found = standIns.getInt(found);
    }
    for (int at = id; at != found; ) {
      at = standIns.set(at, found);
    }
    return found;
  }

  Emitter.Emitted get(int id) {
    return all.get(standIn(id));
  }

  /** Returns the operator of a number; null if it is an input of the network. */
  @Nullable Operator operator(int id) {
    return get(id).operator();
  }

  Shape shape(int id) {
    return get(id).shape();
  }

  /** Returns the number of what an operator reads. */
  int input(int id, int i) {
    return standIn(get(id).inputs().get(i));
  }

  /** Returns the numbers of what an operator reads. */
  List<Integer> inputs(int id) {
    return get(id).inputs().stream().map(this::standIn).toList();
  }

  /** Adds an operator for the sake of another, whose node it belongs to. */
  int add(Operator operator, List<Integer> inputs, Map<String, Value.Reals> parameters, int forId) {
    all.add(emitted(operator, inputs, parameters, forId));
    standIns.add(all.size() - 1);
    return all.size() - 1;
  }

  /** Lets a number be computed otherwise. */
  void replace(
      int id, Operator operator, List<Integer> inputs, Map<String, Value.Reals> parameters) {
    Emitter.Emitted instead = emitted(operator, inputs, parameters, id);
    if (!instead.shape().equals(shape(id))) {
      throw new IllegalStateException(operator + " gives " + instead.shape() + ", not " + get(id));
    }
    all.set(standIn(id), instead);
  }

  private Emitter.Emitted emitted(
      Operator operator, List<Integer> inputs, Map<String, Value.Reals> parameters, int forId) {
    Shape shape = operator.outputShape(inputs.stream().map(this::shape).toList());
    return new Emitter.Emitted(operator, inputs, parameters, get(forId).node(), "", shape);
  }

  /** Lets another number of the same values stand for one. */
  void replace(int id, int by) {
    standIns.set(standIn(id), standIn(by));
  }

  /** Returns the number of a constant's values in another shape. */
  int reshaped(int constant, Shape shape) {
    int id = standIn(constant);
    if (shape(id).equals(shape)) {
      return id;
    }
    return reshaped
        .computeIfAbsent(id, _ -> new HashMap<>())
        .computeIfAbsent(
            shape,
            _ -> {
              Value.Reals known = known(id);
              Value.Reals moved = new Value.Reals(shape, known.values(), known.origin());
              return add(
                  new Movement.Constant(shape),
                  List.of(),
                  Map.of(Movement.Constant.VALUE, moved),
                  id);
            });
  }

  boolean isConstant(int id) {
    return operator(id) instanceof Movement.Constant;
  }

  /** Returns the values of a constant. */
  Value.Reals known(int constant) {
    return Objects.requireNonNull(get(constant).parameters().get(Movement.Constant.VALUE));
  }

  /** Returns the value of a constant of one element, NaN of anything else. */
  float number(int id) {
    return isConstant(id) && shape(id).size() == 1 ? known(id).values()[0] : Float.NaN;
  }

  boolean is(int id, Elementwise.Arithmetic function) {
    return operator(id) instanceof Elementwise.Binary(Elementwise.Arithmetic f) && f == function;
  }

  /** Returns whether two values are added, of one shape or of different ones. */
  boolean isSum(int id) {
    return operator(id) instanceof Operator.Add || is(id, Elementwise.Arithmetic.ADD);
  }

  boolean is(int id, Elementwise.Function function) {
    return operator(id) instanceof Elementwise.Activation activation
        && activation.function() == function;
  }

  /** Returns whether two numbers stand for the same values. */
  boolean same(int id, int other) {
    int a = standIn(id);
    int b = standIn(other);
    Operator operator = operator(a);
    return a == b
        || (operator != null
            && operator.equals(operator(b))
            && get(a).parameters().isEmpty()
            && !inputs(a).isEmpty()
            && inputs(a).equals(inputs(b)));
  }

  /** Returns how often each number is read, once more if the network gives it. */
  Map<Integer, Integer> uses() {
    Map<Integer, Integer> uses = new HashMap<>();
    for (int id : order()) {
      inputs(id).forEach(input -> uses.merge(input, 1, Integer::sum));
    }
    outputs.forEach(output -> uses.merge(standIn(output), 1, Integer::sum));
    return uses;
  }

  /**
   * Returns the numbers that the network needs, each behind those that it reads, otherwise in the
   * order in which they were emitted.
   */
  List<Integer> order() {
    BitSet needed = new BitSet(all.size());
    IntArrayList open = new IntArrayList();
    outputs.forEach(output -> need(standIn(output), needed, open));
    while (!open.isEmpty()) {
      for (int input : get(open.popInt()).inputs()) {
        need(standIn(input), needed, open);
      }
    }
    List<Integer> order = new ArrayList<>();
    BitSet begun = new BitSet(all.size());
    BitSet placed = new BitSet(all.size());
    for (int first = needed.nextSetBit(0); first >= 0; first = needed.nextSetBit(first + 1)) {
      open.push(first);
      while (!open.isEmpty()) {
        int id = open.topInt();
        if (!begun.get(id)) {
          begun.set(id);
          for (int input : get(id).inputs()) {
            if (!placed.get(standIn(input))) {
              open.push(standIn(input));
            }
          }
        } else {
          open.popInt();
          if (!placed.get(id)) {
            placed.set(id);
            order.add(id);
          }
        }
      }
    }
    return order;
  }

  private static void need(int id, BitSet needed, IntArrayList open) {
    if (!needed.get(id)) {
      needed.set(id);
      open.push(id);
    }
  }
}
