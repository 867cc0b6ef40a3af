package org.espalier.peers;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.espalier.kernel.Workers;
import org.espalier.model.Graph;
import org.espalier.model.Initializer;
import org.espalier.model.Zoo;
import org.espalier.op.Sparsifier;
import org.espalier.sparsify.Granularity;
import org.espalier.sparsify.Ramp;
import org.espalier.sparsify.Share;
import org.espalier.sparsify.Target;
import org.espalier.sparsify.TargetedDropout;
import org.espalier.sparsify.UnitMode;
import org.espalier.tensor.Shape;
import org.espalier.train.TrainingStep;

/** What targeted dropout of whole units leaves of the time of a training step. */
final class UnitContests {
  private static final int WIDTH = 2048;
  private static final int BATCH = 128;
  private static final int BATCHES = 8;
  private static final int COMPARED = 3;
  private static final double ALPHA = 0.66;
  private static final Target GAMMA = new Target.Proportion(Share.of("0.75"));

  private UnitContests() {}

  static List<Contest> all() {
    List<Contest> rows = new ArrayList<>();
    for (int threads : new int[] {1, 2}) {
      // Both layers drop units of their own.
      rows.add(contest(UnitMode.WEIGHTS, Set.of("fc1", "logits"), threads));
      // The first drops units, and the second skips them among its inputs.
      rows.add(contest(UnitMode.OUTPUT, Set.of("fc1"), threads));
    }
    return rows;
  }

  private static Contest contest(UnitMode mode, Set<String> layers, int threads) {
    String name = mode.name().toLowerCase(Locale.ROOT);
    return new Contest(
        "unit-" + name + "-" + threads + "t",
        "training step, MLP 2048-2048-2048, batch 128, targeted unit, mode "
            + name
            + (layers.size() == 1 ? ", first layer" : ", both layers")
            + ", γ .75 α .66",
        "ours, plain",
        threads,
        0,
        Mark.cost(0.65, 0.58),
        () -> besidePlain(mode, layers, threads));
  }

  private static Pairing besidePlain(UnitMode mode, Set<String> layers, int threads) {
    ReadyBatches batches = ReadyBatches.noise(BATCHES, BATCH, WIDTH, WIDTH);
    TrainingStep plain = step(Sparsifier.NONE, threads);
    TrainingStep never = step(dropout(0, mode, layers), threads);
    for (int i = 0; i < COMPARED; i++) {
      double want = plain.run(batches.x(i), batches.labels(i));
      double got = never.run(batches.x(i), batches.labels(i));
      if (got != want) {
        throw Pairing.differ("the loss of step " + i + " with nothing dropped", got, want);
      }
    }
    TrainingStep targeted = step(dropout(ALPHA, mode, layers), threads);
    return new Pairing(steps(targeted, batches), steps(plain, batches), "ours");
  }

  private static Job steps(TrainingStep step, ReadyBatches batches) {
    int[] next = {0};
    return Job.of(
        () -> {
          step.run(batches.x(next[0]), batches.labels(next[0]));
          next[0]++;
        });
  }

  private static TrainingStep step(Sparsifier method, int threads) {
    Graph graph = Zoo.mlp(Shape.of(WIDTH), WIDTH, WIDTH);
    Initializer.GLOROT_NORMAL.initialize(graph, 1);
    return new TrainingStep(graph, method, StepContests.SGD, BATCH, new Workers(threads));
  }

  private static Sparsifier dropout(double alpha, UnitMode mode, Set<String> layers) {
    return new TargetedDropout(Granularity.UNIT, GAMMA, alpha, Ramp.NONE, mode, layers);
  }
}
