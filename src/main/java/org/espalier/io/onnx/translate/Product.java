package org.espalier.io.onnx.translate;

import java.util.ArrayList;
import java.util.List;
import org.espalier.model.Elementwise.Arithmetic;

/**
 * A product as its factors, whatever the order in which they are multiplied: quotients by numbers
 * and small powers are products, too.
 *
 * @param number the product of the factors that are known numbers
 * @param factors the others, some of them perhaps several times
 */
record Product(double number, List<Integer> factors) {
  /** Operators that are looked into, one within the other. */
  private static final int DEPTH = 5;

  /**
   * Returns what a value is the product of.
   *
   * @param whole a factor that isn't looked into
   */
  static Product of(Draft draft, int id, int whole) {
    List<Integer> factors = new ArrayList<>();
    return new Product(collect(draft, draft.standIn(id), whole, DEPTH, factors), factors);
  }

  /** Returns the product of numbers, and adds the other factors. */
  private static double collect(Draft draft, int id, int whole, int depth, List<Integer> factors) {
    float number = draft.number(id);
    if (!Float.isNaN(number)) {
      return number;
    }
    if (id != whole && depth > 0) {
      if (draft.is(id, Arithmetic.MUL)) {
        return collect(draft, draft.input(id, 0), whole, depth - 1, factors)
            * collect(draft, draft.input(id, 1), whole, depth - 1, factors);
      }
      float right = draft.inputs(id).size() == 2 ? draft.number(draft.input(id, 1)) : Float.NaN;
      if (draft.is(id, Arithmetic.DIV) && !Float.isNaN(right)) {
        return collect(draft, draft.input(id, 0), whole, depth - 1, factors) / right;
      }
      if (draft.is(id, Arithmetic.POW) && (right == 2 || right == 3)) {
        double power = 1;
        for (int i = 0; i < right; i++) {
          power *= collect(draft, draft.input(id, 0), whole, depth - 1, factors);
        }
        return power;
      }
    }
    factors.add(id);
    return 1;
  }

  /** Returns the value of which this is a multiple by the number; −1 if it isn't one. */
  int multipleOf() {
    return factors.size() == 1 ? factors.getFirst() : -1;
  }
}
