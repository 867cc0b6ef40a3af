package org.espalier.kernel.scalar;

import org.espalier.kernel.contract.AdamStep;
import org.espalier.kernel.contract.OptimizerKernels;
import org.jspecify.annotations.Nullable;

/** The specification of {@link OptimizerKernels}. */
public final class ScalarOptimizer implements OptimizerKernels {
  @Override
  public void sgd(
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
      boolean nesterov) {
    sgd(
        0,
        n,
        w,
        wo,
        g,
        go,
        v,
        vo,
        mask,
        mo,
        gradientScale,
        learningRate,
        momentum,
        weightDecay,
        nesterov);
  }

  /** Sweeps the elements {@code from} to {@code to} − 1 of a row. */
  public static void sgd(
      int from,
      int to,
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
      boolean nesterov) {
    for (int i = from; i < to; i++) {
      boolean counts = mask == null || (mask[mo + (i >>> 6)] >>> i & 1) != 0;
      float gradient = counts ? g[go + i] * gradientScale : 0;
      float decayed = Math.fma(weightDecay, w[wo + i], gradient);
      float velocity = flush(Math.fma(momentum, v[vo + i], decayed));
      float direction = nesterov ? Math.fma(momentum, velocity, decayed) : velocity;
      v[vo + i] = velocity;
      w[wo + i] = flush(Math.fma(-learningRate, direction, w[wo + i]));
    }
  }

  @Override
  public void adam(
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
      AdamStep factors) {
    adam(0, n, w, wo, g, go, m, mo, v, vo, mask, bo, gradientScale, weightDecay, shrink, factors);
  }

  /** Sweeps the elements {@code from} to {@code to} − 1 of a row. */
  public static void adam(
      int from,
      int to,
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
      AdamStep factors) {
    for (int i = from; i < to; i++) {
      boolean counts = mask == null || (mask[bo + (i >>> 6)] >>> i & 1) != 0;
      float gradient = counts ? g[go + i] * gradientScale : 0;
      float d = Math.fma(weightDecay, w[wo + i], gradient);
      float first = flush(Math.fma(factors.beta1(), m[mo + i], factors.entering1() * d));
      float second = flush(Math.fma(factors.entering2() * d, d, factors.beta2() * v[vo + i]));
      float root = (float) Math.sqrt(second);
      float direction = first / Math.fma(root, factors.rootScale(), factors.epsilon());
      m[mo + i] = first;
      v[vo + i] = second;
      w[wo + i] = flush(Math.fma(-factors.stepSize(), direction, shrink * w[wo + i]));
    }
  }

  @Override
  public void average(int n, float[] w, int wo, float[] a, int ao, float decay, float entering) {
    for (int i = 0; i < n; i++) {
      a[ao + i] = flush(Math.fma(decay, a[ao + i], entering * w[wo + i]));
    }
  }

  /** Subnormals cost a hundred cycles each and Java can't ask the CPU to take them as 0. */
  private static float flush(float x) {
    return Math.abs(x) < Float.MIN_NORMAL ? 0 : x;
  }
}
