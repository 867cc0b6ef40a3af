package org.espalier.prune;

import org.espalier.kernel.Kernels;
import org.espalier.sparsify.Fraction;
import org.espalier.tensor.BitMask;
import org.espalier.tensor.Tensor;

/** Which elements of each row stay: all but the weakest share, of equal ones the later. */
final class StrongestWeights {
  private StrongestWeights() {}

  /** Returns the mask of a matrix of weights or of their scores. */
  static BitMask of(Tensor w, Fraction share) {
    BitMask keep = new BitMask(w.rows(), w.cols());
    int[] scratch = new int[Kernels.select().scratchSize(w.cols())];
    int k = share.of(w.cols());
    for (int r = 0; r < w.rows(); r++) {
      long threshold = Kernels.select().threshold(w.cols(), w.data(), w.row(r), k, scratch);
      Kernels.select().keepMask(w.cols(), w.data(), w.row(r), threshold, keep.words(), keep.row(r));
    }
    return keep;
  }
}
