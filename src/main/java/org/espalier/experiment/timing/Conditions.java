package org.espalier.experiment.timing;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * Under which conditions something was measured, and whether one can stand behind it.
 *
 * @param others how many processors others used meanwhile, on average; nothing if that is unknown
 * @param processors how many there are
 * @param threads how many processors the measured work wants at once
 * @param compiling share of the time in which the JVM's compilers worked
 * @param settled whether before that the compilers had come to rest and times didn't improve any
 *     more
 * @param rounds how often each side had its turn
 */
public record Conditions(
    OptionalDouble others,
    int processors,
    int threads,
    double compiling,
    boolean settled,
    int rounds) {
  /** Others may use half of what is left to them, or so much, which is what any system does. */
  private static final double ALWAYS_ALLOWED = 0.2;

  private static final double MUCH_COMPILING = 0.05;
  private static final double SOME_COMPILING = 0.01;

  /** Quartiles of the rounds further apart than this share of the median tell of two speeds. */
  private static final double MOST_SPREAD = 0.25;

  /** A median of ratios may lie apart from the ratio of medians by rounding of ranks. */
  private static final double APART = 1.1;

  /** Returns why nothing that was measured should be believed; nothing if there is no reason. */
  public List<String> doubts() {
    List<String> doubts = new ArrayList<>();
    double allowed = Math.max(ALWAYS_ALLOWED, (processors - threads) / 2.0);
    if (others.isPresent() && others.getAsDouble() > allowed) {
      doubts.add(
          String.format(
              Locale.ROOT,
              "machine busy: others used %.1f of %d CPUs",
              others.getAsDouble(),
              processors));
    }
    if (compiling > (settled ? MUCH_COMPILING : SOME_COMPILING)) {
      doubts.add(
          String.format(
              Locale.ROOT,
              "still compiling: the JVM's compilers worked %d %% of the time",
              Math.max(1, Math.round(100 * compiling))));
    }
    if (rounds < PairedTiming.FEWEST_ROUNDS) {
      doubts.add(
          String.format(
              Locale.ROOT, "only %d of %d calls in the time", rounds, PairedTiming.FEWEST_ROUNDS));
    }
    return doubts;
  }

  /**
   * Returns why the times of one side should not be believed, whatever the conditions.
   *
   * @param name the side's
   */
  public static List<String> doubts(String name, Rounds rounds) {
    double spread = rounds.spread();
    return spread <= MOST_SPREAD
        ? List.of()
        : List.of(String.format(Locale.ROOT, "%s: spread of %.0f %%", name, 100 * spread));
  }

  /**
   * Returns why a ratio should not be believed: by turns it was another.
   *
   * @param ratio how many times as long the other took
   * @param quartiles of the same ratio, round by round
   */
  public static List<String> doubts(double ratio, double[] quartiles) {
    return ratio * APART >= quartiles[0] && ratio <= quartiles[2] * APART
        ? List.of()
        : List.of(
            String.format(
                Locale.ROOT, "%.2f× by the medians, but %.2f× interleaved", ratio, quartiles[1]));
  }
}
