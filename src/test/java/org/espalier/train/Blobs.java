package org.espalier.train;

import java.util.List;
import java.util.SplittableRandom;
import org.espalier.data.Augmentation;
import org.espalier.data.Dataset;
import org.espalier.data.Images;
import org.espalier.model.Preprocessing;
import org.espalier.op.Span;
import org.espalier.tensor.Shape;

/** A small problem that any sound training solves: noisy images of three kinds of 5x5 pixels. */
final class Blobs {
  static final Shape SHAPE = Shape.of(1, 5, 5);
  static final int CLASSES = 3;
  static final Preprocessing PREPROCESSING = new Preprocessing.Pixels(0.4f, 0.3f);

  private Blobs() {}

  static Dataset dataset(int n, long seed) {
    var random = new SplittableRandom(seed);
    byte[] images = new byte[n * 25];
    int[] labels = new int[n];
    for (int i = 0; i < n; i++) {
      labels[i] = random.nextInt(CLASSES);
      for (int p = 0; p < 25; p++) {
        boolean lit = p % CLASSES == labels[i];
        images[i * 25 + p] = (byte) (random.nextInt(120) + (lit ? 100 : 0));
      }
    }
    return new Dataset("blobs", new Images(SHAPE, images), labels, List.of("a", "b", "c"));
  }

  static TrainOptions options(int epochs, int batch, double rate) {
    return options(epochs, batch, new SgdOptions(falling(rate), 0.9, true, 1e-4, 5));
  }

  static TrainOptions options(int epochs, int batch, OptimizerOptions optimizer) {
    return options(epochs, batch, 1, optimizer);
  }

  static TrainOptions options(int epochs, int batch, int accumulate, OptimizerOptions optimizer) {
    return new TrainOptions(epochs, batch, accumulate, optimizer, 0, 0, Augmentation.NONE, 0, 11);
  }

  static TrainOptions averaged(int epochs, int batch, double ema) {
    return new TrainOptions(
        epochs,
        batch,
        1,
        new SgdOptions(falling(0.05), 0.9, true, 1e-4, 5),
        ema,
        0,
        Augmentation.NONE,
        0,
        11);
  }

  static LearningRate falling(double rate) {
    return new LearningRate(rate, Span.parse("0 steps"), new LearningRate.Cosine());
  }
}
