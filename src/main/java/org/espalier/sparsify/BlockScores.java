package org.espalier.sparsify;

import org.espalier.Internal;
import org.espalier.kernel.Kernels;
import org.espalier.tensor.BitMask;
import org.espalier.tensor.Tensor;

/**
 * How strong the blocks of a weight are. A block is what so many consecutive units, the block's
 * <em>height</em>, have for one input; the units of a layer are cut into <em>block rows</em> of
 * that height from the first on, and the last may have fewer. Blocks are ranked within their block
 * row by the L2 norm of their weights, by its square to be exact: a chain of fma over the units,
 * ascending, started at +0. Equal ones go by the lower index, NaN ranks last.
 */
@Internal
public final class BlockScores {
  private final Tensor weight;
  private final int height;
  private final Tensor scores;

  /** Makes room; nothing is measured yet. */
  public BlockScores(Tensor weight, int height) {
    this.weight = weight;
    this.height = height;
    this.scores = Tensor.zeros(Math.ceilDiv(weight.rows(), height), weight.cols());
  }

  /** Returns the squared norms, a row for each block row and a column for each input. */
  public Tensor scores() {
    return scores;
  }

  /** Takes the norms of block rows {@code from} to {@code to} − 1. */
  public void measure(int from, int to) {
    for (int b = from; b < to; b++) {
      int first = b * height;
      Kernels.vector()
          .columnSquares(
              Math.min(height, weight.rows() - first),
              weight.cols(),
              weight.data(),
              weight.row(first),
              weight.ld(),
              scores.data(),
              scores.row(b));
    }
  }

  /**
   * Gives each weight of some block rows the bit of its block.
   *
   * @param blocks as large as {@link #scores}
   * @param keep as large as the weight
   */
  public void spread(BitMask blocks, int from, int to, BitMask keep) {
    int words = keep.wordsPerRow();
    int end = Math.min(to * height, weight.rows());
    for (int r = from * height; r < end; r++) {
      System.arraycopy(blocks.words(), blocks.row(r / height), keep.words(), keep.row(r), words);
    }
  }
}
