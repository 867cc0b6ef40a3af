package org.espalier.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.espalier.InputException;
import org.espalier.experiment.bench.DoesNotFitException;
import org.espalier.experiment.bench.Engine;
import org.espalier.experiment.bench.InterleavedBenchmark;
import org.espalier.experiment.bench.LatencyStats;
import org.espalier.experiment.bench.LoadProfile;
import org.espalier.experiment.bench.PlanEngine;
import org.espalier.experiment.timing.Cases;
import org.espalier.infer.PlanOptions;
import org.espalier.model.Graph;
import org.espalier.report.Table;

/** Latency and throughput of a network, of our plan and of the baselines. */
final class InferenceBench {
  private final Table table =
      new Table(
          "",
          Table.Column.text("engine"),
          Table.Column.number("batch", 0),
          Table.Column.number("threads", 0),
          Table.Column.number("streams", 0),
          Table.Column.number("requests", 0),
          Table.Column.number("mean (µs)", 1),
          Table.Column.number("p50 (µs)", 1),
          Table.Column.number("p90 (µs)", 1),
          Table.Column.number("p99 (µs)", 1),
          Table.Column.number("p99.9 (µs)", 1),
          Table.Column.number("images/s", 0),
          Table.Column.number("speed-up (×)", 2),
          Table.Column.number("quartile 1", 2),
          Table.Column.number("quartile 3", 2),
          Table.Column.number("max rel. difference (%)", 4),
          Table.Column.number("weights (KiB)", 1),
          Table.Column.number("others (CPUs)", 1),
          Table.Column.doubts());

  private final Path model;
  private final Graph graph;
  private final PlanOptions options;
  private final List<Baseline> baselines;
  private final double warmUp;
  private final double seconds;

  /**
   * Prepares the measurement of a network.
   *
   * @param model the file that it comes from
   * @param options what our plans are compiled for
   * @param baselines what they are compared with
   * @param warmUp seconds before each case
   * @param seconds of each case
   */
  InferenceBench(
      Path model,
      Graph graph,
      PlanOptions options,
      List<Baseline> baselines,
      double warmUp,
      double seconds) {
    this.model = model;
    this.graph = graph;
    this.options = options;
    this.baselines = baselines;
    this.warmUp = warmUp;
    this.seconds = seconds;
  }

  /** Measures and adds the rows: ours first. */
  void measure(int batch, int threads, LoadProfile load, Cases cases) {
    cases.begin("batch " + batch + ", " + (threads == 1 ? "one thread" : threads + " threads"));
    List<Engine> engines = new ArrayList<>();
    engines.add(new Baseline.OurKernel(options.kernel()).engine(model, graph, options, threads));
    baselines.forEach(baseline -> engines.add(baseline.engine(model, graph, options, threads)));
    try (InterleavedBenchmark trial = new InterleavedBenchmark(engines, batch, load)) {
      InterleavedBenchmark.Outcome outcome = trial.measure(warmUp, seconds);
      OptionalDouble others = outcome.conditions().others();
      for (int i = 0; i < engines.size(); i++) {
        LatencyStats l = outcome.latencies().get(i);
        double[] byTurns = outcome.speedupByTurns(i);
        boolean ours = i == 0;
        table.row(
            engines.get(i).name(),
            batch,
            threads,
            load.streams(),
            l.nanos().length,
            l.mean() / 1e3,
            l.percentile(50) / 1e3,
            l.percentile(90) / 1e3,
            l.percentile(99) / 1e3,
            l.percentile(99.9) / 1e3,
            l.throughput(),
            ours ? null : (Double) outcome.speedupOver(i),
            ours ? null : (Double) byTurns[0],
            ours ? null : (Double) byTurns[2],
            ours ? null : (Double) (100 * trial.differences().get(i)),
            engines.get(i) instanceof PlanEngine p
                ? (Double) (p.plan().weightBytes() / 1024.0)
                : null,
            others.isPresent() ? (Double) others.getAsDouble() : null,
            ours ? outcome.doubts(i) : outcome.doubtsOfSpeedup(i));
      }
    } catch (DoesNotFitException e) {
      throw new InputException("--batch: " + e.getMessage(), e);
    }
  }

  /** Returns the table. */
  Table table() {
    return table;
  }
}
