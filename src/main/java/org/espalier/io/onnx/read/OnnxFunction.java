package org.espalier.io.onnx.read;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.espalier.InputException;

/**
 * A function of a model: an operator that is defined by nodes.
 *
 * @param key what it is called
 * @param inputs names of its inputs
 * @param outputs names of its outputs
 * @param defaults attributes that hold where a call has none
 * @param nodes what it computes
 */
record OnnxFunction(
    OperatorKey key,
    List<String> inputs,
    List<String> outputs,
    Map<String, OnnxAttribute> defaults,
    List<OnnxNode> nodes) {
  /** Reads {@code FunctionProto}. */
  static OnnxFunction parse(WireReader in) {
    Source source = in.source();
    source.count(1);
    String name = "";
    String domain = "";
    String overload = "";
    List<String> inputs = new ArrayList<>();
    List<String> outputs = new ArrayList<>();
    Map<String, Long> opsets = new HashMap<>();
    Map<String, OnnxAttribute> defaults = new HashMap<>();
    List<WireReader> bodies = new ArrayList<>();
    for (int number = in.next(); number != 0; number = in.next()) {
      switch (number) {
        case 1 -> name = in.text();
        case 4 -> inputs.add(in.text());
        case 5 -> outputs.add(in.text());
        case 7 -> {
          source.count(1);
          bodies.add(in.message(new Place(in.where(), "node", bodies.size())));
        }
        case 9 -> OnnxModel.opset(in.message(in.where()), opsets);
        case 10 -> domain = in.text();
        case 11 -> {
          OnnxAttribute attribute = OnnxAttribute.parse(in.message(in.where()));
          defaults.put(attribute.name(), attribute);
        }
        case 13 -> overload = in.text();
        default -> in.skip();
      }
    }
    OperatorKey key = new OperatorKey(domain, name, overload);
    Place place = new Place(source.file(), "function " + key);
    List<OnnxNode> nodes = new ArrayList<>();
    bodies.forEach(body -> nodes.add(NodeParser.parse(body, place, opsets)));
    check(place, inputs, outputs, nodes);
    return new OnnxFunction(key, inputs, outputs, defaults, nodes);
  }

  /** A name inside stands for one value; what stands outside for an input is not written to. */
  private static void check(
      Place place, List<String> inputs, List<String> outputs, List<OnnxNode> nodes) {
    Set<String> written = new HashSet<>(inputs);
    if (written.size() < inputs.size() || new HashSet<>(outputs).size() < outputs.size()) {
      throw InputException.expected(
          place, "inputs and outputs of different names", inputs + " and " + outputs);
    }
    for (OnnxNode node : nodes) {
      for (String output : node.outputs()) {
        if (!output.isEmpty() && !written.add(output)) {
          throw InputException.expected(
              node.where(), "outputs of its own", output + ", which is there already");
        }
      }
    }
    for (String output : outputs) {
      if (!written.contains(output)) {
        throw InputException.expected(place, "a value for output " + output, "none");
      }
    }
  }
}
