package org.espalier.sparsify;

/** What is dropped by one draw where whole units are targeted. */
public enum DropScope {
  /** A whole unit, as in the paper. */
  UNIT,
  /**
   * Each weight of a targeted unit for itself, as in the paper's code. A unit of which a weight is
   * left is not dropped.
   */
  ENTRY
}
