package org.espalier.cli;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
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
import org.espalier.model.Graph;
import org.espalier.model.Node;
import org.espalier.report.Table;
import org.espalier.train.EpochReport;
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

  @Option(
      names = "--dry-run",
      description =
          "Show the network, its parameters, the work of an image and the memory that training takes, and train nothing.")
  boolean dryRun;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    Recipe read = RecipeReader.read(recipe, settings);
    Split split = data.split();
    PrintWriter err = spec.commandLine().getErr();
    try (Workers workers = new Workers(threads.threads());
        Interrupt interrupt = Interrupt.open()) {
      TrainingRun run = new TrainingRun(read, split, seed.seed(), workers);
      if (dryRun) {
        describe(run);
        return CommandLine.ExitCode.OK;
      }
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

  private void describe(TrainingRun run) {
    Graph graph = run.graph();
    Table table =
        new Table(
            "",
            Table.Column.text("node"),
            Table.Column.text("operator"),
            Table.Column.text("reads"),
            Table.Column.text("output"),
            Table.Column.number("parameters", 0),
            Table.Column.number("multiply-adds", 0));
    for (Node node : graph.nodes()) {
      long parameters =
          graph.parameters().stream()
              .filter(p -> p.kind().isTrained())
              .filter(p -> p.name().substring(0, p.name().lastIndexOf('.')).equals(node.name()))
              .mapToLong(p -> p.value().size())
              .sum();
      table.row(
          node.name(),
          node.operator().getClass().getSimpleName(),
          String.join(" + ", node.inputs()),
          node.outputShape().toString(),
          parameters,
          node.operator().multiplyAdds(graph.shapeOf(node.input())));
    }
    PrintWriter out = spec.commandLine().getOut();
    out.print(table.toText());
    out.printf(
        Locale.ROOT,
        "%,d parameters; an image takes %.1f million multiply-adds forward; %,d steps; training takes"
            + " about %.0f MB%n",
        graph.parameterCount(),
        graph.multiplyAdds() / 1e6,
        run.totalSteps(),
        run.memoryBytes() / 1e6);
    out.flush();
  }

  /** Prints the last epoch and the best one. */
  private static Table summary(List<EpochReport> epochs) {
    Table table =
        new Table(
            "",
            Table.Column.text(""),
            Table.Column.number("epoch", 0),
            Table.Column.number("loss", 4),
            Table.Column.number("accuracy, training (%)", 2),
            Table.Column.number("accuracy (%)", 2),
            Table.Column.number("γ-pruned (%)", 2),
            Table.Column.number("images/s", 0),
            Table.Column.number("selection (%)", 1),
            Table.Column.number("waiting for data (%)", 1));
    EpochReport best = epochs.getFirst();
    for (EpochReport epoch : epochs) {
      best = judged(epoch) > judged(best) ? epoch : best;
    }
    row(table, "best", best);
    row(table, "last", epochs.getLast());
    return table;
  }

  private static double judged(EpochReport epoch) {
    return epoch.prunedAccuracy().orElse(epoch.accuracy());
  }

  private static void row(Table table, String name, EpochReport epoch) {
    table.row(
        name,
        epoch.epoch(),
        epoch.loss(),
        100 * epoch.trainAccuracy(),
        100 * epoch.accuracy(),
        epoch.prunedAccuracy().isPresent() ? 100 * epoch.prunedAccuracy().getAsDouble() : null,
        epoch.imagesPerSecond(),
        100 * epoch.selectionShare(),
        100 * epoch.waitShare());
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
    if (!result.epochs().isEmpty()) {
      out.print(summary(result.epochs()).toText());
    }
    out.flush();
  }
}
