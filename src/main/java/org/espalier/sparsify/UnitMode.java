package org.espalier.sparsify;

/** What a unit without weights still emits, in training, evaluation and shrinking alike. */
public enum UnitMode {
  /** Only its weights are masked, as in the paper: it emits the constant {@code act(bias)}. */
  WEIGHTS,
  /** It emits 0. */
  OUTPUT
}
