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
    WEIGHT,
    /** One value for each unit. */
    BIAS
  }
}
