package org.espalier.kernel.simd;

import static jdk.incubator.vector.VectorOperators.GT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.espalier.kernel.SelectKernels;

/** Selection by {@link Quickselect}; masks by comparing vectors, a word of bits at a time. */
public final class SimdSelect implements SelectKernels {
  private static final VectorSpecies<Float> F32 = Lanes.F32;
  private static final int L = Lanes.LENGTH;

  /** Bits of a word of a mask. */
  private static final int WORD = Long.SIZE;

  @Override
  public int scratchSize(int n) {
    return Quickselect.scratchSize(n);
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
      int bits = Math.min(n - i, WORD);
      long kept = above(bits, x, xo + i, ties > 0 ? key : key - 1);
      if (ties > 0) {
        long equal = above(bits, x, xo + i, key - 1) & ~kept;
        kept |= equal & ~lowest(ties, equal);
        ties -= Math.min(ties, Long.bitCount(equal));
      }
      words[wo + (i >>> 6)] = kept;
    }
  }

  @Override
  public long keepMaskWithin(
      int n, float[] x, int xo, int k, int lo, int hi, long[] words, int wo, int[] scratch) {
    int keys = Quickselect.bandRegion(n, 0);
    int places = Quickselect.bandRegion(n, 1);
    int inside = 0;
    int notBelow = 0;
    for (int i = 0; i < n; i += WORD) {
      int bits = Math.min(n - i, WORD);
      long kept = above(bits, x, xo + i, lo - 1);
      words[wo + (i >>> 6)] = kept; // the band is kept for the time being
      notBelow += Long.bitCount(kept);
      for (long band = kept & ~above(bits, x, xo + i, hi); band != 0; band &= band - 1) {
        int place = i + Long.numberOfTrailingZeros(band);
        scratch[keys + inside] = SelectKernels.key(x[xo + place]);
        scratch[places + inside] = place;
        inside++;
      }
      if (inside > Quickselect.bandCapacity(n)) {
        return wide(n, x, xo, k, lo, hi, words, wo, scratch);
      }
    }
    int rank = k - (n - notBelow);
    if (rank < 1 || rank > inside) {
      return MISS;
    }
    int free = Quickselect.bandRegion(n, 2);
    long threshold = Quickselect.ofKeys(inside, keys, free, rank, lo, hi, scratch);
    drop(inside, scratch, places, x, xo, threshold, words, wo);
    return threshold;
  }

  /** Does without the bracket, which holds so much that looking at each key in it is slower. */
  private long wide(
      int n, float[] x, int xo, int k, int lo, int hi, long[] words, int wo, int[] scratch) {
    long threshold = threshold(n, x, xo, k, scratch);
    int key = (int) (threshold >>> 32);
    if (key < lo || key > hi) {
      return MISS;
    }
    keepMask(n, x, xo, threshold, words, wo);
    return threshold;
  }

  /** Clears the bits of those of some places, ascending, that are among the smallest. */
  private static void drop(
      int n, int[] places, int po, float[] x, int xo, long threshold, long[] words, int wo) {
    int key = (int) (threshold >>> 32);
    int ties = (int) threshold;
    for (int i = 0; i < n; i++) {
      int place = places[po + i];
      int candidate = SelectKernels.key(x[xo + place]);
      long dropped = ((long) candidate - key) >>> 63; // 1 if less, without an unpredictable branch
      if (candidate == key && ties > 0) {
        ties--;
        dropped = 1;
      }
      words[wo + (place >>> 6)] &= ~(dropped << place);
    }
  }

  @Override
  public int indices(int n, float[] x, int xo, long threshold, int[] indices, int io) {
    int key = (int) (threshold >>> 32);
    int ties = (int) threshold;
    int count = io;
    for (int i = 0; i < n; i += WORD) {
      int bits = Math.min(n - i, WORD);
      long notBelow = above(bits, x, xo + i, key - 1);
      long equal = ties > 0 ? notBelow & ~above(bits, x, xo + i, key) : 0;
      long all = -1L >>> (WORD - bits);
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

  /** Returns a bit for each of up to 64 floats, set where its key is above another. */
  private static long above(int n, float[] x, int xo, int key) {
    long bits = 0;
    int i = 0;
    for (int end = F32.loopBound(n); i < end; i += L) {
      FloatVector v = FloatVector.fromArray(F32, x, xo + i);
      bits |= v.reinterpretAsInts().and(0x7fffffff).compare(GT, key).toLong() << i;
    }
    for (; i < n; i++) {
      bits |= SelectKernels.key(x[xo + i]) > key ? 1L << i : 0;
    }
    return bits;
  }
}
