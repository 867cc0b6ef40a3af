package org.espalier.doctor.selftest;

import org.espalier.kernel.contract.SelectKernels;
import org.espalier.kernel.scalar.ScalarSelect;

/** Calls of {@link SelectKernels}. */
final class SelectCases {
  private static final SelectKernels SPECIFICATION = new ScalarSelect();

  private SelectCases() {}

  static void draw(Cases<SelectKernels> c) {
    int n = Math.max(1, c.length());
    int k = c.random().nextInt(1, n + 1);
    int xo = c.offset();
    int wo = c.offset();
    float[] x = c.values(xo + n);
    long[] words = c.bits(wo + n / Long.SIZE + 1);
    int[] indices = c.ints(wo + k);
    long[] result = c.bits(1);
    long chosen = SPECIFICATION.threshold(n, x, xo, k, new int[SPECIFICATION.scratchSize(n)]);
    int key = (int) (chosen >>> Integer.SIZE);
    int low = Math.max(0, key - 1000);
    int high = Math.min(Integer.MAX_VALUE - 1000, key) + 1000;
    c.add("threshold", s -> result[0] = s.threshold(n, x, xo, k, new int[s.scratchSize(n)]));
    c.add("keepMask", s -> s.keepMask(n, x, xo, chosen, words, wo));
    c.add("indices", s -> result[0] = s.indices(n, x, xo, chosen, indices, wo));
    c.add(
        "keepMaskWithin",
        s ->
            result[0] =
                s.keepMaskWithin(n, x, xo, k, low, high, words, wo, new int[s.scratchSize(n)]));
  }
}
