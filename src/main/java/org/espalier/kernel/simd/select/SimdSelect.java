package org.espalier.kernel.simd.select;

import org.espalier.kernel.contract.SelectKernels;
import org.espalier.kernel.simd.Bits;

/** Selection by {@link Quickselect}; masks by comparing vectors, a word of bits at a time. */
public final class SimdSelect implements SelectKernels {
  /** Bits of a word of a mask. */
  private static final int WORD = Long.SIZE;

  @Override
  public int scratchSize(int n) {
    return Math.max(Quickselect.scratchSize(n), BracketedMask.scratchSize(n));
  }

  @Override
  public long threshold(int n, float[] x, int xo, int k, int[] scratch) {
    return k == 0 ? 0 : Quickselect.ofFloats(n, x, xo, k, scratch);
  }

  @Override
  public void keepMask(int n, float[] x, int xo, long threshold, long[] words, int wo) {
    int key = (int) (threshold >>> 32);
    int ties = (int) threshold;
    for (int i = 0; i < n; i += WORD) {
      long kept = Bits.above(n, i, x, xo, ties > 0 ? key : key - 1);
      if (ties > 0) {
        long equal = Bits.above(n, i, x, xo, key - 1) & ~kept;
        kept |= equal & ~lowest(ties, equal);
        ties -= Math.min(ties, Long.bitCount(equal));
      }
      words[wo + i / WORD] = kept;
    }
  }

  @Override
  public int keepMaskWithin(
      int n, float[] x, int xo, int k, int lo, int hi, long[] words, int wo, int[] scratch) {
    int key = BracketedMask.keepMask(n, x, xo, k, lo, hi, words, wo, scratch);
    return key == BracketedMask.WIDE
        ? withoutBracket(n, x, xo, k, lo, hi, words, wo, scratch)
        : key;
  }

  /** Selects among all, because looking at each key of a wide bracket is slower. */
  private int withoutBracket(
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
    int count = io;
    for (int i = 0; i < n; i += WORD) {
      long notBelow = Bits.above(n, i, x, xo, key - 1);
      long equal = ties > 0 ? notBelow & ~Bits.above(n, i, x, xo, key) : 0;
      long all = -1L >>> (WORD - Math.min(n - i, WORD));
      long chosen = (all & ~notBelow) | lowest(ties, equal);
      ties -= Math.min(ties, Long.bitCount(equal));
      for (; chosen != 0; chosen &= chosen - 1) {
        indices[count++] = i + Long.numberOfTrailingZeros(chosen);
      }
    }
    return count - io;
  }

  /** Returns the lowest {@code n} of some bits, or all if there are fewer. */
  private static long lowest(int n, long bits) {
    return n >= Long.SIZE ? bits : Long.expand((1L << n) - 1, bits);
  }
}
