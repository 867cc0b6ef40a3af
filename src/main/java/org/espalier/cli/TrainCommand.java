package org.espalier.cli;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.espalier.InputException;
import org.espalier.data.Split;
import org.espalier.experiment.Recipe;
import org.espalier.experiment.RecipeReader;
import org.espalier.experiment.TrainingRun;
import org.espalier.kernel.Workers;
import picocli.CommandLine;
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
    Recipe read = RecipeReader.read(recipe, settings);
    Split split = data.split();
    PrintWriter err = spec.commandLine().getErr();
    try (Workers workers = new Workers(threads.threads());
        Interrupt interrupt = Interrupt.open()) {
      TrainingRun run = new TrainingRun(read, split, seed.seed(), workers);
      if (resume) {
        run.resume(out.folder());
      } else if (TrainingRun.isResumable(out.folder())) {
        throw InputException.expected(
            out.folder(),
            "a folder without a training in it, or --resume to go on",
            TrainingRun.CHECKPOINT);
      }
      Optional<TrainingRun.Result> result;
      try (var progress = new TrainingProgress(read.name(), run.step(), run.totalSteps(), err)) {
        result = run.run(Optional.of(out.folder()), progress, interrupt);
      }
      if (result.isEmpty()) {
        err.println(
            "interrupted at step "
                + run.step()
                + " of "
                + run.totalSteps()
                + "; --resume goes on from "
                + out.folder().resolve(TrainingRun.CHECKPOINT));
        return CommandLine.ExitCode.SOFTWARE;
      }
      Manifests.write(
          out.folder(), spec, seed.seed(), threads.threads(), split, RecipeReader.toJson(read));
      print(result.get());
      return CommandLine.ExitCode.OK;
    }
  }

  private void print(TrainingRun.Result result) {
    PrintWriter out = spec.commandLine().getOut();
    out.printf(Locale.ROOT, "test accuracy %.2f %%", 100 * result.accuracy());
    result.prunedAccuracy().ifPresent(p -> out.printf(Locale.ROOT, ", γ-pruned %.2f %%", 100 * p));
    out.printf(
        Locale.ROOT,
        "; %,d parameters in %s%n",
        result.parameters(),
        this.out.folder().resolve(TrainingRun.MODEL));
    out.flush();
  }
}
