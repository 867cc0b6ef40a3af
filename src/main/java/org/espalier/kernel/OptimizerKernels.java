package org.espalier.kernel;

import org.jspecify.annotations.Nullable;

/** One sweep over a row of a parameter: gradient, mask, decay, momentum and update together. */
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
}
