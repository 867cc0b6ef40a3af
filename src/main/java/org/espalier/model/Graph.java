package org.espalier.model;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
  /** The name by which nodes refer to the network's input. */
  public static final String INPUT = "input";

  private final Shape inputShape;
  private final List<Node> nodes;
  private final Map<String, Parameter> parameters;

  private Graph(Shape inputShape, List<Node> nodes, Map<String, Parameter> parameters) {
    this.inputShape = inputShape;
    this.nodes = List.copyOf(nodes);
    this.parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
  }

  /** Starts a network that takes examples of the given shape. */
  public static Builder input(Shape shape) {
    return new Builder(shape);
  }

  /** Returns the shape of one example. */
  public Shape inputShape() {
    return inputShape;
  }

  /** Returns the shape of the output for one example. */
  public Shape outputShape() {
    return nodes.isEmpty() ? inputShape : nodes.getLast().outputShape();
  }

  /** Returns the nodes, each behind the one whose output it reads. */
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

  /** Returns the number of elements of all parameters. */
  public long parameterCount() {
    return parameters().stream().mapToLong(p -> p.value().size()).sum();
  }

  /** Returns a graph of the same structure whose parameters have storage of their own. */
  public Graph copy() {
    Map<String, Parameter> copies = new LinkedHashMap<>();
    parameters.forEach(
        (name, p) -> copies.put(name, new Parameter(name, p.kind(), p.value().copy())));
    return new Graph(inputShape, nodes, copies);
  }

  /** Adds operators one behind the other; a node's name is given or made of its kind. */
  public static final class Builder {
    private final Shape inputShape;
    private final List<Node> nodes = new ArrayList<>();
    private final Map<String, Parameter> parameters = new LinkedHashMap<>();

    private Builder(Shape inputShape) {
      this.inputShape = inputShape;
    }

    /** Adds a fully connected layer of {@code outputs} units with bias, parameters 0. */
    public Builder linear(String name, int outputs) {
      return add(name, new Operator.Linear(shape().size(), outputs));
    }

    /** Adds a rectifier. */
    public Builder relu() {
      return add(fresh("relu"), new Operator.Relu());
    }

    /** Adds a flattening. */
    public Builder flatten() {
      return add(fresh("flatten"), new Operator.Flatten());
    }

    /**
     * Adds any operator behind the last node.
     *
     * @throws IllegalArgumentException if the name is taken or the operator doesn't fit
     */
    public Builder add(String name, Operator operator) {
      Objects.requireNonNull(operator);
      if (name.isBlank()
          || name.equals(INPUT)
          || nodes.stream().anyMatch(n -> n.name().equals(name))) {
        throw new IllegalArgumentException("node name '" + name + "' is blank, reserved or taken");
      }
      String from = nodes.isEmpty() ? INPUT : nodes.getLast().name();
      Node node = new Node(name, operator, from, operator.outputShape(shape()));
      nodes.add(node);
      for (Operator.ParameterSpec spec : operator.parameters()) {
        String key = node.parameter(spec.role());
        parameters.put(key, new Parameter(key, spec.kind(), Tensor.zeros(spec.shape())));
      }
      return this;
    }

    /** Returns the network. */
    public Graph build() {
      return new Graph(inputShape, nodes, parameters);
    }

    private Shape shape() {
      return nodes.isEmpty() ? inputShape : nodes.getLast().outputShape();
    }

    private String fresh(String kind) {
      long n = nodes.stream().filter(node -> node.name().startsWith(kind)).count();
      return kind + (n + 1);
    }
  }
}
