package org.espalier.sparsify;

import org.espalier.tensor.BitMask;

/** Counts by how many bits the mask of a training step differs from that of the step before. */
final class MaskHistory {
  private final BitMask before;
  private boolean hasBefore;
  private long churn = -1;

  MaskHistory(BitMask mask) {
    before = new BitMask(mask.rows(), mask.cols());
  }

  /** Takes the mask of the next training step. */
  void next(BitMask mask) {
    churn = hasBefore ? mask.countDifferent(before) : -1;
    before.copyFrom(mask);
    hasBefore = true;
  }

  /** Returns the count of the last step, or −1 if there was none before it. */
  long churn() {
    return churn;
  }
}
