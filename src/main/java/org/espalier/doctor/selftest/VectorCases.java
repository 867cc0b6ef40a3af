package org.espalier.doctor.selftest;

import org.espalier.kernel.contract.Clamp;
import org.espalier.kernel.contract.VectorKernels;

/** Calls of {@link VectorKernels}. */
final class VectorCases {
  private static final int ROWS = 5;

  private VectorCases() {}

  static void draw(Cases<VectorKernels> c) {
    int n = c.length();
    int ld = n + 3;
    float a = c.values(1)[0];
    int xo = c.offset();
    int yo = c.offset();
    int zo = c.offset();
    int bo = c.random().nextInt(3);
    float[] x = c.values(xo + ROWS * ld);
    float[] y = c.values(yo + n);
    float[] z = c.values(zo + n);
    float[] out = c.values(1);
    long[] bits = c.bits(bo + n / Long.SIZE + 1);
    c.add("axpy", k -> k.axpy(n, a, x, xo, y, yo));
    c.add("add", k -> k.add(n, x, xo, y, yo));
    c.add("scale", k -> k.scale(n, a, x, xo));
    c.add("multiply", k -> k.multiply(n, x, xo, y, yo, z, zo));
    c.add("multiply in place", k -> k.multiply(n, x, xo, y, yo, x, xo));
    c.add("keep", k -> k.keep(n, x, xo, bits, bo, a));
    int kept = 0;
    for (int i = 0; i < n; i++) {
      kept += (int) (bits[bo + (i >>> 6)] >>> i & 1);
    }
    int count = kept;
    c.add("compress", k -> k.compress(n, x, xo, bits, bo, count, y, yo));
    c.add("expand", k -> k.expand(n, x, xo, bits, bo, count, y, yo));
    c.add("addSigns", k -> k.addSigns(n, a, x, xo, y, yo));
    Clamp clamp = c.clamp();
    c.add("clamp", k -> k.clamp(n, clamp, x, xo, y, yo));
    c.add("clamp in place", k -> k.clamp(n, clamp, x, xo, x, xo));
    c.add("reluBackward", k -> k.reluBackward(n, x, xo, y, yo, z, zo));
    c.add("reluBackward in place", k -> k.reluBackward(n, x, xo, y, yo, y, yo));
    for (boolean resume : new boolean[] {false, true}) {
      String how = resume ? ", resumed" : "";
      c.add(
          "reluBackwardSums" + how,
          k -> k.reluBackwardSums(ROWS, n, z, zo, 1, x, xo, ld, resume, y, yo));
      c.add("columnSums" + how, k -> k.columnSums(ROWS, n, x, xo, ld, resume, y, yo));
    }
    c.add("columnSquares", k -> k.columnSquares(ROWS, n, x, xo, ld, y, yo));
    c.add("sum", k -> out[0] = k.sum(n, x, xo));
    c.add("sumAbs", k -> out[0] = k.sumAbs(n, x, xo));
    c.add("dot", k -> out[0] = k.dot(n, x, xo, y, yo));
    c.add("squaredNorm", k -> out[0] = k.squaredNorm(n, x, xo));
    c.add("maxAbs", k -> out[0] = k.maxAbs(n, x, xo));
    c.add("isFinite", k -> out[0] = k.isFinite(n, x, xo) ? 1 : 0);
    byte[] bytes = new byte[xo + n];
    c.random().nextBytes(bytes);
    c.add("fromBytes", k -> k.fromBytes(n, bytes, xo, a, z[zo], y, yo));
    c.add("exp", k -> k.exp(n, x, xo, y, yo));
    c.add("exp in place", k -> k.exp(n, x, xo, x, xo));
    c.add("log", k -> k.log(n, x, xo, y, yo));
    c.add("log in place", k -> k.log(n, x, xo, x, xo));
  }
}
