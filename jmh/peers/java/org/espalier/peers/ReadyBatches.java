package org.espalier.peers;

import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.espalier.data.Dataset;
import org.espalier.data.binary.FashionMnist;
import org.espalier.tensor.Tensor;

/** Batches that lie in memory, ours and copies for libtorch, taken round and round. */
final class ReadyBatches {
  private final Tensor[] xs;
  private final int[][] labels;
  private org.bytedeco.pytorch.Tensor[] torchXs = {};
  private org.bytedeco.pytorch.Tensor[] torchLabels = {};

  private ReadyBatches(Tensor[] xs, int[][] labels) {
    this.xs = xs;
    this.labels = labels;
  }

  /** Returns the embedded images, standardised, in their order. */
  static ReadyBatches fashionMnist(int size) {
    Dataset data = FashionMnist.embedded().training();
    int count = data.size() / size;
    var standard = data.standardization();
    return new ReadyBatches(
        IntStream.range(0, count)
            .mapToObj(b -> data.examples().toInput(b * size, (b + 1) * size, standard))
            .toArray(Tensor[]::new),
        IntStream.range(0, count)
            .mapToObj(b -> IntStream.range(b * size, (b + 1) * size).map(data::label).toArray())
            .toArray(int[][]::new));
  }

  /** Returns normal noise with labels at random. */
  static ReadyBatches noise(int count, int size, int features, int classes) {
    var random = new SplittableRandom(1);
    Tensor[] xs = new Tensor[count];
    int[][] labels = new int[count][];
    for (int b = 0; b < count; b++) {
      xs[b] = Tensor.zeros(size, features);
      for (int r = 0; r < size; r++) {
        for (int c = 0; c < features; c++) {
          xs[b].set(r, c, (float) random.nextGaussian());
        }
      }
      labels[b] = random.ints(size, 0, classes).toArray();
    }
    return new ReadyBatches(xs, labels);
  }

  Tensor x(int i) {
    return xs[i % xs.length];
  }

  int[] labels(int i) {
    return labels[i % xs.length];
  }

  org.bytedeco.pytorch.Tensor torchX(int i) {
    if (torchXs.length == 0) {
      torchXs = new org.bytedeco.pytorch.Tensor[xs.length];
      for (int b = 0; b < xs.length; b++) {
        torchXs[b] = Torch.tensor(xs[b].toArray(), xs[b].rows(), xs[b].cols());
      }
    }
    return torchXs[i % xs.length];
  }

  org.bytedeco.pytorch.Tensor torchLabels(int i) {
    if (torchLabels.length == 0) {
      torchLabels = new org.bytedeco.pytorch.Tensor[xs.length];
      for (int b = 0; b < xs.length; b++) {
        torchLabels[b] = Torch.labels(labels[b]);
      }
    }
    return torchLabels[i % xs.length];
  }
}
