package org.espalier.kernel.contract;

/**
 * Finds the k smallest magnitudes. Floats are ordered by the integer key {@code
 * floatToRawIntBits(x) & 0x7fffffff}: the order of |x|, total, ±0 equal, infinity above all
 * numbers, NaN last. Exactly k are chosen; of equal keys the ones of lower index.
 *
 * <p>A <em>threshold</em> says which: the k-th smallest key in the upper 32 bits, and in the lower
 * 32 bits how many elements of exactly that key belong to the k smallest. It is never negative.
 */
public interface SelectKernels {
  /** What {@link #keepMaskWithin} returns if the k-th smallest key is outside the bracket. */
  int MISS = -1;

  /** Returns the key that orders a float among others. */
  static int key(float x) {
    return Float.floatToRawIntBits(x) & 0x7fffffff;
  }

  /** Scratch memory, in ints, that selecting among {@code n} elements needs. */
  int scratchSize(int n);

  /**
   * Returns the threshold of the k smallest (k from 0 to n). For k = 0 it is 0: no element has a
   * key below 0, and no tie is taken.
   *
   * @param scratch at least {@link #scratchSize} ints, overwritten
   */
  long threshold(int n, float[] x, int xo, int k, int[] scratch);

  /**
   * Sets bit i of a row of bits (bit {@code i & 63} of {@code words[wo + (i >>> 6)]}) where element
   * i is <em>not</em> among the k smallest, given what {@link #threshold} returned, and clears all
   * others, those behind the last element included: the mask of what magnitude pruning keeps.
   */
  void keepMask(int n, float[] x, int xo, long threshold, long[] words, int wo);

  /**
   * Does what {@link #threshold} and {@link #keepMask} do in one pass over {@code x}, if the k-th
   * smallest key lies in {@code [lo, hi]}, and returns that key. Otherwise returns {@link #MISS},
   * and what is in {@code words} then is undefined. The narrower the bracket, the faster.
   *
   * @param k from 1 to n
   * @param lo smallest key of the bracket, from 0 to {@code hi}
   * @param hi largest key of the bracket, at most 0x7fffffff
   * @param scratch at least {@link #scratchSize} ints, overwritten
   */
  int keepMaskWithin(
      int n, float[] x, int xo, int k, int lo, int hi, long[] words, int wo, int[] scratch);

  /**
   * Writes the indices of the k smallest elements, ascending and counted from {@code xo}, given
   * what {@link #threshold} returned, and returns how many there are.
   */
  int indices(int n, float[] x, int xo, long threshold, int[] indices, int io);
}
