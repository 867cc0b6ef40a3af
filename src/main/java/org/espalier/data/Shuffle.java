package org.espalier.data;

import org.espalier.kernel.contract.RandomKernels;
import org.espalier.tensor.RandomKey;

/**
 * Random permutations, each a pure function of key and round: Fisher–Yates from the last place
 * down. Place i changes with place {@code floor(word·(i + 1) / 2^32)}, {@code word} being the i-th
 * unsigned word of the stream of (key, round, row 0); of n places, none is favoured by more than
 * n/2^32 of its probability. Allocates nothing after construction.
 */
final class Shuffle {
  private static final long UNSIGNED = 0xffffffffL;

  private final RandomKey key;
  private final RandomKernels random;
  private final int[] words;

  Shuffle(RandomKey key, int n, RandomKernels random) {
    this.key = key;
    this.random = random;
    this.words = new int[n];
  }

  /** Permutes {@code items}, as many as this was made for. */
  void shuffle(long round, int[] items) {
    random.words(key, round, 0, words.length, words, 0);
    for (int i = words.length - 1; i > 0; i--) {
      int j = (int) (((words[i] & UNSIGNED) * (i + 1)) >>> 32);
      int item = items[i];
      items[i] = items[j];
      items[j] = item;
    }
  }
}
