package org.espalier.train;

import org.espalier.data.Augmentation;

/**
 * What a {@link Trainer} needs to know beside network and data.
 *
 * @param epochs passes over the training data
 * @param batch examples that go through the network together
 * @param accumulate batches of one step, whose gradients are averaged under one mask: the memory is
 *     that of one batch, the bits are those of a batch so many times as large
 * @param optimizer the optimiser
 * @param ema how slowly the average of the weights follows them, from 0 to below 1: evaluated and
 *     kept is {@code average = ema · average + (1 − ema) · weights} over the steps; 0 for the
 *     weights themselves
 * @param labelSmoothing from 0 to below 1
 * @param augmentation how training images are changed at random
 * @param validation share of the training images that is held out, from 0 to below 1
 * @param seed of everything random
 */
public record TrainOptions(
    int epochs,
    int batch,
    int accumulate,
    OptimizerOptions optimizer,
    double ema,
    double labelSmoothing,
    Augmentation augmentation,
    double validation,
    long seed) {
  /** Checks the ranges. */
  public TrainOptions {
    check(epochs >= 0, "epochs is a number of at least 0", epochs);
    check(batch >= 1, "batch is a number of at least 1", batch);
    check(accumulate >= 1, "accumulate is a number of at least 1", accumulate);
    check(ema >= 0 && ema < 1, "ema lies between 0 and below 1", ema);
    check(
        labelSmoothing >= 0 && labelSmoothing < 1,
        "label smoothing lies between 0 and below 1",
        labelSmoothing);
    check(
        validation >= 0 && validation < 1,
        "the share held out lies between 0 and below 1",
        validation);
  }

  /** Returns the options of an ordinary training: each batch a step, examples as they are. */
  public static TrainOptions of(int epochs, int batch, OptimizerOptions optimizer, long seed) {
    return new TrainOptions(epochs, batch, 1, optimizer, 0, 0, Augmentation.NONE, 0, seed);
  }

  private static void check(boolean right, String rule, double found) {
    if (!right) {
      throw new IllegalArgumentException(rule + ", not " + found);
    }
  }
}
