package org.espalier.train;

import org.espalier.kernel.Kernels;
import org.espalier.tensor.Tensor;

/**
 * Mean softmax cross-entropy over a batch, with label smoothing. The sum goes over the examples in
 * order, in double precision.
 */
final class Loss {
  private final float smoothing;
  private int correct;

  Loss(double smoothing) {
    this.smoothing = (float) smoothing;
  }

  /**
   * Returns the mean loss of a batch and writes its gradient with respect to the logits.
   *
   * @param logits {@code [batch or more][classes]}
   * @param gradient same size; may be the logits' own tensor
   */
  double forwardBackward(Tensor logits, int[] labels, int batch, Tensor gradient) {
    double sum = 0;
    int n = logits.cols();
    correct = 0;
    float scale = 1f / batch;
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
    return sum / batch;
  }

  /** Returns how many examples of the last batch had the highest logit at their label. */
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
