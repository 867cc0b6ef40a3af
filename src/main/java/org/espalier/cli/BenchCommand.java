package org.espalier.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.espalier.InputException;
import org.espalier.data.Split;
import org.espalier.experiment.Latency;
import org.espalier.infer.Kernel;
import org.espalier.infer.Plan;
import org.espalier.infer.PlanOptions;
import org.espalier.io.ModelFile;
import org.espalier.kernel.Kernels;
import org.espalier.kernel.Workers;
import org.espalier.model.Model;
import org.espalier.report.Table;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Measures speed. */
@Command(
    name = "bench",
    description = {
      "Measures latency and throughput of a model, sparse against dense;",
      "or the steps of a training, with the recipe's method against without, phase by phase."
    })
final class BenchCommand implements Callable<Integer> {

  /** One or the other. */
  static final class Subject {
    @Parameters(paramLabel = "MODEL", description = "A model file.")
    @Nullable Path model;

    @Option(
        names = "--training",
        paramLabel = "RECIPE",
        description = "A recipe file (YAML), or the name of a recipe that comes with the program.")
    @Nullable String recipe;
  }

  @ArgGroup(multiplicity = "1")
  private Subject subject = new Subject();

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Sets a key of the recipe; can be repeated.")
  Map<String, String> settings = new LinkedHashMap<>();

  @Mixin DataOption data;
  @Mixin SeedOption seed;

  @Option(
      names = "--batch",
      paramLabel = "N",
      split = ",",
      converter = Count.class,
      defaultValue = "1,64",
      description = "Batch sizes for a model. Default: ${DEFAULT-VALUE}.")
  List<Integer> batches;

  @Option(
      names = "--threads",
      paramLabel = "N",
      split = ",",
      converter = Count.class,
      defaultValue = "1",
      description = "Numbers of threads. Default: ${DEFAULT-VALUE}.")
  List<Integer> threads;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "2",
      description = "How long to measure each case, after warm-up. Default: ${DEFAULT-VALUE}.")
  double seconds;

  @Mixin JsonOption format;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    if (!(seconds > 0) || seconds > 3600) {
      throw InputException.expected("--seconds", "a number above 0, up to 3600", seconds);
    }
    if (!Kernels.choice().isSimd()) {
      spec.commandLine()
          .getErr()
          .println("espalier: these are the scalar kernels: " + Kernels.choice().reason());
    }
    if (subject.recipe != null) {
      TrainingBench bench = new TrainingBench(subject.recipe, settings);
      Split split = data.split();
      threads.forEach(n -> bench.measure(split, seed.seed(), n, seconds));
      format.print(spec.commandLine().getOut(), bench.tables());
    } else {
      format.print(spec.commandLine().getOut(), latencies(Objects.requireNonNull(subject.model)));
    }
    return CommandLine.ExitCode.OK;
  }

  private Table latencies(Path model) {
    Model read = ModelFile.read(model);
    Table table =
        new Table(
            "",
            Table.Column.text("plan"),
            Table.Column.number("batch", 0),
            Table.Column.number("threads", 0),
            Table.Column.number("p50 (µs)", 1),
            Table.Column.number("p90 (µs)", 1),
            Table.Column.number("p99 (µs)", 1),
            Table.Column.number("images/s", 0),
            Table.Column.number("against dense (×)", 2),
            Table.Column.number("weights (KiB)", 1));
    List<Kernel> kernels = List.of(Kernel.DENSE, Kernel.CSR, Kernel.AUTO);
    List<Plan> plans =
        kernels.stream()
            .map(kernel -> Plan.compile(read.graph(), PlanOptions.defaults().withKernel(kernel)))
            .toList();
    for (int n : threads) {
      try (Workers workers = new Workers(n)) {
        for (int batch : batches) {
          List<Latency> latencies = Latency.measure(plans, batch, workers, seconds);
          for (int i = 0; i < plans.size(); i++) {
            Latency l = latencies.get(i);
            table.row(
                kernels.get(i).name().toLowerCase(Locale.ROOT),
                (double) batch,
                (double) n,
                l.percentile(50) / 1e3,
                l.percentile(90) / 1e3,
                l.percentile(99) / 1e3,
                l.throughput(),
                (double) latencies.getFirst().percentile(50) / l.percentile(50),
                plans.get(i).weightBytes() / 1024.0);
          }
        }
      }
    }
    return table;
  }
}
