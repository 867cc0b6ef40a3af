package org.espalier.experiment.timing;

/** Is told which cases are measured, one behind the other. */
@FunctionalInterface
public interface Cases {
  /** Tells nobody. */
  Cases UNTOLD = _ -> {};

  /** A case begins, and with it the one before has ended. */
  void begin(String what);
}
