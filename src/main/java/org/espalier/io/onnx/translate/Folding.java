package org.espalier.io.onnx.translate;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.espalier.model.Elementwise;
import org.espalier.model.Movement;
import org.espalier.model.Operator;
import org.espalier.model.Reduction;
import org.espalier.reference.ReferenceKernel;
import org.espalier.tensor.Footprint;
import org.espalier.tensor.Shape;

/**
 * Computes what depends on no input of the network. Real numbers by the reference loops; whole
 * numbers, which shapes are made of, exactly. A file can ask for little in few bytes only: elements
 * and operations are counted over the whole graph.
 */
final class Folding {
  /** The most bytes of all values that are computed. */
  private static final long MOST_BYTES = 64L << 20;

  /** The most operations. */
  private static final long MOST_OPERATIONS = 100_000_000;

  /** Places among elements are held as floats. */
  private static final int MOST_MOVED = 1 << 24;

  private long bytes;
  private long operations;

  /** Computes an operator of known values. */
  Value fold(Operator operator, List<Value> values, Map<String, Value.Reals> parameters)
      throws MixedBatch, Unsupported {
    List<Shape> shapes = values.stream().map(Site::shape).toList();
    Shape y = operator.outputShape(shapes);
    if (!(operator instanceof Movement.Reshape)) {
      spend(operator, shapes, y);
    }
    boolean whole = !values.isEmpty();
    for (Value value : values) {
      whole &= value instanceof Value.Wholes;
    }
    if (operator instanceof Movement.Reshape) {
      return switch (values.getFirst()) {
        case Value.Reals known ->
            new Value.Reals(y, known.values(), known.origin(), steps(known, y));
        case Value.Wholes known -> new Value.Wholes(y, known.values());
        case Value.Computed _ -> throw new IllegalStateException("not known");
      };
    }
    if (whole && operator instanceof Movement movement) {
      return moved(movement, values, shapes, y);
    }
    if (whole && operator instanceof Elementwise.Binary(Elementwise.Arithmetic function)) {
      return WholeNumbers.binary(function, wholes(values, 0, y), wholes(values, 1, y), y);
    }
    if (operator instanceof Elementwise.Where) {
      Optional<Value> chosen = chosen(values, y);
      if (chosen.isPresent()) {
        return chosen.get();
      }
    }
    float[] result = reals(operator, values, shapes, y, parameters);
    boolean staysWhole =
        whole
            && (operator instanceof Reduction.Reduce
                || (operator
                        instanceof Elementwise.Activation(Elementwise.Function f, float _, float _)
                    && (f == Elementwise.Function.NEG
                        || f == Elementwise.Function.ABS
                        || f == Elementwise.Function.SIGN
                        || f == Elementwise.Function.NOT)));
    if (staysWhole) {
      long[] rounded = new long[result.length];
      for (int i = 0; i < rounded.length; i++) {
        if (operator instanceof Reduction.Reduce && Math.abs(result[i]) >= 0x1p24f) {
          throw new Unsupported("whole numbers become " + result[i] + " as real ones");
        }
        rounded[i] = (long) result[i];
      }
      return new Value.Wholes(y, rounded);
    }
    return new Value.Reals(y, result, origin(operator, values), steps(operator, values));
  }

  /** Whole numbers and truth values chosen by truth values. */
  private Optional<Value> chosen(List<Value> values, Shape y) throws MixedBatch, Unsupported {
    if (!(values.get(1) instanceof Value.Wholes) || !(values.get(2) instanceof Value.Wholes)) {
      return Optional.empty();
    }
    if (!(values.getFirst() instanceof Value.Wholes)) {
      return Optional.empty();
    }
    long[] condition = wholes(values, 0, y);
    long[] yes = wholes(values, 1, y);
    long[] no = wholes(values, 2, y);
    long[] result = new long[condition.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = condition[i] != 0 ? yes[i] : no[i];
    }
    return Optional.of(new Value.Wholes(y, result));
  }

  private static Optional<Value.Origin> origin(Operator operator, List<Value> values) {
    if (operator instanceof Movement.Transpose && values.getFirst().rank() == 2) {
      return Site.origin(values.getFirst())
          .map(origin -> new Value.Origin(origin.tensor(), !origin.transposed()));
    }
    return Optional.empty();
  }

  /** Returns of what numbers are multiples that take another shape. */
  private static Optional<Value.Steps> steps(Value.Reals known, Shape y) {
    return known.steps().filter(s -> s.sizes().length == 1 || keeps(known.shape(), s.axis(), y));
  }

  /** Returns whether an axis and those before it are as they were. */
  private static boolean keeps(Shape x, int axis, Shape y) {
    for (int i = 0; i <= axis; i++) {
      if (i >= y.rank() || x.dim(i) != y.dim(i)) {
        return false;
      }
    }
    return true;
  }

  private static Optional<Value.Steps> steps(Operator operator, List<Value> values) {
    return operator instanceof Movement.Transpose(List<Integer> axes)
            && values.getFirst() instanceof Value.Reals known
        ? known.steps().map(steps -> steps.transposed(axes))
        : Optional.empty();
  }

  private float[] reals(
      Operator operator,
      List<Value> values,
      List<Shape> shapes,
      Shape y,
      Map<String, Value.Reals> parameters)
      throws MixedBatch, Unsupported {
    float[][] x = new float[values.size()][];
    for (int i = 0; i < x.length; i++) {
      if (values.get(i) instanceof Value.Wholes known) {
        checkExact(known);
      }
      x[i] = Site.reals(values.get(i), "an operand").values();
    }
    float[] result = new float[y.size()];
    ReferenceKernel.of(
            operator, shapes, role -> Objects.requireNonNull(parameters.get(role), role).values())
        .compute(x, new int[x.length], result, 0);
    return result;
  }

  private static void checkExact(Value.Wholes known) throws MixedBatch, Unsupported {
    if (known.hasBatch()) {
      throw new MixedBatch("computes with the number of examples");
    }
    for (long v : known.values()) {
      if ((float) v != v && Math.abs((double) v) < 0x1p62) {
        throw new Unsupported("computes with " + v + " as a real number");
      }
    }
  }

  /** Moves the places of all elements, and then takes what is there. */
  private Value moved(Movement movement, List<Value> values, List<Shape> shapes, Shape y)
      throws Unsupported {
    int all = 0;
    float[][] places = new float[values.size()][];
    List<long[]> elements = new ArrayList<>();
    for (int i = 0; i < places.length; i++) {
      long[] known = ((Value.Wholes) values.get(i)).values();
      places[i] = new float[known.length];
      for (int k = 0; k < known.length; k++) {
        places[i][k] = all++;
      }
      elements.add(known);
    }
    if (all >= MOST_MOVED) {
      throw new Unsupported("moves more than " + MOST_MOVED + " whole numbers");
    }
    float filled = all;
    Movement places1 =
        movement instanceof Movement.Pad pad
            ? new Movement.Pad(pad.padding(), pad.before(), pad.after(), filled)
            : movement;
    float[] result = new float[y.size()];
    ReferenceKernel.of(
            places1,
            shapes,
            role -> {
              throw new IllegalStateException(role);
            })
        .compute(places, new int[places.length], result, 0);
    long[] flat = new long[all + 1];
    int at = 0;
    for (long[] known : elements) {
      System.arraycopy(known, 0, flat, at, known.length);
      at += known.length;
    }
    flat[all] = movement instanceof Movement.Pad pad ? (long) pad.value() : 0;
    long[] moved = new long[result.length];
    for (int i = 0; i < moved.length; i++) {
      moved[i] = flat[(int) result[i]];
    }
    return new Value.Wholes(y, moved);
  }

  /** Returns whole numbers broadcast to a shape. */
  private long[] wholes(List<Value> values, int i, Shape y) throws Unsupported {
    Value.Wholes known = (Value.Wholes) values.get(i);
    if (known.shape().equals(y)) {
      return known.values();
    }
    Value expanded = moved(new Movement.Expand(y), List.of(known), List.of(known.shape()), y);
    return ((Value.Wholes) expanded).values();
  }

  /** Counts what an operator takes. */
  private void spend(Operator operator, List<Shape> inputs, Shape y) throws Unsupported {
    long elements = y.size();
    long work = elements;
    for (Shape input : inputs) {
      work += input.size();
    }
    work +=
        switch (operator) {
          case Operator.Layer layer -> layer.multiplyAdds(inputs.getFirst());
          case Reduction.MatMul _ -> {
            Shape x = inputs.getFirst();
            yield Footprint.product(elements, x.rank() == 0 ? 1 : x.dim(x.rank() - 1));
          }
          case Operator.Pool pool -> Footprint.product(elements, pool.window().size());
          case Reduction.LocalResponse lrn -> Footprint.product(elements, lrn.size());
          case Operator.BatchNorm _,
              Operator.Relu _,
              Operator.Add _,
              Operator.Shortcut _,
              Operator.GlobalAveragePool _,
              Operator.Flatten _,
              Elementwise _,
              Movement _,
              Reduction.Reduce _,
              Reduction.Softmax _,
              Reduction.Standardize _ ->
              0;
          case org.espalier.model.Resampling _ -> Footprint.product(elements, Short.SIZE);
        };
    allow(elements, work);
  }

  /**
   * Counts values that are made.
   *
   * @throws Unsupported if the budget doesn't allow them
   */
  void allow(long elements, long work) throws Unsupported {
    bytes = Math.addExact(bytes, Footprint.product(elements, Long.BYTES));
    operations = Math.addExact(operations, work);
    if (bytes > MOST_BYTES || operations > MOST_OPERATIONS) {
      throw new Unsupported(
          "constants that take more than "
              + (MOST_BYTES >> 20)
              + " MiB or "
              + MOST_OPERATIONS
              + " operations to compute");
    }
  }
}
