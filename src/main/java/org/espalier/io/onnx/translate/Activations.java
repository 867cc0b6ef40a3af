package org.espalier.io.onnx.translate;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.espalier.model.Elementwise.Activation;
import org.espalier.model.Elementwise.Arithmetic;
import org.espalier.model.Elementwise.Function;
import org.espalier.model.Operator;

/**
 * Functions that exporters write in pieces, each of which becomes one operator: limits by minimum
 * and maximum; HardSigmoid; and products of a value with a function of it, which are SiLU, Swish,
 * HardSwish, Mish and both forms of GELU. What is computed is equal within rounding.
 */
final class Activations {
  /** How far a constant may be off, relatively. */
  private static final double TOLERANCE = 1e-6;

  /** The most values that are tried as the one of which a product is a function. */
  private static final int CANDIDATES = 12;

  private final Draft draft;

  private Activations(Draft draft) {
    this.draft = draft;
  }

  /** Makes one operator of the pieces of each function in a draft. */
  static void recognise(Draft draft) {
    Activations activations = new Activations(draft);
    draft.order().forEach(activations::recognise);
  }

  private void recognise(int id) {
    if (draft.is(id, Arithmetic.MAX)) {
      limit(id, true);
    } else if (draft.is(id, Arithmetic.MIN)) {
      limit(id, false);
    } else if (draft.operator(id) instanceof Activation(Function function, float low, float high)
        && function == Function.CLIP) {
      limit(id, draft.input(id, 0), low, high);
    } else if (draft.is(id, Arithmetic.MUL) || draft.is(id, Arithmetic.DIV)) {
      hardSigmoid(id);
      product(id);
    }
  }

  private void limit(int id, boolean low) {
    for (int i = 0; i < 2; i++) {
      float number = draft.number(draft.input(id, i));
      int x = draft.input(id, 1 - i);
      if (!Float.isNaN(number) && draft.shape(x).equals(draft.shape(id))) {
        limit(
            id, x, low ? number : Float.NEGATIVE_INFINITY, low ? Float.POSITIVE_INFINITY : number);
        return;
      }
    }
  }

  /** Limits of what has limits that overlap are limits. */
  private void limit(int id, int x, float low, float high) {
    float innerLow = Float.NEGATIVE_INFINITY;
    float innerHigh = Float.POSITIVE_INFINITY;
    int from = x;
    if (draft.operator(x) instanceof Operator.Relu) {
      innerLow = 0;
      from = draft.input(x, 0);
    } else if (draft.operator(x) instanceof Activation(Function function, float a, float b)
        && function == Function.CLIP) {
      innerLow = a;
      innerHigh = b;
      from = draft.input(x, 0);
    }
    float most = Math.max(low, innerLow);
    float least = Math.min(high, innerHigh);
    if (most > least) {
      become(id, new Activation(Function.CLIP, low, high), x);
    } else if (most == 0 && least >= Float.MAX_VALUE) {
      become(id, new Operator.Relu(), from);
    } else {
      become(id, new Activation(Function.CLIP, most, least), from);
    }
  }

  private void become(int id, Operator function, int x) {
    draft.replace(id, function, List.of(x), Map.of());
  }

  /** {@code min(max(x + 3, 0), 6) / 6}. */
  private void hardSigmoid(int id) {
    Product product = Product.of(draft, id, -1);
    int clipped = product.multipleOf();
    if (clipped >= 0
        && near(product.number(), 1 / 6d)
        && isFromZeroToSix(clipped)
        && draft.isSum(draft.input(clipped, 0))) {
      int sum = draft.input(clipped, 0);
      for (int i = 0; i < 2; i++) {
        int x = draft.input(sum, 1 - i);
        if (draft.number(draft.input(sum, i)) == 3 && draft.shape(x).equals(draft.shape(id))) {
          become(id, new Activation(Function.HARD_SIGMOID, 1 / 6f, 0.5f), x);
          return;
        }
      }
    }
  }

  private void product(int id) {
    if (!draft.is(id, Arithmetic.MUL) && !draft.is(id, Arithmetic.DIV)) {
      return;
    }
    Set<Integer> candidates = new LinkedHashSet<>();
    candidates(id, candidates);
    for (int x : candidates) {
      Product product = Product.of(draft, id, x);
      List<Integer> factors = product.factors();
      if (factors.size() == 2 && factors.contains(x) && draft.shape(x).equals(draft.shape(id))) {
        int other = factors.getFirst() == x ? factors.getLast() : factors.getFirst();
        Optional<Activation> function = function(product.number(), other, x);
        if (function.isPresent()) {
          become(id, function.get(), x);
          return;
        }
      }
    }
  }

  /** Collects what a product is made of, and what that is made of. */
  private void candidates(int id, Set<Integer> candidates) {
    for (int input : draft.inputs(id)) {
      if (candidates.size() < CANDIDATES
          && !draft.isConstant(input)
          && candidates.add(input)
          && (draft.is(input, Arithmetic.MUL) || draft.is(input, Arithmetic.DIV))) {
        candidates(input, candidates);
      }
    }
  }

  /** Returns what {@code number · factor · x} is as a function of x. */
  private Optional<Activation> function(double number, int factor, int x) {
    if (near(number, 1)) {
      return gated(factor, x);
    }
    if (near(number, 1 / 6d) && isFromZeroToSix(factor) && isSum(draft.input(factor, 0), x, 3)) {
      return Optional.of(new Activation(Function.HARD_SWISH));
    }
    if (near(number, 0.5) && draft.isSum(factor)) {
      for (int i = 0; i < 2; i++) {
        int term = draft.input(factor, 1 - i);
        if (draft.number(draft.input(factor, i)) == 1) {
          if (draft.is(term, Function.ERF)
              && near(multiple(draft.input(term, 0), x), Math.sqrt(0.5))) {
            return Optional.of(new Activation(Function.GELU));
          }
          if (draft.is(term, Function.TANH) && isCubic(draft.input(term, 0), x)) {
            return Optional.of(new Activation(Function.GELU_TANH));
          }
        }
      }
    }
    return Optional.empty();
  }

  private Optional<Activation> gated(int gate, int x) {
    if (draft.is(gate, Function.SIGMOID)) {
      float slope = (float) multiple(draft.input(gate, 0), x);
      return Float.isNaN(slope)
          ? Optional.empty()
          : Optional.of(new Activation(Function.SWISH, slope, 0));
    }
    if (draft.operator(gate) instanceof Activation(Function function, float a, float b)
        && function == Function.HARD_SIGMOID
        && near(a, 1 / 6d)
        && b == 0.5f
        && draft.input(gate, 0) == x) {
      return Optional.of(new Activation(Function.HARD_SWISH));
    }
    boolean mish =
        draft.is(gate, Function.TANH)
            && draft.is(draft.input(gate, 0), Function.SOFTPLUS)
            && draft.input(draft.input(gate, 0), 0) == x;
    return mish ? Optional.of(new Activation(Function.MISH)) : Optional.empty();
  }

  private boolean isFromZeroToSix(int id) {
    return draft.operator(id) instanceof Activation(Function function, float low, float high)
        && function == Function.CLIP
        && low == 0
        && high == 6;
  }

  private boolean isSum(int id, int x, float number) {
    return draft.isSum(id)
        && ((draft.input(id, 0) == x && draft.number(draft.input(id, 1)) == number)
            || (draft.input(id, 1) == x && draft.number(draft.input(id, 0)) == number));
  }

  /** Returns the number by which x is multiplied to give a value, NaN if it isn't so. */
  private double multiple(int id, int x) {
    Product product = Product.of(draft, id, x);
    return product.multipleOf() == x ? product.number() : Double.NaN;
  }

  /** Returns whether a value is √(2/π)·(x + 0.044715·x³), or x·√(2/π)·(1 + 0.044715·x²). */
  private boolean isCubic(int id, int x) {
    Product product = Product.of(draft, id, x);
    List<Integer> factors = product.factors();
    if (!near(product.number(), Math.sqrt(2 / Math.PI)) || factors.isEmpty()) {
      return false;
    }
    if (factors.size() == 1) {
      return isSumWithPower(factors.getFirst(), x, 3);
    }
    return factors.size() == 2
        && factors.contains(x)
        && isSumWithPower(factors.getFirst() == x ? factors.getLast() : factors.getFirst(), x, 2);
  }

  /** Returns whether a value is x, or 1 before a square, and 0.044715 times a power of x. */
  private boolean isSumWithPower(int id, int x, int power) {
    for (int i = 0; draft.isSum(id) && i < 2; i++) {
      int first = draft.input(id, i);
      Product term = Product.of(draft, draft.input(id, 1 - i), x);
      boolean begins = power == 3 ? first == x : draft.number(first) == 1;
      if (begins
          && near(term.number(), 0.044715)
          && term.factors().size() == power
          && term.factors().stream().allMatch(factor -> factor == x)) {
        return true;
      }
    }
    return false;
  }

  private static boolean near(double found, double expected) {
    return Math.abs(found - expected) <= TOLERANCE * expected;
  }
}
