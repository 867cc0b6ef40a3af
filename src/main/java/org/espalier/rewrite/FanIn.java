package org.espalier.rewrite;

import org.espalier.model.Graph;
import org.espalier.model.Node;
import org.espalier.model.Operator;
import org.espalier.tensor.Tensor;

/**
 * A layer's weight, seen by the channels that it reads: a row of it has {@code window} consecutive
 * columns for each of them, of a fully connected layer one.
 *
 * @param node the layer
 * @param layer its operator
 * @param weight its weight
 * @param window columns of a channel
 * @param groups into how many parts the channels fall, each of which sees but itself
 * @param padded whether a row sees a border of zeros around the channels
 */
record FanIn(
    Node node, Operator.Layer layer, Tensor weight, int window, int groups, boolean padded) {
  /** Returns the view of a node that is a layer. */
  static FanIn of(Graph graph, Node node, Operator.Layer layer) {
    Tensor weight = graph.parameter(node.parameter(Operator.WEIGHT)).value();
    return switch (layer) {
      case Operator.Linear linear -> new FanIn(node, linear, weight, 1, 1, false);
      case Operator.Conv2d conv ->
          new FanIn(
              node, conv, weight, conv.window().size(), conv.groups(), conv.window().isPadded());
    };
  }

  /** Returns the channel that a row reads at a column. */
  int channel(int row, int column) {
    return group(row) * channelsOfGroup() + column / window;
  }

  /** Returns the part of the channels that a row reads. */
  int group(int row) {
    return row / rowsOfGroup();
  }

  /** Returns how many channels a row reads: those of its group. */
  int channelsOfGroup() {
    return weight.cols() / window;
  }

  /** Returns how many rows read the same channels. */
  int rowsOfGroup() {
    return weight.rows() / groups;
  }

  /** Returns whether a row, which sees the channel's group, has a weight for a channel. */
  boolean reads(int row, int channel) {
    int first = channel % channelsOfGroup() * window;
    for (int c = first; c < first + window; c++) {
      if (weight.get(row, c) != 0) {
        return true;
      }
    }
    return false;
  }
}
