package org.espalier.sparsify;

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

  /** Returns the share of bits that changed in the last step, or −1 if there was none before it. */
  double churn() {
    return churn;
  }
}
