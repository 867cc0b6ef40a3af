package org.espalier.infer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Times pieces of work beside each other, to choose among ways to do the same thing. A time is the
 * shortest of many, taken in turns: what else the machine does can only lengthen one, and comes to
 * all alike.
 */
final class KernelTimer {
  /** A sample takes at least so long, or the clock's own cost counts. */
  private static final double SAMPLE_NANOS = 30_000;

  /** So many rounds without news end the measurement, if they also take as long as below. */
  private static final int QUIET_ROUNDS = 12;

  /**
   * News may be late: a piece of work of another shape can run code that the JVM has not compiled
   * yet, and at a tenth of its speed until that has happened.
   */
  private static final long QUIET_NANOS = 200_000_000;

  /** What counts as news: a time so much shorter than before. */
  private static final double NEWS = 0.97;

  /** A kernel that has not run yet gets this time to be compiled by the JVM. */
  private static final long WARM_UP_NANOS = 250_000_000;

  /** Ends any measurement, for each piece of work in it. */
  private static final long LIMIT_NANOS = 750_000_000;

  /** Ends a measurement in which something is still too slow to have been compiled. */
  private static final long PATIENCE_NANOS = 20_000_000_000L;

  /**
   * Multiplications a nanosecond that the slowest kernel does on the slowest machine once it is
   * compiled; interpreted it does a tenth of that.
   */
  private static final double COMPILED = 0.2;

  /** What a call may take besides. */
  private static final double CALL_NANOS = 10_000;

  /**
   * A piece of work.
   *
   * @param multiplications how many it consists of
   */
  record Piece(Runnable run, double multiplications) {
    boolean isCompiled(double nanos) {
      return nanos <= CALL_NANOS + multiplications / COMPILED;
    }
  }

  /** Names of what has been warmed up. */
  private final Set<String> warm = new HashSet<>();

  /**
   * Runs each piece of work often.
   *
   * @param work by name; equal names mean the same code, whatever it works on
   * @return nanoseconds for each, in the same order
   */
  synchronized Map<String, Double> time(Map<String, Piece> work) {
    List<Piece> pieces = new ArrayList<>(work.values());
    double[] best = new double[pieces.size()];
    Arrays.fill(best, Double.POSITIVE_INFINITY);
    long atLeast = warm.containsAll(work.keySet()) ? 0 : WARM_UP_NANOS * pieces.size();
    long atMost = LIMIT_NANOS * pieces.size();
    long start = System.nanoTime();
    long elapsed = 0;
    long news = 0;
    for (int quiet = 0;
        areCompiled(pieces, best)
            ? elapsed < atLeast
                || (elapsed < atMost && (quiet < QUIET_ROUNDS || elapsed - news < QUIET_NANOS))
            : elapsed < PATIENCE_NANOS;
        elapsed = System.nanoTime() - start) {
      quiet++;
      for (int i = 0; i < best.length; i++) {
        double sample = sample(pieces.get(i).run(), best[i]);
        if (sample < best[i] * NEWS) {
          quiet = 0;
          news = elapsed;
        }
        best[i] = Math.min(best[i], sample);
      }
    }
    warm.addAll(work.keySet());
    Map<String, Double> times = new LinkedHashMap<>();
    for (String name : work.keySet()) {
      times.put(name, best[times.size()]);
    }
    return times;
  }

  private static boolean areCompiled(List<Piece> pieces, double[] nanos) {
    for (int i = 0; i < nanos.length; i++) {
      if (!pieces.get(i).isCompiled(nanos[i])) {
        return false;
      }
    }
    return true;
  }

  private static double sample(Runnable run, double expected) {
    int repeats = Double.isInfinite(expected) ? 1 : (int) Math.ceil(SAMPLE_NANOS / expected);
    long start = System.nanoTime();
    for (int i = 0; i < repeats; i++) {
      run.run();
    }
    return Math.max(1, System.nanoTime() - start) / (double) repeats;
  }
}
