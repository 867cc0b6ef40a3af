package org.espalier.kernel.simd.select;

import org.espalier.kernel.contract.SelectKernels;

/**
 * Finds the k-th smallest of many keys. A sample of them gives a bracket that very likely holds it;
 * one pass keeps the keys inside; the same again with those, until few are left. If the bracket
 * missed, the pass is repeated on the side where the key must be. Should the samples mislead again
 * and again, the key is found by bisection, so that the time is linear whatever the input: a few
 * passes over all keys, and then one for each of their 31 bits.
 */
final class Quickselect {
  /** How many keys are few; also the size of a sample. */
  private static final int FEW = 64;

  /**
   * Cells at the start of the scratch memory, for a sample or the last few keys and their ranks.
   */
  static final int SAMPLE = 2 * FEW;

  /** Cells behind a region of keys that a pass may overwrite. */
  static final int SLACK = 16;

  /** Half the width of a bracket, in standard deviations of a sample's quantile. */
  private static final double SIGMAS = 2;

  /** After passes over so many times all keys, bisection takes over. */
  private static final long PATIENCE = 4;

  /** Stands for the floats where a region of scratch memory is expected. */
  private static final int FLOATS = -1;

  private static final float[] NO_FLOATS = {};

  private Quickselect() {}

  /** Scratch memory for {@code n} keys: a sample, and regions between which the keys go. */
  static int scratchSize(int n) {
    return SAMPLE + 2 * (n + SLACK);
  }

  /** Returns the threshold of the k smallest of {@code n} floats, k from 1. */
  static long ofFloats(int n, float[] x, int xo, int k, int[] scratch) {
    int second = SAMPLE + n + SLACK;
    return select(n, x, xo, FLOATS, SAMPLE, second, k, 0, Integer.MAX_VALUE, scratch);
  }

  /**
   * Returns the threshold of the k smallest of {@code n} keys, k from 1, all between {@code lo} and
   * {@code hi}.
   *
   * @param from where in the scratch memory the keys are; overwritten
   * @param to where there is room for as many
   */
  static long ofKeys(int n, int from, int to, int k, int lo, int hi, int[] scratch) {
    return select(n, NO_FLOATS, 0, from, to, from, k, lo, hi, scratch);
  }

  /** Selects among the keys at {@code from}; the passes write to two regions in turn. */
  private static long select(
      int n, float[] x, int xo, int from, int to, int next, int k, int lo, int hi, int[] scratch) {
    long patience = PATIENCE * n;
    boolean stuck = false;
    while (n > FEW && lo < hi) {
      if (patience < 0) {
        return bisect(n, from, k, lo, hi, scratch);
      }
      sample(n, x, xo, from, scratch);
      double quantile = (double) FEW * k / n;
      double margin = stuck ? 0 : 1 + SIGMAS * Math.sqrt(quantile * (1 - quantile / FEW));
      int a = sampled((int) Math.round(quantile - margin), lo, hi, scratch);
      int b = sampled((int) Math.round(quantile + margin), lo, hi, scratch);
      long pass = pass(n, x, xo, from, a, b, to, scratch);
      patience -= n;
      if (k <= below(pass)) {
        b = a - 1;
        a = lo;
        pass = pass(n, x, xo, from, a, b, to, scratch);
        patience -= n;
      } else if (k > below(pass) + inside(pass)) {
        a = b + 1;
        b = hi;
        pass = pass(n, x, xo, from, a, b, to, scratch);
        patience -= n;
      }
      // Few different keys: a bracket may go on holding most of them, so try a single one next.
      stuck = inside(pass) > n / 2;
      k -= below(pass);
      n = inside(pass);
      lo = a;
      hi = b;
      from = to;
      to = next;
      next = from;
    }
    return lo == hi ? threshold(lo, k) : ofFew(n, x, xo, from, k, scratch);
  }

  private static long pass(
      int n, float[] x, int xo, int from, int lo, int hi, int to, int[] scratch) {
    return from == FLOATS
        ? BandFilter.ofFloats(n, x, xo, lo, hi, scratch, to)
        : BandFilter.ofKeys(n, scratch, from, lo, hi, scratch, to);
  }

  private static int below(long pass) {
    return (int) (pass >>> 32);
  }

  private static int inside(long pass) {
    return (int) pass;
  }

  private static long threshold(int key, int ties) {
    return (long) key << 32 | ties;
  }

  /** Takes keys at even distances and ranks them. */
  private static void sample(int n, float[] x, int xo, int from, int[] scratch) {
    for (int i = 0; i < FEW; i++) {
      int at = (int) ((long) n * i / FEW);
      scratch[i] = from == FLOATS ? SelectKernels.key(x[xo + at]) : scratch[from + at];
    }
    RankCount.count(FEW, scratch, 0, scratch, FEW);
  }

  /** Returns the k-th smallest key of the sample, or a bound if there is none. */
  private static int sampled(int k, int lo, int hi, int[] scratch) {
    return k < 1 ? lo : k > FEW ? hi : RankCount.smallest(k, FEW, scratch, 0, scratch, FEW);
  }

  private static long ofFew(int n, float[] x, int xo, int from, int k, int[] scratch) {
    for (int i = 0; i < n; i++) {
      scratch[i] = from == FLOATS ? SelectKernels.key(x[xo + i]) : scratch[from + i];
    }
    RankCount.count(n, scratch, 0, scratch, FEW);
    int key = RankCount.smallest(k, n, scratch, 0, scratch, FEW);
    return threshold(key, k - BandFilter.countBelow(n, scratch, 0, key));
  }

  private static long bisect(int n, int from, int k, int lo, int hi, int[] scratch) {
    while (lo < hi) {
      int middle = (lo + hi) >>> 1;
      if (k <= BandFilter.countBelow(n, scratch, from, middle + 1)) {
        hi = middle;
      } else {
        lo = middle + 1;
      }
    }
    return threshold(lo, k - BandFilter.countBelow(n, scratch, from, lo));
  }
}
