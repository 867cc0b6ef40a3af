package org.espalier.rewrite;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.espalier.model.Elementwise;
import org.espalier.model.Graph;
import org.espalier.model.Movement;
import org.espalier.model.Node;
import org.espalier.model.Operator;
import org.espalier.tensor.Shape;
import org.espalier.tensor.Tensor;

/**
 * Puts what multiplies and shifts each unit of a layer into its weight and bias: batch
 * normalisations behind convolutions, which are gone then, and behind any layer products and sums
 * with a constant for each unit, as which networks from elsewhere bring them along. For inference
 * only. All is computed in double and rounded once: each folded weight is off by at most half a
 * unit in its last place, so that a unit's output is off by about {@code 2⁻²⁴·Σ|w·x|} and what the
 * other order of roundings makes of it.
 */
public final class FoldBatchNorm {
  private final Graph graph;

  /** By a layer's name, what is folded into it, in order. */
  private final Map<String, List<Node>> folded = new HashMap<>();

  /** By the name of a node that is gone, the layer into which it is folded. */
  private final Map<String, String> gone = new HashMap<>();

  /** Names of constants that nobody reads any more. */
  private final Set<String> unread = new HashSet<>();

  private FoldBatchNorm(Graph graph) {
    this.graph = graph;
    for (Node node : graph.nodes()) {
      layerBefore(node)
          .ifPresent(
              layer -> {
                folded.computeIfAbsent(layer.name(), _ -> new ArrayList<>()).add(node);
                gone.put(node.name(), layer.name());
              });
    }
    for (Node node : graph.nodes()) {
      if (node.operator() instanceof Movement.Constant
          && !graph.outputs().contains(node.name())
          && graph.readers(node.name()).stream().allMatch(r -> gone.containsKey(r.name()))) {
        unread.add(node.name());
      }
    }
  }

  /** Returns the network without what can be folded, with storage of its own. */
  public static Graph apply(Graph graph) {
    return new FoldBatchNorm(graph).build();
  }

  /**
   * Returns the layer whose units a node scales or shifts, if nobody else reads them before. What
   * the network gives keeps its node, and so its name.
   */
  private Optional<Node> layerBefore(Node node) {
    boolean given = graph.outputs().contains(node.name());
    for (int i = 0; !given && i < node.inputs().size(); i++) {
      String input = node.inputs().get(i);
      Optional<Node> layer = graph.node(gone.getOrDefault(input, input));
      if (layer.isPresent()
          && layer.get().operator() instanceof Operator.Layer operator
          && graph.readers(input).size() == 1
          && !graph.outputs().contains(input)
          && isFoldable(node, operator, i)) {
        return layer;
      }
    }
    return Optional.empty();
  }

  /** Returns whether a node scales or shifts the units of a layer, which it reads as an input. */
  private boolean isFoldable(Node node, Operator.Layer layer, int input) {
    if (node.operator() instanceof Operator.BatchNorm) {
      return layer instanceof Operator.Conv2d;
    }
    if (!(node.operator() instanceof Elementwise.Binary(Elementwise.Arithmetic function))) {
      return false;
    }
    String other = node.inputs().get(1 - input);
    return !node.inputs().getFirst().equals(node.inputs().getLast())
        && node.outputShape().equals(graph.shapeOf(node.inputs().get(input)))
        && graph.node(other).filter(n -> n.operator() instanceof Movement.Constant).isPresent()
        && isForUnits(graph.shapeOf(other), layer)
        && Affine.of(function, input == 0, values(other)).isPresent();
  }

  private float[] values(String constant) {
    return graph.parameter(constant + "." + Movement.Constant.VALUE).value().toArray();
  }

  /** Returns whether there is one value, or one for each unit. */
  private static boolean isForUnits(Shape shape, Operator.Layer layer) {
    int axis = shape.rank() - (layer instanceof Operator.Conv2d ? 3 : 1);
    return shape.size() == 1
        || (shape.size() == layer.outputs() && axis >= 0 && shape.dim(axis) == layer.outputs());
  }

  private Graph build() {
    Graph.Builder builder = Graph.inputs(graph.inputs());
    for (Node node : graph.nodes()) {
      if (!gone.containsKey(node.name()) && !unread.contains(node.name())) {
        List<String> inputs = node.inputs().stream().map(this::name).toList();
        builder.add(node.name(), operator(node), inputs);
      }
    }
    graph.outputs().forEach(builder::output);
    Graph result = builder.build();
    for (Node node : result.nodes()) {
      if (folded.containsKey(node.name())) {
        fill(result, node);
      } else {
        for (Operator.ParameterSpec spec : node.operator().parameters()) {
          String name = node.parameter(spec.role());
          result.parameter(name).value().copyFrom(graph.parameter(name).value());
        }
      }
    }
    return result;
  }

  private String name(String name) {
    return gone.getOrDefault(name, name);
  }

  private Operator operator(Node node) {
    if (folded.containsKey(node.name()) && node.operator() instanceof Operator.Layer layer) {
      return switch (layer) {
        case Operator.Linear linear -> new Operator.Linear(linear.inputs(), linear.outputs(), true);
        case Operator.Conv2d conv ->
            new Operator.Conv2d(conv.inputs(), conv.outputs(), conv.window(), conv.groups(), true);
      };
    }
    return node.operator();
  }

  private void fill(Graph result, Node node) {
    Tensor from = graph.parameter(node.parameter(Operator.WEIGHT)).value();
    Tensor to = result.parameter(node.parameter(Operator.WEIGHT)).value();
    Tensor bias = result.parameter(node.parameter(Operator.BIAS)).value();
    boolean had =
        graph.node(node.name()).orElseThrow().operator() instanceof Operator.Layer layer
            && layer.bias();
    String input = node.name();
    double[] scale = new double[to.rows()];
    double[] shift = new double[to.rows()];
    for (int r = 0; r < to.rows(); r++) {
      scale[r] = 1;
      shift[r] = had ? graph.parameter(node.parameter(Operator.BIAS)).value().get(0, r) : 0;
    }
    for (Node behind : folded.getOrDefault(node.name(), List.of())) {
      fold(behind, input, scale, shift);
      input = behind.name();
    }
    for (int r = 0; r < to.rows(); r++) {
      for (int c = 0; c < to.cols(); c++) {
        to.set(r, c, (float) (from.get(r, c) * scale[r]));
      }
      bias.set(0, r, (float) shift[r]);
    }
  }

  /** Changes scale and shift of units into those behind a node that reads them as an input. */
  private void fold(Node node, String input, double[] scale, double[] shift) {
    if (node.operator() instanceof Operator.BatchNorm norm) {
      Tensor gamma = graph.parameter(node.parameter(Operator.WEIGHT)).value();
      Tensor beta = graph.parameter(node.parameter(Operator.BIAS)).value();
      Tensor mean = graph.parameter(node.parameter(Operator.BatchNorm.MEAN)).value();
      Tensor variance = graph.parameter(node.parameter(Operator.BatchNorm.VARIANCE)).value();
      for (int r = 0; r < scale.length; r++) {
        double factor = gamma.get(0, r) / Math.sqrt(variance.get(0, r) + norm.epsilon());
        scale[r] *= factor;
        shift[r] = (shift[r] - mean.get(0, r)) * factor + beta.get(0, r);
      }
    } else if (node.operator() instanceof Elementwise.Binary(Elementwise.Arithmetic function)) {
      boolean left = node.inputs().getFirst().equals(input);
      Affine[] each =
          Affine.of(function, left, values(node.inputs().get(left ? 1 : 0))).orElseThrow();
      for (int r = 0; r < scale.length; r++) {
        Affine own = each[each.length == 1 ? 0 : r];
        scale[r] *= own.factor();
        shift[r] = shift[r] * own.factor() + own.summand();
      }
    }
  }

  /** {@code factor·x + summand}. */
  private record Affine(double factor, double summand) {
    /**
     * Returns what a function of x and a constant is.
     *
     * @param left whether x is its first operand
     * @return empty if it isn't of this form, or not with finite numbers
     */
    static Optional<Affine[]> of(Elementwise.Arithmetic function, boolean left, float[] values) {
      Affine[] all = new Affine[values.length];
      for (int i = 0; i < all.length; i++) {
        Optional<Affine> one = of(function, left, values[i]);
        if (one.isEmpty() || !Double.isFinite(one.get().factor() + one.get().summand())) {
          return Optional.empty();
        }
        all[i] = one.get();
      }
      return Optional.of(all);
    }

    private static Optional<Affine> of(Elementwise.Arithmetic function, boolean left, double c) {
      return switch (function) {
        case ADD -> Optional.of(new Affine(1, c));
        case SUB -> Optional.of(left ? new Affine(1, -c) : new Affine(-1, c));
        case MUL -> Optional.of(new Affine(c, 0));
        case DIV -> left ? Optional.of(new Affine(1 / c, 0)) : Optional.empty();
        case REMAINDER,
            MAX,
            MIN,
            POW,
            PRELU,
            LESS,
            LESS_OR_EQUAL,
            GREATER,
            GREATER_OR_EQUAL,
            EQUAL,
            AND,
            OR,
            XOR ->
            Optional.empty();
      };
    }
  }
}
