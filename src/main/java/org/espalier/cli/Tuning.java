package org.espalier.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import org.espalier.cli.option.KernelOption;
import org.espalier.experiment.tune.KernelTimesFile;
import org.espalier.experiment.tune.Tuner;
import org.espalier.infer.PlanOptions;
import org.espalier.model.Graph;

/** Measures the kernels of a network and keeps what can be stood behind. */
final class Tuning {
  private final PrintWriter err;

  Tuning(PrintWriter err) {
    this.err = err;
  }

  /** Measures, keeps, and returns the options with what is known now. */
  PlanOptions tuned(Graph graph, PlanOptions options) {
    return options.withTimes(options.times().with(Tuner.kept(tune(graph, options))));
  }

  /** Measures, keeps and says what was kept where. */
  List<Tuner.Finding> tune(Graph graph, PlanOptions options) {
    List<Tuner.Finding> findings =
        Tuner.tune(
            graph,
            options,
            layer -> {
              err.println("measuring " + layer);
              err.flush();
            });
    KernelTimesFile file = KernelOption.timesFile();
    file.add(Tuner.kept(findings));
    long kept = findings.stream().filter(f -> f.refusal().isEmpty()).count();
    err.printf(
        Locale.ROOT,
        "espalier: the times of %d of %d choices are kept%s%n",
        kept,
        findings.size(),
        kept == 0
            ? ""
            : file.file().map(path -> " in " + path).orElse(" nowhere: there is no cache"));
    err.flush();
    return findings;
  }
}
