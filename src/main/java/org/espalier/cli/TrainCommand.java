package org.espalier.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Trains a network by a recipe. */
@Command(
    name = "train",
    description = "Trains a network by a recipe and keeps model, log and checkpoints.")
final class TrainCommand implements Callable<Integer> {

  @Parameters(
      paramLabel = "RECIPE",
      description = "A recipe file (YAML), or the name of a recipe that comes with the program.")
  String recipe;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Sets a key of the recipe; can be repeated.")
  Map<String, String> settings = new LinkedHashMap<>();

  @Mixin DataOption data;
  @Mixin SeedOption seed;
  @Mixin ThreadsOption threads;
  @Mixin OutOption out;

  @Option(
      names = "--resume",
      description =
          "Go on from the checkpoint in the --out folder; the bits are those of a run that was never interrupted.")
  boolean resume;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    throw Pending.work(spec);
  }
}
