package org.espalier.prune;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.espalier.Internal;
import org.espalier.kernel.Kernels;
import org.espalier.model.Graph;
import org.espalier.model.Node;
import org.espalier.model.Operator;
import org.espalier.model.Parameter;
import org.espalier.parallel.ThreadPool;
import org.espalier.sparsify.Fraction;
import org.espalier.tensor.BitMask;
import org.espalier.tensor.Shape;
import org.espalier.tensor.Tensor;

/**
 * What some examples say about the layers of a trained network, so that it can be pruned without
 * training: how large the inputs of each weight are, and the mean and the deviation of each unit.
 */
@Internal
public final class Calibration {
  /**
   * A unit that deviates less than that share of what it did is as good as constant: to scale it up
   * would scale up noise.
   */
  private static final double CONSTANT = 1e-3;

  private final Graph network;
  private final Set<String> layers;
  private final int examples;
  private final float[] inputs;
  private final ThreadPool workers;
  private final Map<String, InputNorms> norms = new HashMap<>();
  private final Map<String, Moments> moments = new HashMap<>();

  /**
   * Runs a network on examples.
   *
   * @param network a network of one input, whose layers are looked at
   * @param layers names of the layers that are to be pruned
   * @param examples how many there are
   * @param inputs of them, one behind the other
   * @throws org.espalier.InputException if the values of so many examples don't fit into memory
   */
  public Calibration(
      Graph network, Set<String> layers, int examples, float[] inputs, ThreadPool workers) {
    this.network = network;
    this.layers = Set.copyOf(layers);
    this.examples = examples;
    this.inputs = inputs;
    this.workers = workers;
    LayerWalk.over(
        network,
        layers,
        examples,
        inputs,
        workers,
        (node, x, layer) -> {
          Operator.Layer operator = (Operator.Layer) node.operator();
          Shape input = network.shapeOf(node.input());
          norms.put(node.name(), InputNorms.of(operator, input, examples, x));
          float[] y = layer.run();
          moments.put(node.name(), Moments.of(operator, node.outputShape(), examples, y));
          return y;
        });
  }

  /**
   * Returns a copy of the network without the share of each unit's weights whose magnitude times
   * the norm of their inputs is least; ties go to the lower index.
   */
  public Graph wanda(Fraction share) {
    Graph pruned = network.copy();
    norms.forEach(
        (name, norm) -> {
          Tensor w = weight(pruned, pruned.node(name).orElseThrow());
          BitMask keep = norm.strongest(w, share);
          for (int r = 0; r < w.rows(); r++) {
            Kernels.vector().keep(w.cols(), w.data(), w.row(r), keep.words(), keep.row(r), 1f);
          }
        });
    return pruned;
  }

  /**
   * Returns a copy of a pruned network, each unit of the pruned layers with the mean and the
   * deviation that it had before: layer by layer, over the same examples as they come from the
   * corrected layers before, its weights are multiplied with a factor and its bias is shifted. A
   * layer without a bias gets one. Units that have become constant keep their weights.
   */
  public Graph corrected(Graph pruned) {
    Graph graph = withBiases(pruned);
    LayerWalk.over(
        graph,
        layers,
        examples,
        inputs,
        workers,
        (node, _, layer) -> {
          Operator.Layer operator = (Operator.Layer) node.operator();
          Moments now = Moments.of(operator, node.outputShape(), examples, layer.run());
          correct(graph, node, now, Objects.requireNonNull(moments.get(node.name())));
          return layer.run();
        });
    return graph;
  }

  private static void correct(Graph graph, Node node, Moments now, Moments before) {
    Tensor w = weight(graph, node);
    Tensor bias = graph.parameter(node.parameter(Operator.BIAS)).value();
    for (int u = 0; u < w.rows(); u++) {
      boolean constant = !(now.deviation(u) > CONSTANT * before.deviation(u));
      boolean wasConstant = before.deviation(u) == 0;
      double scale = constant || wasConstant ? 1 : before.deviation(u) / now.deviation(u);
      for (int c = 0; c < w.cols(); c++) {
        w.set(u, c, (float) (scale * w.get(u, c)));
      }
      bias.set(0, u, (float) (before.mean(u) + scale * (bias.get(0, u) - now.mean(u))));
    }
  }

  /** Returns a copy whose pruned layers all have biases. */
  private Graph withBiases(Graph pruned) {
    Graph.Builder builder = Graph.inputs(new LinkedHashMap<>(pruned.inputs()));
    for (Node node : pruned.nodes()) {
      Operator operator =
          layers.contains(node.name())
              ? ((Operator.Layer) node.operator()).withBias()
              : node.operator();
      builder.add(node.name(), operator, node.inputs());
    }
    pruned.outputs().forEach(builder::output);
    Graph graph = builder.build();
    for (Parameter p : pruned.parameters()) {
      graph.parameter(p.name()).value().copyFrom(p.value());
    }
    return graph;
  }

  private static Tensor weight(Graph graph, Node node) {
    return graph.parameter(node.parameter(Operator.WEIGHT)).value();
  }
}
