package org.espalier.cli;

import java.io.PrintWriter;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.espalier.InputException;
import org.espalier.cli.option.Extents;
import org.espalier.cli.option.GranularityName;
import org.espalier.cli.option.JsonOption;
import org.espalier.cli.option.KernelOption;
import org.espalier.cli.option.ModelSource;
import org.espalier.cli.option.OutOption;
import org.espalier.cli.option.Percent;
import org.espalier.cli.option.ThreadCount;
import org.espalier.cli.output.CaseProgress;
import org.espalier.experiment.bench.OnnxRuntimeEngine;
import org.espalier.experiment.recipe.RecipeReader;
import org.espalier.experiment.sweep.BreakEven;
import org.espalier.experiment.sweep.CostMeter;
import org.espalier.experiment.sweep.CostSweep;
import org.espalier.experiment.sweep.PrunedCost;
import org.espalier.experiment.timing.PairedTiming;
import org.espalier.infer.PlanOptions;
import org.espalier.io.OutputFile;
import org.espalier.model.Graph;
import org.espalier.model.Model;
import org.espalier.model.Preprocessing;
import org.espalier.report.Manifest;
import org.espalier.report.SweepReport;
import org.espalier.sparsify.Granularity;
import org.espalier.sparsify.LayerPattern;
import org.espalier.sparsify.UnitMode;
import org.espalier.tensor.Shape;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows what sparsity buys. */
@Command(
    name = "sweep",
    customSynopsis = "espalier sweep [OPTIONS] (MODEL | --untrained=RECIPE)",
    description = {
      "Measures file size, memory and latency of a network at a list of sparsities.",
      "The pruned network is compared with the dense one and, if its jar is on the class path, with"
          + " ONNX Runtime, at batch sizes 1 and 64. No data is needed; 'prune' shows the accuracy."
    })
final class SweepCommand implements Callable<Integer> {
  private static final long SEED = 1;
  private static final int CLASSES = 10;

  private static final List<BigDecimal> PERCENTAGES = decimals("0", "50", "80", "90", "95", "99");

  private static final List<BigDecimal> FINER =
      decimals("0", "20", "30", "40", "50", "60", "70", "80", "90", "95", "99");

  private static List<BigDecimal> decimals(String... texts) {
    return List.of(texts).stream().map(BigDecimal::new).toList();
  }

  /** One or the other. */
  static final class Subject {
    @Parameters(paramLabel = "MODEL", description = "A model file.")
    @Nullable Path model;

    @Option(
        names = "--untrained",
        paramLabel = "RECIPE",
        description = "The network of a recipe with its initial random weights.")
    @Nullable String recipe;
  }

  @ArgGroup(multiplicity = "1")
  private Subject subject = new Subject();

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Sets a key of the recipe. Can be repeated.")
  Map<String, String> settings = new LinkedHashMap<>();

  @Option(
      names = "--input",
      paramLabel = "CxHxW",
      converter = Extents.class,
      description = "Input shape of the untrained network. Default: 1x28x28.")
  @Nullable Shape input;

  @Option(
      names = "--percent",
      paramLabel = "P",
      split = ",",
      converter = Percent.class,
      description =
          "Percentages to prune at. Default: 0,50,80,90,95,99, and a finer list for --break-even.")
  List<BigDecimal> percentages = List.of();

  @Option(
      names = "--granularity",
      converter = GranularityName.class,
      paramLabel = "weight|unit|block-4|block-16",
      defaultValue = "weight",
      description = "What is ranked and removed, as in 'prune'. Default: ${DEFAULT-VALUE}.")
  Granularity by;

  @Option(
      names = "--mode",
      paramLabel = "weights|output",
      defaultValue = "weights",
      description = "What a removed unit still outputs, as in 'prune'. Default: ${DEFAULT-VALUE}.")
  UnitMode mode;

  @Option(
      names = "--layers",
      paramLabel = "PATTERN",
      description =
          "Names of the layers to prune; * stands for any characters. Default: all but the layer of the logits and a first convolution.")
  List<String> layers = List.of();

  @Option(
      names = "--break-even",
      paramLabel = "PATTERN",
      description =
          "Names of layers to measure on their own as well; * stands for any characters. Shows every"
              + " kernel at every sparsity, and from which sparsity a sparse kernel is faster.")
  List<String> breakEven = List.of();

  @Option(
      names = "--threads",
      paramLabel = "N",
      converter = ThreadCount.class,
      defaultValue = "1",
      description = "Threads for each call. Default: ${DEFAULT-VALUE}.")
  int threads;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "0.5",
      description =
          "How long to measure each case after half as long a warm-up. Default: ${DEFAULT-VALUE}.")
  double seconds;

  @Option(
      names = "--out",
      paramLabel = "FILE.html",
      description = "Also write a report with charts.")
  @Nullable Path out;

  @Mixin KernelOption kernel;
  @Mixin JsonOption format;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    BenchCommand.checkSeconds("--seconds", seconds, 0);
    refuse();
    PairedTiming.check();
    PrintWriter err = spec.commandLine().getErr();
    BenchCommand.warnOfScalarKernels(err);
    Model model = model();
    Graph graph = model.graph();
    Set<String> alone = breakEven.isEmpty() ? Set.of() : new LayerPattern(breakEven).select(graph);
    Set<String> chosen = new LayerPattern(layers).select(graph);
    boolean onnxRuntime = OnnxRuntimeEngine.isPresent();
    if (!onnxRuntime) {
      err.println("espalier: ONNX Runtime is not on the class path, so it is not measured");
    }
    try (@Nullable OutputFile file =
        out == null ? null : OutputFile.open(out, OutOption.warnings(spec))) {
      measure(model, chosen, alone, onnxRuntime, file);
    }
    return CommandLine.ExitCode.OK;
  }

  private void measure(
      Model model,
      Set<String> chosen,
      Set<String> alone,
      boolean onnxRuntime,
      @Nullable OutputFile file) {
    PlanOptions options =
        subject.recipe == null
            ? kernel.options(Objects.requireNonNull(subject.model))
            : kernel.options();
    List<BigDecimal> network = ascending(PERCENTAGES);
    List<BigDecimal> finer = ascending(FINER);
    int cases =
        network.size() * CostMeter.BATCHES.size()
            + BreakEven.cases(model.graph(), alone, finer.size());
    List<PrunedCost> costs = new ArrayList<>();
    List<BreakEven.Curve> curves = new ArrayList<>();
    try (CaseProgress progress = CaseProgress.start(cases, spec.commandLine().getErr())) {
      var meter = new CostMeter(options, threads, seconds / 2, seconds, onnxRuntime, progress);
      CostSweep sweep = new CostSweep(model, by, mode, chosen, meter);
      network.forEach(percent -> costs.add(sweep.at(percent)));
      curves.addAll(
          new BreakEven(by, threads, seconds / 2, seconds, progress)
              .measure(model.graph(), alone, finer));
    }
    SweepReport report = new SweepReport(name(), by, costs, curves);
    if (file != null) {
      Manifests.writeText(file.path(), report.html(manifest(model)).render());
    }
    format.print(spec.commandLine().getOut(), report.tables());
  }

  /** An option that would change nothing is a mistake. */
  private void refuse() {
    if (subject.recipe == null && !settings.isEmpty()) {
      throw InputException.expected("--set", "--untrained", "a model");
    }
    if (subject.recipe == null && input != null) {
      throw InputException.expected("--input", "--untrained", "a model");
    }
    if (by != Granularity.UNIT && spec.commandLine().getParseResult().hasMatchedOption("--mode")) {
      throw InputException.expected("--mode", "--granularity unit", "--granularity " + by);
    }
  }

  private List<BigDecimal> ascending(List<BigDecimal> otherwise) {
    return percentages.isEmpty() ? otherwise : List.copyOf(new TreeSet<>(percentages));
  }

  private String name() {
    return subject.recipe == null
        ? Objects.requireNonNull(subject.model).toString()
        : "The network of " + subject.recipe;
  }

  private Model model() {
    if (subject.recipe == null) {
      return ModelSource.read(Objects.requireNonNull(subject.model), spec);
    }
    Shape shape = input == null ? Shape.of(1, 28, 28) : input;
    return new Model(
        RecipeReader.read(subject.recipe, settings).graph(shape, CLASSES, SEED),
        new Preprocessing.Pixels(0, 1),
        IntStream.range(0, CLASSES).mapToObj(Integer::toString).toList(),
        Map.of());
  }

  private Manifest manifest(Model model) {
    return Manifests.of(spec, SEED, threads, "random inputs", "none", model.provenance());
  }
}
