package org.espalier.rewrite;

import java.util.function.BiFunction;
import org.espalier.model.Graph;
import org.espalier.model.Parameter;
import org.espalier.tensor.Tensor;

/** Rounds the weights of a network, and no other parameters. */
public final class RoundedWeights {
  private RoundedWeights() {}

  /**
   * Returns the network with rounded weights; the given one stays as it is.
   *
   * @param rounding of a weight by its name, as {@link org.espalier.tensor.Precision} has two
   */
  public static Graph apply(Graph graph, BiFunction<String, Tensor, Tensor> rounding) {
    Graph rounded = graph.copy();
    for (Parameter p : rounded.parameters()) {
      if (p.kind() == Parameter.Kind.WEIGHT) {
        p.value().copyFrom(rounding.apply(p.name(), p.value()));
      }
    }
    return rounded;
  }
}
