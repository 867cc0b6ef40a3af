package org.espalier.io;

import java.util.ArrayList;
import java.util.List;
import org.espalier.InputException;
import org.espalier.model.Graph;
import org.espalier.model.Node;
import org.espalier.model.Operator;
import org.espalier.tensor.Shape;
import tools.jackson.core.JsonGenerator;

/**
 * The structure of a graph as JSON: the input's shape, and the nodes, each with its name, the node
 * whose output it reads, its operator's kind and the operator's fields. What is read is held as a
 * description first, because building a graph allocates its parameters.
 *
 * @param where names the text in messages
 * @param input shape of one example
 * @param nodes operators by name, in order
 */
record GraphJson(String where, Shape input, List<NamedOperator> nodes) {
  /** An operator, the name of its node and the name of the node whose output it reads. */
  record NamedOperator(String name, String input, Operator operator) {}

  private static final String LINEAR = "linear";
  private static final String RELU = "relu";
  private static final String FLATTEN = "flatten";

  /** Returns a graph's structure as JSON. */
  static String write(Graph graph) {
    return JsonText.of(
        json -> {
          json.writeStartObject();
          JsonText.writeNumbers(json, "input", graph.inputShape().dims());
          json.writeName("nodes");
          json.writeStartArray();
          for (Node node : graph.nodes()) {
            json.writeStartObject();
            json.writeStringProperty("name", node.name());
            json.writeStringProperty("input", node.input());
            write(json, node.operator());
            json.writeEndObject();
          }
          json.writeEndArray();
          json.writeEndObject();
        });
  }

  private static void write(JsonGenerator json, Operator operator) {
    switch (operator) {
      case Operator.Linear(int inputs, int outputs) -> {
        json.writeStringProperty("operator", LINEAR);
        json.writeNumberProperty("inputs", inputs);
        json.writeNumberProperty("outputs", outputs);
      }
      case Operator.Relu() -> json.writeStringProperty("operator", RELU);
      case Operator.Flatten() -> json.writeStringProperty("operator", FLATTEN);
    }
  }

  private static Operator readOperator(JsonObject node) {
    String kind = node.string("operator");
    return switch (kind) {
      case LINEAR -> {
        allow(node, "inputs", "outputs");
        yield new Operator.Linear(node.positive("inputs"), node.positive("outputs"));
      }
      case RELU -> {
        allow(node);
        yield new Operator.Relu();
      }
      case FLATTEN -> {
        allow(node);
        yield new Operator.Flatten();
      }
      default ->
          throw InputException.expected(
              node.where() + ", operator", "one of " + List.of(LINEAR, RELU, FLATTEN), kind);
    };
  }

  private static void allow(JsonObject node, String... fields) {
    List<String> allowed = new ArrayList<>(List.of("name", "input", "operator"));
    allowed.addAll(List.of(fields));
    node.allow(allowed.toArray(String[]::new));
  }

  /**
   * Reads the description of a graph.
   *
   * @throws InputException if the text is none
   */
  static GraphJson parse(String where, String text) {
    JsonObject json = JsonObject.parse(where, text);
    json.allow("input", "nodes");
    List<NamedOperator> nodes = new ArrayList<>();
    for (JsonObject node : json.objects("nodes")) {
      nodes.add(new NamedOperator(node.string("name"), node.string("input"), readOperator(node)));
    }
    return new GraphJson(where, shape(where, json.positives("input")), nodes);
  }

  private static Shape shape(String where, int[] dims) {
    try {
      return Shape.of(dims);
    } catch (IllegalArgumentException e) {
      throw new InputException(where + ": " + e.getMessage(), e);
    }
  }

  /** A parameter that the graph will have. */
  record Wanted(String name, Shape shape) {}

  /**
   * Returns the parameters that the graph will have.
   *
   * @throws InputException if one of them has more elements than there can be
   */
  List<Wanted> parameters() {
    List<Wanted> wanted = new ArrayList<>();
    for (NamedOperator node : nodes) {
      try {
        for (Operator.ParameterSpec p : node.operator().parameters()) {
          wanted.add(new Wanted(node.name() + "." + p.role(), p.shape()));
        }
      } catch (IllegalArgumentException e) {
        throw new InputException(where + ", node " + node.name() + ": " + e.getMessage(), e);
      }
    }
    return wanted;
  }

  /**
   * Returns the graph, all parameters 0.
   *
   * @throws InputException if the nodes don't fit together
   */
  Graph build() {
    Graph.Builder builder = Graph.input(input);
    String before = Graph.INPUT;
    for (NamedOperator node : nodes) {
      if (!node.input().equals(before)) {
        throw InputException.expected(
            where + ", node " + node.name(), "input " + before, node.input());
      }
      try {
        builder.add(node.name(), node.operator());
      } catch (IllegalArgumentException e) {
        throw new InputException(where + ", node " + node.name() + ": " + e.getMessage(), e);
      }
      before = node.name();
    }
    return builder.build();
  }
}
