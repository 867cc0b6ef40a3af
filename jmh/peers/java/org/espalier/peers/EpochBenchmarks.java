package org.espalier.peers;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.espalier.data.Dataset;
import org.espalier.data.Images;
import org.espalier.data.binary.FashionMnist;
import org.espalier.data.binary.IdxData;
import org.espalier.model.Graph;
import org.espalier.model.Preprocessing;
import org.espalier.parallel.ThreadPool;
import org.espalier.train.EpochReport;
import org.espalier.train.TrainOptions;
import org.espalier.train.Trainer;
import org.espalier.train.TrainingListener;

/**
 * An epoch over 60,000 images with targeted weight dropout. Ours starts from bytes, which it
 * shuffles and standardises beside the training; libtorch's images are standardised already, and
 * each of its batches is gathered by a random permutation.
 */
final class EpochBenchmarks {
  /** Where Debian's package dataset-fashion-mnist puts it. */
  private static final Path FASHION_MNIST = Path.of("/usr/share/datasets/fashion-mnist");

  private static final int IMAGES = 60_000;
  private static final int BATCH = 128;
  private static final int THREADS = 2;

  /** Both shuffle and drop at random: their mean losses of the first epoch differ by chance. */
  private static final double TOLERANCE = 0.05;

  private static final TargetedWeightDropout METHOD = TargetedWeightDropout.MEASURED;

  private final Dataset training = images();
  private final Dataset evaluated = first(training, BATCH);
  private final Preprocessing standard = training.standardization();
  private final Graph graph = StepBenchmarks.mlp();
  private final ThreadPool workers = new ThreadPool(THREADS);
  private long seed;

  private EpochBenchmarks() {}

  static List<Benchmark> all() {
    return List.of(
        new Benchmark(
            "epoch-targeted-2t",
            "epoch of 60,000 images, MLP 784-300-100-10, targeted weight, γ .75 α .66, loading"
                + " included",
            "libtorch",
            THREADS,
            0,
            Mark.speedup(6, 10),
            () -> new EpochBenchmarks().besideTorch()));
  }

  private static Dataset images() {
    if (Files.exists(FASHION_MNIST)) {
      return IdxData.read(FASHION_MNIST).training();
    }
    Dataset part = FashionMnist.embedded().training();
    Images images = (Images) part.examples();
    byte[] bytes = new byte[IMAGES * images.shape().size()];
    byte[] some = images.bytes();
    for (int at = 0; at < bytes.length; at += some.length) {
      System.arraycopy(some, 0, bytes, at, Math.min(some.length, bytes.length - at));
    }
    int[] labels = IntStream.range(0, IMAGES).map(i -> part.label(i % part.size())).toArray();
    return new Dataset(
        "embedded images, repeated", new Images(images.shape(), bytes), labels, part.classes());
  }

  private static Dataset first(Dataset data, int count) {
    Images images = (Images) data.examples();
    return new Dataset(
        data.name(),
        new Images(images.shape(), Arrays.copyOf(images.bytes(), count * images.shape().size())),
        IntStream.range(0, count).map(data::label).toArray(),
        data.classes());
  }

  private Pairing besideTorch() {
    Torch.setThreads(THREADS);
    var mlp =
        new TorchNetwork(
            graph, StepBenchmarks.RATE, StepBenchmarks.SGD, METHOD, MemoryFormat.Contiguous);
    Tensor images = Torch.tensor(training.examples().toInput(0, training.size(), standard));
    Tensor rows = images.view(training.size(), training.examples().shape().size());
    Tensor labels =
        Torch.labels(IntStream.range(0, training.size()).map(training::label).toArray());
    double our = ours();
    double their = theirs(mlp, rows, labels);
    if (!(Math.abs(our - their) <= TOLERANCE * their)) {
      throw Pairing.differ("the mean loss of the first epoch", our, their);
    }
    return new Pairing(
        Job.of(this::ours), Job.of(() -> theirs(mlp, rows, labels)), Torch.description());
  }

  /** Trains for one epoch and returns the mean loss. */
  private double ours() {
    double[] loss = new double[1];
    var options = TrainOptions.of(1, BATCH, StepBenchmarks.SGD, seed++);
    new Trainer(graph, METHOD.ours(graph), options, training, evaluated, standard, workers)
        .run(
            new TrainingListener() {
              @Override
              public void epoch(EpochReport report) {
                loss[0] = report.loss();
              }
            },
            () -> false);
    return loss[0];
  }

  private double theirs(TorchNetwork mlp, Tensor images, Tensor labels) {
    double sum = 0;
    try (var _ = new PointerScope()) {
      Tensor order = torch.randperm(training.size());
      for (int from = 0; from < training.size(); from += BATCH) {
        int count = Math.min(BATCH, training.size() - from);
        try (var _ = new PointerScope()) {
          Tensor batch = order.narrow(0, from, count);
          sum += count * mlp.run(images.index_select(0, batch), labels.index_select(0, batch));
        }
      }
    }
    return sum / training.size();
  }
}
