package org.espalier.model;

import org.espalier.tensor.Shape;

/**
 * One operator of a graph.
 *
 * @param name unique in the graph
 * @param operator what it computes
 * @param input name of the node whose output it reads, or {@link Graph#INPUT}
 * @param outputShape shape of its output for one example
 */
public record Node(String name, Operator operator, String input, Shape outputShape) {
  /** Returns the name of the parameter of this node that has the given role. */
  public String parameter(String role) {
    return name + "." + role;
  }
}
