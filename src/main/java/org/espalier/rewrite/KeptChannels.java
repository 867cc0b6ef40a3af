package org.espalier.rewrite;

import it.unimi.dsi.fastutil.ints.IntArrayList;
import java.util.BitSet;
import java.util.List;
import org.espalier.model.Graph;
import org.espalier.model.Node;
import org.espalier.model.Operator;

/**
 * Decides which channels of a network stay. Tied ones go if for each layer that reads one of them
 * it is constant, or no weight is there for it. But these stay:
 *
 * <ul>
 *   <li>the network's inputs and outputs, and what a convolution with groups reads and writes;
 *   <li>one channel of each node;
 *   <li>before a convolution that sees a border of zeros, if removed constants that are not 0 need
 *       it, a constant channel as their carrier.
 * </ul>
 */
final class KeptChannels {
  /** A carrier that is kept anyway is taken unless the largest constant is so much larger. */
  private static final float LARGER = 4;

  private final Graph graph;
  private final Emissions emissions;
  private final Ties ties;

  /** Tied channels that stay. */
  private final BitSet kept;

  KeptChannels(Graph graph, Emissions emissions) {
    this.graph = graph;
    this.emissions = emissions;
    this.ties = new Ties(graph);
    this.kept = new BitSet(ties.size());
    keepAll(Graph.INPUT);
    keepAll(graph.nodes().isEmpty() ? Graph.INPUT : graph.nodes().getLast().name());
    List<FanIn> layers =
        graph.nodes().stream()
            .filter(node -> node.operator() instanceof Operator.Layer)
            .map(node -> FanIn.of(graph, node, (Operator.Layer) node.operator()))
            .toList();
    layers.forEach(this::keepWhatVaries);
    layers.forEach(this::keepCarrier);
    for (Node node : graph.nodes()) {
      if (of(node.name()).isEmpty()) {
        kept.set(ties.of(node.name(), 0));
      }
    }
  }

  /** Returns the channels of a node that stay, ascending. */
  IntArrayList of(String node) {
    IntArrayList channels = new IntArrayList();
    for (int c = 0; c < count(node); c++) {
      if (isKept(node, c)) {
        channels.add(c);
      }
    }
    return channels;
  }

  /** Returns whether a channel of a node stays. */
  boolean isKept(String node, int channel) {
    return kept.get(ties.of(node, channel));
  }

  /** Returns the channel that stays whose constant has the largest magnitude, or −1 if none has. */
  int carrier(String node) {
    int carrier = -1;
    float largest = 0;
    for (int c = 0; c < count(node); c++) {
      float magnitude = Math.abs(emissions.get(node, c));
      if (isKept(node, c) && magnitude > largest) {
        carrier = c;
        largest = magnitude;
      }
    }
    return carrier;
  }

  private int count(String node) {
    return Emissions.channels(graph.shapeOf(node));
  }

  private void keepAll(String node) {
    for (int c = 0; c < count(node); c++) {
      kept.set(ties.of(node, c));
    }
  }

  private void keepWhatVaries(FanIn layer) {
    String input = layer.node().input();
    if (layer.groups() > 1) {
      keepAll(input);
      keepAll(layer.node().name());
      return;
    }
    for (int c = 0; c < count(input); c++) {
      if (!emissions.isConstant(input, c) && layer.reads(c)) {
        kept.set(ties.of(input, c));
      }
    }
  }

  private void keepCarrier(FanIn layer) {
    String input = layer.node().input();
    if (!layer.padded() || layer.groups() > 1) {
      return;
    }
    int needed = -1;
    float largest = 0;
    for (int c = 0; c < count(input); c++) {
      float magnitude = Math.abs(emissions.get(input, c));
      if (!isKept(input, c) && magnitude > largest && layer.reads(c)) {
        needed = c;
        largest = magnitude;
      }
    }
    int carrier = carrier(input);
    if (needed >= 0
        && (carrier < 0 || Math.abs(emissions.get(input, carrier)) * LARGER < largest)) {
      kept.set(ties.of(input, needed));
    }
  }
}
