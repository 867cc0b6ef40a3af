package org.espalier.experiment.tune;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.espalier.experiment.timing.Conditions;
import org.espalier.experiment.timing.PairedTiming;
import org.espalier.machine.Gauges;

/**
 * Times kernels that do the same thing, by {@link PairedTiming}, to choose among them. A time is
 * the shortest of the rounds: what else the machine does can only lengthen one. That one can stand
 * behind it shows in three ways: the {@link Conditions} raise no doubt, the time is of the size
 * that was expected, and a second measurement gives it again.
 */
final class KernelTimer {
  private static final double WARM_UP = 0.1;

  /** Seconds for each kernel; where others are watched, shorter ones say nothing. */
  private static final double SECONDS = 0.12;

  /** Measurements that are begun before it is given up. */
  private static final int ATTEMPTS = 3;

  /** By how much the second time may differ from the first. */
  private static final double REPEATS = 1.1;

  /**
   * By how much a time may differ from what is expected: machines are not so different, while C1
   * and the interpreter take 20 to 300 times as long as C2.
   */
  private static final double PLAUSIBLE = 5;

  /**
   * A piece of work.
   *
   * @param estimatedNanos how long it is expected to take
   */
  record Piece(Runnable run, double estimatedNanos) {
    boolean isPlausible(double nanos) {
      return nanos <= PLAUSIBLE * estimatedNanos && nanos >= estimatedNanos / PLAUSIBLE;
    }
  }

  /**
   * What was measured.
   *
   * @param nanos the shortest time of each piece of work
   * @param refusal why one can't stand behind them, empty if one can
   */
  record Times(List<Double> nanos, Optional<String> refusal) {
    Times {
      nanos = List.copyOf(nanos);
    }
  }

  private final Gauges gauges;

  KernelTimer(Gauges gauges) {
    this.gauges = gauges;
  }

  /** Times pieces of work that do the same thing. */
  Times time(List<Piece> pieces) {
    List<PairedTiming.Side> sides = pieces.stream().map(p -> side(p.run())).toList();
    PairedTiming turns = new PairedTiming(gauges, WARM_UP, SECONDS, 1);
    turns.warmUp(sides);
    Times times = attempt(turns, sides, pieces);
    for (int i = 1; i < ATTEMPTS && times.refusal().isPresent(); i++) {
      times = attempt(turns, sides, pieces);
    }
    return times;
  }

  private PairedTiming.Side side(Runnable run) {
    return nanos -> {
      long begin = gauges.nanos();
      long now = begin;
      long calls = 0;
      // so many calls between two looks at the clock as it takes for these not to count
      for (long some = 1; now - begin < nanos; some = Math.max(some, calls / 8)) {
        for (long i = 0; i < some; i++) {
          run.run();
        }
        calls += some;
        now = gauges.nanos();
      }
      return (double) (now - begin) / calls;
    };
  }

  private static Times attempt(
      PairedTiming turns, List<PairedTiming.Side> sides, List<Piece> pieces) {
    PairedTiming.Result first = turns.measure(sides);
    PairedTiming.Result second = turns.measure(sides);
    List<String> doubts = new ArrayList<>(first.conditions().doubts());
    doubts.addAll(second.conditions().doubts());
    List<Double> nanos = new ArrayList<>();
    for (int i = 0; i < pieces.size(); i++) {
      double one = first.rounds().get(i).best();
      double other = second.rounds().get(i).best();
      double best = Math.min(one, other);
      nanos.add(best);
      if (Math.max(one, other) > REPEATS * best) {
        doubts.add(
            String.format(
                Locale.ROOT, "times don't repeat: %.1f and %.1f µs", one / 1e3, other / 1e3));
      }
      if (!pieces.get(i).isPlausible(best)) {
        doubts.add(
            String.format(
                Locale.ROOT,
                "%.1f µs where %.1f are expected is no time of compiled code",
                best / 1e3,
                pieces.get(i).estimatedNanos() / 1e3));
      }
    }
    return new Times(nanos, doubts.stream().findFirst());
  }
}
