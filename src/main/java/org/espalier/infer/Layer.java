package org.espalier.infer;

import org.espalier.kernel.PackedMatrix;
import org.espalier.sparse.BlockMatrix;
import org.espalier.sparse.ColumnBlocks;
import org.espalier.sparse.WindowMatrix;
import org.espalier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** A fully connected layer with its bias and perhaps a rectifier; immutable. */
sealed interface Layer {
  /** Returns what the compiler made of the layer. */
  LayerSummary summary();

  /** Returns a value for each output, none of them −0. */
  Tensor bias();

  /** A layer that multiplies with every weight. */
  record Dense(LayerSummary summary, Tensor bias, PackedMatrix weight) implements Layer {}

  /**
   * A layer that multiplies with the weights that are not zero.
   *
   * @param one the weight for a single example
   * @param many the weight for a batch; null if the plan takes none, or if the other serves both
   */
  record Sparse(LayerSummary summary, Tensor bias, WindowMatrix one, @Nullable ColumnBlocks many)
      implements Layer {}

  /**
   * A layer that multiplies with the blocks in which a weight is not zero.
   *
   * @param blocks the weight
   * @param one the weight for a single example, null if the blocks serve for that too
   */
  record Blocks(LayerSummary summary, Tensor bias, BlockMatrix blocks, @Nullable WindowMatrix one)
      implements Layer {}
}
