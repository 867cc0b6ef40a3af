package org.espalier.op;

import java.nio.LongBuffer;
import java.util.List;

/**
 * What a sparsifying method does to one weight: the seam through which all of them act. Before each
 * forward pass it says what the layer multiplies with; after the backward pass it turns the
 * gradient of that into the gradient of the weight.
 */
public interface WeightTransform {
  /** Leaves the weight as it is. */
  WeightTransform NONE = (phase, clock, effective) -> effective.plain();

  /**
   * Decides the effective weight of the coming forward pass; called once for all parts of a step.
   * In {@link Phase#TRAIN} it may be random, but only through the clock's step and a key, so that
   * the same step always gives the same.
   */
  void prepare(Phase phase, Clock clock, EffectiveWeight effective);

  /**
   * Turns the gradient with respect to the effective weight, which stands in {@code
   * weight.gradient()}, into the one with respect to the weight, in place; fills in the gradients
   * of {@link #trainables()}; adds the gradient of {@link #penalty()} to both. A mask needs none of
   * it: the layer has set it on {@code weight}. Called once a step, after its last part.
   */
  default void backward(Trainable weight) {}

  /** Returns what the method adds to the loss, as of the last {@link #prepare}. */
  default double penalty() {
    return 0;
  }

  /**
   * Called by the optimiser as soon as it has changed rows {@code from} to {@code to} − 1 of the
   * weight, while they lie in a near cache: the cheapest moment to look at them. From any thread,
   * different rows at once; {@link #afterStep} follows when all are done.
   */
  default void afterRows(int from, int to) {}

  /** Called when the optimiser has changed the weights. */
  default void afterStep(Clock clock) {}

  /** Returns the method's own parameters for this weight. */
  default List<Trainable> trainables() {
    return List.of();
  }

  /** Returns whether {@link Phase#EVALUATE_PRUNED} differs from {@link Phase#EVALUATE}. */
  default boolean prunes() {
    return false;
  }

  /**
   * Returns the share of the mask's bits that differ from the training step before, or −1 if there
   * is no mask or no step before.
   */
  default double churn() {
    return -1;
  }

  /**
   * Returns how many words {@link #saveMemory} writes: what is remembered from step to step beside
   * the tensors. It decides how long a step takes and what is told of it, no result.
   */
  default int memoryWords() {
    return 0;
  }

  /** Writes what is remembered, so that a run that goes on tells what one without a break does. */
  default void saveMemory(LongBuffer to) {}

  /**
   * Takes up what {@link #saveMemory} wrote, once the weight is what it was then.
   *
   * @throws IllegalArgumentException if it can't have been written so
   */
  default void restoreMemory(LongBuffer from) {}

  /** Returns how many rows of masks have been selected for training steps so far. */
  default long rowsSelected() {
    return 0;
  }

  /**
   * Returns for how many of {@link #rowsSelected} the threshold was not near that of the step
   * before, where it is found fastest.
   */
  default long bracketsMissed() {
    return 0;
  }
}
