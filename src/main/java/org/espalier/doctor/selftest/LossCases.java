package org.espalier.doctor.selftest;

import org.espalier.kernel.contract.LossKernels;

/** Calls of {@link LossKernels}. */
final class LossCases {
  private LossCases() {}

  static void draw(Cases<LossKernels> c) {
    int n = Math.max(1, c.length());
    int label = c.random().nextInt(n);
    float smoothing = c.random().nextBoolean() ? 0f : c.random().nextFloat();
    float scale = c.random().nextBoolean() ? 0.125f : 3f;
    int xo = c.offset();
    int po = c.offset();
    float[] x = c.values(xo + n);
    float[] p = c.values(po + n);
    float[] loss = c.values(1);
    c.add(
        "softmaxCrossEntropy",
        k -> loss[0] = k.softmaxCrossEntropy(n, x, xo, label, smoothing, p, po));
    c.add(
        "softmaxCrossEntropy in place",
        k -> loss[0] = k.softmaxCrossEntropy(n, x, xo, label, smoothing, x, xo));
    c.add(
        "softmaxCrossEntropyBackward",
        k -> k.softmaxCrossEntropyBackward(n, p, po, label, smoothing, scale, x, xo));
    c.add(
        "softmaxCrossEntropyBackward in place",
        k -> k.softmaxCrossEntropyBackward(n, p, po, label, smoothing, scale, p, po));
  }
}
