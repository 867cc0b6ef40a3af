package org.espalier.io;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.espalier.InputException;
import org.espalier.model.Graph;
import org.espalier.model.Node;
import org.espalier.model.Operator;
import org.espalier.tensor.Shape;
import tools.jackson.core.JsonGenerator;

/**
 * The structure of a graph as JSON: the input's shape, and the nodes, each with its name, the node
 * whose output it reads (and the other one, if it reads two), its operator's kind and the
 * operator's fields. Only a network whose input has a name of its own or is one number, or that has
 * several, or other outputs than its last node, has lists of them; so files of before there were
 * such networks stay as they were. What is read is held as a description first, because building a
 * graph allocates its parameters.
 *
 * @param where names the text in messages
 * @param inputs shapes of one example by name, in order
 * @param outputs names of what the network gives; none for what the last node does
 * @param nodes operators by name, in order
 */
record GraphJson(
    String where, Map<String, Shape> inputs, List<String> outputs, List<NamedOperator> nodes) {
  /** An operator, the name of its node and the names of the nodes whose outputs it reads. */
  record NamedOperator(String name, List<String> inputs, Operator operator) {
    /** Copies the list. */
    NamedOperator {
      inputs = List.copyOf(inputs);
    }
  }

  private static final String INPUT = "input";
  private static final String INPUTS = "inputs";
  private static final String OUTPUTS = "outputs";
  private static final String NODES = "nodes";
  private static final String NAME = "name";
  private static final String SHAPE = "shape";

  /** Returns a graph's structure as JSON. */
  static String write(Graph graph) {
    return JsonText.of(
        json -> {
          json.writeStartObject();
          if (graph.inputs().size() == 1
              && graph.isInput(Graph.INPUT)
              && graph.inputShape().rank() > 0) {
            JsonText.writeNumbers(json, INPUT, graph.inputShape().dims());
          } else {
            writeInputs(json, graph);
          }
          String last = graph.nodes().isEmpty() ? Graph.INPUT : graph.nodes().getLast().name();
          if (!graph.outputs().equals(List.of(last))) {
            JsonText.writeStrings(json, OUTPUTS, graph.outputs());
          }
          json.writeArrayPropertyStart(NODES);
          graph.nodes().forEach(node -> write(json, node));
          json.writeEndArray();
          json.writeEndObject();
        });
  }

  private static void writeInputs(JsonGenerator json, Graph graph) {
    json.writeArrayPropertyStart(INPUTS);
    graph
        .inputs()
        .forEach(
            (name, shape) -> {
              json.writeStartObject();
              json.writeStringProperty(NAME, name);
              JsonText.writeNumbers(json, SHAPE, shape.dims());
              json.writeEndObject();
            });
    json.writeEndArray();
  }

  private static void write(JsonGenerator json, Node node) {
    json.writeStartObject();
    json.writeStringProperty(NAME, node.name());
    OperatorJson.writeInputs(json, node);
    try {
      OperatorJson.write(json, node.operator());
    } catch (InputException e) {
      throw new InputException("node " + node.name() + ": " + e.getMessage(), e);
    }
    json.writeEndObject();
  }

  /**
   * Reads the description of a graph.
   *
   * @throws InputException if the text is none
   */
  static GraphJson parse(String where, String text) {
    JsonObject json = JsonObject.parse(where, text);
    Map<String, Shape> inputs = new LinkedHashMap<>();
    if (json.has(INPUTS)) {
      json.allow(INPUTS, OUTPUTS, NODES);
      for (JsonObject input : json.objects(INPUTS)) {
        input.allow(NAME, SHAPE);
        String name = input.string(NAME);
        if (name.isBlank() || inputs.containsKey(name)) {
          throw InputException.expected(
              input.where() + ", " + NAME, "a name that no other input has", "'" + name + "'");
        }
        inputs.put(name, shape(input.where(), input.positives(SHAPE)));
      }
      if (inputs.isEmpty()) {
        throw InputException.expected(where + ", " + INPUTS, "one or more", "none");
      }
    } else {
      json.allow(INPUT, OUTPUTS, NODES);
    }
    List<NamedOperator> nodes = new ArrayList<>();
    for (JsonObject node : json.objects(NODES)) {
      Operator operator = OperatorJson.read(node);
      List<String> read = OperatorJson.readInputs(node, operator);
      nodes.add(new NamedOperator(node.string(NAME), read, operator));
    }
    if (!json.has(INPUTS)) {
      int[] input = json.positives(INPUT);
      if (input.length == 0) {
        throw InputException.expected(where + ", " + INPUT, "a size or more", "none");
      }
      inputs.put(Graph.INPUT, shape(where, input));
    }
    List<String> outputs = json.has(OUTPUTS) ? json.stringList(OUTPUTS) : List.of();
    if (json.has(OUTPUTS) && outputs.isEmpty()) {
      throw InputException.expected(where + ", " + OUTPUTS, "one or more", "none");
    }
    return new GraphJson(where, inputs, outputs, nodes);
  }

  /** Returns a shape that is read. */
  static Shape shape(String where, int[] dims) {
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
   * @throws InputException if the nodes don't fit together, or one gives no elements
   */
  Graph build() {
    Graph.Builder builder = Graph.inputs(inputs);
    for (NamedOperator node : nodes) {
      try {
        builder.add(node.name(), node.operator(), node.inputs());
        if (builder.shape().size() == 0) {
          throw new IllegalArgumentException("it gives nothing: " + builder.shape());
        }
      } catch (IllegalArgumentException | ArithmeticException e) {
        throw new InputException(where + ", node " + node.name() + ": " + e.getMessage(), e);
      }
    }
    try {
      outputs.forEach(builder::output);
      return builder.build();
    } catch (IllegalArgumentException e) {
      throw new InputException(where + ": " + e.getMessage(), e);
    }
  }
}
