package org.espalier.infer;

import org.espalier.kernel.gemm.PackedMatrix;
import org.espalier.sparse.BsrMatrix;
import org.espalier.sparse.CacheBlockedMatrix;
import org.espalier.sparse.SellMatrix;

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
  record Windows(SellMatrix matrix) implements Weights {
    @Override
    public long bytes() {
      return matrix.bytes();
    }
  }

  /** The weights that are not zero, for batches. */
  record Columns(CacheBlockedMatrix matrix) implements Weights {
    @Override
    public long bytes() {
      return matrix.bytes();
    }
  }

  /** The blocks in which a weight is not zero, for batches; high ones serve single examples too. */
  record Blocks(BsrMatrix matrix) implements Weights {
    @Override
    public long bytes() {
      return matrix.bytes();
    }
  }
}
