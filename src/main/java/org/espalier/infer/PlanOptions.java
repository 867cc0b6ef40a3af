package org.espalier.infer;

import org.espalier.tensor.Precision;

/**
 * What a network is compiled for.
 *
 * @param kernel the format of the weights, and so how layers are computed
 * @param maxBatch the most examples that are computed side by side; larger batches are cut. With 1
 *     a plan takes the least memory and every example is computed by itself.
 * @param rewrites how the network may be rewritten before
 * @param weights how narrow the weights are that a plan holds. They are rounded to it row by row,
 *     after rewrites, as {@link Precision#roundRows} does, whatever kernels are chosen: weights
 *     that a file held so stay as they are, or, folded, as near as a factor for the row can be
 *     stored. Fully connected layers and sparse convolutions keep them narrow in memory and widen
 *     them when they are used; dense convolutions, plain CSR and blocks hold floats. With {@link
 *     Precision#FP32} weights that were bytes in a file are held so, which changes no bit.
 * @param compact whether each layer lies in memory once. Otherwise some sparse layers lie there in
 *     one format for single examples and in another for batches: up to twice the memory, and
 *     faster. (So do, in any case, layers of narrow weights: no sparse format of theirs serves
 *     both.)
 * @param times how long kernels took on this machine; layers of which it knows nothing are computed
 *     by the kernels that are expected to be fastest
 */
public record PlanOptions(
    WeightFormat kernel,
    int maxBatch,
    Rewrites rewrites,
    Precision weights,
    boolean compact,
    KernelTimes times) {
  /**
   * The batch that is computed side by side unless told otherwise: beyond it nothing is gained, but
   * the activations of wide layers leave the second-level cache.
   */
  public static final int BATCH = 64;

  /** Checks the batch. */
  public PlanOptions {
    if (maxBatch < 1) {
      throw new IllegalArgumentException("the largest batch must be at least 1, not " + maxBatch);
    }
  }

  /** Returns the options for any batch, the kernels chosen by the compiler. */
  public static PlanOptions defaults() {
    return new PlanOptions(
        WeightFormat.AUTO, BATCH, Rewrites.SMALLER, Precision.FP32, false, KernelTimes.NONE);
  }

  /** Returns these options with another kernel. */
  public PlanOptions withKernel(WeightFormat other) {
    return new PlanOptions(other, maxBatch, rewrites, weights, compact, times);
  }

  /** Returns these options with another largest batch. */
  public PlanOptions withMaxBatch(int other) {
    return new PlanOptions(kernel, other, rewrites, weights, compact, times);
  }

  /** Returns these options with another way of rewrites. */
  public PlanOptions withRewrites(Rewrites other) {
    return new PlanOptions(kernel, maxBatch, other, weights, compact, times);
  }

  /** Returns these options with weights of another precision. */
  public PlanOptions withWeights(Precision other) {
    return new PlanOptions(kernel, maxBatch, rewrites, other, compact, times);
  }

  /** Returns these options with layers that lie in memory once, or not. */
  public PlanOptions withCompact(boolean other) {
    return new PlanOptions(kernel, maxBatch, rewrites, weights, other, times);
  }

  /** Returns these options with times that were measured. */
  public PlanOptions withTimes(KernelTimes other) {
    return new PlanOptions(kernel, maxBatch, rewrites, weights, compact, other);
  }
}
