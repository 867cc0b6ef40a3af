package org.espalier.io.onnx.translate;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.espalier.model.Elementwise;
import org.espalier.model.Elementwise.Arithmetic;
import org.espalier.model.Elementwise.Binary;
import org.espalier.model.Movement;
import org.espalier.model.Operator;
import org.espalier.model.Reduction;
import org.espalier.model.Resampling;

/**
 * What an operator over numbers of the file is over the real ones that they stand for, where that
 * is simpler than making the numbers.
 *
 * @param operator over the real numbers
 * @param values that it reads
 * @param grid of the result
 */
record OnGrid(Operator operator, List<Value> values, Grid grid) {
  /** Returns the operator over real numbers; nothing if it needs the numbers of the file. */
  static Optional<OnGrid> of(Operator operator, List<Value> values) {
    List<Grid> grids = values.stream().map(OnGrid::grid).distinct().toList();
    OnGrid same = new OnGrid(operator, values, grids.getFirst());
    if (grids.equals(List.of(Grid.NONE))) {
      return Optional.of(same);
    }
    Grid first = grids.getFirst();
    return switch (operator) {
      case Movement.Pad pad -> {
        float value = (pad.value() - first.zero()) * first.scale();
        Movement moved = new Movement.Pad(pad.padding(), pad.before(), pad.after(), value);
        yield Optional.of(new OnGrid(moved, values, first));
      }
      case Movement _, Resampling.Resize _, Operator.Flatten _, Operator.MaxPool _ ->
          grids.size() == 1 ? Optional.of(same) : Optional.empty();
      case Reduction.Reduce(Reduction.Kind kind, List<Integer> _, boolean _) ->
          kind == Reduction.Kind.MAX || kind == Reduction.Kind.MIN
              ? Optional.of(same)
              : Optional.empty();
      case Operator.Relu _ -> first.zero() == 0 ? Optional.of(same) : Optional.empty();
      case Operator.Layer layer ->
          first.zero() == 0 && !layer.bias() ? Optional.of(same) : Optional.empty();
      case Reduction.MatMul _ -> {
        Grid second = grid(values.getLast());
        yield first.zero() == 0 && second.zero() == 0
            ? Optional.of(new OnGrid(operator, values, first.times(second)))
            : Optional.empty();
      }
      case Elementwise.Binary(Arithmetic function) -> binary(function, values);
      case Operator.AveragePool _,
          Operator.BatchNorm _,
          Operator.Add _,
          Operator.Shortcut _,
          Operator.GlobalAveragePool _,
          Elementwise.Activation _,
          Elementwise.Where _,
          Reduction.Softmax _,
          Reduction.Standardize _,
          Reduction.LocalResponse _,
          Resampling.ConvTranspose2d _ ->
          Optional.empty();
    };
  }

  /** What is added is made real; a factor makes a multiple of the numbers, which is real. */
  private static Optional<OnGrid> binary(Arithmetic function, List<Value> values) {
    int at = grid(values.getFirst()).equals(Grid.NONE) ? 1 : 0;
    Grid grid = grid(values.get(at));
    boolean known = !(values.get(1 - at) instanceof Value.Computed);
    boolean sum = function == Arithmetic.ADD || (function == Arithmetic.SUB && at == 0);
    boolean product = function == Arithmetic.MUL && grid.zero() == 0;
    if (!known || !(product || (sum && !grid.dynamic()))) {
      return Optional.empty();
    }
    List<Value> real = new ArrayList<>(values);
    real.set(1 - at, scaled(values.get(1 - at), sum ? grid.scale() : 1 / (double) grid.scale()));
    return Optional.of(new OnGrid(new Binary(function), real, sum ? grid : Grid.NONE));
  }

  private static Value scaled(Value known, double factor) {
    float[] scaled =
        switch (known) {
          case Value.Reals reals -> reals.values().clone();
          case Value.Wholes wholes -> new float[wholes.values().length];
          case Value.Computed _ -> throw new IllegalStateException("not known");
        };
    for (int i = 0; i < scaled.length; i++) {
      double value = known instanceof Value.Wholes wholes ? wholes.values()[i] : scaled[i];
      scaled[i] = (float) (value * factor);
    }
    return new Value.Reals(Site.shape(known), scaled);
  }

  private static Grid grid(Value value) {
    return value instanceof Value.Computed computed ? computed.grid() : Grid.NONE;
  }
}
