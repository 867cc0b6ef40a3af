package org.espalier.experiment.bench;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import org.espalier.InputException;
import org.espalier.data.Split;
import org.espalier.experiment.recipe.Recipe;
import org.espalier.experiment.timing.Conditions;
import org.espalier.experiment.timing.PairedTiming;
import org.espalier.experiment.timing.Rounds;
import org.espalier.machine.Gauges;
import org.espalier.model.Graph;
import org.espalier.op.Stage;
import org.espalier.parallel.ThreadPool;
import org.espalier.train.Trainer;
import org.espalier.train.TrainingListener;

/**
 * How long a training step takes and what it spends its time on.
 *
 * @param recipe what was trained
 * @param steps how many steps were measured
 * @param stepMillis median of a step
 * @param parts what it consists of
 * @param others how many processors others used meanwhile, if that is known
 * @param doubts why the times, or their ratio to those of the first, should not be believed; empty
 *     if there is no reason
 */
public record TrainingSpeed(
    Recipe recipe,
    int steps,
    double stepMillis,
    List<Part> parts,
    OptionalDouble others,
    List<String> doubts) {
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

  /** Where in the training it is measured: ramps have passed by then. */
  private static final double WHERE = 0.8;

  /** Copies the lists. */
  public TrainingSpeed {
    parts = List.copyOf(parts);
    doubts = List.copyOf(doubts);
  }

  /**
   * Measures trainings by several recipes on the same data by {@link PairedTiming}, at steps after
   * four fifths of each.
   *
   * @param seconds how long to measure each, after half as long of warming up
   * @throws InputException if a recipe doesn't fit or has no steps, or if this JVM doesn't compile
   *     well enough
   */
  public static List<TrainingSpeed> measure(
      List<Recipe> recipes, Split data, long seed, ThreadPool workers, double seconds) {
    List<Case> cases = new ArrayList<>();
    for (Recipe recipe : recipes) {
      cases.add(new Case(recipe, data, seed, workers));
    }
    var turns = new PairedTiming(Gauges.ofThisMachine(), seconds / 2, seconds, workers.threads());
    turns.warmUp(cases);
    cases.forEach(Case::forget);
    PairedTiming.Result result = turns.measure(cases);
    List<TrainingSpeed> speeds = new ArrayList<>();
    for (int i = 0; i < cases.size(); i++) {
      speeds.add(cases.get(i).result(i, cases.getFirst(), result));
    }
    return speeds;
  }

  private static final class Case implements PairedTiming.Side {
    private final Recipe recipe;
    private final Trainer trainer;
    private final StageTimes times = new StageTimes();
    private final long start;

    Case(Recipe recipe, Split data, long seed, ThreadPool workers) {
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
    @Override
    public double work(long nanos) {
      int before = times.steps();
      long end = System.nanoTime() + nanos;
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
      return 1e6 * times.stepMillis(before);
    }

    void forget() {
      times.forget();
    }

    TrainingSpeed result(int i, Case first, PairedTiming.Result result) {
      Rounds rounds = result.rounds().get(i);
      Set<String> doubts = new LinkedHashSet<>(result.conditions().doubts());
      doubts.addAll(Conditions.doubts(recipe.name(), rounds));
      doubts.addAll(
          Conditions.doubts(
              times.stepMillis() / first.times.stepMillis(),
              result.rounds().getFirst().speedupOver(rounds)));
      return new TrainingSpeed(
          recipe,
          times.steps(),
          times.stepMillis(),
          times.parts(),
          result.conditions().others(),
          List.copyOf(doubts));
    }
  }
}
