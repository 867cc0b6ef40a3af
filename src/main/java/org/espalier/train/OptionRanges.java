package org.espalier.train;

/** Checks of the options' ranges. */
final class OptionRanges {
  private OptionRanges() {}

  static void check(boolean right, String rule, double found) {
    if (!right) {
      throw new IllegalArgumentException(rule + ", not at " + found);
    }
  }

  /** Checks what all optimisers have. */
  static void checkOptimizer(double weightDecay, double clipNorm) {
    check(weightDecay >= 0 && weightDecay < 1, "weight decay lies between 0 and 1", weightDecay);
    check(clipNorm >= 0, "the largest norm of the gradient is at least 0", clipNorm);
  }
}
