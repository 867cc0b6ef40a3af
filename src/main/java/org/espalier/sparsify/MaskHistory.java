package org.espalier.sparsify;

import java.nio.LongBuffer;
import org.espalier.tensor.BitMask;

/** Tells by how many bits the mask of a training step differs from that of the step before. */
final class MaskHistory {
  private final BitMask before;
  private final long bits;
  private boolean hasBefore;
  private double churn = -1;

  MaskHistory(BitMask mask) {
    bits = (long) mask.rows() * mask.cols();
    before = new BitMask(mask.rows(), mask.cols());
  }

  /** Takes the mask of the next training step. */
  void next(BitMask mask) {
    churn = hasBefore ? (double) mask.countDifferent(before) / bits : -1;
    before.copyFrom(mask);
    hasBefore = true;
  }

  /** Returns how many words {@link #save} writes. */
  int words() {
    return 1 + before.words().length;
  }

  /** Writes the mask of the last step. */
  void save(LongBuffer to) {
    to.put(hasBefore ? 1 : 0).put(before.words());
  }

  /** Takes up what {@link #save} wrote. */
  void restore(LongBuffer from) {
    hasBefore = from.get() != 0;
    from.get(before.words());
  }

  /** Returns the share of bits that changed in the last step, or −1 if there was none before it. */
  double churn() {
    return churn;
  }
}
