package org.espalier.model;

import java.util.List;
import org.espalier.tensor.Shape;

/**
 * One operator of a graph.
 *
 * @param name unique in the graph
 * @param operator what it computes
 * @param inputs names of the nodes whose outputs it reads, or {@link Graph#INPUT}
 * @param outputShape shape of its output for one example
 */
public record Node(String name, Operator operator, List<String> inputs, Shape outputShape) {
  /** Copies the list. */
  public Node {
    inputs = List.copyOf(inputs);
  }

  /** Returns the name of the first node whose output it reads. */
  public String input() {
    return inputs.getFirst();
  }

  /** Returns the name of the parameter of this node that has the given role. */
  public String parameter(String role) {
    return name + "." + role;
  }
}
