package org.espalier.sparsify;

import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * A share as the user wrote it, in decimal: 0.29 of 100 is 29, where binary floating point would
 * give 28.
 *
 * @param value from 0 to 1
 */
public record Fraction(BigDecimal value) {
  private static final int MOST_DECIMALS = 100;

  /** Checks the range. */
  public Fraction {
    if (value.signum() < 0 || value.compareTo(BigDecimal.ONE) > 0) {
      throw new IllegalArgumentException("a share lies between 0 and 1, not at " + value);
    }
    if (value.stripTrailingZeros().scale() > MOST_DECIMALS) {
      // An exponent would let a few characters stand for a number of a billion digits.
      throw new IllegalArgumentException(
          "a share has at most " + MOST_DECIMALS + " decimals, unlike " + value);
    }
  }

  /** Returns the share that the decimal text writes. */
  public static Fraction of(String decimal) {
    return new Fraction(new BigDecimal(decimal));
  }

  /** Returns the share of so many hundredths. */
  public static Fraction ofPercent(BigDecimal percent) {
    return new Fraction(percent.movePointLeft(2));
  }

  /** Returns floor(share · n). */
  public int of(int n) {
    return value.multiply(BigDecimal.valueOf(n)).setScale(0, RoundingMode.FLOOR).intValueExact();
  }

  /** Returns the nearest binary number. */
  public double doubleValue() {
    return value.doubleValue();
  }

  @Override
  public String toString() {
    return value.toPlainString();
  }
}
