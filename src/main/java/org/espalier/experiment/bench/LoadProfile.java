package org.espalier.experiment.bench;

/**
 * How requests come.
 *
 * @param streams sessions that answer them, each with a thread of its own
 * @param queued whether requests come by themselves and wait in one queue for the next free
 *     session; otherwise each stream makes its next request when it has the answer to the last
 * @param rate requests per second, evenly spaced, where they are queued; infinite for all at once
 */
public record LoadProfile(int streams, boolean queued, double rate) {
  /** One caller who waits for each answer. */
  public static final LoadProfile ONE_STREAM = ofStreams(1);

  /** Checks the numbers. */
  public LoadProfile {
    if (streams < 1 || !(rate > 0)) {
      throw new IllegalArgumentException(streams + " streams, " + rate + " requests per second");
    }
  }

  /** Returns so many callers, each of which waits for its answers. */
  public static LoadProfile ofStreams(int streams) {
    return new LoadProfile(streams, false, Double.POSITIVE_INFINITY);
  }

  /** Returns a queue that feeds so many sessions. */
  public static LoadProfile queue(int streams, double rate) {
    return new LoadProfile(streams, true, rate);
  }

  /** Returns whether many requests come at once and wait for each other. */
  boolean atOnce() {
    return queued && !paced();
  }

  /** Returns whether requests come as time goes by, whatever became of those before. */
  boolean paced() {
    return queued && rate < Double.POSITIVE_INFINITY;
  }
}
