package org.espalier.infer;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.espalier.InputException;
import org.espalier.kernel.Workers;
import org.espalier.model.Graph;
import org.espalier.model.Node;
import org.espalier.model.Operator;
import org.espalier.rewrite.RoundedWeights;
import org.espalier.tensor.Precision;
import org.espalier.tensor.Shape;
import org.espalier.tensor.Tensor;

/**
 * A network compiled for inference: weights packed once, each layer dense or sparse, biases and
 * rectifiers fused, flattening gone. Derived from a {@link Graph}, whose later changes don't show;
 * immutable, and shared by threads that run it in a {@link Session} each.
 *
 * <p>Every output is one fma chain over ascending inputs, started at +0, to which the bias is added
 * last. So the result has the same bits whatever kernels, batch, threads or vector width; and they
 * are those of the graph's own forward pass, up to the sign of a zero; where batch normalisations
 * are folded into convolutions or constant units into their readers, which is the default, they are
 * equal within rounding only.
 *
 * <pre>{@code
 * Plan plan = Plan.compile(graph, PlanOptions.defaults());
 * Session session = plan.session();
 * session.run(batch, images, logits);
 * }</pre>
 */
public final class Plan {
  private final Shape inputShape;
  private final Shape outputShape;
  private final int maxBatch;
  private final boolean reluOnInput;
  private final Optional<Features> features;
  private final List<Layer> layers;
  private final List<LayerSummary> summaries;

  private Plan(
      Graph graph,
      int maxBatch,
      Optional<Features> features,
      boolean reluOnInput,
      List<Layer> layers,
      List<LayerSummary> summaries) {
    this.inputShape = graph.inputShape();
    this.outputShape = graph.outputShape();
    this.maxBatch = maxBatch;
    this.reluOnInput = reluOnInput;
    this.features = features;
    this.layers = List.copyOf(layers);
    this.summaries = List.copyOf(summaries);
  }

  /**
   * Compiles a network.
   *
   * @throws InputException if a weight doesn't fit into the precision that the options ask for
   * @throws IllegalArgumentException if the layers behind the feature maps aren't a chain, or if a
   *     layer can't be computed as the options ask
   */
  public static Plan compile(Graph network, PlanOptions options) {
    Graph rewritten = options.rewriting().apply(network);
    Graph graph =
        options.weights() == Precision.FP32
            ? rewritten
            : RoundedWeights.apply(rewritten, options.weights()::roundRows);
    Optional<Features> features = MapCompiler.compile(graph, options);
    List<LayerSummary> summaries = new ArrayList<>();
    features.ifPresent(f -> summaries.addAll(f.summaries()));
    LayerCompiler compiler = new LayerCompiler(options);
    List<Layer> layers = new ArrayList<>();
    boolean reluOnInput = false;
    List<Node> nodes = chain(graph, features);
    for (int i = 0; i < nodes.size(); i++) {
      Node node = nodes.get(i);
      switch (node.operator()) {
        case Operator.Linear _ -> {
          Tensor weight = graph.parameter(node.parameter(Operator.WEIGHT)).value();
          Tensor bias = graph.parameter(node.parameter(Operator.BIAS)).value();
          layers.add(compiler.compile(node.name(), weight, bias, reluBehind(nodes, i)));
        }
        case Operator.Relu _ -> reluOnInput |= layers.isEmpty(); // else the layer has it
        default -> {} // a flattening: the elements stay where they are
      }
    }
    layers.forEach(layer -> summaries.add(layer.summary()));
    return new Plan(graph, options.maxBatch(), features, reluOnInput, layers, summaries);
  }

  /** Returns the nodes that work on vectors, each of which must read the one before. */
  private static List<Node> chain(Graph graph, Optional<Features> features) {
    List<Node> nodes = graph.nodes();
    String before = Graph.INPUT;
    if (features.isPresent()) {
      int from = 0;
      while (from < nodes.size() && !isFlattening(graph, nodes.get(from))) {
        from++;
      }
      if (from == nodes.size()) {
        throw new IllegalArgumentException("the network's output are feature maps, no vectors");
      }
      before = nodes.get(from).input();
      nodes = nodes.subList(from, nodes.size());
    }
    for (Node node : nodes) {
      if (!node.input().equals(before) || node.outputShape().rank() == 3) {
        throw new IllegalArgumentException(
            node.name() + " reads " + node.input() + "; a plan needs it to read " + before);
      }
      before = node.name();
    }
    return nodes;
  }

  private static boolean isFlattening(Graph graph, Node node) {
    return node.operator() instanceof Operator.Flatten && graph.shapeOf(node.input()).rank() == 3;
  }

  /** Whether a rectifier comes before the next layer; a second one would change nothing. */
  private static boolean reluBehind(List<Node> nodes, int i) {
    for (Node node : nodes.subList(i + 1, nodes.size())) {
      switch (node.operator()) {
        case Operator.Linear _ -> {
          return false;
        }
        case Operator.Relu _ -> {
          return true;
        }
        default -> {}
      }
    }
    return false;
  }

  /** Returns a session that computes on the calling thread. */
  public Session session() {
    return session(new Workers(1));
  }

  /** Returns a session that computes on a pool of threads, which it may share with others. */
  public Session session(Workers workers) {
    return new Session(this, workers);
  }

  /** Returns what became of each layer. */
  public List<LayerSummary> describe() {
    return summaries;
  }

  /** Returns the memory that weights, indices and biases take. */
  public long weightBytes() {
    return summaries.stream().mapToLong(LayerSummary::weightBytes).sum();
  }

  /** Returns the shape of one example. */
  public Shape inputShape() {
    return inputShape;
  }

  /** Returns the shape of the output for one example. */
  public Shape outputShape() {
    return outputShape;
  }

  /** Returns what works on feature maps, in front of the layers. */
  Optional<Features> features() {
    return features;
  }

  List<Layer> layers() {
    return layers;
  }

  int maxBatch() {
    return maxBatch;
  }

  boolean reluOnInput() {
    return reluOnInput;
  }
}
