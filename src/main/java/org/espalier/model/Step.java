package org.espalier.model;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.espalier.tensor.Planes;
import org.espalier.tensor.Shape;
import org.jspecify.annotations.Nullable;

/**
 * Nodes that run as one operation, in training and in inference: a layer and the rectifier behind
 * it; a normalisation, the addition of another branch and the rectifier behind that.
 *
 * @param name by which others know the output
 * @param operator what the first of the nodes computes, or null where the network's input becomes
 *     maps
 * @param node the first of the nodes; where the network's input becomes maps, that which asked
 * @param inputs names of what it reads: other steps or {@link Graph#INPUT}; a second one is added
 * @param relu whether a rectifier comes last
 * @param output shape of the output for one example
 */
public record Step(
    String name,
    @Nullable Operator operator,
    Node node,
    List<String> inputs,
    boolean relu,
    Shape output) {
  /** Copies the list. */
  public Step {
    inputs = List.copyOf(inputs);
  }

  /** Returns the layout of feature maps, or null for vectors. */
  public @Nullable Planes planes() {
    return output.rank() == 3 ? Planes.of(output) : null;
  }

  /** Returns the steps of a graph, each behind those that it reads. */
  public static List<Step> of(Graph graph) {
    Fusion fusion = new Fusion(graph);
    graph.nodes().forEach(fusion::place);
    return fusion.steps;
  }

  /** Decides which nodes run together. */
  private static final class Fusion {
    /** The network's input as feature maps; a node's name is never blank. */
    private static final String MAPS = " ";

    private final Graph graph;
    private final List<Step> steps = new ArrayList<>();

    /** By a node's name, the step whose output is also the node's. */
    private final Map<String, String> names = new HashMap<>();

    private Fusion(Graph graph) {
      this.graph = graph;
      names.put(Graph.INPUT, Graph.INPUT);
    }

    private void place(Node node) {
      switch (node.operator()) {
        case Operator.Layer layer -> add(node, node, inputs(node), layer);
        case Operator.BatchNorm norm -> {
          if (additionBehind(node).isEmpty()) {
            add(node, node, inputs(node), norm);
          }
        }
        case Operator.Add sum -> {
          Optional<Node> norm = normBefore(node);
          if (norm.isPresent()) {
            String other = node.inputs().get(node.input().equals(norm.get().name()) ? 1 : 0);
            List<String> inputs =
                List.of(input(norm.get(), norm.get().input()), input(node, other));
            add(norm.get(), node, inputs, norm.get().operator());
          } else {
            step(node, inputs(node), sum);
          }
        }
        case Operator.Relu relu -> {
          if (!names.containsKey(node.name())) {
            step(node, inputs(node), relu);
          }
        }
        case Operator.Flatten flatten -> {
          String input = step(node.input());
          if (isMaps(input)) {
            step(node, List.of(input), flatten);
          } else {
            names.put(node.name(), input); // rows are contiguous as they are
          }
        }
        case Operator.Shortcut shortcut -> step(node, inputs(node), shortcut);
        case Operator.Pool pool -> step(node, inputs(node), pool);
        case Operator.GlobalAveragePool pool -> step(node, inputs(node), pool);
      }
    }

    /**
     * Adds a step that takes over the rectifier behind {@code tail}, if that is its only reader.
     */
    private void add(Node head, Node tail, List<String> inputs, Operator operator) {
      List<Node> readers = graph.readers(tail.name());
      boolean relu = readers.size() == 1 && readers.getFirst().operator() instanceof Operator.Relu;
      steps.add(new Step(tail.name(), operator, head, inputs, relu, tail.outputShape()));
      names.put(tail.name(), tail.name());
      if (relu) {
        names.put(readers.getFirst().name(), tail.name());
      }
    }

    private void step(Node node, List<String> inputs, Operator operator) {
      steps.add(new Step(node.name(), operator, node, inputs, false, node.outputShape()));
      names.put(node.name(), node.name());
    }

    /** Returns the addition that takes a normalisation over. */
    private Optional<Node> additionBehind(Node norm) {
      return graph.readers(norm.name()).stream()
          .filter(reader -> normBefore(reader).filter(norm::equals).isPresent())
          .findFirst();
    }

    /** Returns the normalisation that an addition takes over: the first that nobody else reads. */
    private Optional<Node> normBefore(Node node) {
      if (!(node.operator() instanceof Operator.Add)) {
        return Optional.empty();
      }
      return node.inputs().stream()
          .flatMap(input -> graph.node(input).stream())
          .filter(before -> before.operator() instanceof Operator.BatchNorm)
          .filter(before -> graph.readers(before.name()).size() == 1)
          .findFirst();
    }

    private List<String> inputs(Node node) {
      return node.inputs().stream().map(input -> input(node, input)).toList();
    }

    /** Returns what a node reads, the network's input as maps where it has three dimensions. */
    private String input(Node reader, String input) {
      String name = step(input);
      if (!name.equals(Graph.INPUT) || graph.inputShape().rank() != 3) {
        return name;
      }
      if (steps.stream().noneMatch(step -> step.name().equals(MAPS))) {
        List<String> source = List.of(Graph.INPUT);
        steps.addFirst(new Step(MAPS, null, reader, source, false, graph.inputShape()));
      }
      return MAPS;
    }

    /** Returns the step whose output is also that of a node. */
    private String step(String node) {
      return Objects.requireNonNull(names.get(node), node);
    }

    private boolean isMaps(String name) {
      return steps.stream().anyMatch(step -> step.name().equals(name) && step.planes() != null);
    }
  }
}
