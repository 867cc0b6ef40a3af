package org.espalier.reference;

import org.espalier.kernel.scalar.Elementary;
import org.espalier.model.Elementwise;

/**
 * The functions of {@link Elementwise}. {@code exp} and {@code log} are the project's polynomials,
 * and the sigmoid and what multiplies by it are float operations on that {@code exp}. Whatever else
 * isn't a few float operations is computed in {@code double} by {@link StrictMath}, {@link
 * StrictFunctions} and {@link ErrorFunction}, which give the same bits on every machine, and
 * rounded to float once. {@code a·x + b} is one fma.
 */
final class Functions {
  /** A function of one float. */
  @FunctionalInterface
  interface Unary {
    float of(float x);
  }

  /** A function of two floats. */
  @FunctionalInterface
  interface Binary {
    float of(float x, float y);
  }

  private Functions() {}

  static Unary of(Elementwise.Activation activation) {
    float a = activation.a();
    float b = activation.b();
    return switch (activation.function()) {
      case LEAKY_RELU -> x -> x < 0 ? a * x : x;
      case CLIP -> x -> Math.min(Math.max(x, a), b);
      case SIGMOID -> x -> 1 / (1 + Elementary.exp(-x));
      case HARD_SIGMOID -> x -> Math.min(Math.max(Math.fma(a, x, b), 0), 1);
      case HARD_SWISH -> x -> x * Math.min(Math.max(Math.fma(1 / 6f, x, 0.5f), 0), 1);
      case SWISH -> x -> x * (1 / (1 + Elementary.exp(-(a * x))));
      case TANH -> x -> (float) StrictMath.tanh(x);
      case ELU -> x -> x < 0 ? (float) (a * StrictMath.expm1(x)) : x;
      case SELU -> x -> (float) (b * (x < 0 ? a * StrictMath.expm1(x) : x));
      case CELU ->
          x -> (float) (Math.max(x, 0) + Math.min(0, a * StrictMath.expm1((double) x / a)));
      case SOFTPLUS -> x -> (float) softplus(x);
      case SOFTSIGN -> x -> x / (1 + Math.abs(x));
      case MISH -> x -> (float) (x * StrictMath.tanh(softplus(x)));
      case GELU -> x -> (float) (x * 0.5 * ErrorFunction.erfc(-x * Math.sqrt(0.5)));
      case GELU_TANH -> x -> (float) geluTanh(x);
      case THRESHOLDED_RELU -> x -> x > a ? x : 0;
      case ERF -> x -> (float) ErrorFunction.erf(x);
      case EXP -> Elementary::exp;
      case LOG -> Elementary::log;
      case SQRT -> x -> (float) Math.sqrt(x);
      case ABS -> Math::abs;
      case NEG -> x -> -x;
      case RECIPROCAL -> x -> 1 / x;
      case SIGN -> Math::signum;
      case FLOOR -> x -> (float) Math.floor(x);
      case CEIL -> x -> (float) Math.ceil(x);
      case ROUND -> x -> (float) Math.rint(x);
      case SIN -> x -> (float) StrictFunctions.sin(x);
      case COS -> x -> (float) StrictFunctions.cos(x);
      case NOT -> x -> truth(x == 0);
    };
  }

  static Binary of(Elementwise.Arithmetic arithmetic) {
    return switch (arithmetic) {
      case ADD -> (x, y) -> x + y;
      case SUB -> (x, y) -> x - y;
      case MUL -> (x, y) -> x * y;
      case DIV -> (x, y) -> x / y;
      case REMAINDER -> (x, y) -> x % y;
      case MAX -> Math::max;
      case MIN -> Math::min;
      case POW -> (x, y) -> (float) StrictFunctions.pow(x, y);
      case PRELU -> (x, y) -> x < 0 ? y * x : x;
      case LESS -> (x, y) -> truth(x < y);
      case LESS_OR_EQUAL -> (x, y) -> truth(x <= y);
      case GREATER -> (x, y) -> truth(x > y);
      case GREATER_OR_EQUAL -> (x, y) -> truth(x >= y);
      case EQUAL -> (x, y) -> truth(x == y);
      case AND -> (x, y) -> truth(x != 0 && y != 0);
      case OR -> (x, y) -> truth(x != 0 || y != 0);
      case XOR -> (x, y) -> truth((x != 0) != (y != 0));
    };
  }

  private static float truth(boolean holds) {
    return holds ? 1 : 0;
  }

  /** Without an exponential that overflows. */
  private static double softplus(double x) {
    return Math.max(x, 0) + StrictMath.log1p(StrictMath.exp(-Math.abs(x)));
  }

  /** {@code (1 + tanh(u))/2 = 1/(1 + exp(−2u))} doesn't cancel. */
  private static double geluTanh(double x) {
    double u = Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x);
    return x / (1 + StrictMath.exp(-2 * u));
  }
}
