package org.espalier.cli;

import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prunes a trained network. */
@Command(
    name = "prune",
    description = "Prunes a trained network at a list of percentages and keeps a model for each.")
final class PruneCommand implements Callable<Integer> {
  /** What is ranked and removed. */
  enum By {
    WEIGHT,
    UNIT
  }

  /** What a removed unit still emits. */
  enum Mode {
    WEIGHTS,
    OUTPUT
  }

  @Parameters(paramLabel = "MODEL", description = "A model file.")
  Path model;

  @Option(
      names = "--percent",
      paramLabel = "P",
      required = true,
      split = ",",
      converter = Percent.class,
      description = "Percentages to prune at, decimals allowed: 0,50,90,99.5")
  List<BigDecimal> percentages;

  @Option(
      names = "--by",
      paramLabel = "weight|unit",
      defaultValue = "weight",
      description =
          "What is ranked and removed: weights within each unit, or units within each layer. Default: ${DEFAULT-VALUE}.")
  By by;

  @Option(
      names = "--mode",
      paramLabel = "weights|output",
      defaultValue = "weights",
      description =
          "What a removed unit still emits: the constant of its bias (weights), or 0 (output). Default: ${DEFAULT-VALUE}.")
  Mode mode;

  @Option(
      names = "--layers",
      paramLabel = "PATTERN",
      description =
          "Names of the layers to prune, * for any characters. Default: all but the logits.")
  List<String> layers = List.of();

  @Option(
      names = "--fine-tune",
      paramLabel = "EPOCHS",
      defaultValue = "0",
      description =
          "Train what is left for so many epochs, the mask fixed. Default: ${DEFAULT-VALUE}.")
  int fineTune;

  @Mixin DataOption data;
  @Mixin SeedOption seed;
  @Mixin ThreadsOption threads;
  @Mixin OutOption out;
  @Mixin JsonOption format;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    throw Pending.work(spec);
  }
}
