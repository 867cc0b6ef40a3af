package org.espalier.rewrite;

import it.unimi.dsi.fastutil.ints.IntArrayList;
import it.unimi.dsi.fastutil.longs.LongArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.espalier.model.Graph;
import org.espalier.model.Node;
import org.espalier.model.Operator;

/**
 * Decides which channels of a network stay. Tied ones go if for each layer that reads one of them
 * it is constant, or no row that stays has a weight for it. But these stay:
 *
 * <ul>
 *   <li>the network's inputs and outputs, and all around {@link ForeignNodes};
 *   <li>one channel of each node;
 *   <li>before a convolution that sees a border of zeros, if removed constants that are not 0 need
 *       it, a constant channel as their carrier, of each group one;
 *   <li>of a convolution with groups, what it takes to have as many inputs in each group that stays
 *       as in the others, and as many outputs. A group goes as a whole, so that a depthwise
 *       convolution shrinks with its channels.
 * </ul>
 */
final class KeptChannels {
  /** A carrier that is kept anyway is taken unless the largest constant is so much larger. */
  private static final float LARGER = 4;

  private final Graph graph;
  private final ConstantChannels emissions;
  private final ChannelGroups ties;
  private final List<FanIn> layers;

  /** Tied channels that stay. */
  private final BitSet kept;

  /** By tied channel, the rows that write it: the index of a layer and the row in it. */
  private final Map<Integer, LongArrayList> rows = new HashMap<>();

  /** Tied channels that stay and whose rows have not been asked yet what they read. */
  private final IntArrayList asked = new IntArrayList();

  KeptChannels(Graph graph, ConstantChannels emissions) {
    this.graph = graph;
    this.emissions = emissions;
    this.ties = new ChannelGroups(graph);
    this.kept = new BitSet(ties.size());
    this.layers =
        graph.nodes().stream()
            .filter(node -> node.operator() instanceof Operator.Layer)
            .filter(node -> !ForeignNodes.isForeign(graph, node))
            .map(node -> FanIn.of(graph, node, (Operator.Layer) node.operator()))
            .toList();
    for (int l = 0; l < layers.size(); l++) {
      FanIn layer = layers.get(l);
      for (int r = 0; r < layer.weight().rows(); r++) {
        rows.computeIfAbsent(ties.of(layer.node().name(), r), _ -> new LongArrayList())
            .add((long) l << Integer.SIZE | r);
      }
    }
    graph.inputs().keySet().forEach(this::keepAll);
    graph.outputs().forEach(this::keepAll);
    for (Node node : graph.nodes()) {
      if (ForeignNodes.isForeign(graph, node)) {
        keepAll(node.name());
        node.inputs().forEach(this::keepAll);
      }
    }
    int before;
    do { // Each only ever adds, so that this ends.
      before = kept.cardinality();
      keepWhatVaries();
      layers.forEach(this::keepCarriers);
      graph.nodes().forEach(this::keepOne);
      keepWhatVaries();
      layers.forEach(this::keepGroupsEven);
      layers.reversed().forEach(this::keepGroupsEven); // what it keeps goes both ways
    } while (kept.cardinality() > before);
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

  /**
   * Returns the channel of a group of a layer's inputs that stays and whose constant has the
   * largest magnitude, or −1 if none has.
   */
  int carrier(FanIn layer, int group) {
    String input = layer.node().input();
    int carrier = -1;
    float largest = 0;
    int first = group * layer.channelsOfGroup();
    for (int c = first; c < first + layer.channelsOfGroup(); c++) {
      float magnitude = Math.abs(emissions.get(input, c));
      if (isKept(input, c) && magnitude > largest) {
        carrier = c;
        largest = magnitude;
      }
    }
    return carrier;
  }

  private int count(String node) {
    return ConstantChannels.channels(graph.shapeOf(node));
  }

  private void keep(String node, int channel) {
    int tied = ties.of(node, channel);
    if (!kept.get(tied)) {
      kept.set(tied);
      asked.add(tied);
    }
  }

  private void keepAll(String node) {
    for (int c = 0; c < count(node); c++) {
      keep(node, c);
    }
  }

  /** Keeps the channels that vary and for which a row that stays has a weight. */
  private void keepWhatVaries() {
    while (!asked.isEmpty()) {
      for (long at : rows.getOrDefault(asked.popInt(), new LongArrayList())) {
        FanIn layer = layers.get((int) (at >>> Integer.SIZE));
        String input = layer.node().input();
        int row = (int) at;
        int first = layer.channel(row, 0);
        for (int c = first; c < first + layer.channelsOfGroup(); c++) {
          if (!isKept(input, c) && !emissions.isConstant(input, c) && layer.reads(row, c)) {
            keep(input, c);
          }
        }
      }
    }
  }

  private void keepCarriers(FanIn layer) {
    for (int g = 0; layer.padded() && g < layer.groups(); g++) {
      keepCarrier(layer, g);
    }
  }

  private void keepCarrier(FanIn layer, int group) {
    String input = layer.node().input();
    int needed = -1;
    float largest = 0;
    int first = group * layer.channelsOfGroup();
    for (int c = first; c < first + layer.channelsOfGroup(); c++) {
      float magnitude = Math.abs(emissions.get(input, c));
      if (!isKept(input, c) && magnitude > largest && isRead(layer, c)) {
        needed = c;
        largest = magnitude;
      }
    }
    int carrier = carrier(layer, group);
    if (needed >= 0
        && (carrier < 0 || Math.abs(emissions.get(input, carrier)) * LARGER < largest)) {
      keep(input, needed);
    }
  }

  /** Returns whether a row that stays has a weight for a channel. */
  private boolean isRead(FanIn layer, int channel) {
    int first = channel / layer.channelsOfGroup() * layer.rowsOfGroup();
    for (int r = first; r < first + layer.rowsOfGroup(); r++) {
      if (isKept(layer.node().name(), r) && layer.reads(r, channel)) {
        return true;
      }
    }
    return false;
  }

  private void keepOne(Node node) {
    if (of(node.name()).isEmpty()) {
      keepMore(node.name(), 0, count(node.name()), 1);
    }
  }

  /** Of each group that has anything left as much as of the others, and at least one channel. */
  private void keepGroupsEven(FanIn layer) {
    if (layer.groups() == 1) {
      return;
    }
    String input = layer.node().input();
    String output = layer.node().name();
    int[] inputs = keptOfGroups(input, layer.groups());
    int[] outputs = keptOfGroups(output, layer.groups());
    int mostInputs = 1;
    int mostOutputs = 1;
    for (int g = 0; g < layer.groups(); g++) {
      mostInputs = Math.max(mostInputs, inputs[g]);
      mostOutputs = Math.max(mostOutputs, outputs[g]);
    }
    for (int g = 0; g < layer.groups(); g++) {
      if (inputs[g] + outputs[g] > 0) {
        int channels = layer.channelsOfGroup();
        keepMore(input, g * channels, (g + 1) * channels, mostInputs - inputs[g]);
        int rowsOfGroup = layer.rowsOfGroup();
        keepMore(output, g * rowsOfGroup, (g + 1) * rowsOfGroup, mostOutputs - outputs[g]);
      }
    }
  }

  private int[] keptOfGroups(String node, int groups) {
    int[] counts = new int[groups];
    int channels = count(node);
    for (int c = 0; c < channels; c++) {
      counts[c / (channels / groups)] += isKept(node, c) ? 1 : 0;
    }
    return counts;
  }

  /** Keeps more channels of a range, constant ones first: what they read can go. */
  private void keepMore(String node, int from, int to, int more) {
    int missing = more;
    for (boolean constant : new boolean[] {true, false}) {
      for (int c = from; c < to && missing > 0; c++) {
        if (!isKept(node, c) && emissions.isConstant(node, c) == constant) {
          keep(node, c);
          missing--;
        }
      }
    }
  }
}
