package org.espalier.kernel.scalar;

import org.espalier.kernel.contract.LossKernels;

/** The specification of {@link LossKernels}. */
public final class ScalarLoss implements LossKernels {
  private static final ScalarVector VECTOR = new ScalarVector();

  @Override
  public float softmaxCrossEntropy(
      int n, float[] x, int xo, int label, float smoothing, float[] p, int po) {
    float max = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < n; i++) {
      max = Math.max(max, x[xo + i]);
    }
    for (int i = 0; i < n; i++) {
      p[po + i] = x[xo + i] - max;
    }
    float atLabel = p[po + label];
    float everywhere = VECTOR.sum(n, p, po);
    VECTOR.exp(n, p, po, p, po);
    float s = VECTOR.sum(n, p, po);
    for (int i = 0; i < n; i++) {
      p[po + i] /= s;
    }
    return loss(n, smoothing, s, atLabel, everywhere);
  }

  /**
   * Returns the cross-entropy.
   *
   * @param s Σ exp(x[i] − max)
   * @param atLabel x[label] − max
   * @param everywhere Σ (x[i] − max)
   */
  public static float loss(int n, float smoothing, float s, float atLabel, float everywhere) {
    // Without smoothing a logit of −∞ must not become 0·∞.
    float expected =
        smoothing == 0 ? atLabel : Math.fma(1 - smoothing, atLabel, smoothing / n * everywhere);
    return Elementary.log(s) - expected;
  }

  @Override
  public void softmaxCrossEntropyBackward(
      int n, float[] p, int po, int label, float smoothing, float scale, float[] dx, int dxo) {
    float everywhere = smoothing / n;
    float atLabel = 1 - smoothing + everywhere;
    for (int i = 0; i < n; i++) {
      dx[dxo + i] = scale * (p[po + i] - (i == label ? atLabel : everywhere));
    }
  }
}
