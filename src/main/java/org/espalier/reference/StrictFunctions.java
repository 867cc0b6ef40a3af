package org.espalier.reference;

/**
 * Functions of {@link StrictMath} that allocate there, in {@code double} with an error far below
 * half an ulp of a float. They are plain arithmetic, so they give the same bits on every machine.
 */
final class StrictFunctions {
  private static final double PI_BY_2 = Math.PI / 2;

  /** What π/2 is more than {@link #PI_BY_2}. */
  private static final double PI_BY_2_REST = 6.123233995736766e-17;

  /** From here on the quotient by π/2 takes more than two parts of it. */
  private static final double LARGE = 1 << 20;

  /** The greatest whole exponent whose power is made by multiplications. */
  private static final int MULTIPLIED = 64;

  private StrictFunctions() {}

  /** Returns the sine. Only beyond 2<sup>20</sup> does it allocate. */
  static double sin(double x) {
    return Math.abs(x) < LARGE
        ? quarter(x, 0)
        : Double.isFinite(x) ? StrictMath.sin(x) : Double.NaN;
  }

  /** Returns the cosine. Only beyond 2<sup>20</sup> does it allocate. */
  static double cos(double x) {
    return Math.abs(x) < LARGE
        ? quarter(x, 1)
        : Double.isFinite(x) ? StrictMath.cos(x) : Double.NaN;
  }

  /** Returns sin(x + turns·π/2). */
  private static double quarter(double x, int turns) {
    double k = Math.rint(x / PI_BY_2);
    double r = k == 0 ? x : Math.fma(-k, PI_BY_2_REST, Math.fma(-k, PI_BY_2, x));
    int turn = (int) k + turns & 3;
    double value = (turn & 1) == 0 ? r * series(r * r, 3) : series(r * r, 2);
    return turn < 2 ? value : -value;
  }

  /** {@code 1 − z/((n − 1)·n)·(1 − z/((n + 1)·(n + 2))·(…))}, for z up to (π/4)². */
  private static double series(double z, int n) {
    double sum = 1;
    for (int i = n + 14; i >= n; i -= 2) {
      sum = 1 - z / ((i - 1) * i) * sum;
    }
    return sum;
  }

  /**
   * Returns x to the power of y, as {@link Math#pow} says of what isn't finite, or 0. Small whole
   * exponents are multiplications, so that a power which a {@code double} holds is exact.
   */
  static double pow(double x, double y) {
    boolean whole = Math.rint(y) == y;
    if (whole && Math.abs(y) <= MULTIPLIED) {
      double power = power(x, (int) Math.abs(y));
      return y < 0 ? 1 / power : power;
    }
    double power = StrictMath.exp(y * StrictMath.log(Math.abs(x)));
    boolean negative = x < 0 || 1 / x < 0;
    if (!negative || Double.isNaN(power)) {
      return power;
    }
    if (whole && Math.abs(y) < Double.POSITIVE_INFINITY) {
      return y % 2 == 0 ? power : -power;
    }
    boolean meant = x == 0 || Double.isInfinite(x) || Double.isInfinite(y);
    return meant ? power : Double.NaN;
  }

  private static double power(double x, int n) {
    double power = 1;
    double factor = x;
    for (int rest = n; rest > 0; rest >>= 1) {
      if ((rest & 1) == 1) {
        power *= factor;
      }
      factor *= factor;
    }
    return power;
  }
}
