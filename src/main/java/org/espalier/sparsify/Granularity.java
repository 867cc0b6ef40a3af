package org.espalier.sparsify;

/** What is ranked, dropped and pruned as one. */
public enum Granularity {
  /** Single weights, ranked by magnitude within each unit. */
  WEIGHT,
  /** Whole units, ranked by the L2 norm of their weights within each layer. */
  UNIT
}
