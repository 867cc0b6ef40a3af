package org.espalier.op;

import org.espalier.Internal;
import org.espalier.model.Node;
import org.espalier.parallel.ThreadPool;

/**
 * A method of training a network that can be pruned. It sees each layer once, when the network is
 * made ready for training, and answers with what it does there.
 */
public interface Sparsifier {
  /** Ordinary training. */
  Sparsifier NONE = (node, weight, site) -> WeightTransform.NONE;

  /**
   * What a method may use at a layer.
   *
   * @param seed the run's seed
   * @param maxBatch most examples of one batch
   * @param workers the threads
   */
  record Site(long seed, int maxBatch, ThreadPool workers) {}

  /** Returns what the method does to the weight of a layer. */
  WeightTransform transform(Node node, Trainable weight, Site site);

  /**
   * Returns what runs in place of a layer: the layer itself, or an operation that wraps or replaces
   * it.
   *
   * @param transform what {@link #transform} answered for this layer
   */
  @Internal
  default Operation replace(Node node, WeightedOp layer, WeightTransform transform, Site site) {
    return layer;
  }
}
