package org.espalier.peers;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.espalier.model.Graph;
import org.espalier.model.Initializer;
import org.espalier.model.Zoo;
import org.espalier.op.Span;
import org.espalier.op.Sparsifier;
import org.espalier.tensor.Shape;
import org.espalier.train.LearningRate;
import org.espalier.train.SgdOptions;
import org.jspecify.annotations.Nullable;

/** Training steps of a perceptron on batches that lie ready, plain and with targeted dropout. */
final class StepBenchmarks {
  static final float RATE = 0.01f;

  static final SgdOptions SGD =
      new SgdOptions(
          new LearningRate(RATE, Span.parse("0 steps"), new LearningRate.Constant()),
          0.9,
          true,
          0,
          0);

  private static final int BATCH = 128;
  private static final long SEED = 1;
  private static final int COMPARED = 30;
  private static final double TOLERANCE = 1e-3;
  private static final String JOB = "training step, MLP 784-300-100-10, batch 128, ";

  private StepBenchmarks() {}

  static List<Benchmark> all() {
    List<Benchmark> rows = new ArrayList<>();
    for (int threads : new int[] {1, 2}) {
      rows.add(
          new Benchmark(
              "step-plain-" + threads + "t",
              JOB + "plain",
              "libtorch",
              threads,
              0,
              Mark.speedup(1, 1.2),
              () -> besideTorch(null, threads)));
      rows.add(
          new Benchmark(
              "step-targeted-" + threads + "t",
              JOB + "targeted weight, γ .75 α .66",
              "libtorch",
              threads,
              0,
              Mark.NONE,
              () -> besideTorch(TargetedWeightDropout.MEASURED, threads)));
      rows.add(
          new Benchmark(
              "step-targeted-cost-" + threads + "t",
              JOB + "targeted weight, γ .75 α .66",
              "ours, plain",
              threads,
              0,
              Mark.cost(1.15, 1.07),
              () -> besidePlain(threads)));
    }
    return rows;
  }

  static Graph mlp() {
    Graph graph = Zoo.mlp(Shape.of(1, 28, 28), 300, 100, 10);
    Initializer.HE_NORMAL.initialize(graph, SEED);
    return graph;
  }

  private static Pairing besideTorch(@Nullable TargetedWeightDropout method, int threads) {
    Torch.setThreads(threads);
    ReadyBatches batches = ReadyBatches.fashionMnist(BATCH);
    TargetedWeightDropout certain = method == null ? null : method.certain();
    Training.compare(
        ours(certain, threads, batches), theirs(certain, batches), COMPARED, TOLERANCE);
    return new Pairing(
        ours(method, threads, batches).job(), theirs(method, batches).job(), Torch.description());
  }

  private static Pairing besidePlain(int threads) {
    ReadyBatches batches = ReadyBatches.fashionMnist(BATCH);
    TargetedWeightDropout method = TargetedWeightDropout.MEASURED;
    Training.compare(
        ours(method.never(), threads, batches), ours(null, threads, batches), COMPARED, 0);
    return new Pairing(
        ours(method, threads, batches).job(), ours(null, threads, batches).job(), "ours");
  }

  private static Training ours(
      @Nullable TargetedWeightDropout method, int threads, ReadyBatches batches) {
    Graph graph = mlp();
    Sparsifier sparsifier = method == null ? Sparsifier.NONE : method.ours(graph);
    var step = new OurTraining(graph, sparsifier, SGD, BATCH, threads);
    return i -> step.run(batches.x(i), batches.labels(i));
  }

  private static Training theirs(@Nullable TargetedWeightDropout method, ReadyBatches batches) {
    var mlp = new TorchNetwork(mlp(), RATE, SGD, method, MemoryFormat.Contiguous);
    return i -> mlp.run(batches.torchX(i), batches.torchLabels(i));
  }
}
