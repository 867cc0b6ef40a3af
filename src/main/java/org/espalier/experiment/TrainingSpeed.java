package org.espalier.experiment;

import java.util.ArrayList;
import java.util.List;
import org.espalier.InputException;
import org.espalier.data.Split;
import org.espalier.kernel.Workers;
import org.espalier.model.Graph;
import org.espalier.op.Stage;
import org.espalier.train.Trainer;
import org.espalier.train.TrainingListener;

/**
 * How long a training step takes and what it spends its time on.
 *
 * @param recipe what was trained
 * @param steps how many steps were measured
 * @param stepMillis median of a step
 * @param parts what it consists of
 */
public record TrainingSpeed(Recipe recipe, int steps, double stepMillis, List<Part> parts) {
  /**
   * A stage at one place of the network.
   *
   * @param where the node's name, or "" if it belongs to no operation
   * @param stage what is done
   * @param millis median over the steps
   * @param multiplyAdds of its products, mean over the steps
   */
  public record Part(String where, Stage stage, double millis, double multiplyAdds) {
    /**
     * Returns the share of what the machine can do at most.
     *
     * @param gigaflops what it can, a multiply-add counting as two
     */
    public double shareOfPeak(double gigaflops) {
      return 2 * multiplyAdds / (millis * 1e6 * gigaflops);
    }
  }

  /** Recipes take turns, this long each, so that all see the same machine. */
  private static final long SLICE_NANOS = 100_000_000;

  /** Where in the training it is measured: ramps have passed by then. */
  private static final double WHERE = 0.8;

  /** Copies the list. */
  public TrainingSpeed {
    parts = List.copyOf(parts);
  }

  /**
   * Measures trainings by several recipes on the same data in turns, at steps after four fifths of
   * each.
   *
   * @param seconds how long to measure each, after half as long of warming up
   * @throws InputException if a recipe doesn't fit or has no steps
   */
  public static List<TrainingSpeed> measure(
      List<Recipe> recipes, Split data, long seed, Workers workers, double seconds) {
    List<Case> cases = new ArrayList<>();
    for (Recipe recipe : recipes) {
      cases.add(new Case(recipe, data, seed, workers));
    }
    long budget = (long) (seconds * 1e9);
    for (long spent = 0; spent < budget / 2; spent += SLICE_NANOS) {
      cases.forEach(Case::slice);
    }
    cases.forEach(Case::forget);
    for (long spent = 0; spent < budget; spent += SLICE_NANOS) {
      cases.forEach(Case::slice);
    }
    return cases.stream().map(Case::result).toList();
  }

  private static final class Case {
    private final Recipe recipe;
    private final Trainer trainer;
    private final StageTimes times = new StageTimes();
    private final long start;

    Case(Recipe recipe, Split data, long seed, Workers workers) {
      this.recipe = recipe;
      int classes = data.training().classes().size();
      Graph graph = recipe.graph(data.training().examples().shape(), classes, seed);
      trainer =
          new Trainer(
              graph,
              recipe.sparsifier(graph),
              recipe.options(seed),
              data.training(),
              data.heldOut(),
              data.training().standardization(),
              workers);
      if (trainer.clock().totalSteps() == 0) {
        throw InputException.expected("epochs", "at least 1", recipe.epochs());
      }
      trainer.listen(times);
      int perEpoch = trainer.clock().stepsPerEpoch();
      start = (long) (WHERE * trainer.clock().totalSteps()) / perEpoch * perEpoch;
    }

    /** Trains the first steps of an epoch, always the same, but not its end: it is evaluated. */
    void slice() {
      long end = System.nanoTime() + SLICE_NANOS;
      long last = start + trainer.clock().stepsPerEpoch() - 1;
      trainer.clock().set(start);
      if (last > start + 1) {
        times.skipOne();
      }
      long counted = Math.min(start + 2, last); // behind the one that is left out
      trainer.run(
          TrainingListener.NONE,
          () ->
              trainer.clock().step() >= last
                  || (System.nanoTime() >= end && trainer.clock().step() >= counted));
    }

    void forget() {
      times.forget();
    }

    TrainingSpeed result() {
      return new TrainingSpeed(recipe, times.steps(), times.stepMillis(), times.parts());
    }
  }
}
