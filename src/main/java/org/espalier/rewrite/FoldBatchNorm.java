package org.espalier.rewrite;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.espalier.model.Graph;
import org.espalier.model.Node;
import org.espalier.model.Operator;
import org.espalier.tensor.Tensor;

/**
 * Folds each batch normalisation that alone reads a convolution into it: its factors go into the
 * weights, and what it adds becomes the bias. Zeros stay zeros. The sums of a folded network are
 * rounded differently from those of the original: each folded weight is off by at most half a unit
 * in its last place, so that a channel's output is off by about {@code 2⁻²⁴·Σ|w·x|} and what the
 * other order of roundings makes of it.
 */
public final class FoldBatchNorm {
  private final Graph graph;

  /** By a convolution's name, the normalisation that is folded into it. */
  private final Map<String, Node> folded = new HashMap<>();

  /** Names of these normalisations. */
  private final Set<String> gone = new HashSet<>();

  private FoldBatchNorm(Graph graph) {
    this.graph = graph;
    for (Node node : graph.nodes()) {
      if (node.operator() instanceof Operator.BatchNorm) {
        convolutionBefore(node)
            .ifPresent(
                conv -> {
                  folded.put(conv.name(), node);
                  gone.add(node.name());
                });
      }
    }
  }

  /** Returns the network without the normalisations that can be folded, with storage of its own. */
  public static Graph apply(Graph graph) {
    return new FoldBatchNorm(graph).build();
  }

  private Optional<Node> convolutionBefore(Node norm) {
    return graph
        .node(norm.input())
        .filter(node -> node.operator() instanceof Operator.Conv2d)
        .filter(node -> graph.readers(node.name()).size() == 1)
        .filter(node -> !graph.outputs().contains(node.name()));
  }

  private Graph build() {
    Graph.Builder builder = Graph.inputs(graph.inputs());
    Map<String, String> names = new HashMap<>();
    graph.inputs().keySet().forEach(input -> names.put(input, input));
    for (Node node : graph.nodes()) {
      if (gone.contains(node.name())) {
        names.put(node.name(), node.input());
      } else {
        names.put(node.name(), node.name());
        List<String> inputs = node.inputs().stream().map(names::get).toList();
        builder.add(node.name(), operator(node), inputs);
      }
    }
    graph.outputs().forEach(output -> builder.output(names.getOrDefault(output, output)));
    Graph result = builder.build();
    for (Node node : result.nodes()) {
      Node norm = folded.get(node.name());
      if (norm != null) {
        fill(result, node, norm);
      } else {
        for (Operator.ParameterSpec spec : node.operator().parameters()) {
          String name = node.parameter(spec.role());
          result.parameter(name).value().copyFrom(graph.parameter(name).value());
        }
      }
    }
    return result;
  }

  private Operator operator(Node node) {
    if (folded.containsKey(node.name()) && node.operator() instanceof Operator.Conv2d c) {
      return new Operator.Conv2d(c.inputs(), c.outputs(), c.window(), c.groups(), true);
    }
    return node.operator();
  }

  private void fill(Graph result, Node node, Node norm) {
    if (!(norm.operator() instanceof Operator.BatchNorm operator)) {
      throw new IllegalStateException(norm.name());
    }
    Tensor gamma = graph.parameter(norm.parameter(Operator.WEIGHT)).value();
    Tensor beta = graph.parameter(norm.parameter(Operator.BIAS)).value();
    Tensor mean = graph.parameter(norm.parameter(Operator.BatchNorm.MEAN)).value();
    Tensor variance = graph.parameter(norm.parameter(Operator.BatchNorm.VARIANCE)).value();
    Tensor from = graph.parameter(node.parameter(Operator.WEIGHT)).value();
    Tensor to = result.parameter(node.parameter(Operator.WEIGHT)).value();
    Tensor bias = result.parameter(node.parameter(Operator.BIAS)).value();
    boolean had =
        graph.node(node.name()).orElseThrow().operator() instanceof Operator.Conv2d conv
            && conv.bias();
    for (int r = 0; r < to.rows(); r++) {
      double factor = gamma.get(0, r) / Math.sqrt(variance.get(0, r) + operator.epsilon());
      for (int c = 0; c < to.cols(); c++) {
        to.set(r, c, (float) (from.get(r, c) * factor));
      }
      double own = had ? graph.parameter(bias(node)).value().get(0, r) : 0;
      bias.set(0, r, (float) ((own - mean.get(0, r)) * factor + beta.get(0, r)));
    }
  }

  private static String bias(Node node) {
    return node.parameter(Operator.BIAS);
  }
}
