package org.espalier.cli;

import java.io.PrintWriter;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.espalier.InputException;
import org.espalier.cli.option.DataOption;
import org.espalier.cli.option.OutOption;
import org.espalier.cli.option.SeedOption;
import org.espalier.cli.option.ThreadsOption;
import org.espalier.cli.output.TrainingProgress;
import org.espalier.data.Split;
import org.espalier.experiment.recipe.Recipe;
import org.espalier.experiment.recipe.RecipeReader;
import org.espalier.experiment.run.TrainingRun;
import org.espalier.io.OutputFolder;
import org.espalier.model.Graph;
import org.espalier.model.Node;
import org.espalier.parallel.ThreadPool;
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
    customSynopsis = "espalier train [OPTIONS] --out=DIR RECIPE",
    description = "Trains a network by a recipe; writes the model, a log and checkpoints.")
final class TrainCommand implements Callable<Integer> {

  @Parameters(
      paramLabel = "RECIPE",
      description = "A recipe file (YAML) or the name of an embedded recipe.")
  String recipe;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Sets a key of the recipe. Can be repeated.")
  Map<String, String> settings = new LinkedHashMap<>();

  @Mixin DataOption data;
  @Mixin SeedOption seed;
  @Mixin ThreadsOption threads;
  @Mixin OutOption out;

  @Option(
      names = "--resume",
      description =
          "Continue from the checkpoint in the --out folder. The result has the same bits as an uninterrupted run.")
  boolean resume;

  @Option(
      names = "--dry-run",
      description =
          "Show the network, its parameters, the multiply-adds of an example and the memory that training needs. Nothing is trained.")
  boolean dryRun;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    Recipe read = RecipeReader.read(recipe, settings);
    Split split = data.split();
    PrintWriter err = spec.commandLine().getErr();
    try (ThreadPool workers = new ThreadPool(threads.threads());
        Interrupt interrupt = Interrupt.open()) {
      TrainingRun run = new TrainingRun(read, split, seed.seed(), workers);
      if (dryRun) {
        describe(run);
        return CommandLine.ExitCode.OK;
      }
      if (resume && Files.notExists(out.folder().resolve(TrainingRun.CHECKPOINT))) {
        throw InputException.expected(
            out.folder(), "a training to continue", "no " + TrainingRun.CHECKPOINT);
      }
      try (OutputFolder folder = out.open()) {
        if (resume) {
          run.resume(folder);
        } else {
          checkUnused();
        }
        Optional<TrainingRun.Result> result;
        try (var progress = new TrainingProgress(read.name(), run.step(), run.totalSteps(), err)) {
          result = run.run(Optional.of(folder), progress, interrupt);
        }
        if (result.isEmpty()) {
          err.println(
              "interrupted at step "
                  + run.step()
                  + " of "
                  + run.totalSteps()
                  + "; --resume continues from "
                  + out.folder().resolve(TrainingRun.CHECKPOINT));
          return CommandLine.ExitCode.SOFTWARE;
        }
        Manifests.write(
            folder, spec, seed.seed(), threads.threads(), split, RecipeReader.toJson(read));
        print(result.get(), read);
        return CommandLine.ExitCode.OK;
      }
    }
  }

  /** Nothing is overwritten, whoever wrote it. */
  private void checkUnused() {
    for (String name :
        Stream.concat(TrainingRun.FILES.stream(), Stream.of(Manifests.FILE)).toList()) {
      if (Files.exists(out.folder().resolve(name), LinkOption.NOFOLLOW_LINKS)) {
        throw InputException.expected(
            out.folder(), "a folder without a training in it, or --resume to continue", name);
      }
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

  /** Prints the last epoch and, if one was chosen since this process began, the best. */
  private static Table summary(List<EpochReport> epochs, Optional<TrainingRun.Best> best) {
    Table table =
        new Table(
            "",
            Table.Column.text(""),
            Table.Column.number("epoch", 0),
            Table.Column.number("loss", 4),
            Table.Column.number("accuracy, training (%)", 2),
            Table.Column.number("accuracy (%)", 2),
            Table.Column.number("pruned-forward accuracy (%)", 2),
            Table.Column.number("images/s", 0),
            Table.Column.number("selection (%)", 1),
            Table.Column.number("waiting for data (%)", 1));
    for (EpochReport epoch : epochs) {
      if (best.isPresent() && best.get().epoch() == epoch.epoch()) {
        row(table, "best", epoch);
      }
    }
    row(table, "last", epochs.getLast());
    return table;
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

  private void print(TrainingRun.Result result, Recipe read) {
    PrintWriter out = spec.commandLine().getOut();
    out.printf(Locale.ROOT, "test accuracy %.2f %%", 100 * result.accuracy());
    result
        .prunedAccuracy()
        .ifPresent(p -> out.printf(Locale.ROOT, ", pruned-forward %.2f %%", 100 * p));
    out.printf(
        Locale.ROOT,
        "; %,d parameters in %s%n",
        result.parameters(),
        this.out.folder().resolve(TrainingRun.MODEL));
    out.println(meaningOfBest(result.best(), read));
    if (!result.epochs().isEmpty()) {
      out.print(summary(result.epochs(), result.best()).toText());
    }
    out.flush();
  }

  /** Says which epoch best.safetensors is of and who chose it, or why there is none. */
  private String meaningOfBest(Optional<TrainingRun.Best> best, Recipe read) {
    if (best.isPresent()) {
      return String.format(
          Locale.ROOT,
          "best: epoch %d, %.2f %% on the %s %% of the training data that were held out, in %s",
          best.get().epoch(),
          100 * best.get().accuracy(),
          BigDecimal.valueOf(read.validation())
              .movePointRight(2)
              .stripTrailingZeros()
              .toPlainString(),
          out.folder().resolve(TrainingRun.BEST));
    }
    return read.validation() == 0
        ? "best: none is kept, as the test data must not choose it; validation=0.1 holds a tenth of"
            + " the training data out to choose by"
        : "best: none is kept, as no epoch ended behind the method's ramp";
  }
}
