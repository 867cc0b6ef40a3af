package org.espalier.peers;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.espalier.experiment.timing.Conditions;
import org.jspecify.annotations.Nullable;

/**
 * What one run of one benchmark gave.
 *
 * @param other who the peer is, version included
 * @param ours our kernels
 * @param oursNanos median time of a call
 * @param theirsNanos median time of a call
 * @param oursBestNanos shortest time of a call
 * @param theirsBestNanos shortest time of a call
 * @param speedup how many times as fast ours is: quartiles of the rounds
 * @param rounds how many rounds
 * @param load the system's load average at the end, what was measured included
 * @param others how many processors others used meanwhile, null if that is unknown
 * @param doubts why the times should not be believed; empty if there is no reason
 */
record Timing(
    String other,
    String ours,
    double oursNanos,
    double theirsNanos,
    double oursBestNanos,
    double theirsBestNanos,
    double[] speedup,
    int rounds,
    double load,
    @Nullable Double others,
    List<String> doubts) {
  /** Quartiles of the ratio further apart than this share of its median are a reason to repeat. */
  private static final double MOST_SPREAD = 0.15;

  static Timing of(PairedRun run, String other, String ours) {
    double[] speedup = run.ours().speedupOver(run.theirs());
    double oursNanos = run.ours().median();
    double theirsNanos = run.theirs().median();
    double oursBest = run.ours().best();
    double theirsBest = run.theirs().best();
    List<String> doubts = new ArrayList<>(run.conditions().doubts());
    doubts.addAll(Conditions.doubts(theirsNanos / oursNanos, speedup));
    double spread = (speedup[2] - speedup[0]) / speedup[1];
    if (!(spread <= MOST_SPREAD)) {
      doubts.add(String.format(Locale.ROOT, "spread of %.0f %%", 100 * spread));
    }
    double bests = theirsBest / oursBest / (theirsNanos / oursNanos);
    if (!(Math.max(bests, 1 / bests) <= 1 + MOST_SPREAD)) {
      doubts.add(
          String.format(
              Locale.ROOT,
              "%.2f× by the medians, but %.2f× by the shortest times",
              theirsNanos / oursNanos,
              theirsBest / oursBest));
    }
    return new Timing(
        other,
        ours,
        oursNanos,
        theirsNanos,
        oursBest,
        theirsBest,
        speedup,
        run.ours().nanos().length,
        ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage(),
        run.conditions().others().isPresent()
            ? (Double) run.conditions().others().getAsDouble()
            : null,
        doubts);
  }

  /** Returns how far the quartiles of the ratio are apart, as a share of its median. */
  double spread() {
    return (speedup[2] - speedup[0]) / speedup[1];
  }
}
