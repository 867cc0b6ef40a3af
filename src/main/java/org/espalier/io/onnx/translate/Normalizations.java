package org.espalier.io.onnx.translate;

import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.espalier.model.Elementwise.Arithmetic;
import org.espalier.model.Elementwise.Function;
import org.espalier.model.Reduction;
import org.jspecify.annotations.Nullable;

/**
 * Normalisations by mean and variance in pieces, {@code (x − mean(x)) / √(mean((x − mean(x))²) +
 * epsilon)}, each of which becomes one operator. What is computed is equal within rounding.
 */
final class Normalizations {
  private final Draft draft;

  private Normalizations(Draft draft) {
    this.draft = draft;
  }

  /** Makes one operator of the pieces of each normalisation in a draft. */
  static void recognise(Draft draft) {
    Normalizations normalizations = new Normalizations(draft);
    draft.order().forEach(normalizations::recognise);
  }

  private void recognise(int id) {
    if (draft.is(id, Arithmetic.DIV)) {
      standardize(id, draft.input(id, 0), squared(draft.input(id, 1), 0.5f));
    } else if (draft.is(id, Arithmetic.MUL)) {
      for (int i = 0; i < 2 && draft.is(id, Arithmetic.MUL); i++) {
        standardize(id, draft.input(id, i), inverted(draft.input(id, 1 - i)));
      }
    }
  }

  /** Returns what a value is the root of. */
  private OptionalInt squared(int id, float exponent) {
    if (draft.is(id, Function.SQRT) && exponent == 0.5f) {
      return OptionalInt.of(draft.input(id, 0));
    }
    boolean power = draft.is(id, Arithmetic.POW) && draft.number(draft.input(id, 1)) == exponent;
    return power ? OptionalInt.of(draft.input(id, 0)) : OptionalInt.empty();
  }

  /** Returns what 1 by a value is the root of. */
  private OptionalInt inverted(int id) {
    if (draft.is(id, Function.RECIPROCAL)) {
      return squared(draft.input(id, 0), 0.5f);
    }
    if (draft.is(id, Arithmetic.DIV) && draft.number(draft.input(id, 0)) == 1) {
      return squared(draft.input(id, 1), 0.5f);
    }
    return squared(id, -0.5f);
  }

  /** Replaces a deviation by the root of a sum, if that is of a variance and a small number. */
  private void standardize(int id, int deviation, OptionalInt sum) {
    if (sum.isEmpty() || !draft.isSum(sum.getAsInt()) || !draft.is(deviation, Arithmetic.SUB)) {
      return;
    }
    int x = draft.input(deviation, 0);
    Reduction.@Nullable Reduce mean = mean(draft.input(deviation, 1), x);
    for (int i = 0; mean != null && i < 2; i++) {
      float epsilon = draft.number(draft.input(sum.getAsInt(), i));
      int variance = draft.input(sum.getAsInt(), 1 - i);
      if (epsilon >= 0 && isVariance(variance, mean, deviation)) {
        Reduction.Standardize operator = new Reduction.Standardize(mean.axes(), epsilon);
        draft.replace(id, operator, List.of(x), Map.of());
        return;
      }
    }
  }

  /** Returns the mean that a value is of another, null if it isn't one. */
  private Reduction.@Nullable Reduce mean(int id, int x) {
    return draft.operator(id) instanceof Reduction.Reduce reduce
            && reduce.kind() == Reduction.Kind.MEAN
            && reduce.keep()
            && draft.same(draft.input(id, 0), x)
        ? reduce
        : null;
  }

  private boolean isVariance(int id, Reduction.Reduce mean, int deviation) {
    if (!(draft.operator(id) instanceof Reduction.Reduce reduce) || !reduce.equals(mean)) {
      return false;
    }
    int squares = draft.input(id, 0);
    boolean square = draft.is(squares, Arithmetic.MUL);
    boolean power = draft.is(squares, Arithmetic.POW) && draft.number(draft.input(squares, 1)) == 2;
    return (square || power)
        && draft.same(draft.input(squares, 0), deviation)
        && (power || draft.same(draft.input(squares, 1), deviation));
  }
}
