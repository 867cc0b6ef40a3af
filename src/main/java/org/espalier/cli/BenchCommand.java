package org.espalier.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.espalier.InputException;
import org.espalier.experiment.Latency;
import org.espalier.infer.Kernel;
import org.espalier.infer.Plan;
import org.espalier.infer.PlanOptions;
import org.espalier.io.ModelFile;
import org.espalier.kernel.Kernels;
import org.espalier.kernel.Workers;
import org.espalier.model.Model;
import org.espalier.report.Table;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Measures speed. */
@Command(
    name = "bench",
    description = "Measures latency and throughput of a model, sparse against dense.")
final class BenchCommand implements Callable<Integer> {

  @Parameters(paramLabel = "MODEL", description = "A model file.")
  Path model;

  @Option(
      names = "--batch",
      paramLabel = "N",
      split = ",",
      converter = Count.class,
      defaultValue = "1,64",
      description = "Batch sizes. Default: ${DEFAULT-VALUE}.")
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
    Model read = ModelFile.read(model);
    if (!(seconds > 0) || seconds > 3600) {
      throw InputException.expected("--seconds", "a number above 0, up to 3600", seconds);
    }
    if (!Kernels.choice().isSimd()) {
      spec.commandLine()
          .getErr()
          .println("espalier: these are the scalar kernels: " + Kernels.choice().reason());
    }
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
    format.print(spec.commandLine().getOut(), table);
    return CommandLine.ExitCode.OK;
  }
}
