package org.espalier.sparsify;

import java.nio.LongBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import org.espalier.kernel.Kernels;
import org.espalier.kernel.contract.SelectKernels;
import org.espalier.tensor.BitMask;
import org.espalier.tensor.Tensor;

/**
 * Where the thresholds of a weight's rows are looked for: around where each was last, as far as it
 * moved of late. A threshold that is not there is found among all. So what is remembered here
 * decides how long a selection takes, never what it gives; in a checkpoint it stands for the share
 * of misses that the log tells.
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

  /** Scratch memory that no thread is using. */
  private final ArrayDeque<int[]> scratch = new ArrayDeque<>();

  /**
   * Knows nothing yet.
   *
   * @param threads how many may select at once
   */
  Brackets(Tensor weight, int threads) {
    this.weight = weight;
    this.keys = new int[weight.rows()];
    this.reach = new int[weight.rows()];
    Arrays.fill(keys, NEVER);
    Arrays.fill(reach, FIRST_REACH);
    for (int i = 0; i < threads; i++) {
      scratch.push(new int[Kernels.select().scratchSize(weight.cols())]);
    }
  }

  /**
   * Clears the bits of the k smallest of some rows and sets the others. Different rows may be
   * selected at once.
   *
   * @param learns whether the weights have been changed by a step of training since the last call
   * @return of how many rows the bracket missed
   */
  int select(int from, int to, int k, BitMask keep, boolean learns) {
    int[] memory = take();
    int missed = 0;
    for (int r = from; r < to; r++) {
      if (!selectNear(r, k, keep, learns, memory)) {
        missed += keys[r] == NEVER || k == 0 ? 0 : 1;
        selectAmongAll(r, k, keep, learns, memory);
      }
    }
    give(memory);
    return missed;
  }

  private boolean selectNear(int r, int k, BitMask keep, boolean learns, int[] memory) {
    if (keys[r] == NEVER || k == 0) {
      return false;
    }
    int lo = Math.max(0, keys[r] - reach[r]);
    int hi = keys[r] + Math.min(reach[r], Integer.MAX_VALUE - keys[r]);
    int key =
        Kernels.select()
            .keepMaskWithin(
                weight.cols(),
                weight.data(),
                weight.row(r),
                k,
                lo,
                hi,
                keep.words(),
                keep.row(r),
                memory);
    if (key == SelectKernels.MISS) {
      return false;
    }
    remember(r, key, learns);
    return true;
  }

  private void selectAmongAll(int r, int k, BitMask keep, boolean learns, int[] memory) {
    int n = weight.cols();
    float[] w = weight.data();
    long threshold = Kernels.select().threshold(n, w, weight.row(r), k, memory);
    Kernels.select().keepMask(n, w, weight.row(r), threshold, keep.words(), keep.row(r));
    if (k == 0) {
      keys[r] = NEVER;
    } else {
      remember(r, (int) (threshold >>> 32), learns && keys[r] != NEVER);
    }
  }

  /** Returns how many words {@link #save} writes. */
  int words() {
    return keys.length;
  }

  /** Writes what is remembered of each row. */
  void save(LongBuffer to) {
    for (int r = 0; r < keys.length; r++) {
      to.put((long) keys[r] << 32 | reach[r]);
    }
  }

  /**
   * Takes up what {@link #save} wrote.
   *
   * @throws IllegalArgumentException if it can't have been written so
   */
  void restore(LongBuffer from) {
    for (int r = 0; r < keys.length; r++) {
      long word = from.get();
      keys[r] = (int) (word >> 32);
      reach[r] = (int) word;
      if (keys[r] < NEVER || reach[r] < 0) {
        throw new IllegalArgumentException("no threshold has the bits " + Long.toHexString(word));
      }
    }
  }

  private synchronized int[] take() {
    return scratch.pop();
  }

  private synchronized void give(int[] memory) {
    scratch.push(memory);
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
