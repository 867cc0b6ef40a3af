package org.espalier.reference;

/**
 * The error function and its complement in {@code double}, with a relative error far below half an
 * ulp of a float: below 2 the power series whose terms have one sign, from there on the continued
 * fraction of the complement (Abramowitz and Stegun 1964, 7.1.6 and 7.1.14).
 */
final class ErrorFunction {
  private static final double TWO_BY_ROOT_PI = 2 / Math.sqrt(Math.PI);

  /** Where the fraction takes over. */
  private static final double BORDER = 2;

  /** Levels of the fraction, which is off by 2e-12 of itself at the border, by less behind it. */
  private static final int LEVELS = 32;

  private ErrorFunction() {}

  static double erf(double x) {
    double size = Math.abs(x);
    return size < BORDER ? series(x) : Math.copySign(1 - fraction(size), x);
  }

  /** {@code 1 − erf(x)}, without cancellation where x is large. */
  static double erfc(double x) {
    if (x >= BORDER) {
      return fraction(x);
    }
    return 1 - erf(x);
  }

  /** {@code erf(x) = 2/√π · exp(−x²) · Σ 2ⁿ·x²ⁿ⁺¹ / (1·3·…·(2n + 1))}. */
  private static double series(double x) {
    double square = 2 * x * x;
    double term = x;
    double sum = x;
    for (int odd = 3; Math.abs(term) > Math.abs(sum) * 0x1p-56; odd += 2) {
      term *= square / odd;
      sum += term;
    }
    return TWO_BY_ROOT_PI * StrictMath.exp(-x * x) * sum;
  }

  /** {@code erfc(x) = exp(−x²)/√π / (x + ½/(x + 1/(x + ³⁄₂/(x + …))))}. */
  private static double fraction(double x) {
    double below = x;
    for (int level = LEVELS; level > 0; level--) {
      below = x + 0.5 * level / below;
    }
    return 0.5 * TWO_BY_ROOT_PI * StrictMath.exp(-x * x) / below;
  }
}
