package org.espalier.rewrite;

import org.espalier.model.Elementwise;
import org.espalier.model.Graph;
import org.espalier.model.Movement;
import org.espalier.model.Node;
import org.espalier.model.Operator;
import org.espalier.model.Reduction;
import org.espalier.model.Resampling;

/**
 * Nodes of whose channels nothing is known here: those with operators from elsewhere, and layers
 * and normalisations of values that are neither vectors nor maps. All channels that they read or
 * give stay.
 */
final class ForeignNodes {
  private ForeignNodes() {}

  /** Returns whether a node is one. */
  static boolean isForeign(Graph graph, Node node) {
    return switch (node.operator()) {
      case Operator.Linear _ -> graph.shapeOf(node.input()).rank() != 1;
      case Operator.Conv2d _,
          Operator.Relu _,
          Elementwise.Activation _,
          Operator.Add _,
          Operator.Shortcut _,
          Operator.GlobalAveragePool _ ->
          false;
      case Operator.MaxPool _ -> false;
      case Operator.AveragePool pool -> pool.ceil() || !pool.countPadding();
      case Operator.BatchNorm _ -> {
        int rank = graph.shapeOf(node.input()).rank();
        yield rank != 1 && rank != 3;
      }
      case Operator.Flatten _ -> false;
      case Elementwise.Binary _, Elementwise.Where _, Movement _, Reduction _, Resampling _ -> true;
    };
  }
}
