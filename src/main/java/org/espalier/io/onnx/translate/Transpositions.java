package org.espalier.io.onnx.translate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.espalier.model.Elementwise;
import org.espalier.model.Movement;
import org.espalier.model.Operator;
import org.espalier.model.Reduction;
import org.espalier.model.Resampling;
import org.espalier.model.Window;
import org.espalier.tensor.Shape;

/**
 * Moves transpositions towards the outputs, past operators that do the same to values whose axes
 * are in another order, until they meet others and cancel out. Networks of channels last, whose
 * convolutions stand between two transpositions each, become networks of channels first.
 */
final class Transpositions {
  /** What makes of {@code [channels, height, width]} channels that come last. */
  private static final List<Integer> CHANNELS_LAST = List.of(1, 2, 0);

  private final Draft draft;

  private Transpositions(Draft draft) {
    this.draft = draft;
  }

  /** Moves all of a draft. */
  static void move(Draft draft) {
    Transpositions moves = new Transpositions(draft);
    draft.order().forEach(moves::move);
  }

  private void move(int id) {
    Operator operator = draft.operator(id);
    switch (operator) {
      case null -> {}
      case Movement.Transpose transpose -> join(id, transpose);
      case Operator.Relu _, Operator.Add _, Elementwise _ -> elementwise(id, operator);
      case Movement.Concat(int axis, int arity) -> {
        List<Integer> axes = axes(id);
        if (!axes.isEmpty()) {
          behind(id, new Movement.Concat(axes.get(axis), arity), axes);
        }
      }
      case Movement.Slice slice -> {
        List<Integer> axes = axes(id);
        if (!axes.isEmpty()) {
          int axis = axes.get(slice.axis());
          behind(id, new Movement.Slice(axis, slice.start(), slice.step(), slice.size()), axes);
        }
      }
      case Movement.Gather gather -> {
        List<Integer> axes = axes(id);
        if (!axes.isEmpty()) {
          behind(id, new Movement.Gather(axes.get(gather.axis()), gather.indices()), axes);
        }
      }
      case Movement.Pad pad -> {
        List<Integer> axes = axes(id);
        if (!axes.isEmpty()) {
          List<Integer> before = moved(pad.before(), axes);
          List<Integer> after = moved(pad.after(), axes);
          behind(id, new Movement.Pad(pad.padding(), before, after, pad.value()), axes);
        }
      }
      case Reduction.Softmax softmax -> {
        List<Integer> axes = axes(id);
        if (!axes.isEmpty()) {
          behind(id, new Reduction.Softmax(axes.get(softmax.axis()), softmax.log()), axes);
        }
      }
      case Reduction.Standardize standardize -> {
        List<Integer> axes = axes(id);
        if (!axes.isEmpty()) {
          List<Integer> along = along(standardize.axes(), axes);
          behind(id, new Reduction.Standardize(along, standardize.epsilon()), axes);
        }
      }
      case Reduction.Reduce reduce -> reduce(id, reduce);
      case Resampling.Resize resize -> {
        List<Integer> axes = axes(id);
        if (!axes.isEmpty()) {
          behind(
              id,
              new Resampling.Resize(
                  moved(resize.sizes(), axes),
                  moved(resize.scales(), axes),
                  resize.interpolation(),
                  resize.coordinates(),
                  resize.rounding(),
                  resize.cubic(),
                  resize.excludeOutside()),
              axes);
        }
      }
      case Operator.Linear linear -> {
        if (axes(id).equals(CHANNELS_LAST)) {
          Window pixel = Window.of(1, 1, 1, 0);
          behind(
              id,
              new Operator.Conv2d(linear.inputs(), linear.outputs(), pixel, 1, linear.bias()),
              CHANNELS_LAST);
        }
      }
      case Operator.Conv2d _,
          Operator.BatchNorm _,
          Operator.Shortcut _,
          Operator.Pool _,
          Operator.GlobalAveragePool _,
          Operator.Flatten _,
          Movement.Reshape _,
          Movement.Expand _,
          Movement.Constant _,
          Reduction.LocalResponse _,
          Reduction.MatMul _,
          Resampling.ConvTranspose2d _ -> {}
    }
  }

  /** Returns the axes of the transpositions that an operator reads, none if it reads others. */
  private List<Integer> axes(int id) {
    List<Integer> axes = List.of();
    for (int input : draft.inputs(id)) {
      if (!(draft.operator(input) instanceof Movement.Transpose(List<Integer> own))
          || !(axes.isEmpty() || axes.equals(own))) {
        return List.of();
      }
      axes = own;
    }
    return axes;
  }

  /** Lets an operator read what is transposed, and transposes what it gives. */
  private void behind(int id, Operator operator, List<Integer> axes) {
    List<Integer> inputs = draft.inputs(id).stream().map(input -> draft.input(input, 0)).toList();
    behind(id, operator, inputs, axes);
  }

  private void behind(int id, Operator operator, List<Integer> inputs, List<Integer> axes) {
    int before = draft.add(operator, inputs, draft.get(id).parameters(), id);
    draft.replace(id, new Movement.Transpose(axes), List.of(before), Map.of());
  }

  private void join(int id, Movement.Transpose transpose) {
    int input = draft.input(id, 0);
    if (!(draft.operator(input) instanceof Movement.Transpose(List<Integer> first))) {
      return;
    }
    int x = draft.input(input, 0);
    List<Integer> axes = transpose.axes().stream().map(first::get).toList();
    if (isAscending(axes)) {
      draft.replace(id, x);
    } else {
      draft.replace(id, new Movement.Transpose(axes), List.of(x), Map.of());
    }
  }

  private static boolean isAscending(List<Integer> axes) {
    return axes.equals(IntStream.range(0, axes.size()).boxed().toList());
  }

  /** Operands that aren't transposed can be reshaped if they have a single axis of any extent. */
  private void elementwise(int id, Operator operator) {
    List<Integer> axes = List.of();
    for (int input : draft.inputs(id)) {
      if (draft.operator(input) instanceof Movement.Transpose(List<Integer> own)
          && own.size() >= axes.size()) {
        axes = own;
      }
    }
    if (axes.isEmpty()) {
      return;
    }
    List<Integer> inputs = new ArrayList<>();
    for (int input : draft.inputs(id)) {
      Shape shape = draft.shape(input);
      if (draft.operator(input) instanceof Movement.Transpose(List<Integer> own)
          && own.equals(axes)) {
        inputs.add(draft.input(input, 0));
      } else if (shape.rank() <= axes.size() && longAxes(shape) <= 1) {
        inputs.add(reshaped(input, axes, id));
      } else {
        return;
      }
    }
    behind(id, operator, inputs, axes);
  }

  private static long longAxes(Shape shape) {
    return Arrays.stream(shape.dims()).filter(dim -> dim != 1).count();
  }

  /** Returns a value of at most one long axis as it is before a transposition. */
  private int reshaped(int input, List<Integer> axes, int forId) {
    int[] dims = new int[axes.size()];
    Shape shape = draft.shape(input);
    int missing = axes.size() - shape.rank();
    if (shape.size() == 1 && missing > 0) {
      return input; // a number fits anything
    }
    for (int i = 0; i < dims.length; i++) {
      dims[axes.get(i)] = i < missing ? 1 : shape.dim(i - missing);
    }
    Shape before = Shape.of(dims);
    if (draft.isConstant(input)) {
      return draft.reshaped(input, before);
    }
    return before.equals(shape)
        ? input
        : draft.add(new Movement.Reshape(before), List.of(input), Map.of(), forId);
  }

  /** Returns by axis before a transposition what is said by axis behind it. */
  private static <T> List<T> moved(List<T> each, List<Integer> axes) {
    List<T> moved = new ArrayList<>(each);
    for (int i = 0; i < axes.size(); i++) {
      moved.set(axes.get(i), each.get(i));
    }
    return moved;
  }

  private static List<Integer> along(List<Integer> named, List<Integer> axes) {
    return named.stream().map(axes::get).sorted().toList();
  }

  private void reduce(int id, Reduction.Reduce reduce) {
    List<Integer> axes = axes(id);
    if (axes.isEmpty()) {
      return;
    }
    List<Integer> along = along(reduce.axes(), axes);
    Reduction.Reduce before = new Reduction.Reduce(reduce.kind(), along, reduce.keep());
    if (reduce.keep()) {
      behind(id, before, axes);
      return;
    }
    List<Integer> left =
        IntStream.range(0, axes.size())
            .filter(i -> !reduce.axes().contains(i))
            .mapToObj(axes::get)
            .toList();
    List<Integer> sorted = left.stream().sorted().toList();
    if (left.equals(sorted)) {
      draft.replace(id, before, List.of(draft.input(draft.input(id, 0), 0)), Map.of());
    } else {
      behind(id, before, left.stream().map(sorted::indexOf).toList());
    }
  }
}
