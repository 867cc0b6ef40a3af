package org.espalier.peers;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.espalier.model.Graph;
import org.espalier.op.Sparsifier;
import org.espalier.sparsify.DropScope;
import org.espalier.sparsify.Granularity;
import org.espalier.sparsify.LayerPattern;
import org.espalier.sparsify.Ramp;
import org.espalier.sparsify.Target;
import org.espalier.sparsify.TargetedDropout;
import org.espalier.sparsify.UnitMode;
import org.espalier.tensor.Shape;

/** What targeted dropout of whole channels leaves of the time of a training step. */
final class ConvUnitBenchmarks {
  private static final Shape CIFAR = Shape.of(3, 32, 32);
  private static final int CLASSES = 10;
  private static final int BATCHES = 4;
  private static final int COMPARED = 2;
  private static final TargetedWeightDropout SETTING = TargetedWeightDropout.MEASURED;

  private ConvUnitBenchmarks() {}

  static List<Benchmark> all() {
    List<Benchmark> rows = new ArrayList<>();
    for (int threads : new int[] {1, 2}) {
      for (UnitMode mode : UnitMode.values()) {
        rows.add(benchmark("vgg16", 64, mode, threads));
        rows.add(benchmark("wide-resnet-28-4", 32, mode, threads));
      }
    }
    return rows;
  }

  private static Benchmark benchmark(String network, int batch, UnitMode mode, int threads) {
    String name = mode.name().toLowerCase(Locale.ROOT);
    return new Benchmark(
        "unit-" + network + "-" + name + "-" + threads + "t",
        "training step, "
            + network
            + ", 32 x 32, batch "
            + batch
            + ", targeted unit, mode "
            + name
            + ", γ .75 α .66",
        "ours, plain",
        threads,
        0,
        Mark.cost(0.7, 0.6),
        () -> besidePlain(network, batch, mode, threads));
  }

  private static Pairing besidePlain(String network, int batch, UnitMode mode, int threads) {
    ReadyBatches batches = ReadyBatches.noise(BATCHES, batch, CIFAR.size(), CLASSES);
    Graph graph = graph(network);
    Training plain = training(graph, Sparsifier.NONE, batch, threads, batches);
    Graph other = graph(network);
    Training never = training(other, dropout(other, 0, mode), batch, threads, batches);
    Training.compare(never, plain, COMPARED, 0);
    Graph third = graph(network);
    Training targeted =
        training(third, dropout(third, SETTING.alpha(), mode), batch, threads, batches);
    return new Pairing(targeted.job(), plain.job(), "ours");
  }

  private static Graph graph(String network) {
    return ConvStepBenchmarks.graph(network, CIFAR, CLASSES);
  }

  private static Training training(
      Graph graph, Sparsifier method, int batch, int threads, ReadyBatches batches) {
    var step = new OurTraining(graph, method, ConvStepBenchmarks.SGD, batch, threads);
    return i -> step.run(batches.x(i), batches.labels(i));
  }

  private static Sparsifier dropout(Graph graph, double alpha, UnitMode mode) {
    return new TargetedDropout(
        Granularity.UNIT,
        new Target.Proportion(SETTING.gamma()),
        alpha,
        DropScope.UNIT,
        Ramp.NONE,
        mode,
        LayerPattern.DEFAULT.select(graph));
  }
}
