package org.espalier.peers;

import java.util.List;
import org.espalier.experiment.timing.Conditions;
import org.espalier.experiment.timing.PairedTiming;
import org.espalier.experiment.timing.Rounds;
import org.espalier.machine.Gauges;

/**
 * Two jobs timed in alternation in one JVM.
 *
 * @param ours nanoseconds of a call, round by round
 * @param theirs nanoseconds of a call, round by round
 * @param conditions under which it was measured
 */
record PairedRun(Rounds ours, Rounds theirs, Conditions conditions) {
  private static final double WARM_UP = 1;
  private static final double SECONDS = 3;

  /** So many of a twentieth of a second: some of them undisturbed on a busy machine. */
  private static final int ROUNDS = 60;

  /** Some calls of a job, as many as fill the time: the clock is not read between them. */
  private static final class Calls implements PairedTiming.Side {
    private static final int MOST = 1_000_000;

    private final Job job;
    private double last = Double.POSITIVE_INFINITY;

    Calls(Job job) {
      this.job = job;
    }

    @Override
    public double work(long nanos) {
      last = Math.max(1e-3, job.time(Math.clamp((long) (nanos / last), 1, MOST)));
      return last;
    }
  }

  /** Warms both jobs up, then times them. */
  static PairedRun run(Job ours, Job theirs, int threads) {
    PairedTiming turns =
        new PairedTiming(Gauges.ofThisMachine(), WARM_UP, SECONDS, threads, ROUNDS);
    PairedTiming.Result result = turns.take(List.of(new Calls(ours), new Calls(theirs)));
    return new PairedRun(
        result.rounds().getFirst(), result.rounds().getLast(), result.conditions());
  }
}
