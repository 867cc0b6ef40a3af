package org.espalier.prune;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.espalier.infer.Plan;
import org.espalier.infer.PlanOptions;
import org.espalier.infer.Rewrites;
import org.espalier.model.Graph;
import org.espalier.model.Movement;
import org.espalier.model.Node;
import org.espalier.model.Parameter;
import org.espalier.parallel.ThreadPool;
import org.espalier.tensor.Footprint;
import org.espalier.tensor.Shape;

/**
 * Runs a network on examples from layer to layer, all examples through one before the next, so that
 * a layer may be changed before what it gives is computed. What lies between two layers is compiled
 * to a plan and run once; values are kept as long as somebody reads them.
 */
final class LayerWalk {
  /** What happens at a layer. */
  interface Visitor {
    /**
     * Computes a layer.
     *
     * @param inputs the examples that it reads, one behind the other
     * @param layer computes it with the weights that it has then
     * @return what it gives
     */
    float[] visit(Node node, float[] inputs, Computation layer);
  }

  /** Computes what a layer gives. */
  interface Computation {
    /** Returns it for all examples, one behind the other. */
    float[] run();
  }

  private final Graph graph;
  private final int examples;
  private final ThreadPool workers;

  /** By name, the values of all examples that are still read. */
  private final Map<String, float[]> values = new LinkedHashMap<>();

  /** By the name of a value, the number of the last node that reads it. */
  private final Map<String, Integer> lastReader = new HashMap<>();

  /** Nodes that are still to be run, none of them a layer that is visited. */
  private final List<Node> waiting = new ArrayList<>();

  private LayerWalk(Graph graph, int examples, float[] inputs, ThreadPool workers) {
    this.graph = graph;
    this.examples = examples;
    this.workers = workers;
    values.put(graph.inputs().keySet().iterator().next(), inputs);
    for (int i = 0; i < graph.nodes().size(); i++) {
      for (String input : graph.nodes().get(i).inputs()) {
        lastReader.put(input, i);
      }
    }
  }

  /**
   * Visits layers in the order of the graph.
   *
   * @param graph a network of one input
   * @param layers names of those that are visited; the others are run as they are
   * @param inputs of the examples, one behind the other
   * @throws org.espalier.InputException if the values of so many examples don't fit into memory
   */
  static void over(
      Graph graph,
      Set<String> layers,
      int examples,
      float[] inputs,
      ThreadPool workers,
      Visitor visitor) {
    new LayerWalk(graph, examples, inputs, workers).walk(layers, visitor);
  }

  private void walk(Set<String> layers, Visitor visitor) {
    int left = layers.size();
    for (int i = 0; i < graph.nodes().size() && left > 0; i++) {
      Node node = graph.nodes().get(i);
      if (layers.contains(node.name())) {
        runWaiting();
        float[] x = value(node.input());
        float[] y = visitor.visit(node, x, () -> only(run(List.of(node))));
        values.put(node.name(), y);
        int here = i;
        values.keySet().removeIf(name -> lastReader.getOrDefault(name, -1) <= here);
        left--;
      } else if (!(node.operator() instanceof Movement.Constant)) {
        waiting.add(node);
      }
    }
  }

  private void runWaiting() {
    if (!waiting.isEmpty()) {
      values.putAll(run(waiting));
      waiting.clear();
    }
  }

  private static float[] only(Map<String, float[]> outputs) {
    return outputs.values().iterator().next();
  }

  /** Runs nodes that follow each other; returns what others read of them. */
  private Map<String, float[]> run(List<Node> nodes) {
    Graph part = part(nodes);
    Map<String, float[]> x = new LinkedHashMap<>();
    part.inputs().keySet().forEach(name -> x.put(name, value(name)));
    Map<String, float[]> y = new LinkedHashMap<>();
    requireMemory(part);
    part.outputs().forEach(name -> y.put(name, new float[length(part.shapeOf(name))]));
    Plan plan = Plan.compile(part, PlanOptions.defaults().withRewrites(Rewrites.NONE));
    plan.session(workers).run(examples, x, y);
    return y;
  }

  private void requireMemory(Graph part) {
    Footprint footprint = new Footprint(examples + " samples");
    values.values().forEach(v -> footprint.addFloats("values", v.length));
    part.outputs()
        .forEach(
            name ->
                footprint.addFloats(name, Footprint.product(examples, part.shapeOf(name).size())));
    footprint.require();
  }

  private int length(Shape shape) {
    return Footprint.arrayLength(examples + " samples", Footprint.product(examples, shape.size()));
  }

  /** Returns nodes as a network of its own, with the constants that they read. */
  private Graph part(List<Node> nodes) {
    Set<String> inside = new HashSet<>();
    nodes.forEach(node -> inside.add(node.name()));
    Map<String, Shape> inputs = new LinkedHashMap<>();
    Map<String, Node> constants = new LinkedHashMap<>();
    for (Node node : nodes) {
      for (String input : node.inputs()) {
        Node giver = graph.node(input).orElse(null);
        if (giver != null && giver.operator() instanceof Movement.Constant) {
          constants.put(input, giver);
        } else if (!inside.contains(input)) {
          inputs.put(input, graph.shapeOf(input));
        }
      }
    }
    Graph.Builder builder = Graph.inputs(inputs);
    constants.values().forEach(node -> builder.add(node.name(), node.operator(), node.inputs()));
    nodes.forEach(node -> builder.add(node.name(), node.operator(), node.inputs()));
    for (Node node : nodes) {
      List<Node> readers = graph.readers(node.name());
      if (readers.isEmpty() || !readers.stream().allMatch(r -> inside.contains(r.name()))) {
        builder.output(node.name());
      }
    }
    Graph part = builder.build();
    for (Parameter p : part.parameters()) {
      p.value().copyFrom(graph.parameter(p.name()).value());
    }
    return part;
  }

  private float[] value(String name) {
    return Objects.requireNonNull(values.get(name), name);
  }
}
