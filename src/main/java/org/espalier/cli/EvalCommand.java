package org.espalier.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.espalier.cli.option.DataOption;
import org.espalier.cli.option.JsonOption;
import org.espalier.cli.option.KernelOption;
import org.espalier.cli.option.ModelSource;
import org.espalier.cli.option.ThreadsOption;
import org.espalier.data.Dataset;
import org.espalier.experiment.run.Accuracy;
import org.espalier.model.Model;
import org.espalier.parallel.ThreadPool;
import org.espalier.prune.Sparsity;
import org.espalier.report.Table;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Measures accuracy. */
@Command(name = "eval", description = "Measures the accuracy of a model on test data.")
final class EvalCommand implements Callable<Integer> {

  @Parameters(paramLabel = "MODEL", description = "A model file.")
  Path model;

  @Mixin DataOption data;
  @Mixin KernelOption kernel;
  @Mixin ThreadsOption threads;
  @Mixin JsonOption format;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    Model read = ModelSource.read(model, spec);
    Dataset test = data.test(model, read);
    double accuracy;
    try (ThreadPool workers = new ThreadPool(threads.threads())) {
      accuracy =
          Accuracy.of(kernel.compile(model, read.graph()), read.preprocessing(), test, workers);
    }
    Sparsity sparsity = Sparsity.of(read.graph());
    Table table =
        new Table(
                "",
                Table.Column.text("model"),
                Table.Column.text("data"),
                Table.Column.number("examples", 0),
                Table.Column.number("accuracy (%)", 2),
                Table.Column.number("zeros, all parameters (%)", 2))
            .row(
                model.toString(),
                test.name(),
                test.size(),
                100 * accuracy,
                100 * sparsity.overall());
    format.print(spec.commandLine().getOut(), table);
    return CommandLine.ExitCode.OK;
  }
}
