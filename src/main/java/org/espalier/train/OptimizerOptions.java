package org.espalier.train;

/** Which optimiser, and what it needs to know. */
public sealed interface OptimizerOptions permits SgdOptions, AdamOptions {
  /** Returns the rate over training. */
  LearningRate learningRate();

  /** Returns how strongly weights decay; biases don't. */
  double weightDecay();

  /** Returns the largest L2 norm of all gradients together, or 0 for no limit. */
  double clipNorm();

  /** Returns how many numbers are kept for each parameter from step to step. */
  int moments();

  /** Returns whether gradients are clipped. */
  default boolean clips() {
    return clipNorm() > 0;
  }
}
