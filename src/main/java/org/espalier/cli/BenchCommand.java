package org.espalier.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
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
    throw Pending.work(spec);
  }
}
