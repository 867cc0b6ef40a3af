package org.espalier.infer;

import org.espalier.kernel.gemm.PackedMatrix;
import org.espalier.sparse.BsrMatrix;
import org.espalier.sparse.CacheBlockedMatrix;
import org.espalier.sparse.CsrMatrix;
import org.espalier.sparse.SellMatrix;

/** The weight of a fully connected layer, laid out for a kernel; immutable. All serve batches. */
sealed interface Weights {
  /** Returns the memory that it takes. */
  long bytes();

  /** What serves single examples, too. */
  sealed interface Single extends Weights {}

  /** Every weight. */
  record Dense(PackedMatrix matrix) implements Single {
    @Override
    public long bytes() {
      return matrix.bytes();
    }
  }

  /** The weights that are not zero. */
  record Csr(CsrMatrix matrix) implements Single {
    @Override
    public long bytes() {
      return matrix.bytes();
    }
  }

  /** The same, first of all for single examples. */
  record Sell(SellMatrix matrix) implements Single {
    @Override
    public long bytes() {
      return matrix.bytes();
    }
  }

  /** The same, for batches. */
  record CacheBlocked(CacheBlockedMatrix matrix) implements Weights {
    @Override
    public long bytes() {
      return matrix.bytes();
    }
  }

  /** The blocks in which a weight is not zero; only high ones serve single examples. */
  record Bsr(BsrMatrix matrix) implements Single {
    @Override
    public long bytes() {
      return matrix.bytes();
    }
  }
}
