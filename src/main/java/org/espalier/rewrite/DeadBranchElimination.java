package org.espalier.rewrite;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.espalier.model.Graph;
import org.espalier.model.Node;
import org.espalier.model.Operator;
import org.espalier.model.Parameter;

/**
 * Takes out of a network the sums one side of which is 0 in all channels, and with them the
 * branches that nobody reads any more. What the network computes stays the same bit for bit, up to
 * the sign of a zero.
 */
final class DeadBranchElimination {
  private final Graph graph;
  private final ConstantChannels emissions;

  /** By a node's name, what is read in its place: itself, or the side of a sum that is not 0. */
  private final Map<String, String> names = new HashMap<>();

  private DeadBranchElimination(Graph graph) {
    this.graph = graph;
    this.emissions = new ConstantChannels(graph);
  }

  /** Returns the network without them; the given one stays as it is. */
  static Graph remove(Graph graph) {
    return new DeadBranchElimination(graph).remove();
  }

  private Graph remove() {
    graph.inputs().keySet().forEach(input -> names.put(input, input));
    for (Node node : graph.nodes()) {
      boolean last = graph.outputs().contains(node.name());
      String other = last ? node.name() : otherSide(node);
      names.put(node.name(), other.equals(node.name()) ? other : name(other));
    }
    Set<String> read = new HashSet<>(graph.outputs());
    for (Node node : graph.nodes().reversed()) {
      if (read.contains(node.name())) {
        node.inputs().forEach(input -> read.add(name(input)));
      }
    }
    Graph.Builder builder = Graph.inputs(graph.inputs());
    for (Node node : graph.nodes()) {
      if (read.contains(node.name())) {
        builder.add(node.name(), node.operator(), node.inputs().stream().map(this::name).toList());
      }
    }
    graph.outputs().forEach(builder::output);
    Graph lively = builder.build();
    for (Parameter p : lively.parameters()) {
      p.value().copyFrom(graph.parameter(p.name()).value());
    }
    return lively;
  }

  private String name(String node) {
    return names.getOrDefault(node, node);
  }

  /** Returns what a node adds nothing to, or its own name. */
  private String otherSide(Node node) {
    if (node.operator() instanceof Operator.Add) {
      String left = node.inputs().getFirst();
      String right = node.inputs().getLast();
      if (isSilent(right)) {
        return left;
      }
      if (isSilent(left)) {
        return right;
      }
    }
    return node.name();
  }

  private boolean isSilent(String node) {
    for (int c = 0; c < ConstantChannels.channels(graph.shapeOf(node)); c++) {
      if (emissions.get(node, c) != 0) {
        return false;
      }
    }
    return true;
  }
}
