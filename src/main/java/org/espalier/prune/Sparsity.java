package org.espalier.prune;

import java.util.List;
import java.util.Set;
import org.espalier.model.Graph;
import org.espalier.model.Parameter;

/**
 * How much of a network is zero.
 *
 * @param weights non-zero elements of each weight
 * @param nonZero non-zero elements of all parameters that are trained, biases included
 * @param size elements of all of them
 */
public record Sparsity(List<Weight> weights, long nonZero, long size) {
  /**
   * How much of one weight is zero.
   *
   * @param name the parameter
   * @param nonZero elements that are neither +0 nor −0
   * @param size elements
   */
  public record Weight(String name, long nonZero, long size) {}

  /** Copies the list. */
  public Sparsity {
    weights = List.copyOf(weights);
  }

  /** Counts. */
  public static Sparsity of(Graph graph) {
    List<Weight> weights =
        graph.parameters().stream()
            .filter(p -> p.kind() == Parameter.Kind.WEIGHT)
            .map(p -> new Weight(p.name(), p.value().nonZeros(), p.value().size()))
            .toList();
    long nonZero =
        graph.parameters().stream()
            .filter(p -> p.kind().isTrained())
            .mapToLong(p -> p.value().nonZeros())
            .sum();
    return new Sparsity(weights, nonZero, graph.parameterCount());
  }

  /** Returns the share of zeros among all parameters. */
  public double overall() {
    return share(nonZero, size);
  }

  /** Returns the share of zeros among the weights of the layers of the given names. */
  public double of(Set<String> layers) {
    long some = 0;
    long all = 0;
    for (Weight w : weights) {
      if (layers.contains(w.name().substring(0, w.name().lastIndexOf('.')))) {
        some += w.nonZero;
        all += w.size;
      }
    }
    return share(some, all);
  }

  private static double share(long nonZero, long size) {
    return size == 0 ? 0 : 1 - (double) nonZero / size;
  }
}
