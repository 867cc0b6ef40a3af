package org.espalier.io.onnx.translate;

import org.espalier.model.Elementwise;
import org.espalier.tensor.Shape;

/** Arithmetic of whole numbers that are known, among which that of the examples may be. */
final class WholeNumbers {
  private WholeNumbers() {}

  /**
   * Computes a function of two values, element by element.
   *
   * @throws MixedBatch if the number of examples becomes another number
   * @throws ArithmeticException if a result is no 64-bit number or a divisor is 0
   */
  static Value.Wholes binary(Elementwise.Arithmetic function, long[] x, long[] y, Shape shape)
      throws MixedBatch, Unsupported {
    long[] result = new long[x.length];
    for (int i = 0; i < result.length; i++) {
      result[i] =
          x[i] == Value.BATCH || y[i] == Value.BATCH
              ? ofBatch(function, x[i], y[i])
              : of(function, x[i], y[i]);
    }
    return new Value.Wholes(shape, result);
  }

  private static long ofBatch(Elementwise.Arithmetic function, long x, long y) throws MixedBatch {
    boolean same =
        switch (function) {
          case MUL -> x == 1 || y == 1;
          case DIV -> y == 1;
          case ADD -> x == 0 || y == 0;
          case SUB -> y == 0;
          case REMAINDER,
              MAX,
              MIN,
              POW,
              PRELU,
              LESS,
              LESS_OR_EQUAL,
              GREATER,
              GREATER_OR_EQUAL,
              EQUAL,
              AND,
              OR,
              XOR ->
              false;
        };
    if (same) {
      return Value.BATCH;
    }
    if (function == Elementwise.Arithmetic.EQUAL) {
      return x == y ? 1 : 0;
    }
    throw new MixedBatch("computes with the number of examples");
  }

  private static long of(Elementwise.Arithmetic function, long x, long y) throws Unsupported {
    return switch (function) {
      case ADD -> Math.addExact(x, y);
      case SUB -> Math.subtractExact(x, y);
      case MUL -> Math.multiplyExact(x, y);
      case DIV -> x / y;
      case REMAINDER -> x % y;
      case MAX -> Math.max(x, y);
      case MIN -> Math.min(x, y);
      case POW -> {
        double power = Math.pow((double) x, (double) y);
        if (!(Math.abs(power) < 0x1p53)) {
          throw new ArithmeticException(x + " to the power of " + y);
        }
        yield (long) power;
      }
      case PRELU -> x < 0 ? Math.multiplyExact(x, y) : x;
      case LESS -> x < y ? 1 : 0;
      case LESS_OR_EQUAL -> x <= y ? 1 : 0;
      case GREATER -> x > y ? 1 : 0;
      case GREATER_OR_EQUAL -> x >= y ? 1 : 0;
      case EQUAL -> x == y ? 1 : 0;
      case AND -> x != 0 && y != 0 ? 1 : 0;
      case OR -> x != 0 || y != 0 ? 1 : 0;
      case XOR -> (x != 0) != (y != 0) ? 1 : 0;
    };
  }
}
