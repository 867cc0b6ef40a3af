package org.espalier.train;

import org.espalier.kernel.Kernels;
import org.espalier.tensor.Tensor;

/**
 * Mean softmax cross-entropy over the examples of a step, which may come in several batches, with
 * label smoothing. The sum goes over the examples in order, in double precision.
 */
final class Loss {
  private final float smoothing;
  private int examples;
  private double sum;
  private int correct;

  Loss(double smoothing) {
    this.smoothing = (float) smoothing;
  }

  /**
   * Begins a step.
   *
   * @param count examples of all its batches together
   */
  void begin(int count) {
    examples = count;
    sum = 0;
    correct = 0;
  }

  /**
   * Adds a batch of the step and writes the gradient of the mean over the whole step with respect
   * to the batch's logits.
   *
   * @param logits {@code [batch or more][classes]}
   * @param gradient same size; may be the logits' own tensor
   */
  void add(Tensor logits, int[] labels, int batch, Tensor gradient) {
    int n = logits.cols();
    float scale = 1f / examples;
    for (int r = 0; r < batch; r++) {
      if (argMax(logits, r) == labels[r]) {
        correct++;
      }
      float[] g = gradient.data();
      int go = gradient.row(r);
      sum +=
          Kernels.loss()
              .softmaxCrossEntropy(n, logits.data(), logits.row(r), labels[r], smoothing, g, go);
      Kernels.loss().softmaxCrossEntropyBackward(n, g, go, labels[r], smoothing, scale, g, go);
    }
  }

  /** Returns the mean loss of the step. */
  double mean() {
    return sum / examples;
  }

  /** Returns how many examples of the step had the highest logit at their label. */
  int correct() {
    return correct;
  }

  /** Returns the column of the highest value of a row, the lowest of equals; NaN never counts. */
  static int argMax(Tensor logits, int row) {
    int best = 0;
    for (int c = 1; c < logits.cols(); c++) {
      if (logits.get(row, c) > logits.get(row, best)) {
        best = c;
      }
    }
    return best;
  }
}
