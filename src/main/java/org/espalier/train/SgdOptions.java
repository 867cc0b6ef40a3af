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
    double clipNorm)
    implements OptimizerOptions {
  /** Checks the ranges. */
  public SgdOptions {
    OptionRanges.check(
        momentum >= 0 && momentum < 1, "momentum lies between 0 and below 1", momentum);
    OptionRanges.checkOptimizer(weightDecay, clipNorm);
  }

  @Override
  public int moments() {
    return 1;
  }
}
