package org.espalier.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The main job: what targeted dropout is good for, shown on the embedded data. */
@Command(
    name = "demo",
    description =
        "Trains LeNet-300-100 in five ways, prunes each, measures what is left and writes a report.")
final class DemoCommand implements Callable<Integer> {

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "runs/demo",
      description = "Folder for report, models and logs. Default: ${DEFAULT-VALUE}.")
  Path out;

  @Option(
      names = "--short",
      description = "The same in a few seconds: fewer images and steps; accuracies mean little.")
  boolean brief;

  @Mixin DataOption data;
  @Mixin SeedOption seed;
  @Mixin ThreadsOption threads;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    throw Pending.work(spec);
  }
}
