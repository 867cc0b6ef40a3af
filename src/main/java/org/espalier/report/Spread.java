package org.espalier.report;

/**
 * A mean over several runs with its spread.
 *
 * @param mean the mean
 * @param deviation the standard deviation, 0 or more
 */
record Spread(double mean, double deviation) {
  /** Checks the deviation. */
  public Spread {
    if (deviation < 0) {
      throw new IllegalArgumentException("deviation below 0: " + deviation);
    }
  }

  /**
   * Returns mean and sample standard deviation (n − 1) of some values.
   *
   * @throws IllegalArgumentException if there are none
   */
  public static Spread of(double... values) {
    if (values.length == 0) {
      throw new IllegalArgumentException("the mean of no values");
    }
    double sum = 0;
    for (double v : values) {
      sum += v;
    }
    double mean = sum / values.length;
    double squares = 0;
    for (double v : values) {
      squares += (v - mean) * (v - mean);
    }
    double deviation = values.length == 1 ? 0 : Math.sqrt(squares / (values.length - 1));
    return new Spread(mean, deviation);
  }
}
