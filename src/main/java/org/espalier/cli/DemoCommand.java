package org.espalier.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.espalier.cli.option.DataOption;
import org.espalier.cli.option.OutOption;
import org.espalier.cli.option.ThreadsOption;
import org.espalier.cli.output.CaseProgress;
import org.espalier.cli.output.TrainingProgress;
import org.espalier.data.Split;
import org.espalier.experiment.Demo;
import org.espalier.experiment.recipe.RecipeReader;
import org.espalier.experiment.timing.Cases;
import org.espalier.experiment.timing.PairedTiming;
import org.espalier.io.OutputFolder;
import org.espalier.parallel.ThreadPool;
import org.espalier.report.DemoReport;
import org.espalier.report.Manifest;
import org.espalier.report.Table;
import org.espalier.train.TrainingListener;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The main job: what targeted dropout is good for, shown on the embedded data. */
@Command(
    name = "demo",
    description = "Trains LeNet-300-100 in five ways, prunes and measures each, writes a report.")
final class DemoCommand implements Callable<Integer> {
  private static final double SECONDS_PER_LATENCY = 0.5;
  private static final double SHORT_SECONDS = 0.04;
  private static final String REPORT = "report.html";

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "runs/demo",
      description = "Folder for the report, models and logs. Default: ${DEFAULT-VALUE}.")
  Path out;

  @Option(
      names = "--short",
      description = "Run in seconds on fewer images and steps. The accuracies mean little.")
  boolean brief;

  @Mixin DataOption data;

  @Option(
      names = "--seeds",
      paramLabel = "N",
      split = ",",
      defaultValue = "1",
      description =
          "Seeds to train every method with. With more than one, tables show mean ± standard"
              + " deviation. Default: ${DEFAULT-VALUE}.")
  List<Long> seeds = new ArrayList<>();

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Sets a key of all five recipes. Can be repeated.")
  Map<String, String> settings = new LinkedHashMap<>();

  @Mixin ThreadsOption threads;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PairedTiming.check();
    Split split = data.split();
    if (brief) {
      settings.putIfAbsent("epochs", "1");
    }
    PrintWriter err = spec.commandLine().getErr();
    try (ThreadPool workers = new ThreadPool(threads.threads());
        OutputFolder folder = OutputFolder.open(out, OutOption.warnings(spec));
        Interrupt interrupt = Interrupt.open();
        Show show = new Show(err)) {
      folder.file(Manifests.FILE);
      folder.file(REPORT);
      var demo =
          new Demo(split, seeds, workers, settings, brief ? SHORT_SECONDS : SECONDS_PER_LATENCY);
      Optional<Demo.Result> result = demo.run(folder, OutOption.warnings(spec), show, interrupt);
      if (result.isEmpty()) {
        err.println("interrupted; what was trained so far lies in " + out);
        return CommandLine.ExitCode.SOFTWARE;
      }
      print(result.get(), demo, split, folder);
      return CommandLine.ExitCode.OK;
    }
  }

  private void print(Demo.Result result, Demo demo, Split split, OutputFolder folder) {
    DemoReport report = new DemoReport(result);
    PrintWriter to = spec.commandLine().getOut();
    to.println(report.lead());
    if (!report.leftOut().isEmpty()) {
      to.println(report.leftOut());
    }
    to.println();
    for (Table table : List.of(report.trainings(), report.accuracies(), report.sizes())) {
      to.println(table.toText());
    }
    Manifest manifest =
        Manifests.write(
            folder,
            spec,
            seeds.getFirst(),
            threads.threads(),
            split,
            RecipeReader.toJson(demo.recipes().getLast()));
    Path html = folder.file(REPORT);
    Manifests.writeText(html, report.html(manifest).render());
    to.println("The report: " + html);
    to.flush();
  }

  /** Shows one training after the other. */
  private static final class Show implements Demo.Progress, AutoCloseable {
    private final PrintWriter err;
    private @Nullable TrainingProgress current;
    private @Nullable CaseProgress cases;

    Show(PrintWriter err) {
      this.err = err;
    }

    @Override
    public TrainingListener training(String name, long totalSteps) {
      close();
      current = new TrainingProgress(name, 0, totalSteps, err);
      return current;
    }

    @Override
    public void trained(Demo.Method method) {
      close();
    }

    @Override
    public Cases measuring(int count) {
      close();
      cases = CaseProgress.start(count, err);
      return cases;
    }

    @Override
    public void close() {
      if (current != null) {
        current.close();
        current = null;
      }
      if (cases != null) {
        cases.close();
        cases = null;
      }
    }
  }
}
