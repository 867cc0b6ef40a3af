package org.espalier.kernel.scalar;

import org.espalier.kernel.contract.RandomKernels;
import org.espalier.tensor.RandomKey;

/** The specification of the random numbers: Threefry4x32-20, a word at a time. */
public final class ScalarRandom implements RandomKernels {
  private static final int ROUNDS = 20;

  /** Round r rotates word 1 by ROTATION_1[r mod 8] and word 3 by ROTATION_3[r mod 8]. */
  private static final int[] ROTATION_1 = {10, 11, 13, 23, 6, 17, 25, 18};

  private static final int[] ROTATION_3 = {26, 21, 27, 5, 20, 11, 10, 20};

  /** The fifth word of the key is the exclusive or of the others and this. */
  public static final int PARITY = 0x1BD11BDA;

  @Override
  public void words(RandomKey key, long step, int row, int n, int[] out, int oo) {
    for (int i = 0; i < n; i++) {
      out[oo + i] = word(key, step, row, i);
    }
  }

  /** Returns word {@code i} of a stream. */
  public static int word(RandomKey key, long step, int row, int i) {
    int counter = i / 64 * 16 + i % 16;
    return threefry(key, counter, row, (int) step, (int) (step >>> 32), i / 16 % 4);
  }

  /** Returns word {@code w} of what Threefry4x32-20 makes of a counter. */
  public static int threefry(RandomKey key, int c0, int c1, int c2, int c3, int w) {
    int k0 = key.k0();
    int k1 = key.k1();
    int k2 = key.k2();
    int k3 = key.k3();
    int k4 = PARITY ^ k0 ^ k1 ^ k2 ^ k3;
    int x0 = c0 + k0;
    int x1 = c1 + k1;
    int x2 = c2 + k2;
    int x3 = c3 + k3;
    for (int round = 0; round < ROUNDS; round++) {
      x0 += x1;
      x2 += x3;
      int y1 = Integer.rotateLeft(x1, ROTATION_1[round % 8]) ^ x0;
      int y3 = Integer.rotateLeft(x3, ROTATION_3[round % 8]) ^ x2;
      x1 = y3; // words 1 and 3 change places after every round
      x3 = y1;
      if (round % 4 == 3) {
        int first = k0;
        k0 = k1;
        k1 = k2;
        k2 = k3;
        k3 = k4;
        k4 = first;
        x0 += k0;
        x1 += k1;
        x2 += k2;
        x3 += k3 + round / 4 + 1;
      }
    }
    return switch (w) {
      case 0 -> x0;
      case 1 -> x1;
      case 2 -> x2;
      default -> x3;
    };
  }

  @Override
  public void spare(
      RandomKey key, long step, int row, int rows, int n, double dropRate, long[] keep, int ko) {
    long bound = Math.round(dropRate * 65536);
    int wordsPerRow = Math.ceilDiv(n, Long.SIZE);
    for (int r = 0; r < rows; r++) {
      for (int i = 0; i < n; i++) {
        int draw = (word(key, step, row + r, i / 2) >>> (16 * (i % 2))) & 0xffff;
        if (draw >= bound) {
          keep[ko + r * wordsPerRow + (i >>> 6)] |= 1L << i;
        }
      }
    }
  }
}
