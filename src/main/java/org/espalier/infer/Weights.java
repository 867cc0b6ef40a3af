package org.espalier.infer;

import org.espalier.kernel.PackedMatrix;
import org.espalier.sparse.BlockMatrix;
import org.espalier.sparse.ColumnBlocks;
import org.espalier.sparse.WindowMatrix;

/** The weight of a fully connected layer, laid out for a kernel; immutable. */
sealed interface Weights {
  /** Returns the memory that it takes. */
  long bytes();

  /** Every weight, for single examples and for batches. */
  record Dense(PackedMatrix matrix) implements Weights {
    @Override
    public long bytes() {
      return matrix.bytes();
    }
  }

  /** The weights that are not zero, for single examples; some serve batches too. */
  record Windows(WindowMatrix matrix) implements Weights {
    @Override
    public long bytes() {
      return matrix.bytes();
    }
  }

  /** The weights that are not zero, for batches. */
  record Columns(ColumnBlocks matrix) implements Weights {
    @Override
    public long bytes() {
      return matrix.bytes();
    }
  }

  /** The blocks in which a weight is not zero, for batches; high ones serve single examples too. */
  record Blocks(BlockMatrix matrix) implements Weights {
    @Override
    public long bytes() {
      return matrix.bytes();
    }
  }
}
