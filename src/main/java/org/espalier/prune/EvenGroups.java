package org.espalier.prune;

import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.espalier.Internal;
import org.espalier.model.Graph;
import org.espalier.model.Node;
import org.espalier.model.Operator;
import org.espalier.tensor.Tensor;

/**
 * Units of a convolution with groups that stay although none of their weights is left: all its
 * groups must have equally many channels, so that each keeps as many as the fullest one.
 *
 * @param layer the name of the convolution
 * @param groups how many groups it has
 * @param units how many of its units have no weight left
 */
@Internal
public record EvenGroups(String layer, int groups, int units) {
  /** Returns the convolutions of a network that have such units. */
  public static List<EvenGroups> of(Graph graph) {
    return graph.layers().stream()
        .filter(node -> node.operator() instanceof Operator.Conv2d conv && conv.groups() > 1)
        .map(node -> of(graph, node, (Operator.Conv2d) node.operator()))
        .filter(layer -> layer.units > 0)
        .toList();
  }

  private static EvenGroups of(Graph graph, Node node, Operator.Conv2d conv) {
    Tensor w = graph.parameter(node.parameter(Operator.WEIGHT)).value();
    long empty =
        IntStream.range(0, w.rows())
            .filter(r -> IntStream.range(0, w.cols()).allMatch(c -> w.get(r, c) == 0))
            .count();
    return new EvenGroups(node.name(), conv.groups(), Math.toIntExact(empty));
  }

  /** Returns what stays and why, for people. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s keeps %d units without weights, since its %d groups must stay equally large",
        layer,
        units,
        groups);
  }
}
