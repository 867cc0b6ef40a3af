package org.espalier.kernel;

import org.espalier.tensor.RandomKey;

/**
 * Counter-based random numbers: Threefry4x32-20 (Salmon, Moraes, Dror, Shaw, "Parallel random
 * numbers: as easy as 1, 2, 3", SC 2011). The stream of a key, a step and a row is cut into blocks
 * of 64 words: block b is the four output words of sixteen counters, {@code word[64b + 16w + l]}
 * being output word w of the counter {@code (16b + l, row, low(step), high(step))}; so it does not
 * depend on the width.
 */
public interface RandomKernels {
  /** Writes the first {@code n} words of a stream. */
  void words(RandomKey key, long step, int row, int n, int[] out, int oo);

  /**
   * Drops candidates of a row with probability {@code dropRate}, independently: clears bit i of the
   * row where it is set in {@code candidates} and the draw of i, a number of 16 bits, is below
   * {@code round(dropRate · 65536)}. The draw of bit i is the i-th half word of the stream: of word
   * {@code i / 2} the low half if i is even, else the high half.
   *
   * @param n number of bits
   * @param dropRate α in [0, 1]
   * @param candidates row of bits; a bit that is clear here is never dropped
   * @param keep row of bits that receives {@code ~candidates | (draw >= α)}; bits behind the last
   *     are cleared; may be {@code candidates}
   */
  void keepMask(
      RandomKey key,
      long step,
      int row,
      int n,
      double dropRate,
      long[] candidates,
      int co,
      long[] keep,
      int ko);
}
