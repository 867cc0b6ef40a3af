package org.espalier.peers;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.espalier.model.Graph;
import org.espalier.model.Initializer;
import org.espalier.model.Zoo;
import org.espalier.op.Sparsifier;
import org.espalier.tensor.Shape;
import org.espalier.train.SgdOptions;
import org.jspecify.annotations.Nullable;

/** Training steps of convolutional networks, plain and with targeted weight dropout. */
final class ConvStepBenchmarks {
  /** With the usual weight decay of residual networks. */
  static final SgdOptions SGD =
      new SgdOptions(StepBenchmarks.SGD.learningRate(), 0.9, true, 1e-4, 0);

  private static final int BATCH = 128;
  private static final int CLASSES = 10;
  private static final int NOISE_BATCHES = 8;

  /** The second loss shows the gradients; from step to step rounding grows about tenfold. */
  private static final int COMPARED = 2;

  /** Of the loss, and of the largest logit of the first step. */
  private static final double TOLERANCE = 1e-4;

  private static final String JOB = "training step, %s, batch " + BATCH + ", %s";
  private static final String PLAIN = "plain";
  private static final String TARGETED = "targeted weight, γ .75 α .66";
  private static final TargetedWeightDropout METHOD = TargetedWeightDropout.MEASURED;
  private static final Shape CIFAR = Shape.of(3, 32, 32);
  private static final Shape MNIST = Shape.of(1, 28, 28);

  private final String network;
  private final Shape input;
  private final int threads;
  private final ReadyBatches batches;

  private ConvStepBenchmarks(String network, Shape input, int threads) {
    this.network = network;
    this.input = input;
    this.threads = threads;
    batches =
        input.equals(MNIST)
            ? ReadyBatches.fashionMnist(BATCH)
            : ReadyBatches.noise(NOISE_BATCHES, BATCH, input.size(), CLASSES);
  }

  static List<Benchmark> all() {
    List<Benchmark> rows = new ArrayList<>();
    for (int threads : new int[] {1, 2}) {
      rows.add(
          new Benchmark(
              "step-lenet5-plain-" + threads + "t",
              JOB.formatted("LeNet-5", PLAIN),
              "libtorch",
              threads,
              0,
              Mark.speedup(2, 3),
              () -> new ConvStepBenchmarks("lenet-5", MNIST, threads).besideTorch(null)));
      rows.add(
          resNet32(
              "plain",
              PLAIN,
              "libtorch",
              Mark.speedup(1.3, 1.6),
              threads,
              c -> c.besideTorch(null)));
      rows.add(
          resNet32(
              "targeted", TARGETED, "libtorch", Mark.NONE, threads, c -> c.besideTorch(METHOD)));
      rows.add(
          resNet32(
              "targeted-cost",
              TARGETED,
              "ours, plain",
              Mark.cost(1.05, 1.02),
              threads,
              ConvStepBenchmarks::besidePlain));
    }
    return rows;
  }

  private static Benchmark resNet32(
      String name,
      String method,
      String peer,
      Mark mark,
      int threads,
      Function<ConvStepBenchmarks, Pairing> setUp) {
    return new Benchmark(
        "step-resnet32-" + name + "-" + threads + "t",
        JOB.formatted("ResNet-32 (16/32/64)", method),
        peer,
        threads,
        0,
        mark,
        () -> setUp.apply(new ConvStepBenchmarks("resnet32", CIFAR, threads)));
  }

  static Graph graph(String network, Shape input, int classes) {
    Graph graph = Zoo.named(network, input, classes).orElseThrow();
    Initializer.HE_NORMAL.initialize(graph, 1);
    return graph;
  }

  private Pairing besideTorch(@Nullable TargetedWeightDropout method) {
    Torch.setThreads(threads);
    TargetedWeightDropout certain = method == null ? null : method.certain();
    for (MemoryFormat format : Torch.FORMATS) {
      compareLogits(
          step(certain).logits(batches.x(0)), theirs(certain, format).logits(batches.torchX(0)));
      Training.compare(ours(certain), training(theirs(certain, format)), COMPARED, TOLERANCE);
    }
    MemoryFormat format = Torch.faster(f -> training(theirs(method, f)).job().run());
    return new Pairing(
        ours(method).job(), training(theirs(method, format)).job(), Torch.description(format));
  }

  private static void compareLogits(float[] ours, float[] theirs) {
    double largest = 0;
    for (float logit : theirs) {
      largest = Math.max(largest, Math.abs(logit));
    }
    for (int i = 0; i < theirs.length; i++) {
      if (!(Math.abs(ours[i] - theirs[i]) <= TOLERANCE * largest)) {
        throw Pairing.differ("logit " + i + " of the first step", ours[i], theirs[i]);
      }
    }
  }

  private Pairing besidePlain() {
    Training.compare(ours(METHOD.never()), ours(null), COMPARED, 0);
    return new Pairing(ours(METHOD).job(), ours(null).job(), "ours");
  }

  private Training ours(@Nullable TargetedWeightDropout method) {
    OurTraining step = step(method);
    return i -> step.run(batches.x(i), batches.labels(i));
  }

  private OurTraining step(@Nullable TargetedWeightDropout method) {
    Graph graph = graph(network, input, CLASSES);
    Sparsifier sparsifier = method == null ? Sparsifier.NONE : method.ours(graph);
    return new OurTraining(graph, sparsifier, SGD, BATCH, threads);
  }

  private Training training(TorchNetwork theirs) {
    return i -> theirs.run(batches.torchX(i), batches.torchLabels(i));
  }

  private TorchNetwork theirs(@Nullable TargetedWeightDropout method, MemoryFormat format) {
    Graph graph = graph(network, input, CLASSES);
    return new TorchNetwork(graph, StepBenchmarks.RATE, SGD, method, format);
  }
}
