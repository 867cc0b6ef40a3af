package org.espalier.peers;

import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;

/**
 * Two jobs timed by turns in one JVM, so that what the machine does meanwhile strikes both. Each
 * round times some calls of one and then some of the other; the ratio is taken round by round.
 *
 * @param ours nanoseconds per call, round by round
 * @param theirs nanoseconds per call, round by round
 */
record Duel(double[] ours, double[] theirs) {
  private static final double ROUND_NANOS = 10e6;
  private static final double WARM_UP_NANOS = 1e9;
  private static final double QUIET_NANOS = 0.5e9;
  private static final double LONGEST_WARM_UP_NANOS = 20e9;
  private static final int MIN_ROUNDS = 3;
  private static final int MAX_ROUNDS = 60;

  /** Rounds are cut to about this long, all together. */
  private static final double NANOS = 6e9;

  /** Warms both jobs up, then times them. */
  static Duel fight(Job ours, Job theirs) {
    double ourShortest = warmUp(ours);
    double theirShortest = warmUp(theirs);
    int ourCalls = calls(ourShortest);
    int theirCalls = calls(theirShortest);
    double roundNanos = ourCalls * ourShortest + theirCalls * theirShortest;
    int rounds = Math.clamp((long) (NANOS / roundNanos), MIN_ROUNDS, MAX_ROUNDS);
    double[] a = new double[rounds];
    double[] b = new double[rounds];
    for (int r = 0; r < rounds; r++) {
      a[r] = ours.time(ourCalls);
      b[r] = theirs.time(theirCalls);
    }
    return new Duel(a, b);
  }

  /**
   * Runs a job until it has had its time on the processor and the compiler has been quiet for a
   * while, and returns how long the fastest call took. On a busy machine that takes longer.
   */
  private static double warmUp(Job job) {
    ThreadMXBean thread = ManagementFactory.getThreadMXBean();
    CompilationMXBean compiler = ManagementFactory.getCompilationMXBean();
    long begin = System.nanoTime();
    long worked = thread.getCurrentThreadCpuTime();
    long compiled = compiler.getTotalCompilationTime();
    long quietSince = begin;
    double shortest = Double.MAX_VALUE;
    long now = begin;
    while (now - begin < LONGEST_WARM_UP_NANOS
        && (thread.getCurrentThreadCpuTime() - worked < WARM_UP_NANOS
            || now - quietSince < QUIET_NANOS)) {
      shortest = Math.min(shortest, job.time(1));
      now = System.nanoTime();
      if (compiler.getTotalCompilationTime() != compiled) {
        compiled = compiler.getTotalCompilationTime();
        quietSince = now;
      }
    }
    return shortest;
  }

  /** Returns how many calls fill a round. */
  private static int calls(double shortest) {
    return Math.clamp((long) (ROUND_NANOS / shortest), 1, 1_000_000);
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
}
