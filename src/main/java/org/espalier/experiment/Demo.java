package org.espalier.experiment;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.espalier.InputException;
import org.espalier.data.Split;
import org.espalier.experiment.bench.OnnxRuntimeEngine;
import org.espalier.experiment.recipe.MethodSpec;
import org.espalier.experiment.recipe.Recipe;
import org.espalier.experiment.recipe.RecipeReader;
import org.espalier.experiment.run.TrainingRun;
import org.espalier.experiment.sweep.AccuracySweep;
import org.espalier.experiment.sweep.CostMeter;
import org.espalier.experiment.sweep.Pruned;
import org.espalier.experiment.sweep.PrunedCost;
import org.espalier.experiment.timing.Cases;
import org.espalier.infer.PlanOptions;
import org.espalier.io.ModelFile;
import org.espalier.io.OutputFolder;
import org.espalier.model.Model;
import org.espalier.parallel.ThreadPool;
import org.espalier.sparsify.Granularity;
import org.espalier.sparsify.LayerPattern;
import org.espalier.sparsify.UnitMode;
import org.espalier.train.TrainingListener;

/**
 * The main job: one network trained in five ways with one budget and seed, each pruned at a list of
 * percentages; then size and speed of one of them at each percentage.
 */
public final class Demo {
  /** The percentages. */
  public static final List<BigDecimal> PERCENTAGES =
      List.of("0", "10", "20", "30", "40", "50", "60", "70", "80", "90", "95", "97", "98", "99")
          .stream()
          .map(BigDecimal::new)
          .toList();

  /** The recipes, in the order in which they run. */
  private static final List<String> METHODS =
      List.of("plain", "dropout", "targeted-weight", "targeted-unit", "ramping-weight");

  /** Name of the recipe whose model is measured. */
  public static final String MEASURED = "ramping-weight";

  private final Split data;
  private final List<Long> seeds;
  private final ThreadPool workers;
  private final Map<String, String> settings;
  private final double secondsPerLatency;

  /**
   * Makes the job.
   *
   * @param seeds each method is trained once with each
   * @param settings keys of the recipes that are replaced in all of them
   * @param secondsPerLatency how long each latency is measured
   */
  public Demo(
      Split data,
      List<Long> seeds,
      ThreadPool workers,
      Map<String, String> settings,
      double secondsPerLatency) {
    this.data = data;
    this.seeds = List.copyOf(seeds);
    this.workers = workers;
    this.settings = settings;
    this.secondsPerLatency = secondsPerLatency;
  }

  /**
   * One training with what pruning leaves of it.
   *
   * @param trained the result of training
   * @param pruned the network at each percentage
   */
  public record Run(TrainingRun.Result trained, List<Pruned> pruned) {}

  /**
   * The trainings by one recipe.
   *
   * @param recipe the recipe
   * @param by what was pruned
   * @param runs one for each seed
   */
  public record Method(Recipe recipe, Granularity by, List<Run> runs) {
    /** Returns the accuracy of each run at percentage {@code i} of {@link #PERCENTAGES}. */
    public double[] accuracies(int i) {
      return runs.stream().mapToDouble(run -> run.pruned().get(i).accuracy()).toArray();
    }
  }

  /**
   * All results.
   *
   * @param methods by recipe, in the order in which they ran
   * @param costs of the measured model at each percentage
   */
  public record Result(List<Method> methods, List<PrunedCost> costs) {
    /** Returns the method of a recipe. */
    public Method method(String name) {
      return methods.stream().filter(m -> m.recipe().name().equals(name)).findFirst().orElseThrow();
    }
  }

  /** Is told how the job goes. */
  public interface Progress {
    /** A training begins; returns who is told of its steps. */
    TrainingListener training(String name, long totalSteps);

    /** A training and its pruning are done. */
    void trained(Method method);

    /** Measuring of the model begins; returns who is told of so many cases. */
    Cases measuring(int cases);
  }

  /** Returns the recipes, in the order in which they run. */
  public List<Recipe> recipes() {
    return METHODS.stream().map(name -> RecipeReader.read(name, settings)).toList();
  }

  /**
   * Does the job.
   *
   * @param folder where models are written; trainings of an earlier job in it are replaced
   * @param warn is told in a line if the file system can't keep others out of a training's folder
   * @return the results, or nothing if it was interrupted
   */
  public Optional<Result> run(
      OutputFolder folder, Consumer<String> warn, Progress progress, BooleanSupplier interrupted) {
    PERCENTAGES.forEach(percent -> folder.file(fileOf(percent)));
    List<Method> methods = new ArrayList<>();
    for (Recipe recipe : recipes()) {
      Granularity by =
          recipe.method() instanceof MethodSpec.Targeted t ? t.by() : Granularity.WEIGHT;
      List<Run> runs = new ArrayList<>();
      for (long seed : seeds) {
        String name = seeds.size() == 1 ? recipe.name() : recipe.name() + "-seed-" + seed;
        TrainingRun run = new TrainingRun(recipe, data, seed, workers);
        Optional<TrainingRun.Result> trained;
        try (OutputFolder own = OutputFolder.open(folder.path().resolve(name), warn)) {
          TrainingRun.clear(own);
          trained =
              run.run(Optional.of(own), progress.training(name, run.totalSteps()), interrupted);
        }
        if (trained.isEmpty()) {
          return Optional.empty();
        }
        runs.add(new Run(trained.get(), pruned(trained.get().model(), by)));
      }
      Method method = new Method(recipe, by, runs);
      methods.add(method);
      progress.trained(method);
    }
    Cases cases = progress.measuring(PERCENTAGES.size() * CostMeter.BATCHES.size());
    Method measured = new Result(methods, List.of()).method(MEASURED);
    return Optional.of(new Result(methods, costs(measured, folder, cases)));
  }

  private List<Pruned> pruned(Model model, Granularity by) {
    Set<String> layers = LayerPattern.DEFAULT.select(model.graph());
    AccuracySweep sweep = new AccuracySweep(model, by, UnitMode.WEIGHTS, layers, data, workers);
    return PERCENTAGES.stream().map(sweep::at).toList();
  }

  private static String fileOf(BigDecimal percent) {
    return "pruned-" + percent.toPlainString() + ".safetensors";
  }

  private List<PrunedCost> costs(Method method, OutputFolder folder, Cases cases) {
    var meter =
        new CostMeter(
            PlanOptions.defaults(),
            workers.threads(),
            secondsPerLatency / 2,
            secondsPerLatency,
            OnnxRuntimeEngine.isPresent(),
            cases);
    Run run = method.runs().getFirst();
    List<PrunedCost> costs = new ArrayList<>();
    for (Pruned p : run.pruned()) {
      Path file = folder.file(fileOf(p.percent()));
      ModelFile.write(file, p.toModel(run.trained().model(), method.by()));
      costs.add(
          new PrunedCost(
              p.percent(),
              p.overallSparsity(),
              OptionalDouble.of(p.accuracy()),
              meter.measure(
                  p.percent().toPlainString() + " % pruned", p.masked(), p.graph(), size(file))));
    }
    return costs;
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw InputException.reading(file, e);
    }
  }
}
