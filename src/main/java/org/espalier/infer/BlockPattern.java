package org.espalier.infer;

import org.espalier.sparse.BsrMatrix;
import org.espalier.tensor.Tensor;

/** Whether the zeros of a weight make a pattern of blocks, and of which height. */
final class BlockPattern {
  /** Share of the elements of its blocks that are not zero, from which on a height will do. */
  private static final double ENOUGH = 0.7;

  private BlockPattern() {}

  /** Lays a weight out in blocks, whether they suit it or not. */
  static BsrMatrix matrix(Tensor weight) {
    int height = height(weight);
    return BsrMatrix.of(weight, height == 0 ? BsrMatrix.QUAD : height);
  }

  /** Returns the height of the blocks that suit a weight, 0 if none do. */
  static int height(Tensor weight) {
    return BsrMatrix.heightFor(weight, ENOUGH);
  }
}
