package org.espalier.train;

/**
 * Adam, or AdamW, in PyTorch's conventions.
 *
 * @param learningRate the rate over training
 * @param beta1 rate at which the mean of the gradients decays, from 0 to below 1
 * @param beta2 the same of the mean of their squares
 * @param epsilon added to the root of the mean of the squares, after the correction of its bias
 * @param weightDecay how strongly weights decay; biases don't
 * @param decoupled whether the decay takes its share of the weight itself, scaled by the learning
 *     rate (AdamW), or is added to the gradient (Adam)
 * @param clipNorm largest L2 norm of all gradients together, or 0 for no limit
 */
public record AdamOptions(
    LearningRate learningRate,
    double beta1,
    double beta2,
    double epsilon,
    double weightDecay,
    boolean decoupled,
    double clipNorm)
    implements OptimizerOptions {
  /** Checks the ranges. */
  public AdamOptions {
    OptionRanges.check(beta1 >= 0 && beta1 < 1, "beta1 lies between 0 and below 1", beta1);
    OptionRanges.check(beta2 >= 0 && beta2 < 1, "beta2 lies between 0 and below 1", beta2);
    OptionRanges.check(
        epsilon >= Float.MIN_NORMAL && epsilon <= 1,
        "epsilon lies between " + Float.MIN_NORMAL + " and 1",
        epsilon);
    OptionRanges.checkOptimizer(weightDecay, clipNorm);
  }

  @Override
  public int moments() {
    return 2;
  }
}
