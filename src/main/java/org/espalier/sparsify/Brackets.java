package org.espalier.sparsify;

import java.util.Arrays;
import org.espalier.kernel.Kernels;
import org.espalier.kernel.SelectKernels;
import org.espalier.tensor.BitMask;
import org.espalier.tensor.Tensor;

/**
 * Where the thresholds of a weight's rows are looked for: around where each was last, as far as it
 * moved of late. A threshold that is not there is found among all. So what is remembered here
 * decides how long a selection takes, never what it gives, and is no part of a checkpoint.
 */
final class Brackets {
  /** How far is looked as long as nothing is known: a 64th to a 32nd of the key's value. */
  private static final int FIRST_REACH = 1 << 17;

  /** A bracket reaches so many times the largest move of late. */
  private static final int MARGIN = 3;

  /** A large move is forgotten by this share of it in each step. */
  private static final int FORGET = 32;

  private static final int NEVER = -1;

  private final Tensor weight;
  private final int[] keys;
  private final int[] reach;

  Brackets(Tensor weight) {
    this.weight = weight;
    this.keys = new int[weight.rows()];
    this.reach = new int[weight.rows()];
    Arrays.fill(keys, NEVER);
    Arrays.fill(reach, FIRST_REACH);
  }

  /**
   * Clears the bits of the k smallest of a row and sets the others.
   *
   * @param learns whether the weights have changed since the last call, by a step of training
   * @return whether the bracket missed
   */
  boolean select(int r, int k, BitMask keep, boolean learns, int[] scratch) {
    int n = weight.cols();
    float[] w = weight.data();
    int wo = weight.row(r);
    int last = keys[r];
    int found = SelectKernels.MISS;
    if (last != NEVER && k > 0) {
      int lo = Math.max(0, last - reach[r]);
      int hi = last + Math.min(reach[r], Integer.MAX_VALUE - last);
      found =
          Kernels.select().keepMaskWithin(n, w, wo, k, lo, hi, keep.words(), keep.row(r), scratch);
      if (found != SelectKernels.MISS) {
        remember(r, found, learns);
        return false;
      }
    }
    long threshold = Kernels.select().threshold(n, w, wo, k, scratch);
    Kernels.select().keepMask(n, w, wo, threshold, keep.words(), keep.row(r));
    if (k == 0) {
      keys[r] = NEVER;
      return false;
    }
    remember(r, (int) (threshold >>> 32), learns && last != NEVER);
    return last != NEVER;
  }

  private void remember(int r, int key, boolean learns) {
    if (learns) {
      long move = Math.abs((long) key - keys[r]);
      long wanted = Math.max(MARGIN * move, reach[r] - reach[r] / FORGET);
      reach[r] = (int) Math.min(wanted, Integer.MAX_VALUE);
    }
    keys[r] = key;
  }
}
