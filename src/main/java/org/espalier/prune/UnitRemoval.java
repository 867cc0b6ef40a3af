package org.espalier.prune;

import it.unimi.dsi.fastutil.ints.IntArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.espalier.model.Graph;
import org.espalier.model.Node;
import org.espalier.model.Operator;
import org.espalier.tensor.Tensor;

/**
 * Takes out of a network the units that have no weights left: their rows go, and so do the columns
 * of the next layer that read them. Such a unit emits the constant {@code act(bias)}; what the next
 * layer makes of it is added to the next layer's bias (summed in double precision, rounded once),
 * so that the smaller network computes the same function. Where the bias is 0 too, nothing is added
 * and the results are the same bit for bit, because a chain of fused multiply-adds does not see a
 * zero.
 *
 * <p>A layer keeps at least one unit. The last layer's units are the classes and stay. So do, for
 * now, the channels of convolutions: what they emit passes through normalisations and sums.
 */
public final class UnitRemoval {
  private final Graph graph;
  private final Map<String, IntArrayList> keptUnits = new LinkedHashMap<>();

  private UnitRemoval(Graph graph) {
    this.graph = graph;
  }

  /** Returns the network without its empty units; the given one stays as it is. */
  public static Graph apply(Graph graph) {
    return new UnitRemoval(graph).shrink();
  }

  private Graph shrink() {
    for (Node node : graph.nodes()) {
      if (node.operator() instanceof Operator.Linear && nextLayer(node).isPresent()) {
        keptUnits.put(node.name(), unitsWithWeights(weight(node)));
      }
    }
    Graph.Builder builder = Graph.input(graph.inputShape());
    for (Node node : graph.nodes()) {
      Operator operator = node.operator();
      if (operator instanceof Operator.Linear linear) {
        operator = new Operator.Linear(columns(node, linear).size(), rows(node, linear).size());
      }
      builder.add(node.name(), operator, node.inputs());
    }
    Graph small = builder.build();
    for (Node node : graph.nodes()) {
      if (node.operator() instanceof Operator.Linear linear) {
        fill(small, node, rows(node, linear), columns(node, linear));
      } else {
        for (Operator.ParameterSpec spec : node.operator().parameters()) {
          String name = node.parameter(spec.role());
          small.parameter(name).value().copyFrom(graph.parameter(name).value());
        }
      }
    }
    return small;
  }

  private void fill(Graph small, Node node, IntArrayList rows, IntArrayList columns) {
    Tensor from = weight(node);
    Tensor to = small.parameter(node.parameter(Operator.WEIGHT)).value();
    Tensor bias = graph.parameter(node.parameter(Operator.BIAS)).value();
    Tensor smallBias = small.parameter(node.parameter(Operator.BIAS)).value();
    double[] constants = constants(node, from.cols(), columns);
    for (int r = 0; r < rows.size(); r++) {
      for (int c = 0; c < columns.size(); c++) {
        to.set(r, c, from.get(rows.getInt(r), columns.getInt(c)));
      }
      double folded = 0;
      for (int c = 0; c < from.cols(); c++) {
        if (constants[c] != 0) {
          folded += from.get(rows.getInt(r), c) * constants[c];
        }
      }
      float b = bias.get(0, rows.getInt(r));
      smallBias.set(0, r, folded == 0 ? b : (float) (b + folded));
    }
  }

  /** Returns what each removed input of a layer emits, and 0 for the others. */
  private double[] constants(Node node, int inputs, IntArrayList kept) {
    double[] constants = new double[inputs];
    Optional<Node> before = layerBefore(node);
    if (before.isEmpty()) {
      return constants;
    }
    Tensor bias = graph.parameter(before.get().parameter(Operator.BIAS)).value();
    boolean relu = reluBetween(before.get(), node);
    for (int unit = 0; unit < inputs; unit++) {
      float b = bias.get(0, unit);
      constants[unit] = kept.contains(unit) ? 0 : relu && b <= 0 ? 0 : b;
    }
    return constants;
  }

  private IntArrayList rows(Node node, Operator.Linear linear) {
    IntArrayList kept = keptUnits.get(node.name());
    return kept == null ? all(linear.outputs()) : kept;
  }

  private IntArrayList columns(Node node, Operator.Linear linear) {
    return layerBefore(node)
        .map(before -> keptUnits.get(before.name()))
        .orElseGet(() -> all(linear.inputs()));
  }

  private static IntArrayList all(int n) {
    IntArrayList list = new IntArrayList(n);
    for (int i = 0; i < n; i++) {
      list.add(i);
    }
    return list;
  }

  private static IntArrayList unitsWithWeights(Tensor w) {
    IntArrayList kept = new IntArrayList();
    for (int r = 0; r < w.rows(); r++) {
      for (int c = 0; c < w.cols(); c++) {
        if (w.get(r, c) != 0) {
          kept.add(r);
          break;
        }
      }
    }
    if (kept.isEmpty()) {
      kept.add(0);
    }
    return kept;
  }

  private Tensor weight(Node node) {
    return graph.parameter(node.parameter(Operator.WEIGHT)).value();
  }

  /**
   * Returns the layer whose units are the inputs of a node, with nothing but rectifiers between.
   */
  private Optional<Node> layerBefore(Node node) {
    Optional<Node> before = graph.node(node.input());
    while (before.isPresent() && graph.readers(before.get().name()).size() == 1) {
      switch (before.get().operator()) {
        case Operator.Linear _ -> {
          return before;
        }
        case Operator.Relu _ -> before = graph.node(before.get().input());
        case Operator.Flatten _ -> {
          if (graph.shapeOf(before.get().input()).rank() != 1) {
            return Optional.empty();
          }
          before = graph.node(before.get().input());
        }
        default -> {
          return Optional.empty();
        }
      }
    }
    return Optional.empty();
  }

  private boolean reluBetween(Node layer, Node next) {
    for (Node n = graph.node(next.input()).orElseThrow();
        !n.equals(layer);
        n = graph.node(n.input()).orElseThrow()) {
      if (n.operator() instanceof Operator.Relu) {
        return true;
      }
    }
    return false;
  }

  private Optional<Node> nextLayer(Node layer) {
    return graph.nodes().stream()
        .filter(node -> node.operator() instanceof Operator.Linear)
        .filter(node -> layerBefore(node).filter(layer::equals).isPresent())
        .findFirst();
  }
}
