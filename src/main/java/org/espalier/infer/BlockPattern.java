package org.espalier.infer;

import java.util.List;
import org.espalier.sparse.BlockMatrix;
import org.espalier.tensor.Tensor;

/** Whether the zeros of a weight make a pattern of blocks, and of which height. */
final class BlockPattern {
  /** Share of the elements of its blocks that are not zero, from which on a height will do. */
  private static final double ENOUGH = 0.7;

  private BlockPattern() {}

  /**
   * Returns the kernels that may be fastest for a weight.
   *
   * @param batches whether more than one example is computed at once
   */
  static List<Kernel> candidates(Tensor weight, boolean batches) {
    int height = weight.cols() > BlockMatrix.MAX_COLS ? 0 : height(weight);
    // single examples take blocks only if these fill vectors
    return height == BlockMatrix.ROWS || (height > 0 && batches)
        ? List.of(Kernel.DENSE, Kernel.CSR, Kernel.BLOCK)
        : List.of(Kernel.DENSE, Kernel.CSR);
  }

  /** Returns what the times of the blocks depend on; nothing if they aren't among the kernels. */
  static String describe(List<Kernel> candidates, Tensor weight) {
    return candidates.contains(Kernel.BLOCK) ? ", blocks of " + height(weight) : "";
  }

  /** Lays a weight out in blocks, whether they suit it or not. */
  static BlockMatrix matrix(Tensor weight) {
    int height = height(weight);
    return BlockMatrix.of(weight, height == 0 ? BlockMatrix.QUAD : height);
  }

  private static int height(Tensor weight) {
    return BlockMatrix.heightFor(weight, ENOUGH);
  }
}
