package org.espalier.peers;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.espalier.model.Graph;
import org.espalier.model.Initializer;
import org.espalier.model.Zoo;
import org.espalier.op.Sparsifier;
import org.espalier.sparsify.DropScope;
import org.espalier.sparsify.Fraction;
import org.espalier.sparsify.Granularity;
import org.espalier.sparsify.Ramp;
import org.espalier.sparsify.Target;
import org.espalier.sparsify.TargetedDropout;
import org.espalier.sparsify.UnitMode;
import org.espalier.tensor.Shape;

/** What targeted dropout of whole units leaves of the time of a training step. */
final class UnitBenchmarks {
  private static final int WIDTH = 2048;
  private static final int BATCH = 128;
  private static final int BATCHES = 8;
  private static final int COMPARED = 3;
  private static final double ALPHA = 0.66;
  private static final Target GAMMA = new Target.Proportion(Fraction.of("0.75"));

  private UnitBenchmarks() {}

  static List<Benchmark> all() {
    List<Benchmark> rows = new ArrayList<>();
    for (int threads : new int[] {1, 2}) {
      // Both layers drop units of their own.
      rows.add(benchmark(UnitMode.WEIGHTS, Set.of("fc1", "logits"), threads));
      // The first drops units, and the second skips them among its inputs.
      rows.add(benchmark(UnitMode.OUTPUT, Set.of("fc1"), threads));
    }
    return rows;
  }

  private static Benchmark benchmark(UnitMode mode, Set<String> layers, int threads) {
    String name = mode.name().toLowerCase(Locale.ROOT);
    return new Benchmark(
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
    Training plain = training(Sparsifier.NONE, threads, batches);
    Training never = training(dropout(0, mode, layers), threads, batches);
    Training.compare(never, plain, COMPARED, 0);
    Training targeted = training(dropout(ALPHA, mode, layers), threads, batches);
    return new Pairing(targeted.job(), plain.job(), "ours");
  }

  private static Training training(Sparsifier method, int threads, ReadyBatches batches) {
    Graph graph = Zoo.mlp(Shape.of(WIDTH), WIDTH, WIDTH);
    Initializer.GLOROT_NORMAL.initialize(graph, 1);
    var step = new OurTraining(graph, method, StepBenchmarks.SGD, BATCH, threads);
    return i -> step.run(batches.x(i), batches.labels(i));
  }

  private static Sparsifier dropout(double alpha, UnitMode mode, Set<String> layers) {
    return new TargetedDropout(
        Granularity.UNIT, GAMMA, alpha, DropScope.UNIT, Ramp.NONE, mode, layers);
  }
}
