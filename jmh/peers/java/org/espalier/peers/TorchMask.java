package org.espalier.peers;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The masks of targeted dropout as users of libtorch build them: magnitudes, the k-th of each row,
 * a comparison, a Bernoulli draw, logic. Of the usual ways to write it this is a fast one: sorting
 * takes four times as long as {@code kthvalue}, and {@code bernoulli_} three times as long as
 * comparing uniform numbers.
 */
final class TorchMask {
  private final Scalar dropRate;
  private final int k;

  /**
   * Makes one.
   *
   * @param k how many of each row are candidates
   * @param dropRate α
   */
  TorchMask(int k, double dropRate) {
    this.k = k;
    this.dropRate = new Scalar(dropRate);
  }

  /** Returns true for the k smallest of each row; the caller closes it. */
  Tensor candidates(Tensor weight) {
    return Torch.withoutGradient(() -> smallest(weight));
  }

  /** Returns false for what is dropped; the caller closes it. */
  Tensor keep(Tensor weight) {
    return Torch.withoutGradient(
        () -> smallest(weight).logical_not().logical_or(torch.rand_like(weight).ge(dropRate)));
  }

  private Tensor smallest(Tensor weight) {
    Tensor magnitude = weight.abs();
    Tensor threshold = torch.kthvalue(magnitude.flatten(1, -1), k, 1, true).get0();
    return magnitude.le(weight.dim() == 2 ? threshold : threshold.view(-1, 1, 1, 1));
  }
}
