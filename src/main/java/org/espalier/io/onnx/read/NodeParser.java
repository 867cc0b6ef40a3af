package org.espalier.io.onnx.read;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.espalier.InputException;

/** Reads {@code NodeProto}. */
final class NodeParser {
  private NodeParser() {}

  /**
   * Reads a node.
   *
   * @param above the file, or the function that it is in
   * @param opsets versions of operators by domain
   */
  static OnnxNode parse(WireReader in, Object above, Map<String, Long> opsets) {
    in.source().count(1);
    List<String> inputs = new ArrayList<>(2);
    List<String> outputs = new ArrayList<>(1);
    Map<String, OnnxAttribute> attributes = new LinkedHashMap<>(4);
    String name = "";
    String type = "";
    String domain = "";
    String overload = "";
    for (int number = in.next(); number != 0; number = in.next()) {
      switch (number) {
        case 1 -> inputs.add(in.text());
        case 2 -> outputs.add(in.text());
        case 3 -> name = in.text();
        case 4 -> type = in.text();
        case 5 -> add(in, attributes);
        case 7 -> domain = in.text();
        case 8 -> overload = in.text();
        default -> in.skip();
      }
    }
    if (type.isEmpty()) {
      throw InputException.expected(in.where(), "an operator", "none");
    }
    OperatorKey operator = new OperatorKey(domain, type, overload);
    long opset = opsets.getOrDefault(operator.domain(), 0L);
    return new OnnxNode(
        above,
        name,
        operator,
        opset,
        List.copyOf(inputs),
        List.copyOf(outputs),
        attributes.isEmpty() ? Map.of() : attributes);
  }

  private static void add(WireReader in, Map<String, OnnxAttribute> attributes) {
    OnnxAttribute attribute = OnnxAttribute.parse(in.message(in.where()));
    if (attributes.put(attribute.name(), attribute) != null) {
      throw InputException.expected(in.where(), "one attribute " + attribute.name(), "two");
    }
  }
}
