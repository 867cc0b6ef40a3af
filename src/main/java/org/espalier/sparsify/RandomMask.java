package org.espalier.sparsify;

import java.util.Set;
import org.espalier.kernel.Kernels;
import org.espalier.model.Node;
import org.espalier.op.Sparsifier;
import org.espalier.op.Trainable;
import org.espalier.op.WeightTransform;
import org.espalier.tensor.BitMask;
import org.espalier.tensor.RandomKey;
import org.espalier.tensor.Tensor;

/**
 * Sparse from the start: of each unit {@code floor(share·fan-in)} weights, chosen at random once,
 * are 0 in training and after it. The targeted dropout paper's control: what training finds out
 * about which weights matter must be worth more than that.
 *
 * @param share how much of each unit is 0
 * @param layers names of the nodes on which it acts
 */
public record RandomMask(Fraction share, Set<String> layers) implements Sparsifier {
  /** Copies the set. */
  public RandomMask {
    layers = Set.copyOf(layers);
  }

  @Override
  public WeightTransform transform(Node node, Trainable weight, Site site) {
    if (!layers.contains(node.name())) {
      return WeightTransform.NONE;
    }
    BitMask mask = mask(weight.value(), RandomKey.of(site.seed(), weight.name() + "/random-mask"));
    Tensor w = weight.value();
    for (int r = 0; r < w.rows(); r++) {
      Kernels.vector().keep(w.cols(), w.data(), w.row(r), mask.words(), mask.row(r), 1f);
    }
    return (phase, clock, effective) -> effective.masked(mask);
  }

  /** Ranks random numbers in place of the weights. */
  private BitMask mask(Tensor weight, RandomKey key) {
    int n = weight.cols();
    BitMask mask = new BitMask(weight.rows(), n);
    int[] words = new int[n];
    float[] draws = new float[n];
    int[] scratch = new int[Kernels.select().scratchSize(n)];
    for (int r = 0; r < weight.rows(); r++) {
      Kernels.random().words(key, 0, r, n, words, 0);
      for (int i = 0; i < n; i++) {
        draws[i] = words[i] >>> 8;
      }
      long threshold = Kernels.select().threshold(n, draws, 0, share.of(n), scratch);
      Kernels.select().keepMask(n, draws, 0, threshold, mask.words(), mask.row(r));
    }
    return mask;
  }
}
