package org.espalier.kernel.contract;

import org.jspecify.annotations.Nullable;

/**
 * One sweep over a row of a parameter: gradient, mask, decay, momentum and update together; and the
 * average of a parameter over the steps.
 */
public interface OptimizerKernels {
  /**
   * Stochastic gradient descent with momentum, in place. With {@code g} the data gradient times
   * {@code gradientScale} (clipping), +0 where the mask is clear, and {@code d = fma(weightDecay,
   * w, g)}:
   *
   * <pre>{@code
   * v = fma(momentum, v, d)
   * w = fma(-learningRate, nesterov ? fma(momentum, v, d) : v, w)
   * }</pre>
   *
   * This is the convention of PyTorch and of the paper's reference, without dampening. A new {@code
   * v} or {@code w} whose magnitude is below the smallest normal float, ±0 included, is +0; the new
   * {@code w} is computed from the {@code v} that was flushed.
   *
   * @param mask row of bits, or null where every gradient counts; a clear bit hides the gradient,
   *     NaN included, but not momentum and decay
   * @param mo index of the row's first word
   */
  void sgd(
      int n,
      float[] w,
      int wo,
      float[] g,
      int go,
      float[] v,
      int vo,
      long @Nullable [] mask,
      int mo,
      float gradientScale,
      float learningRate,
      float momentum,
      float weightDecay,
      boolean nesterov);

  /**
   * Adam (Kingma and Ba 2015) and AdamW (Loshchilov and Hutter 2019), in place. With {@code g} the
   * data gradient times {@code gradientScale}, +0 where the mask is clear, and {@code d =
   * fma(weightDecay, w, g)}:
   *
   * <pre>{@code
   * m = fma(beta1, m, (1 - beta1)·d)
   * v = fma((1 - beta2)·d, d, beta2·v)
   * w = fma(-stepSize, m / fma(sqrt(v), rootScale, epsilon), shrink·w)
   * }</pre>
   *
   * This is the convention of PyTorch: epsilon is added to the root of the corrected second moment.
   * A new {@code m}, {@code v} or {@code w} whose magnitude is below the smallest normal float, ±0
   * included, is +0; what follows is computed from the flushed value.
   *
   * @param mask row of bits, or null where every gradient counts; a clear bit hides the gradient,
   *     NaN included, but the moments still decay and move the weight
   * @param bo index of the row's first word
   * @param weightDecay of Adam, which adds it to the gradient; 0 for AdamW
   * @param shrink of AdamW, 1 − learning rate · weight decay; 1 for Adam
   * @param factors what is the same for all parameters in this step
   */
  void adam(
      int n,
      float[] w,
      int wo,
      float[] g,
      int go,
      float[] m,
      int mo,
      float[] v,
      int vo,
      long @Nullable [] mask,
      int bo,
      float gradientScale,
      float weightDecay,
      float shrink,
      AdamStep factors);

  /**
   * Moves an average towards the weights: {@code a = fma(decay, a, entering·w)}; below the smallest
   * normal float it is +0.
   */
  void average(int n, float[] w, int wo, float[] a, int ao, float decay, float entering);
}
