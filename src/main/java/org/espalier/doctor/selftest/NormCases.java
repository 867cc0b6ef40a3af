package org.espalier.doctor.selftest;

import org.espalier.kernel.contract.Clamp;
import org.espalier.kernel.contract.NormKernels;
import org.espalier.tensor.Nchw16n;

/** Calls of {@link NormKernels}. */
final class NormCases {
  private static final int[] PIXELS = {1, 2, 3, 4, 5, 7, 8, 9, 25, 49, 64, 100};
  private static final float[] NOTHING = {};

  private NormCases() {}

  static void draw(Cases<NormKernels> c) {
    int pixels = PIXELS[c.random().nextInt(PIXELS.length)];
    int lanes = c.random().nextInt(1, Nchw16n.LANES + 1);
    int n = pixels * Nchw16n.LANES;
    int xo = c.offset();
    int yo = c.offset();
    int dyo = c.offset();
    int dxo = c.offset();
    float[] x = c.values(xo + n);
    float[] y = c.values(yo + n);
    float[] dy = c.values(dyo + n);
    float[] dx = c.values(dxo + n);
    float[] f = c.values(3);
    float[] out = c.values(3);
    c.add("moments", k -> k.moments(pixels, lanes, x, xo, out, 1));
    Clamp clamp = c.clamp();
    c.add("normalize", k -> k.normalize(n, x, xo, f[0], f[1], clamp, y, yo));
    c.add("normalizeAdd", k -> k.normalizeAdd(n, x, xo, f[0], f[1], dy, dyo, clamp, y, yo));
    for (boolean relu : new boolean[] {false, true}) {
      String how = relu ? ", rectified" : "";
      float[] mapOfRelu = relu ? y : NOTHING; // else it must not be read
      c.add(
          "backwardSums" + how,
          k -> k.backwardSums(pixels, lanes, relu, x, xo, f[0], mapOfRelu, yo, dy, dyo, out, 1));
    }
    c.add("normalize in place", k -> k.normalize(n, x, xo, f[0], f[1], Clamp.RELU, x, xo));
    c.add(
        "normalizeAdd in place",
        k -> k.normalizeAdd(n, x, xo, f[0], f[1], dy, dyo, Clamp.RELU, x, xo));
    for (boolean adds : new boolean[] {false, true}) {
      String how = adds ? ", adding" : "";
      c.add("backward" + how, k -> k.backward(n, x, xo, dy, dyo, f[0], f[1], f[2], adds, dx, dxo));
      c.add(
          "backward in place" + how,
          k -> k.backward(n, x, xo, dy, dyo, f[0], f[1], f[2], adds, dy, dyo));
    }
  }
}
