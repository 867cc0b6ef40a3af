package org.espalier.kernel.contract;

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
   * Spares what a mask drops with probability 1 − {@code dropRate}, independently: sets a clear bit
   * i of a row where the draw of i, a number of 16 bits, is at least {@code round(dropRate ·
   * 65536)}. The draw of bit i is the i-th half word of the row's stream: of word {@code i / 2} the
   * low half if i is even, else the high half. Bits that are set stay set.
   *
   * @param row the first row's number in the stream; the others' follow
   * @param rows number of rows of the mask, one behind the other, each beginning a word of its own
   * @param n number of bits of a row; those behind the last stay clear
   * @param dropRate α in [0, 1]
   * @param keep the mask
   */
  void spare(
      RandomKey key, long step, int row, int rows, int n, double dropRate, long[] keep, int ko);
}
