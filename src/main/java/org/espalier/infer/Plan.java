package org.espalier.infer;

import java.util.ArrayList;
import java.util.List;
import org.espalier.kernel.Workers;
import org.espalier.model.Graph;
import org.espalier.model.Node;
import org.espalier.model.Operator;
import org.espalier.tensor.Shape;
import org.espalier.tensor.Tensor;

/**
 * A network compiled for inference: weights packed once, each layer dense or sparse, biases and
 * rectifiers fused, flattening gone. Derived from a {@link Graph}, whose later changes don't show;
 * immutable, and shared by threads that run it in a {@link Session} each.
 *
 * <p>Every output is one fma chain over ascending inputs, started at +0, to which the bias is added
 * last. So the result has the same bits whatever kernels, batch, threads or vector width; and they
 * are those of the graph's own forward pass, up to the sign of a zero.
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
  private final List<Layer> layers;

  private Plan(Graph graph, int maxBatch, boolean reluOnInput, List<Layer> layers) {
    this.inputShape = graph.inputShape();
    this.outputShape = graph.outputShape();
    this.maxBatch = maxBatch;
    this.reluOnInput = reluOnInput;
    this.layers = List.copyOf(layers);
  }

  /**
   * Compiles a network.
   *
   * @throws IllegalArgumentException if the network isn't a chain, or if a layer can't be computed
   *     as the options ask
   */
  public static Plan compile(Graph graph, PlanOptions options) {
    LayerCompiler compiler = new LayerCompiler(options);
    List<Layer> layers = new ArrayList<>();
    boolean reluOnInput = false;
    List<Node> nodes = chain(graph);
    for (int i = 0; i < nodes.size(); i++) {
      Node node = nodes.get(i);
      switch (node.operator()) {
        case Operator.Linear _ -> {
          Tensor weight = graph.parameter(node.parameter(Operator.Linear.WEIGHT)).value();
          Tensor bias = graph.parameter(node.parameter(Operator.Linear.BIAS)).value();
          layers.add(compiler.compile(node.name(), weight, bias, reluBehind(nodes, i)));
        }
        case Operator.Relu _ -> reluOnInput |= layers.isEmpty(); // else the layer has it
        case Operator.Flatten _ -> {} // the elements stay where they are
      }
    }
    return new Plan(graph, options.maxBatch(), reluOnInput, layers);
  }

  private static List<Node> chain(Graph graph) {
    String before = Graph.INPUT;
    for (Node node : graph.nodes()) {
      if (!node.input().equals(before)) {
        throw new IllegalArgumentException(
            node.name() + " reads " + node.input() + "; a plan needs it to read " + before);
      }
      before = node.name();
    }
    return graph.nodes();
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
        case Operator.Flatten _ -> {}
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
    return layers.stream().map(Layer::summary).toList();
  }

  /** Returns the memory that weights, indices and biases take. */
  public long weightBytes() {
    return layers.stream().mapToLong(l -> l.summary().weightBytes()).sum();
  }

  /** Returns the shape of one example. */
  public Shape inputShape() {
    return inputShape;
  }

  /** Returns the shape of the output for one example. */
  public Shape outputShape() {
    return outputShape;
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
