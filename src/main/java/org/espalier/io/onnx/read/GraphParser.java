package org.espalier.io.onnx.read;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.espalier.InputException;

/** Reads {@code GraphProto}, but not the graphs inside of nodes. */
final class GraphParser {
  private final WireReader in;
  private final String file;
  private final Map<String, Long> opsets;
  private final List<OnnxNode> nodes = new ArrayList<>();
  private final Map<String, OnnxTensor> initializers = new LinkedHashMap<>();
  private final Map<String, OnnxValue> inputs = new LinkedHashMap<>();
  private final Map<String, OnnxValue> outputs = new LinkedHashMap<>();
  private final Map<String, OnnxValue> valueInfo = new LinkedHashMap<>();
  private int sparse;

  private GraphParser(WireReader in, Map<String, Long> opsets) {
    this.in = in;
    this.file = in.source().file();
    this.opsets = opsets;
  }

  /** Reads a graph and puts functions into it. */
  static OnnxNetwork parse(
      WireReader in, Map<String, Long> opsets, Map<OperatorKey, OnnxFunction> functions) {
    return new GraphParser(in, opsets).graph(functions);
  }

  private OnnxNetwork graph(Map<OperatorKey, OnnxFunction> functions) {
    String name = "";
    for (int number = in.next(); number != 0; number = in.next()) {
      switch (number) {
        case 1 ->
            nodes.add(
                NodeParser.parse(in.message(new Place(file, "node", nodes.size())), file, opsets));
        case 2 -> name = in.text();
        case 5 ->
            add(
                TensorParser.parse(
                    in.message(new Place(file, "initializer", initializers.size() - sparse))));
        case 11 -> add("input", inputs);
        case 12 -> add("output", outputs);
        case 13 -> {
          OnnxValue value = OnnxValue.parse(in.message(new Place(file, "value", valueInfo.size())));
          valueInfo.put(value.name(), value);
        }
        case 15 ->
            add(
                TensorParser.parseSparse(
                    in.message(new Place(file, "sparse_initializer", sparse++))));
        default -> in.skip();
      }
    }
    nodes.forEach(GraphParser::checkReferences);
    List<OnnxNode> inlined = nodes;
    if (!functions.isEmpty()) {
      inlined = new Inliner(in.source(), functions, names()).inline(nodes);
    }
    List<OnnxNode> sorted =
        new NodeOrder(file, inputs.keySet(), initializers.keySet(), inlined).sort(outputs.keySet());
    return new OnnxNetwork(
        name,
        sorted,
        initializers,
        List.copyOf(inputs.values()),
        List.copyOf(outputs.values()),
        valueInfo);
  }

  private static void checkReferences(OnnxNode node) {
    for (OnnxAttribute attribute : node.attributes().values()) {
      if (!attribute.reference().isEmpty()) {
        throw InputException.expected(
            new Place(node.where(), "attribute " + attribute.name()),
            "a value",
            "a reference to " + attribute.reference() + " outside of a function");
      }
    }
  }

  private void add(OnnxTensor initializer) {
    if (initializer.name().isEmpty()) {
      throw InputException.expected(initializer.where(), "a name", "none");
    }
    if (initializers.put(initializer.name(), initializer) != null) {
      throw InputException.expected(file, "one initializer " + initializer.name(), "two");
    }
  }

  private void add(String kind, Map<String, OnnxValue> values) {
    OnnxValue value = OnnxValue.parse(in.message(new Place(file, kind, values.size())));
    if (values.put(value.name(), value) != null) {
      throw InputException.expected(file, "one " + kind + " " + value.name(), "two");
    }
  }

  /** Returns all names of values, which functions must keep clear of. */
  private List<String> names() {
    List<String> names = new ArrayList<>(inputs.keySet());
    names.addAll(initializers.keySet());
    for (OnnxNode node : nodes) {
      names.addAll(node.inputs());
      names.addAll(node.outputs());
    }
    return names;
  }
}
