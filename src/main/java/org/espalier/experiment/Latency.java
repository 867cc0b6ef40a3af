package org.espalier.experiment;

import java.util.Arrays;

/**
 * How long requests took.
 *
 * @param nanos from a request's coming to its answer, ascending
 * @param batch examples of one request
 * @param elapsed nanoseconds in which requests were answered
 * @param rounds what a request cost in each round, in nanoseconds: the median; of requests that
 *     come all at once and wait for each other, the time that passed for each
 */
@SuppressWarnings("ArrayRecordComponent") // made by the test, never changed
public record Latency(long[] nanos, int batch, long elapsed, double[] rounds) {
  /** Returns the p-th percentile of a request, in nanoseconds (nearest rank). */
  public long percentile(double p) {
    int rank = (int) Math.ceil(p / 100 * nanos.length);
    return nanos[Math.max(0, Math.min(nanos.length, rank) - 1)];
  }

  /** Returns the mean of a request in nanoseconds. */
  public double mean() {
    return Arrays.stream(nanos).average().orElseThrow();
  }

  /** Returns the median of a request in microseconds. */
  public double medianMicros() {
    return percentile(50) / 1e3;
  }

  /** Returns examples per second. */
  public double throughput() {
    return batch * 1e9 * nanos.length / elapsed;
  }

  /**
   * Returns how many times as long another took, round by round: first quartile, median and third
   * quartile. What disturbs the machine for a while strikes both sides of a ratio.
   */
  public double[] speedupOver(Latency other) {
    double[] ratios = new double[rounds.length];
    for (int r = 0; r < ratios.length; r++) {
      ratios[r] = other.rounds[r] / rounds[r];
    }
    Arrays.sort(ratios);
    return new double[] {
      ratios[ratios.length / 4], ratios[ratios.length / 2], ratios[ratios.length * 3 / 4]
    };
  }
}
