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
 * whose output it reads (and the other one, if it reads two), its operator's kind and the
 * operator's fields. What is read is held as a description first, because building a graph
 * allocates its parameters.
 *
 * @param where names the text in messages
 * @param input shape of one example
 * @param nodes operators by name, in order
 */
record GraphJson(String where, Shape input, List<NamedOperator> nodes) {
  /** An operator, the name of its node and the names of the nodes whose outputs it reads. */
  record NamedOperator(String name, List<String> inputs, Operator operator) {
    /** Copies the list. */
    NamedOperator {
      inputs = List.copyOf(inputs);
    }
  }

  private static final String LINEAR = "linear";
  private static final String CONV2D = "conv2d";
  private static final String BATCH_NORM = "batch_norm";
  private static final String RELU = "relu";
  private static final String ADD = "add";
  private static final String SHORTCUT = "shortcut";
  private static final String MAX_POOL = "max_pool";
  private static final String AVERAGE_POOL = "average_pool";
  private static final String GLOBAL_AVERAGE_POOL = "global_average_pool";
  private static final String FLATTEN = "flatten";

  private static final List<String> KINDS =
      List.of(
          LINEAR,
          CONV2D,
          BATCH_NORM,
          RELU,
          ADD,
          SHORTCUT,
          MAX_POOL,
          AVERAGE_POOL,
          GLOBAL_AVERAGE_POOL,
          FLATTEN);

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
            if (node.inputs().size() > 1) {
              json.writeStringProperty("other", node.inputs().get(1));
            }
            write(json, node.operator());
            json.writeEndObject();
          }
          json.writeEndArray();
          json.writeEndObject();
        });
  }

  private static void write(JsonGenerator json, Operator operator) {
    json.writeStringProperty("operator", kind(operator));
    switch (operator) {
      case Operator.Linear(int inputs, int outputs) -> {
        json.writeNumberProperty("inputs", inputs);
        json.writeNumberProperty("outputs", outputs);
      }
      case Operator.Conv2d conv -> {
        json.writeNumberProperty("inputs", conv.inputs());
        json.writeNumberProperty("outputs", conv.outputs());
        json.writeNumberProperty("kernelHeight", conv.kernelHeight());
        json.writeNumberProperty("kernelWidth", conv.kernelWidth());
        json.writeNumberProperty("stride", conv.stride());
        json.writeNumberProperty("padding", conv.padding());
        json.writeNumberProperty("groups", conv.groups());
        json.writeBooleanProperty("bias", conv.bias());
      }
      case Operator.BatchNorm(int channels, double momentum, double epsilon) -> {
        json.writeNumberProperty("channels", channels);
        json.writeNumberProperty("momentum", momentum);
        json.writeNumberProperty("epsilon", epsilon);
      }
      case Operator.Shortcut(int outputs, int stride) -> {
        json.writeNumberProperty("outputs", outputs);
        json.writeNumberProperty("stride", stride);
      }
      case Operator.Pool pool -> {
        json.writeNumberProperty("kernel", pool.kernel());
        json.writeNumberProperty("stride", pool.stride());
        json.writeNumberProperty("padding", pool.padding());
      }
      case Operator.Relu _, Operator.Add _, Operator.GlobalAveragePool _, Operator.Flatten _ -> {}
    }
  }

  private static String kind(Operator operator) {
    return switch (operator) {
      case Operator.Linear _ -> LINEAR;
      case Operator.Conv2d _ -> CONV2D;
      case Operator.BatchNorm _ -> BATCH_NORM;
      case Operator.Relu _ -> RELU;
      case Operator.Add _ -> ADD;
      case Operator.Shortcut _ -> SHORTCUT;
      case Operator.MaxPool _ -> MAX_POOL;
      case Operator.AveragePool _ -> AVERAGE_POOL;
      case Operator.GlobalAveragePool _ -> GLOBAL_AVERAGE_POOL;
      case Operator.Flatten _ -> FLATTEN;
    };
  }

  private static Operator readOperator(JsonObject node) {
    String kind = node.string("operator");
    try {
      return switch (kind) {
        case LINEAR -> {
          allow(node, "inputs", "outputs");
          yield new Operator.Linear(node.positive("inputs"), node.positive("outputs"));
        }
        case CONV2D -> readConv(node);
        case BATCH_NORM -> {
          allow(node, "channels", "momentum", "epsilon");
          yield new Operator.BatchNorm(
              node.positive("channels"), node.number("momentum"), node.number("epsilon"));
        }
        case RELU -> bare(node, new Operator.Relu());
        case ADD -> {
          allow(node, "other");
          yield new Operator.Add();
        }
        case SHORTCUT -> {
          allow(node, "outputs", "stride");
          yield new Operator.Shortcut(node.positive("outputs"), node.positive("stride"));
        }
        case MAX_POOL -> {
          allowWindow(node);
          yield new Operator.MaxPool(
              node.positive("kernel"), node.positive("stride"), node.natural("padding"));
        }
        case AVERAGE_POOL -> {
          allowWindow(node);
          yield new Operator.AveragePool(
              node.positive("kernel"), node.positive("stride"), node.natural("padding"));
        }
        case GLOBAL_AVERAGE_POOL -> bare(node, new Operator.GlobalAveragePool());
        case FLATTEN -> bare(node, new Operator.Flatten());
        default ->
            throw InputException.expected(node.where() + ", operator", "one of " + KINDS, kind);
      };
    } catch (IllegalArgumentException e) {
      throw new InputException(node.where() + ": " + e.getMessage(), e);
    }
  }

  private static Operator readConv(JsonObject node) {
    allow(
        node,
        "inputs",
        "outputs",
        "kernelHeight",
        "kernelWidth",
        "stride",
        "padding",
        "groups",
        "bias");
    return new Operator.Conv2d(
        node.positive("inputs"),
        node.positive("outputs"),
        node.positive("kernelHeight"),
        node.positive("kernelWidth"),
        node.positive("stride"),
        node.natural("padding"),
        node.positive("groups"),
        node.bool("bias"));
  }

  private static void allowWindow(JsonObject node) {
    allow(node, "kernel", "stride", "padding");
  }

  private static Operator bare(JsonObject node, Operator operator) {
    allow(node);
    return operator;
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
      Operator operator = readOperator(node);
      List<String> inputs = new ArrayList<>();
      inputs.add(node.string("input"));
      if (operator.arity() > 1) {
        inputs.add(node.string("other"));
      }
      nodes.add(new NamedOperator(node.string("name"), inputs, operator));
    }
    int[] input = json.positives("input");
    if (input.length == 0) {
      throw InputException.expected(where + ", input", "a size or more", "none");
    }
    return new GraphJson(where, shape(where, input), nodes);
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
    for (NamedOperator node : nodes) {
      try {
        builder.add(node.name(), node.operator(), node.inputs());
      } catch (IllegalArgumentException e) {
        throw new InputException(where + ", node " + node.name() + ": " + e.getMessage(), e);
      }
    }
    try {
      return builder.build();
    } catch (IllegalArgumentException e) {
      throw new InputException(where + ": " + e.getMessage(), e);
    }
  }
}
