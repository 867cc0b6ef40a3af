package org.espalier.peers;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import org.espalier.experiment.timing.Rounds;
import org.jspecify.annotations.Nullable;

/** What the runs of one benchmark gave so far. */
final class Score {
  /** A run that can't be relied on is done once more, and once more. */
  private static final int ATTEMPTS = 3;

  private final Benchmark benchmark;
  private final List<Timing> timings = new ArrayList<>();
  private @Nullable String failure;

  Score(Benchmark benchmark) {
    this.benchmark = benchmark;
  }

  /**
   * Runs the benchmark once more; if it fails, remembers why. Of the attempts that can't be relied
   * on the one whose quartiles are nearest counts.
   */
  void run() throws InterruptedException {
    try {
      Timing best = attempt();
      for (int i = 1; i < ATTEMPTS && !best.doubts().isEmpty(); i++) {
        Timing next = attempt();
        best = next.doubts().isEmpty() || next.spread() < best.spread() ? next : best;
      }
      timings.add(best);
    } catch (IOException e) {
      failure = e.getMessage();
    }
  }

  private Timing attempt() throws IOException, InterruptedException {
    return Fork.run(BenchmarkRun.class, Timing.class, benchmark.name());
  }

  /** Returns why the runs can't be relied on; empty if they can. */
  List<String> doubts() {
    return timings.stream().flatMap(timing -> timing.doubts().stream()).distinct().toList();
  }

  /** Returns how the ratio meets its mark; null if there is none, or if it can't be relied on. */
  @Nullable String verdict() {
    return doubts().isEmpty() ? benchmark.mark().verdict(ratio()) : null;
  }

  /** Returns the most processors that others used in a run; null if that is unknown. */
  @Nullable Double others() {
    return timings.stream()
        .map(Timing::others)
        .filter(Objects::nonNull)
        .max(Comparator.naturalOrder())
        .orElse(null);
  }

  Benchmark benchmark() {
    return benchmark;
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
    return new Rounds(timings.stream().mapToDouble(value).toArray()).median();
  }

  /** Returns the ratio of the medians, theirs and ours, over the runs. */
  double ratio() {
    return benchmark.mark().ratio(median(Timing::theirsNanos) / median(Timing::oursNanos));
  }

  /** Returns the ratio of the shortest times of all runs, which other load disturbs least. */
  double ratioOfBests() {
    double ours = timings.stream().mapToDouble(Timing::oursBestNanos).min().orElse(Double.NaN);
    double theirs = timings.stream().mapToDouble(Timing::theirsBestNanos).min().orElse(Double.NaN);
    return benchmark.mark().ratio(theirs / ours);
  }

  /** Returns the least first quartile and the greatest third quartile of the runs. */
  double[] spread() {
    double least = timings.stream().mapToDouble(t -> t.speedup()[0]).min().orElse(Double.NaN);
    double most = timings.stream().mapToDouble(t -> t.speedup()[2]).max().orElse(Double.NaN);
    Mark mark = benchmark.mark();
    return mark.cost()
        ? new double[] {mark.ratio(most), mark.ratio(least)}
        : new double[] {least, most};
  }

  /** Returns the name, and why it failed or what the last run gave. */
  @Override
  public String toString() {
    return benchmark.name() + ": " + (failed() ? failure : last(timings.getLast()));
  }

  private String last(Timing timing) {
    double ratio = benchmark.mark().ratio(timing.theirsNanos() / timing.oursNanos());
    String doubts = String.join("; ", timing.doubts());
    return String.format(Locale.ROOT, "ratio %.3f", ratio)
        + (doubts.isEmpty() ? "" : " ? " + doubts);
  }
}
