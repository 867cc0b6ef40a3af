package org.espalier.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.espalier.InputException;
import org.espalier.cli.option.Count;
import org.espalier.cli.option.DataOption;
import org.espalier.cli.option.JsonOption;
import org.espalier.cli.option.KernelOption;
import org.espalier.cli.option.ModelSource;
import org.espalier.cli.option.SeedOption;
import org.espalier.cli.option.ThreadCount;
import org.espalier.cli.output.CaseProgress;
import org.espalier.data.Split;
import org.espalier.experiment.bench.LoadProfile;
import org.espalier.experiment.timing.PairedTiming;
import org.espalier.infer.PlanOptions;
import org.espalier.kernel.Kernels;
import org.espalier.model.Graph;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Measures speed. */
@Command(
    name = "bench",
    customSynopsis = "espalier bench [OPTIONS] (MODEL | --training=RECIPE)",
    description = {
      "Measures the latency and throughput of a model, or the steps of a training.",
      "A model is compared with baselines; all of them take turns in one JVM. With --training the"
          + " steps with the recipe's method are compared with steps without it, phase by phase."
    })
final class BenchCommand implements Callable<Integer> {

  private static final int LONGEST = 3600;

  private static final List<String> MODEL_NEEDS_NO = List.of("--set", "--data", "--seed");

  private static final List<String> RECIPE_NEEDS_NO =
      List.of(
          "--batch",
          "--warm-up",
          "--kernel",
          "--compact",
          "--baseline",
          "--streams",
          "--open-loop",
          "--rate",
          "--tune");

  /** One or the other. */
  static final class Subject {
    @Parameters(paramLabel = "MODEL", description = "A model file.")
    @Nullable Path model;

    @Option(
        names = "--training",
        paramLabel = "RECIPE",
        description = "A recipe file (YAML) or the name of an embedded recipe.")
    @Nullable String recipe;
  }

  @ArgGroup(multiplicity = "1")
  private Subject subject = new Subject();

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Sets a key of the recipe. Can be repeated.")
  Map<String, String> settings = new LinkedHashMap<>();

  @Mixin DataOption data;
  @Mixin SeedOption seed;

  @Option(
      names = "--batch",
      paramLabel = "N",
      split = ",",
      converter = Count.class,
      defaultValue = "1,64",
      description = "Batch sizes to measure. Default: ${DEFAULT-VALUE}.")
  List<Integer> batches;

  @Option(
      names = "--threads",
      paramLabel = "N",
      split = ",",
      converter = ThreadCount.class,
      defaultValue = "1",
      description = "Numbers of threads to measure with. Default: ${DEFAULT-VALUE}.")
  List<Integer> threads;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "2",
      description = "How long to measure each case after warm-up. Default: ${DEFAULT-VALUE}.")
  double seconds;

  @Option(
      names = "--warm-up",
      paramLabel = "S",
      defaultValue = "1",
      description =
          "How long to warm up each case: up to ten times as long while the JVM still compiles."
              + " Default: ${DEFAULT-VALUE}.")
  double warmUp;

  @Option(
      names = "--baseline",
      paramLabel = "ENGINE",
      split = ",",
      converter = Baseline.Reader.class,
      defaultValue = "dense",
      description =
          "What to compare the model with: one kernel for all layers, named as in --kernel;"
              + " onnxruntime (fp32; on an ONNX file as it is); or onnxruntime-int8 (dynamically"
              + " quantised). ONNX Runtime's"
              + " jar must be on the class path. Default: ${DEFAULT-VALUE}.")
  List<Baseline> baselines;

  @Option(
      names = "--streams",
      paramLabel = "N",
      converter = ThreadCount.class,
      defaultValue = "1",
      description =
          "Sessions that serve requests in parallel, each with its own threads. A session gets its"
              + " next request as soon as it has answered, unless --open-loop is given. Default:"
              + " ${DEFAULT-VALUE}.")
  int streams;

  @Option(
      names = "--open-loop",
      description =
          "Requests arrive whether or not a stream is free and wait in one queue. Latency counts"
              + " from arrival. Without --rate they arrive in bursts.")
  boolean openLoop;

  @Option(
      names = "--rate",
      paramLabel = "R",
      description = "With --open-loop: requests per second, evenly spaced.")
  @Nullable Double rate;

  @Option(names = "--tune", description = "Run 'tune' on the model first.")
  boolean tune;

  @Mixin KernelOption kernel;
  @Mixin JsonOption format;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    refuse(
        subject.recipe == null ? MODEL_NEEDS_NO : RECIPE_NEEDS_NO,
        subject.recipe == null ? "a model" : "--training");
    checkSeconds("--seconds", seconds, 0);
    checkSeconds("--warm-up", warmUp, Double.NEGATIVE_INFINITY);
    PairedTiming.check();
    PrintWriter err = spec.commandLine().getErr();
    warnOfScalarKernels(err);
    if (subject.recipe != null) {
      TrainingBench bench = new TrainingBench(subject.recipe, settings);
      Split split = data.split();
      try (CaseProgress progress = CaseProgress.start(threads.size(), err)) {
        threads.forEach(n -> bench.measure(split, seed.seed(), n, seconds, progress));
      }
      format.print(spec.commandLine().getOut(), bench.tables());
    } else {
      LoadProfile load = load();
      Path model = Objects.requireNonNull(subject.model);
      Graph graph = ModelSource.read(model, spec).graph();
      PlanOptions options = kernel.options(model);
      if (tune) {
        options = new Tuning(err).tuned(graph, options);
      }
      InferenceBench bench = new InferenceBench(model, graph, options, baselines, warmUp, seconds);
      try (CaseProgress progress = CaseProgress.start(threads.size() * batches.size(), err)) {
        threads.forEach(n -> batches.forEach(batch -> bench.measure(batch, n, load, progress)));
      }
      format.print(spec.commandLine().getOut(), bench.table());
    }
    return CommandLine.ExitCode.OK;
  }

  /** An option that would change nothing is a mistake. */
  private void refuse(List<String> options, String subject) {
    for (String option : options) {
      if (spec.commandLine().getParseResult().hasMatchedOption(option)) {
        throw new InputException(option + ": means nothing to the bench of " + subject);
      }
    }
  }

  /** Times of scalar kernels say nothing about the others; a fallback has been told already. */
  static void warnOfScalarKernels(PrintWriter err) {
    if (!Kernels.choice().isSimd() && !Kernels.choice().isFallback()) {
      err.println("espalier: these are the scalar kernels: " + Kernels.choice().reason());
    }
  }

  static void checkSeconds(String option, double value, double above) {
    if (!(value > above) || value < 0 || value > LONGEST) {
      throw InputException.expected(
          option, "a number " + (above == 0 ? "above" : "from") + " 0, up to " + LONGEST, value);
    }
  }

  private LoadProfile load() {
    int most = threads.stream().mapToInt(n -> n).max().orElse(1);
    if ((long) streams * most > ThreadCount.MOST) {
      throw InputException.expected(
          "--streams",
          "at most " + ThreadCount.MOST + " threads of all streams together",
          streams + " with " + most + " threads each");
    }
    if (rate == null) {
      return openLoop
          ? LoadProfile.queue(streams, Double.POSITIVE_INFINITY)
          : LoadProfile.ofStreams(streams);
    }
    if (!openLoop || !(rate > 0) || rate == Double.POSITIVE_INFINITY) {
      throw InputException.expected(
          "--rate", "--open-loop and a number above 0", openLoop ? rate : "no --open-loop");
    }
    return LoadProfile.queue(streams, rate);
  }
}
