package org.espalier.kernel.scalar;

import java.util.Arrays;
import org.espalier.kernel.contract.SelectKernels;

/** The specification of selection: sort the keys. */
public final class ScalarSelect implements SelectKernels {
  @Override
  public int scratchSize(int n) {
    return n;
  }

  @Override
  public long threshold(int n, float[] x, int xo, int k, int[] scratch) {
    if (k == 0) {
      return 0;
    }
    for (int i = 0; i < n; i++) {
      scratch[i] = SelectKernels.key(x[xo + i]);
    }
    Arrays.sort(scratch, 0, n);
    int key = scratch[k - 1];
    int ties = 0;
    while (ties < k && scratch[k - 1 - ties] == key) {
      ties++;
    }
    return (long) key << 32 | ties;
  }

  @Override
  public void keepMask(int n, float[] x, int xo, long threshold, long[] words, int wo) {
    Arrays.fill(words, wo, wo + Math.ceilDiv(n, Long.SIZE), 0);
    int key = (int) (threshold >>> 32);
    int ties = (int) threshold;
    for (int i = 0; i < n; i++) {
      int candidate = SelectKernels.key(x[xo + i]);
      boolean chosen = candidate < key || (candidate == key && ties-- > 0);
      if (!chosen) {
        words[wo + (i >>> 6)] |= 1L << i;
      }
    }
  }

  @Override
  public int keepMaskWithin(
      int n, float[] x, int xo, int k, int lo, int hi, long[] words, int wo, int[] scratch) {
    long threshold = threshold(n, x, xo, k, scratch);
    int key = (int) (threshold >>> 32);
    if (key < lo || key > hi) {
      return MISS;
    }
    keepMask(n, x, xo, threshold, words, wo);
    return key;
  }

  @Override
  public int indices(int n, float[] x, int xo, long threshold, int[] indices, int io) {
    int key = (int) (threshold >>> 32);
    int ties = (int) threshold;
    int count = 0;
    for (int i = 0; i < n; i++) {
      int candidate = SelectKernels.key(x[xo + i]);
      if (candidate < key || (candidate == key && ties-- > 0)) {
        indices[io + count++] = i;
      }
    }
    return count;
  }
}
