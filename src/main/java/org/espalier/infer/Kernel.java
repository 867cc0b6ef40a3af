package org.espalier.infer;

import java.util.Locale;

/** How a layer is computed. All ways give the same bits. */
public enum Kernel {
  /** The one that is expected to be fastest. */
  AUTO,
  /** Every weight, packed for the matrix product. */
  DENSE,
  /** The weights that are not zero. */
  CSR,
  /** Blocks of 4 or 16 outputs by one input in which a weight is not zero. */
  BLOCK;

  /** Returns the name as it is written on the command line: {@code csr}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
