package org.espalier.doctor.selftest;

import java.util.SplittableRandom;
import org.espalier.kernel.contract.RandomKernels;
import org.espalier.tensor.BitMask;
import org.espalier.tensor.RandomKey;

/** Calls of {@link RandomKernels}. */
final class RandomCases {
  private static final double[] RATES = {
    0, 1, 0.5, 0.33, 0.9, 0x1p-16, 0x1p-18, 1 - 0x1p-16, 1 - 0x1p-18
  };

  private RandomCases() {}

  static void draw(Cases<RandomKernels> c) {
    SplittableRandom random = c.random();
    int n = c.length();
    long step = random.nextLong();
    int row = random.nextInt();
    var key = new RandomKey(random.nextInt(), random.nextInt(), random.nextInt(), random.nextInt());
    int oo = c.offset();
    int[] words = c.ints(oo + n);
    c.add("words", k -> k.words(key, step, row, n, words, oo));
    int rows = random.nextInt(10);
    double rate = random.nextBoolean() ? random.nextDouble() : RATES[random.nextInt(RATES.length)];
    BitMask mask = c.mask(rows, n);
    int ko = c.offset();
    long[] keep = c.bits(ko + mask.words().length);
    System.arraycopy(mask.words(), 0, keep, ko, mask.words().length);
    c.add("spare", k -> k.spare(key, step, row, rows, n, rate, keep, ko));
  }
}
