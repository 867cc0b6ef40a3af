package org.espalier.kernel;

/** Softmax with cross-entropy, one row (one example) at a time. */
public interface LossKernels {
  /**
   * Computes {@code p = softmax(x)} and returns the cross-entropy of the target distribution {@code
   * (1 − smoothing)·onehot(label) + smoothing/n} against it. The maximum is subtracted first; the
   * sum of exponentials follows the 16-lane rule of {@link VectorKernels}. {@code p} may be {@code
   * x}. A NaN or infinity in {@code x} gives a NaN or infinite loss.
   *
   * @param n number of classes, at least 1
   * @param x logits
   * @param label the class, 0 to {@code n} − 1
   * @param smoothing label smoothing in [0, 1)
   * @param p receives the probabilities
   */
  float softmaxCrossEntropy(
      int n, float[] x, int xo, int label, float smoothing, float[] p, int po);

  /**
   * Computes the gradient with respect to the logits, {@code dx[i] = scale·(p[i] − target[i])}.
   * {@code dx} may be {@code p}.
   *
   * @param scale 1 / batch for a mean over the batch
   */
  void softmaxCrossEntropyBackward(
      int n, float[] p, int po, int label, float smoothing, float scale, float[] dx, int dxo);
}
