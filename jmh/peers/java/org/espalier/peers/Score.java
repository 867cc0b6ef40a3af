package org.espalier.peers;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** What the runs of one contest gave so far. */
final class Score {
  private final Contest contest;
  private final List<Timing> timings = new ArrayList<>();
  private @Nullable String failure;

  Score(Contest contest) {
    this.contest = contest;
  }

  /** Runs the contest once more; if it fails, remembers why. */
  void run() throws InterruptedException {
    try {
      timings.add(Fork.run(ContestRun.class, Timing.class, contest.name()));
    } catch (IOException e) {
      failure = e.getMessage();
    }
  }

  Contest contest() {
    return contest;
  }

  List<Timing> timings() {
    return timings;
  }

  boolean failed() {
    return failure != null;
  }

  @Nullable String failure() {
    return failure;
  }

  /** Returns the median over the runs. */
  double median(ToDoubleFunction<Timing> value) {
    return Duel.median(timings.stream().mapToDouble(value).toArray());
  }

  /** Returns the median of the runs' medians. */
  double ratio() {
    return contest.mark().ratio(median(timing -> timing.speedup()[1]));
  }

  /** Returns the ratio of the shortest times of all runs, which other load disturbs least. */
  double ratioOfBests() {
    double ours = timings.stream().mapToDouble(Timing::oursBestNanos).min().orElse(Double.NaN);
    double theirs = timings.stream().mapToDouble(Timing::theirsBestNanos).min().orElse(Double.NaN);
    return contest.mark().ratio(theirs / ours);
  }

  /** Returns the least first quartile and the greatest third quartile of the runs. */
  double[] spread() {
    double least = timings.stream().mapToDouble(t -> t.speedup()[0]).min().orElse(Double.NaN);
    double most = timings.stream().mapToDouble(t -> t.speedup()[2]).max().orElse(Double.NaN);
    Mark mark = contest.mark();
    return mark.cost()
        ? new double[] {mark.ratio(most), mark.ratio(least)}
        : new double[] {least, most};
  }

  /** Returns the name, and why it failed or what the last run gave. */
  @Override
  public String toString() {
    return contest.name()
        + ": "
        + (failed()
            ? failure
            : String.format(
                Locale.ROOT, "ratio %.3f", contest.mark().ratio(timings.getLast().speedup()[1])));
  }
}
