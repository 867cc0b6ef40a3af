package org.espalier.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.espalier.data.Split;
import org.espalier.doctor.Roofline;
import org.espalier.experiment.bench.TrainingSpeed;
import org.espalier.experiment.recipe.MethodSpec;
import org.espalier.experiment.recipe.Recipe;
import org.espalier.experiment.recipe.RecipeReader;
import org.espalier.experiment.timing.Cases;
import org.espalier.machine.Machine;
import org.espalier.op.Stage;
import org.espalier.parallel.ThreadPool;
import org.espalier.report.Table;
import org.jspecify.annotations.Nullable;

/** Where the time of training steps goes, by a recipe's method and without one. */
final class TrainingBench {
  private final Table steps =
      new Table(
          "Training steps",
          Table.Column.text("method"),
          Table.Column.number("threads", 0),
          Table.Column.number("batch", 0),
          Table.Column.number("steps", 0),
          Table.Column.number("step (ms)", 3),
          Table.Column.number("images/s", 0),
          Table.Column.number("relative to plain (×)", 3),
          Table.Column.number("others (CPUs)", 1),
          Table.Column.doubts());

  private final Table parts =
      new Table(
          "What a step spends its time on",
          Table.Column.text("method"),
          Table.Column.number("threads", 0),
          Table.Column.text("layer"),
          Table.Column.text("phase"),
          Table.Column.number("time (ms)", 3),
          Table.Column.number("of the step (%)", 1),
          Table.Column.number("GFLOP/s", 1),
          Table.Column.number("of the peak (%)", 1),
          Table.Column.doubts());

  private final List<Recipe> recipes;

  /**
   * Reads the recipe, and the same without its method.
   *
   * @param settings keys that are set to other values
   */
  TrainingBench(String recipe, Map<String, String> settings) {
    Recipe read = RecipeReader.read(recipe, settings);
    Map<String, String> plain = new LinkedHashMap<>(settings);
    plain.remove("method.kind");
    plain.put("method.kind", "none"); // last, so that it takes other keys of the method away
    recipes =
        read.method() instanceof MethodSpec.None
            ? List.of(read)
            : List.of(RecipeReader.read(recipe, plain), read);
  }

  /** Measures with a number of threads and adds the rows. */
  void measure(Split data, long seed, int threads, double seconds, Cases cases) {
    cases.begin("training steps, " + (threads == 1 ? "one thread" : threads + " threads"));
    double peak = Roofline.measure(Machine.detect(), threads).gigaflops();
    try (ThreadPool workers = new ThreadPool(threads)) {
      List<TrainingSpeed> speeds = TrainingSpeed.measure(recipes, data, seed, workers, seconds);
      for (int i = 0; i < speeds.size(); i++) {
        String method = i == 0 ? "plain" : speeds.get(i).recipe().name();
        add(method, threads, speeds.get(i), speeds.getFirst().stepMillis(), peak);
      }
    }
  }

  private void add(String method, int threads, TrainingSpeed speed, double plain, double peak) {
    int examples = speed.recipe().batch() * speed.recipe().accumulate();
    steps.row(
        method,
        (double) threads,
        (double) speed.recipe().batch(),
        (double) speed.steps(),
        speed.stepMillis(),
        examples * 1e3 / speed.stepMillis(),
        speed.stepMillis() / plain,
        orNothing(speed.others().isPresent(), speed.others().orElse(0)),
        speed.doubts());
    for (TrainingSpeed.Part part : speed.parts()) {
      boolean products = part.multiplyAdds() > 0;
      parts.row(
          method,
          (double) threads,
          part.where(),
          label(part.stage()),
          part.millis(),
          100 * part.millis() / speed.stepMillis(),
          orNothing(products, 2 * part.multiplyAdds() / (part.millis() * 1e6)),
          orNothing(products, 100 * part.shareOfPeak(peak)),
          speed.doubts());
    }
  }

  private static @Nullable Double orNothing(boolean given, double value) {
    return given ? (Double) value : null;
  }

  private static String label(Stage stage) {
    return switch (stage) {
      case DATA -> "waiting for data";
      case PREPARE -> "selection and drawing";
      case FORWARD -> "forward";
      case LOSS -> "loss";
      case OUTPUT_GRADIENT -> "ReLU and bias backward";
      case INPUT_GRADIENT -> "dX";
      case WEIGHT_GRADIENT -> "dW";
      case OPTIMIZER -> "optimiser";
      case AFTER_STEP -> "after the step";
    };
  }

  /** Returns the tables. */
  List<Table> tables() {
    return List.of(steps, parts);
  }
}
