package org.espalier.model;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.espalier.Internal;
import org.espalier.kernel.contract.Clamp;
import org.espalier.tensor.Nchw16n;
import org.espalier.tensor.Shape;
import org.jspecify.annotations.Nullable;

/**
 * Nodes that run as one operation. This is the only place that decides which do, for training and
 * for inference: a layer takes over the ReLU behind it; a normalisation, and in inference a
 * convolution, takes over the addition of another branch and the ReLU behind that. In inference a
 * {@code Clip} of maps is taken over as a ReLU is.
 *
 * @param name by which others know the output
 * @param operator what the first of the nodes computes, or null where the input of a network that
 *     is trained becomes maps
 * @param node the first of the nodes; where the network's input becomes maps, that which asked
 * @param inputs names of what it reads: other steps or inputs; of a layer or a normalisation a
 *     second one is added
 * @param clamp between which bounds the output is kept at last: a ReLU, in inference of maps any
 *     {@code Clip}
 * @param output shape of the output for one example
 */
@Internal
public record Step(
    String name,
    @Nullable Operator operator,
    Node node,
    List<String> inputs,
    Clamp clamp,
    Shape output) {
  /** Copies the list. */
  public Step {
    inputs = List.copyOf(inputs);
  }

  /** Returns the layout of feature maps, or null for anything else. */
  public @Nullable Nchw16n planes() {
    return output.rank() == 3 && output.size() > 0 ? Nchw16n.of(output) : null;
  }

  /**
   * Returns the bounds of a {@code CLIP}, unless there is none between them, or one is −0: kernels
   * that clamp take it for +0.
   */
  public static Optional<Clamp> clamp(Elementwise.Activation function) {
    float low = function.a();
    float high = function.b();
    return function.function() == Elementwise.Function.CLIP
            && low <= high
            && !isNegativeZero(low)
            && !isNegativeZero(high)
        ? Optional.of(new Clamp(low, high))
        : Optional.empty();
  }

  private static boolean isNegativeZero(float bound) {
    return Float.floatToRawIntBits(bound) == Integer.MIN_VALUE;
  }

  /** Returns the steps in which a graph is trained, each behind those that it reads. */
  public static List<Step> forTraining(Graph graph) {
    return of(graph, false);
  }

  /** Returns the steps in which a graph is run, each behind those that it reads. */
  public static List<Step> forInference(Graph graph) {
    return sequence(graph).steps();
  }

  /** Returns the steps in which a graph is run, and which of them gives what a node does. */
  public static Sequence sequence(Graph graph) {
    Fusion fusion = fuse(graph, true);
    return new Sequence(List.copyOf(fusion.steps), Map.copyOf(fusion.names));
  }

  private static List<Step> of(Graph graph, boolean inference) {
    return fuse(graph, inference).steps;
  }

  private static Fusion fuse(Graph graph, boolean inference) {
    Fusion fusion = new Fusion(graph, inference);
    graph.nodes().forEach(fusion::place);
    return fusion;
  }

  /**
   * The steps in which a graph is run.
   *
   * @param steps each behind those that it reads
   * @param names by the name of a node or an input, that of the step, or input, with its value
   */
  public record Sequence(List<Step> steps, Map<String, String> names) {
    /** Returns the step, or the input, that gives the value of a node. */
    public String giver(String node) {
      return Objects.requireNonNull(names.get(node), node);
    }
  }

  /** Decides which nodes run together. */
  private static final class Fusion {
    /** The network's input as feature maps; a node's name is never blank. */
    private static final String MAPS = " ";

    private final Graph graph;
    private final boolean inference;

    /** By a node's name, how many nodes come before it. */
    private final Map<String, Integer> positions = new HashMap<>();

    private final List<Step> steps = new ArrayList<>();

    /** By a node's name, the step whose output is also the node's. */
    private final Map<String, String> names = new HashMap<>();

    /** Names of the steps that end in a ReLU. */
    private final Set<String> rectified = new HashSet<>();

    /** Names of the nodes that steps have taken over as their bounds. */
    private final Set<String> clamps = new HashSet<>();

    /** Names of the steps that give maps. */
    private final Set<String> maps = new HashSet<>();

    private Fusion(Graph graph, boolean inference) {
      this.graph = graph;
      this.inference = inference;
      graph.nodes().forEach(node -> positions.put(node.name(), positions.size()));
      graph.inputs().keySet().forEach(input -> names.put(input, input));
    }

    private void place(Node node) {
      switch (node.operator()) {
        case Operator.Layer layer -> {
          if (!isTakenOver(node)) {
            add(node, node, inputs(node), layer);
          }
        }
        case Operator.BatchNorm norm -> {
          if (!isTakenOver(node)) {
            add(node, node, inputs(node), norm);
          }
        }
        case Operator.Add sum -> {
          Optional<Node> head = headOf(node);
          if (head.isPresent()) {
            String other = node.inputs().get(node.input().equals(head.get().name()) ? 1 : 0);
            List<String> inputs =
                List.of(input(head.get(), head.get().input()), input(node, other));
            add(head.get(), node, inputs, head.get().operator());
          } else {
            step(node, inputs(node), sum);
          }
        }
        case Operator.Relu relu -> {
          if (rectified.contains(step(node.input()))) {
            names.put(node.name(), step(node.input())); // a second one changes nothing
          } else {
            step(node, inputs(node), relu);
            rectified.add(node.name());
          }
        }
        case Operator.Flatten flatten -> {
          String input = step(node.input());
          if (isMaps(input) || inference) {
            step(node, List.of(input), flatten);
          } else {
            names.put(node.name(), input); // rows are contiguous as they are
          }
        }
        case Operator.Shortcut shortcut -> step(node, inputs(node), shortcut);
        case Operator.Pool pool -> step(node, inputs(node), pool);
        case Operator.GlobalAveragePool pool -> step(node, inputs(node), pool);
        case Elementwise _, Movement _, Reduction _, Resampling _ -> {
          if (!clamps.contains(node.name())) {
            step(node, inputs(node), node.operator());
          }
        }
      }
    }

    /** Adds a step that takes over the ReLU behind {@code tail}, if that is its only reader. */
    private void add(Node head, Node tail, List<String> inputs, Operator operator) {
      Optional<Node> behind = onlyReader(tail);
      Clamp clamp = behind.map(node -> clamp(node, operator)).orElse(Clamp.NONE);
      put(new Step(tail.name(), operator, head, inputs, clamp, tail.outputShape()));
      names.put(tail.name(), tail.name());
      if (!clamp.equals(Clamp.NONE)) {
        if (clamp.equals(Clamp.RELU)) {
          rectified.add(tail.name());
        }
        clamps.add(behind.get().name());
        names.put(behind.get().name(), tail.name());
      }
    }

    /** Returns the bounds that a node sets to what an operator computes, if it does that alone. */
    private Clamp clamp(Node node, Operator operator) {
      if (node.operator() instanceof Operator.Relu) {
        return Clamp.RELU;
      }
      boolean takesBounds = inference && !(operator instanceof Operator.Linear);
      return takesBounds && node.operator() instanceof Elementwise.Activation activation
          ? Step.clamp(activation).orElse(Clamp.NONE)
          : Clamp.NONE;
    }

    /** Returns the node that reads another, flattened vectors too, if nobody else does. */
    private Optional<Node> onlyReader(Node node) {
      Node behind = node;
      while (graph.readers(behind.name()).size() == 1 && !isOutput(behind)) {
        boolean maps = behind.outputShape().rank() == 3;
        behind = graph.readers(behind.name()).getFirst();
        if (maps || !(behind.operator() instanceof Operator.Flatten)) {
          return Optional.of(behind);
        }
      }
      return Optional.empty();
    }

    private boolean isOutput(Node node) {
      return graph.outputs().contains(node.name());
    }

    private void step(Node node, List<String> inputs, Operator operator) {
      put(new Step(node.name(), operator, node, inputs, Clamp.NONE, node.outputShape()));
      names.put(node.name(), node.name());
    }

    private void put(Step step) {
      steps.add(step);
      if (step.planes() != null) {
        maps.add(step.name());
      }
    }

    /** Whether a node runs with the addition behind it, when the addition's turn comes. */
    private boolean isTakenOver(Node node) {
      List<Node> readers = graph.readers(node.name());
      return readers.size() == 1 && headOf(readers.getFirst()).filter(node::equals).isPresent();
    }

    /**
     * Returns the node with which an addition runs: the first normalisation that nobody else reads,
     * or else, in inference, the last such convolution. What is added to itself stays by itself.
     */
    private Optional<Node> headOf(Node node) {
      if (!(node.operator() instanceof Operator.Add)
          || node.input().equals(node.inputs().getLast())) {
        return Optional.empty();
      }
      List<Node> branches =
          node.inputs().stream()
              .flatMap(input -> graph.node(input).stream())
              .filter(before -> graph.readers(before.name()).size() == 1 && !isOutput(before))
              .toList();
      Optional<Node> norm =
          branches.stream()
              .filter(b -> b.operator() instanceof Operator.BatchNorm)
              .filter(b -> b.outputShape().rank() == 3)
              .findFirst();
      return norm.isPresent() || !inference ? norm : lastConvolution(branches);
    }

    /** The last to be computed finds the other branch there. */
    private Optional<Node> lastConvolution(List<Node> branches) {
      return branches.stream()
          .filter(branch -> branch.operator() instanceof Operator.Conv2d)
          .max(Comparator.comparing(branch -> positions.getOrDefault(branch.name(), 0)));
    }

    private List<String> inputs(Node node) {
      return node.inputs().stream().map(input -> input(node, input)).toList();
    }

    /** Returns what a node reads, the network's input as maps where it has three dimensions. */
    private String input(Node reader, String input) {
      String name = step(input);
      if (inference || !graph.isInput(input) || graph.inputShape().rank() != 3) {
        return name; // also of a flattened input, which is vectors as it comes
      }
      if (maps.add(MAPS)) {
        List<String> source = List.of(input);
        steps.addFirst(new Step(MAPS, null, reader, source, Clamp.NONE, graph.inputShape()));
      }
      return MAPS;
    }

    /** Returns the step whose output is also that of a node. */
    private String step(String node) {
      return Objects.requireNonNull(names.get(node), node);
    }

    private boolean isMaps(String name) {
      return maps.contains(name);
    }
  }
}
