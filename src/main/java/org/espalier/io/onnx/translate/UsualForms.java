package org.espalier.io.onnx.translate;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.espalier.model.Movement;
import org.espalier.model.Operator;
import org.espalier.model.Reduction;
import org.espalier.tensor.Shape;

/**
 * Operators that can be said in several ways are said in that which kernels and pruning know: means
 * of maps, and values that only get another shape.
 */
final class UsualForms {
  private final Draft draft;

  private UsualForms(Draft draft) {
    this.draft = draft;
  }

  /** Gives all operators of a draft their usual form. */
  static void take(Draft draft) {
    UsualForms forms = new UsualForms(draft);
    draft.order().forEach(forms::mean);
    draft.order().forEach(forms::transpose);
    draft.order().forEach(forms::reshape);
  }

  private void mean(int id) {
    if (!(draft.operator(id) instanceof Reduction.Reduce reduce)
        || reduce.kind() != Reduction.Kind.MEAN
        || !reduce.axes().equals(List.of(1, 2))) {
      return;
    }
    int maps = draft.input(id, 0);
    if (draft.shape(maps).rank() == 3 && draft.shape(maps).size() > 0) {
      Operator pool = new Operator.GlobalAveragePool();
      if (reduce.keep()) {
        draft.replace(id, pool, List.of(maps), Map.of());
      } else {
        int means = draft.add(pool, List.of(maps), Map.of(), id);
        draft.replace(id, new Operator.Flatten(), List.of(means), Map.of());
      }
    }
  }

  /** Where axes of a single element alone change places, nothing moves. */
  private void transpose(int id) {
    if (draft.operator(id) instanceof Movement.Transpose(List<Integer> axes)) {
      Shape input = draft.shape(draft.input(id, 0));
      int[] longAxes =
          axes.stream().filter(axis -> input.dim(axis) != 1).mapToInt(axis -> axis).toArray();
      int[] sorted = longAxes.clone();
      Arrays.sort(sorted);
      if (Arrays.equals(longAxes, sorted)) {
        Operator reshape = new Movement.Reshape(draft.shape(id));
        draft.replace(id, reshape, draft.inputs(id), Map.of());
      }
    }
  }

  private void reshape(int id) {
    if (!isReshape(id)) {
      return;
    }
    int x = draft.input(id, 0);
    int from = isReshape(x) ? draft.input(x, 0) : x;
    Shape shape = draft.shape(id);
    if (draft.shape(from).equals(shape)) {
      draft.replace(id, from);
    } else if (shape.rank() == 1) {
      draft.replace(id, new Operator.Flatten(), List.of(from), Map.of());
    } else {
      draft.replace(id, new Movement.Reshape(shape), List.of(from), Map.of());
    }
  }

  private boolean isReshape(int id) {
    return draft.operator(id) instanceof Movement.Reshape
        || draft.operator(id) instanceof Operator.Flatten;
  }
}
