package org.espalier.kernel.contract;

/** Softmax with cross-entropy, one row (one example) at a time. */
public interface LossKernels {
  /**
   * Computes {@code p = softmax(x)} and returns the cross-entropy of the target distribution {@code
   * t = (1 − smoothing)·onehot(label) + smoothing/n} against it. With {@code m = max x[i]}, {@code
   * d[i] = x[i] − m} and {@code s = Σ exp(d[i])},
   *
   * <pre>{@code
   * p[i] = exp(d[i]) / s
   * loss = log(s) − Σ t[i]·d[i]
   *      = log(s) − fma(1 − smoothing, d[label], (smoothing/n)·Σ d[i])
   * }</pre>
   *
   * where both sums follow the 16-lane rule of {@link VectorKernels}; without smoothing the loss is
   * {@code log(s) − d[label]}. {@code p} may be {@code x}. NaN or +∞ in {@code x} gives NaN; −∞ is
   * a probability of 0, and an infinite loss where its target is above 0.
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
   * Computes the gradient with respect to the logits, {@code dx[i] = scale·(p[i] − t[i])}, where
   * {@code t} is {@code smoothing/n}, and {@code (1 − smoothing) + smoothing/n} for the label.
   * {@code dx} may be {@code p}.
   *
   * @param scale 1 / batch for a mean over the batch
   */
  void softmaxCrossEntropyBackward(
      int n, float[] p, int po, int label, float smoothing, float scale, float[] dx, int dxo);
}
