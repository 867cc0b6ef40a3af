package org.espalier.model;

import org.espalier.tensor.Tensor;

/**
 * A named tensor of a graph.
 *
 * @param name the node's name, a dot and the role: {@code fc1.weight}
 * @param kind what it is
 * @param value its elements; training changes them in place
 */
public record Parameter(String name, Kind kind, Tensor value) {
  /** What a parameter is, which decides how it is initialised, decayed, targeted and pruned. */
  public enum Kind {
    /** A matrix whose rows are the fan-ins of the units. */
    WEIGHT(0, true),
    /** What is added to each unit. */
    BIAS(0, true),
    /** What the normalised values of each channel are multiplied with. */
    SCALE(1, true),
    /** The running mean of each channel. */
    MEAN(0, false),
    /** The running variance of each channel. */
    VARIANCE(1, false),
    /** Values that nothing changes. */
    CONSTANT(0, false);

    private final float start;
    private final boolean trained;

    Kind(float start, boolean trained) {
      this.start = start;
      this.trained = trained;
    }

    /** Returns the value of all elements before training; of weights, before initialisation. */
    public float start() {
      return start;
    }

    /** Returns whether the optimiser changes it; statistics follow the batches. */
    public boolean isTrained() {
      return trained;
    }
  }
}
