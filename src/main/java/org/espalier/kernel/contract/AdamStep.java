package org.espalier.kernel.contract;

/**
 * What one step of {@link OptimizerKernels#adam} takes the same for all parameters: the rates of
 * decay and the two corrections of the moments' bias towards 0, which depend on nothing but the
 * number of the step. Powers are products in double, because {@code Math.pow} may differ from one
 * JVM to the next.
 */
public final class AdamStep {
  private final double exactBeta1;
  private final double exactBeta2;
  private final float epsilon;
  private float stepSize;
  private float rootScale;

  /**
   * Makes factors, which {@link #set} must complete.
   *
   * @param beta1 rate at which the first moment decays, from 0 to below 1
   * @param beta2 the same of the second
   * @param epsilon added to the root, above 0
   */
  public AdamStep(double beta1, double beta2, double epsilon) {
    this.exactBeta1 = beta1;
    this.exactBeta2 = beta2;
    this.epsilon = (float) epsilon;
  }

  /**
   * Sets the step.
   *
   * @param step its number, counted from 1
   * @param learningRate of the step
   */
  public void set(long step, double learningRate) {
    stepSize = (float) (learningRate / (1 - power(exactBeta1, step)));
    rootScale = (float) (1 / Math.sqrt(1 - power(exactBeta2, step)));
  }

  /** Returns {@code base} to the power of {@code exponent} by repeated squaring. */
  static double power(double base, long exponent) {
    double product = 1;
    double square = base;
    for (long left = exponent; left > 0; left >>= 1) {
      if ((left & 1) != 0) {
        product *= square;
      }
      square *= square;
    }
    return product;
  }

  /** Returns the rate at which the first moment decays. */
  public float beta1() {
    return (float) exactBeta1;
  }

  /** Returns how much of the gradient enters the first moment. */
  public float entering1() {
    return (float) (1 - exactBeta1);
  }

  /** Returns the rate at which the second moment decays. */
  public float beta2() {
    return (float) exactBeta2;
  }

  /** Returns how much of the squared gradient enters the second moment. */
  public float entering2() {
    return (float) (1 - exactBeta2);
  }

  /** Returns what is added to the root. */
  public float epsilon() {
    return epsilon;
  }

  /** Returns the learning rate over the first moment's correction. */
  public float stepSize() {
    return stepSize;
  }

  /** Returns 1 over the root of the second moment's correction. */
  public float rootScale() {
    return rootScale;
  }
}
