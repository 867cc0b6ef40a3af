package org.espalier.train;

import java.util.OptionalDouble;

/**
 * What an epoch of training gave.
 *
 * @param epoch counted from 1
 * @param step steps done so far
 * @param loss mean over the epoch's examples, the method's penalty included
 * @param trainAccuracy share of training examples that were right as they were trained on
 * @param accuracy share of the evaluation examples that are right
 * @param prunedAccuracy the same with all candidates dropped, for methods that have any
 * @param learningRate of the last step
 * @param churn share of mask bits that changed between two steps, the mean over the epoch and the
 *     layers; empty if there are no masks
 * @param missShare share of the epoch's masks whose thresholds were not near those of the step
 *     before, where they are found fastest; empty if nothing was selected so
 * @param imagesPerSecond while training, evaluation not counted
 * @param selectionShare share of the training time that deciding effective weights took
 * @param waitShare share of the training time that was spent waiting for data
 */
public record EpochReport(
    int epoch,
    long step,
    double loss,
    double trainAccuracy,
    double accuracy,
    OptionalDouble prunedAccuracy,
    double learningRate,
    OptionalDouble churn,
    OptionalDouble missShare,
    double imagesPerSecond,
    double selectionShare,
    double waitShare) {}
