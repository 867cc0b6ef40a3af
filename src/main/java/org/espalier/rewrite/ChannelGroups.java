package org.espalier.rewrite;

import java.util.HashMap;
import java.util.Map;
import org.espalier.model.Elementwise;
import org.espalier.model.Graph;
import org.espalier.model.Movement;
import org.espalier.model.Node;
import org.espalier.model.Operator;
import org.espalier.model.Reduction;
import org.espalier.model.Resampling;

/**
 * Which channels of a network stay or go together: those that one and the same channel becomes on
 * its way from the layer that writes it to those that read it, and the two that a sum adds. A
 * channel of maps goes with all of its elements in a flattened vector. Of the channels that a
 * shortcut fills up, each is by itself, or with those of the stream that it begins.
 */
final class ChannelGroups {
  private final Map<String, Integer> firsts = new HashMap<>();

  /** Union-find over all channels of all nodes, numbered one after the other. */
  private final int[] parents;

  ChannelGroups(Graph graph) {
    int n = 0;
    for (var input : graph.inputs().entrySet()) {
      firsts.put(input.getKey(), n);
      n += ConstantChannels.channels(input.getValue());
    }
    for (Node node : graph.nodes()) {
      firsts.put(node.name(), n);
      n += ConstantChannels.channels(node.outputShape());
    }
    parents = new int[n];
    for (int i = 0; i < n; i++) {
      parents[i] = i;
    }
    graph.nodes().forEach(node -> tie(graph, node));
  }

  private void tie(Graph graph, Node node) {
    if (ForeignNodes.isForeign(graph, node)) {
      return;
    }
    int inputs = ConstantChannels.channels(graph.shapeOf(node.input()));
    switch (node.operator()) {
      case Operator.Layer _ -> {} // its rows are free
      case Elementwise.Binary _,
          Elementwise.Where _,
          Movement _,
          Reduction _,
          Resampling _ -> {} // keep all anyway
      case Operator.Flatten _ -> {
        int elements = node.outputShape().size();
        for (int i = 0; i < elements; i++) {
          tie(node.input(), i / (elements / inputs), node.name(), i);
        }
      }
      case Operator.BatchNorm _,
          Operator.Relu _,
          Elementwise.Activation _,
          Operator.Add _,
          Operator.Pool _,
          Operator.GlobalAveragePool _,
          Operator.Shortcut _ -> {
        for (String input : node.inputs()) {
          for (int c = 0; c < inputs; c++) {
            tie(input, c, node.name(), c);
          }
        }
      }
    }
  }

  private void tie(String node, int channel, String other, int otherChannel) {
    parents[of(node, channel)] = of(other, otherChannel);
  }

  /** Returns the number of all channels of all nodes. */
  int size() {
    return parents.length;
  }

  /** Returns a number that channels have in common if and only if they are tied. */
  int of(String node, int channel) {
    Integer first = firsts.get(node);
    if (first == null) {
      throw new IllegalArgumentException("no node " + node);
    }
    int i = first + channel;
    while (parents[i] != i) {
      parents[i] = parents[parents[i]];
      i = parents[i];
    }
    return i;
  }
}
