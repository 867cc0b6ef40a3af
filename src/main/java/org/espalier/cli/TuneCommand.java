package org.espalier.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.espalier.cli.option.JsonOption;
import org.espalier.cli.option.KernelOption;
import org.espalier.cli.option.ModelSource;
import org.espalier.experiment.tune.Tuner;
import org.espalier.report.Table;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Measures the kernels of a model's layers. */
@Command(
    name = "tune",
    description = {
      "Times the candidate kernels of a model's layers on this machine and keeps the times.",
      "From then on, kernels are chosen by these times instead of by estimates. Everything runs on"
          + " one thread. Times taken while the machine or the JIT compiler was busy are shown but"
          + " not kept."
    })
final class TuneCommand implements Callable<Integer> {
  @Parameters(paramLabel = "MODEL", description = "A model file.")
  Path model;

  @Mixin KernelOption kernel;
  @Mixin JsonOption format;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    Tuning tuning = new Tuning(spec.commandLine().getErr());
    List<Tuner.Finding> findings =
        tuning.tune(ModelSource.read(model, spec).graph(), kernel.options(model));
    format.print(spec.commandLine().getOut(), table(findings));
    boolean isKept = findings.isEmpty() || findings.stream().anyMatch(f -> f.refusal().isEmpty());
    return isKept ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
  }

  private static Table table(List<Tuner.Finding> findings) {
    Table table =
        new Table(
            "",
            Table.Column.text("layer"),
            Table.Column.number("batch", 0),
            Table.Column.text("kernel"),
            Table.Column.number("estimated (µs)", 1),
            Table.Column.number("measured (µs)", 1),
            Table.Column.text("kept"));
    for (Tuner.Finding f : findings) {
      for (Tuner.Measured m : f.kernels()) {
        table.row(
            f.layer(),
            f.batch(),
            m.kernel().toString(),
            m.estimatedNanos() / 1e3,
            m.nanos() / 1e3,
            f.refusal().map(why -> "no: " + why).orElse("yes"));
      }
    }
    return table;
  }
}
