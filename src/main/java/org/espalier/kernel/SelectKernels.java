package org.espalier.kernel;

/**
 * Finds the k smallest magnitudes. Floats are ordered by the integer key {@code
 * floatToRawIntBits(x) & 0x7fffffff}: the order of |x|, total, ±0 equal, infinity above all
 * numbers, NaN last. Exactly k are chosen; of equal keys the ones of lower index.
 */
public interface SelectKernels {
  /** Scratch memory, in ints, that selecting among {@code n} elements needs. */
  int scratchSize(int n);

  /**
   * Returns the k-th smallest key (k from 1 to n) in the upper 32 bits and in the lower 32 bits how
   * many elements of exactly that key belong to the k smallest. For k = 0 returns 0: no element has
   * a key below 0, and no tie is taken.
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
   * Writes the indices of the k smallest elements, ascending, given what {@link #threshold}
   * returned, and returns how many there are.
   */
  int indices(int n, float[] x, int xo, long threshold, int[] indices, int io);
}
