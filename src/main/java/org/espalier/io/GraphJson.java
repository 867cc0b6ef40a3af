package org.espalier.io;

import org.espalier.InputException;
import org.espalier.model.Graph;
import org.espalier.model.Node;
import org.espalier.model.Operator;
import org.espalier.tensor.Shape;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A graph's structure as JSON: the input's shape and the nodes, each with its operator's kind. */
final class GraphJson {
  private static final JsonMapper JSON = JsonMapper.shared();

  private GraphJson() {}

  static String write(Graph graph) {
    ObjectNode root = JSON.createObjectNode();
    ArrayNode input = root.putArray("input");
    for (int d : graph.inputShape().dims()) {
      input.add(d);
    }
    ArrayNode nodes = root.putArray("nodes");
    for (Node node : graph.nodes()) {
      ObjectNode n = nodes.addObject().put("name", node.name()).put("input", node.input());
      switch (node.operator()) {
        case Operator.Linear linear ->
            n.put("operator", "linear")
                .put("inputs", linear.inputs())
                .put("outputs", linear.outputs());
        case Operator.Relu _ -> n.put("operator", "relu");
        case Operator.Flatten _ -> n.put("operator", "flatten");
      }
    }
    return JSON.writeValueAsString(root);
  }

  /**
   * Reads a graph, all parameters 0.
   *
   * @param maxElements most elements of all parameters together
   * @throws InputException if it isn't one, or larger
   */
  static Graph read(String where, String json, long maxElements) {
    JsonNode root;
    try {
      root = JSON.readTree(json);
    } catch (JacksonException e) {
      throw new InputException(where + ": graph: no valid JSON", e);
    }
    try {
      JsonNode dims = root.path("input");
      int[] shape = new int[Math.min(dims.size(), 8)];
      for (int i = 0; i < shape.length; i++) {
        shape[i] = positive(where, "input", dims.get(i));
      }
      Graph.Builder builder = Graph.input(Shape.of(shape));
      String before = Graph.INPUT;
      long elements = 0;
      for (JsonNode n : root.path("nodes")) {
        String name = n.path("name").asString("");
        if (!n.path("input").asString("").equals(before)) {
          throw InputException.expected(
              where + ": node " + name, "to read " + before, n.path("input"));
        }
        Operator operator = operator(where + ": node " + name, n);
        for (Operator.ParameterSpec p : operator.parameters()) {
          elements += p.shape().size();
        }
        if (elements > maxElements) {
          throw InputException.expected(
              where + ": graph", "at most " + maxElements + " parameters in this file", elements);
        }
        builder.add(name, operator);
        before = name;
      }
      return builder.build();
    } catch (IllegalArgumentException e) {
      throw new InputException(where + ": graph: " + e.getMessage(), e);
    }
  }

  private static Operator operator(String where, JsonNode n) {
    String kind = n.path("operator").asString("");
    return switch (kind) {
      case "linear" ->
          new Operator.Linear(
              positive(where, "inputs", n.path("inputs")),
              positive(where, "outputs", n.path("outputs")));
      case "relu" -> new Operator.Relu();
      case "flatten" -> new Operator.Flatten();
      default -> throw InputException.expected(where, "a known operator", kind);
    };
  }

  private static int positive(String where, String key, JsonNode n) {
    if (!n.isIntegralNumber() || !n.canConvertToInt() || n.intValue() < 1) {
      throw InputException.expected(where + ": " + key, "a whole number above 0", n);
    }
    return n.intValue();
  }
}
