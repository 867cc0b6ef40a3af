package org.espalier.op;

import org.espalier.InputException;
import org.espalier.model.Elementwise;
import org.espalier.model.Graph;
import org.espalier.model.Movement;
import org.espalier.model.Node;
import org.espalier.model.Operator;
import org.espalier.model.Reduction;
import org.espalier.model.Resampling;
import org.espalier.model.Window;
import org.jspecify.annotations.Nullable;

/** Which networks can be trained: those of whose nodes each has a backward form. */
final class Trainability {
  private Trainability() {}

  /**
   * Checks a network.
   *
   * @throws InputException if it can't be trained, which names the first node without a backward
   *     form
   */
  static void require(Graph graph) {
    if (graph.inputs().size() > 1 || graph.outputs().size() > 1) {
      throw InputException.expected(
          "the network",
          "one input and one output, as training takes it",
          graph.inputs().keySet() + " and " + graph.outputs());
    }
    for (Node node : graph.nodes()) {
      String missing = missing(node);
      if (missing != null) {
        throw new InputException("node " + node.name() + " can't be trained: " + missing);
      }
    }
  }

  private static @Nullable String missing(Node node) {
    return switch (node.operator()) {
      case Operator.Linear linear ->
          node.outputShape().rank() == 1 && linear.bias()
              ? null
              : "a linear layer is trained on vectors, with a bias";
      case Operator.Conv2d conv -> regular(conv.window());
      case Operator.BatchNorm _ ->
          node.outputShape().rank() == 3
              ? null
              : "batch normalisation is trained on feature maps, not on " + node.outputShape();
      case Operator.MaxPool pool ->
          pool.ceil() ? "pooling with windows beyond the maps" : regular(pool.window());
      case Operator.AveragePool pool ->
          pool.ceil() || !pool.countPadding()
              ? "average pooling that doesn't count its padding"
              : regular(pool.window());
      case Operator.Relu _,
          Operator.Add _,
          Operator.Shortcut _,
          Operator.GlobalAveragePool _,
          Operator.Flatten _ ->
          null;
      case Elementwise _, Movement _, Reduction _, Resampling _ ->
          node.operator().getClass().getSimpleName() + " has no backward form";
    };
  }

  private static @Nullable String regular(Window window) {
    return window.isRegular() ? null : "only windows that are the same both ways, not " + window;
  }
}
