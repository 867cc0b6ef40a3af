package org.espalier.experiment.bench;

import java.util.Arrays;
import org.espalier.experiment.timing.Rounds;

/**
 * How long requests took.
 *
 * @param nanos from a request's coming to its answer, ascending
 * @param batch examples of one request
 * @param elapsed nanoseconds in which requests were answered
 * @param atOnce whether requests come all at once and wait for each other, so that what one costs
 *     is not how long it waits
 * @param rounds what a request cost in each round: the median; of requests that come at once, the
 *     time that passed for each
 */
@SuppressWarnings("ArrayRecordComponent") // made by the test, never changed
public record LatencyStats(long[] nanos, int batch, long elapsed, boolean atOnce, Rounds rounds) {
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
   * Returns what a request cost in nanoseconds: the median, or the time that passed for each of
   * those that come at once.
   */
  public double cost() {
    return atOnce ? (double) elapsed / nanos.length : percentile(50);
  }

  /**
   * Returns how many times as much a request of another cost: the ratio of what {@link #cost} says
   * of the two, so that the numbers that stand beside it never contradict it.
   */
  public double speedupOver(LatencyStats other) {
    return other.cost() / cost();
  }
}
