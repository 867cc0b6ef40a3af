package org.espalier.doctor.selftest;

import org.espalier.kernel.contract.PointwiseKernels;

/** Calls of {@link PointwiseKernels}. */
final class PointwiseCases {
  private static final int[] PERIODS = {0, 1, 16};

  private PointwiseCases() {}

  static void draw(Cases<PointwiseKernels> c) {
    int n = c.length();
    int xo = c.offset();
    int yo = c.offset();
    int zo = c.offset();
    int longest = Math.max(n, 16);
    float[] x = c.values(xo + longest);
    float[] y = c.values(yo + longest);
    float[] z = c.values(zo + n);
    float[] f = c.values(2);
    c.add("leakyRelu", k -> k.leakyRelu(n, f[0], x, xo, y, yo));
    c.add("leakyRelu in place", k -> k.leakyRelu(n, f[0], x, xo, x, xo));
    c.add("hardSigmoid", k -> k.hardSigmoid(n, f[0], f[1], x, xo, y, yo));
    c.add("hardSigmoid in place", k -> k.hardSigmoid(n, f[0], f[1], x, xo, x, xo));
    c.add("hardSwish", k -> k.hardSwish(n, x, xo, y, yo));
    c.add("hardSwish in place", k -> k.hardSwish(n, x, xo, x, xo));
    c.add("sigmoid", k -> k.sigmoid(n, x, xo, y, yo));
    c.add("sigmoid in place", k -> k.sigmoid(n, x, xo, x, xo));
    c.add("swish", k -> k.swish(n, f[0], x, xo, y, yo));
    int px = PERIODS[c.random().nextInt(PERIODS.length)];
    int py = PERIODS[c.random().nextInt(PERIODS.length)];
    String how = ", repeating after " + px + " and " + py;
    c.add("add" + how, k -> k.add(n, x, xo, px, y, yo, py, z, zo));
    c.add("subtract" + how, k -> k.subtract(n, x, xo, px, y, yo, py, z, zo));
    c.add("multiply" + how, k -> k.multiply(n, x, xo, px, y, yo, py, z, zo));
    c.add("divide" + how, k -> k.divide(n, x, xo, px, y, yo, py, z, zo));
    c.add("prelu" + how, k -> k.prelu(n, x, xo, px, y, yo, py, z, zo));
  }
}
