package org.espalier.model;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.espalier.tensor.Footprint;
import org.espalier.tensor.Nchw16n;
import org.espalier.tensor.Shape;
import org.espalier.tensor.Tensor;

/**
 * A network: operators in the order in which they run, and named parameters. The one description
 * that training, pruning, the compiler and the model file share. The structure never changes; the
 * parameters' elements do.
 *
 * <pre>{@code
 * Graph lenet = Graph.input(Shape.of(1, 28, 28))
 *     .flatten()
 *     .linear("fc1", 300).relu()
 *     .linear("fc2", 100).relu()
 *     .linear("logits", 10)
 *     .build();
 * }</pre>
 */
public final class Graph {
  /** The name by which nodes refer to the network's input, unless it has a name of its own. */
  public static final String INPUT = "input";

  private final Map<String, Shape> inputs;
  private final List<String> outputs;
  private final List<Node> nodes;
  private final Map<String, Parameter> parameters;
  private final Map<String, Node> nodesByName = new HashMap<>();

  /** By the name of a node or an input, the nodes that read it, in order. */
  private final Map<String, List<Node>> readers = new HashMap<>();

  private Graph(
      Map<String, Shape> inputs,
      List<String> outputs,
      List<Node> nodes,
      Map<String, Parameter> parameters) {
    this.inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
    this.outputs = List.copyOf(outputs);
    this.nodes = List.copyOf(nodes);
    this.parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
    for (Node node : nodes) {
      nodesByName.put(node.name(), node);
      for (String input : new LinkedHashSet<>(node.inputs())) {
        readers.computeIfAbsent(input, _ -> new ArrayList<>()).add(node);
      }
    }
  }

  /** Starts a network that takes examples of the given shape, by the name {@link #INPUT}. */
  public static Builder input(Shape shape) {
    return inputs(Map.of(INPUT, shape));
  }

  /**
   * Starts a network of several inputs, or of none: one of constants.
   *
   * @param shapes of one example of each, by name, in order
   */
  public static Builder inputs(Map<String, Shape> shapes) {
    return new Builder(shapes);
  }

  /** Returns the shape of one example of each input, by name, in order. */
  public Map<String, Shape> inputs() {
    return inputs;
  }

  /** Returns the names of the nodes, or inputs, whose values the network gives, in order. */
  public List<String> outputs() {
    return outputs;
  }

  /** Returns whether a name is an input's. */
  public boolean isInput(String name) {
    return inputs.containsKey(name);
  }

  /** Returns the shape of one example; of several inputs, of the first. */
  public Shape inputShape() {
    return inputs.values().iterator().next();
  }

  /** Returns the shape of the output for one example; of several, of the first. */
  public Shape outputShape() {
    return shapeOf(outputs.getFirst());
  }

  /** Returns the nodes, each behind those whose outputs it reads. */
  public List<Node> nodes() {
    return nodes;
  }

  /** Returns the parameters in the order of the nodes. */
  public Collection<Parameter> parameters() {
    return parameters.values();
  }

  /**
   * Returns a parameter.
   *
   * @throws IllegalArgumentException if there is none of that name
   */
  public Parameter parameter(String name) {
    Parameter p = parameters.get(name);
    if (p == null) {
      throw new IllegalArgumentException(
          "no parameter " + name + "; there are " + parameters.keySet());
    }
    return p;
  }

  /** Returns the node of a name. */
  public Optional<Node> node(String name) {
    return Optional.ofNullable(nodesByName.get(name));
  }

  /** Returns the nodes that read the output of the node of a name, in order. */
  public List<Node> readers(String name) {
    return Collections.unmodifiableList(readers.getOrDefault(name, List.of()));
  }

  /** Returns the shape of what a node of this name gives for one example. */
  public Shape shapeOf(String name) {
    Shape input = inputs.get(name);
    return input != null ? input : node(name).orElseThrow().outputShape();
  }

  /** Returns the nodes that have a weight, in order. */
  public List<Node> layers() {
    return nodes.stream().filter(node -> node.operator() instanceof Operator.Layer).toList();
  }

  /** Returns the number of elements of all parameters that are trained. */
  public long parameterCount() {
    return parameters().stream()
        .filter(p -> p.kind().isTrained())
        .mapToLong(p -> p.value().size())
        .sum();
  }

  /** Returns the multiply-adds that one example takes. */
  public long multiplyAdds() {
    return layers().stream().mapToLong(n -> n.operator().multiplyAdds(shapeOf(n.input()))).sum();
  }

  /** Returns a graph of the same structure whose parameters have storage of their own. */
  public Graph copy() {
    Map<String, Parameter> copies = new LinkedHashMap<>();
    parameters.forEach(
        (name, p) -> copies.put(name, new Parameter(name, p.kind(), p.value().copy())));
    return new Graph(inputs, outputs, nodes, copies);
  }

  /**
   * Adds operators, each behind the one before unless {@link #from} says otherwise; a node's name
   * is given or made of its kind.
   */
  public static final class Builder {
    /** Share of the running statistics that stays in a step, unless told otherwise. */
    public static final double MOMENTUM = 0.9;

    /** What is added to variances, unless told otherwise. */
    public static final double EPSILON = 1e-5;

    private final Map<String, Shape> inputs;
    private final List<String> outputs = new ArrayList<>();
    private final LinkedHashMap<String, Node> nodes = new LinkedHashMap<>();
    private final Map<String, Operator.ParameterSpec> specs = new LinkedHashMap<>();
    private String last;

    /** By a kind, how often a name was made of it. */
    private final Map<String, Integer> counts = new HashMap<>();

    private Builder(Map<String, Shape> inputs) {
      this.inputs = new LinkedHashMap<>(inputs);
      last = inputs.isEmpty() ? "" : inputs.keySet().iterator().next();
    }

    /** Returns the name of the node behind which the next one is added. */
    public String last() {
      return last;
    }

    /** Returns the shape of what that node gives. */
    public Shape shape() {
      return shapeOf(last);
    }

    /**
     * Goes on behind another node.
     *
     * @param name a node that has been added, or an input
     */
    public Builder from(String name) {
      shapeOf(name);
      last = name;
      return this;
    }

    /** Adds a fully connected layer of {@code outputs} units with bias, parameters 0. */
    public Builder linear(String name, int outputs) {
      return add(name, new Operator.Linear(shape().size(), outputs));
    }

    /**
     * Adds a convolution without bias whose maps stay as large where the stride is 1: padding of
     * half the window.
     */
    public Builder conv(String name, int outputs, int kernel, int stride) {
      return conv(name, outputs, kernel, stride, kernel / 2, false);
    }

    /** Adds a convolution with a square window, parameters 0. */
    public Builder conv(
        String name, int outputs, int kernel, int stride, int padding, boolean bias) {
      int inputs = Nchw16n.of(shape()).channels();
      return add(
          name, new Operator.Conv2d(inputs, outputs, kernel, kernel, stride, padding, 1, bias));
    }

    /** Adds a batch normalisation with the usual numbers. */
    public Builder batchNorm(String name) {
      return batchNorm(name, MOMENTUM, EPSILON);
    }

    /** Adds a batch normalisation; see {@link Operator.BatchNorm} for what momentum means. */
    public Builder batchNorm(String name, double momentum, double epsilon) {
      int channels = Nchw16n.of(shape()).channels();
      return add(name, new Operator.BatchNorm(channels, momentum, epsilon));
    }

    /** Adds a rectifier. */
    public Builder relu() {
      return add(fresh("relu"), new Operator.Relu());
    }

    /** Adds the output of another node to that of the last. */
    public Builder plus(String other) {
      return add(fresh("add"), new Operator.Add(), List.of(last, other));
    }

    /** Adds a pooling by maximum. */
    public Builder maxPool(int kernel, int stride, int padding) {
      return add(fresh("pool"), new Operator.MaxPool(kernel, stride, padding));
    }

    /** Adds a pooling by mean. */
    public Builder averagePool(int kernel, int stride, int padding) {
      return add(fresh("pool"), new Operator.AveragePool(kernel, stride, padding));
    }

    /** Adds the mean of each map. */
    public Builder globalAveragePool() {
      return add(fresh("pool"), new Operator.GlobalAveragePool());
    }

    /** Adds a flattening. */
    public Builder flatten() {
      return add(fresh("flatten"), new Operator.Flatten());
    }

    /**
     * Adds any operator with one input behind the last node.
     *
     * @throws IllegalArgumentException if the name is taken or the operator doesn't fit
     */
    public Builder add(String name, Operator operator) {
      return add(name, operator, List.of(last));
    }

    /**
     * Adds any operator.
     *
     * @param inputs the nodes that it reads
     * @throws IllegalArgumentException if the name is taken, an input is unknown, or the operator
     *     doesn't fit
     */
    public Builder add(String name, Operator operator, List<String> inputs) {
      Objects.requireNonNull(operator);
      if (name.isBlank() || this.inputs.containsKey(name) || nodes.containsKey(name)) {
        throw new IllegalArgumentException("node name '" + name + "' is blank, reserved or taken");
      }
      if (inputs.size() != operator.arity()) {
        throw new IllegalArgumentException(
            name + " reads " + operator.arity() + " nodes, not " + inputs);
      }
      List<Shape> shapes = inputs.stream().map(this::shapeOf).toList();
      Node node = new Node(name, operator, inputs, operator.outputShape(shapes));
      nodes.put(name, node);
      last = name;
      for (Operator.ParameterSpec spec : operator.parameters()) {
        specs.put(node.parameter(spec.role()), spec);
      }
      return this;
    }

    /**
     * Makes a value an output of the network, behind those that are.
     *
     * @param name a node that has been added, or an input
     */
    public Builder output(String name) {
      shapeOf(name);
      if (outputs.contains(name)) {
        throw new IllegalArgumentException(name + " is an output already");
      }
      outputs.add(name);
      return this;
    }

    /**
     * Returns the network, whose output is that of the node added last unless outputs were named.
     *
     * @throws IllegalArgumentException if nobody reads what a node gives that is no output
     * @throws org.espalier.InputException if its parameters don't fit into memory
     */
    public Graph build() {
      long floats = 0;
      for (Operator.ParameterSpec spec : specs.values()) {
        floats += Tensor.floats(spec.shape());
      }
      new Footprint("the network").addFloats("parameters", floats).require();
      Map<String, Parameter> parameters = new LinkedHashMap<>();
      specs.forEach(
          (name, spec) -> {
            Tensor value = Tensor.zeros(spec.shape());
            value.fill(spec.kind().start());
            parameters.put(name, new Parameter(name, spec.kind(), value));
          });
      List<String> given =
          outputs.isEmpty()
              ? List.of(nodes.isEmpty() ? last : nodes.sequencedKeySet().getLast())
              : outputs;
      Graph graph = new Graph(inputs, given, List.copyOf(nodes.values()), parameters);
      Set<String> read = new HashSet<>(given);
      for (Node node : graph.nodes()) {
        if (!read.contains(node.name()) && graph.readers(node.name()).isEmpty()) {
          throw new IllegalArgumentException("nobody reads " + node.name());
        }
      }
      return graph;
    }

    private Shape shapeOf(String name) {
      Node node = nodes.get(name);
      Shape input = inputs.get(name);
      if (node == null && input == null) {
        throw new IllegalArgumentException("no node " + name + "; there are " + nodes.keySet());
      }
      return node == null ? Objects.requireNonNull(input) : node.outputShape();
    }

    private String fresh(String kind) {
      String name;
      do {
        name = kind + counts.merge(kind, 1, Integer::sum);
      } while (nodes.containsKey(name));
      return name;
    }
  }
}
