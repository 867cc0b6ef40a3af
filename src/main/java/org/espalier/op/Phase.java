package org.espalier.op;

/** What a forward pass is for. */
public enum Phase {
  /** A training step: what is random is drawn. */
  TRAIN,
  /**
   * A pass that takes running statistics anew, from the mean over all such passes, while the
   * weights stay as they are and nothing is random.
   */
  RECALIBRATE,
  /** Evaluation of the network as it is, nothing random. */
  EVALUATE,
  /**
   * Evaluation of the network as pruning would leave it now: of targeted dropout, with all
   * candidates dropped. Where a method has no such rule, the same as {@link #EVALUATE}.
   */
  EVALUATE_PRUNED
}
