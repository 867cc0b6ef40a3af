package org.espalier.train;

/**
 * Stochastic gradient descent.
 *
 * @param learningRate the rate over training
 * @param momentum from 0 to below 1
 * @param nesterov whether the gradient is taken ahead of the momentum
 * @param weightDecay factor of the weight that is added to its gradient; biases don't decay
 * @param clipNorm largest L2 norm of all gradients together, or 0 for no limit
 */
public record SgdOptions(
    LearningRate learningRate,
    double momentum,
    boolean nesterov,
    double weightDecay,
    double clipNorm) {
  /** Checks the ranges. */
  public SgdOptions {
    check(momentum >= 0 && momentum < 1, "momentum lies between 0 and below 1", momentum);
    check(weightDecay >= 0 && weightDecay < 1, "weight decay lies between 0 and 1", weightDecay);
    check(clipNorm >= 0, "the largest norm of the gradient is at least 0", clipNorm);
  }

  private static void check(boolean right, String rule, double found) {
    if (!right) {
      throw new IllegalArgumentException(rule + ", not at " + found);
    }
  }

  /** Returns whether gradients are clipped. */
  public boolean clips() {
    return clipNorm > 0;
  }
}
