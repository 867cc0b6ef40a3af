package org.espalier.infer;

/** How a layer is computed. All ways give the same bits. */
public enum Kernel {
  /** The one that is expected to be fastest. */
  AUTO,
  /** Every weight, packed for the matrix product. */
  DENSE,
  /** The weights that are not zero. */
  CSR
}
