package org.espalier.peers;

import java.util.Arrays;

/**
 * Two jobs timed by turns in one JVM, so that what the machine does meanwhile strikes both. Each
 * round times some calls of one and then some of the other; the ratio is taken round by round.
 *
 * @param ours nanoseconds per call, round by round
 * @param theirs nanoseconds per call, round by round
 */
record Duel(double[] ours, double[] theirs) {
  private static final long ROUND_NANOS = 10_000_000;
  private static final long WARM_UP_NANOS = 1_500_000_000;

  /** Warms both jobs up, then times them. */
  static Duel fight(Runnable ours, Runnable theirs, int rounds) {
    int ourCalls = warmUp(ours);
    int theirCalls = warmUp(theirs);
    double[] a = new double[rounds];
    double[] b = new double[rounds];
    for (int r = 0; r < rounds; r++) {
      a[r] = time(ours, ourCalls);
      b[r] = time(theirs, theirCalls);
    }
    return new Duel(a, b);
  }

  /** Runs a job for a while and returns how many calls fill a round. */
  private static int warmUp(Runnable job) {
    long end = System.nanoTime() + WARM_UP_NANOS;
    double shortest = Double.MAX_VALUE;
    while (System.nanoTime() < end) {
      shortest = Math.min(shortest, time(job, 1));
    }
    return (int) Math.clamp((long) (ROUND_NANOS / shortest), 1, 1_000_000);
  }

  private static double time(Runnable job, int calls) {
    long start = System.nanoTime();
    for (int i = 0; i < calls; i++) {
      job.run();
    }
    return (double) (System.nanoTime() - start) / calls;
  }

  /** Returns how many times as fast ours is: quartiles of the rounds, the median in the middle. */
  double[] speedup() {
    double[] ratios = new double[ours.length];
    for (int r = 0; r < ratios.length; r++) {
      ratios[r] = theirs[r] / ours[r];
    }
    Arrays.sort(ratios);
    return new double[] {
      ratios[ratios.length / 4], ratios[ratios.length / 2], ratios[ratios.length * 3 / 4]
    };
  }

  static double median(double[] times) {
    double[] sorted = times.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  static double shortest(double[] times) {
    return Arrays.stream(times).min().orElseThrow();
  }
}
