package org.espalier.experiment.timing;

import java.util.Arrays;

/**
 * What a call of one side cost, round by round.
 *
 * @param nanos nanoseconds, in the order of the rounds; at least one
 */
@SuppressWarnings("ArrayRecordComponent") // made by the measurement, never changed
public record Rounds(double[] nanos) {
  /** Returns the median. */
  public double median() {
    return quartiles(nanos)[1];
  }

  /** Returns the shortest. */
  public double best() {
    return Arrays.stream(nanos).min().orElseThrow();
  }

  /** Returns the distance between the quartiles as a share of the median. */
  public double spread() {
    double[] q = quartiles(nanos);
    return (q[2] - q[0]) / q[1];
  }

  /**
   * Returns how many times as long another took, round by round: first quartile, median and third
   * quartile. What disturbs the machine for a while strikes both sides of such a ratio.
   */
  public double[] speedupOver(Rounds other) {
    double[] ratios = new double[nanos.length];
    for (int r = 0; r < ratios.length; r++) {
      ratios[r] = other.nanos[r] / nanos[r];
    }
    return quartiles(ratios);
  }

  private static double[] quartiles(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int n = sorted.length;
    return new double[] {sorted[n / 4], sorted[n / 2], sorted[n * 3 / 4]};
  }
}
