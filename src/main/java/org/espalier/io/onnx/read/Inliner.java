package org.espalier.io.onnx.read;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.espalier.InputException;

/**
 * Puts the nodes of functions in the place of their calls. Values inside get the name of the call
 * in front of theirs, and a number behind if that is taken.
 */
final class Inliner {
  /** Calls within calls that are followed. */
  private static final int DEEPEST = 100;

  private final Source source;
  private final Map<OperatorKey, OnnxFunction> functions;
  private final Set<String> taken;
  private final Map<String, Integer> tried = new HashMap<>();
  private final Set<OperatorKey> open = new LinkedHashSet<>();
  private final List<OnnxNode> nodes = new ArrayList<>();

  /**
   * Begins with nothing put in.
   *
   * @param taken names that values have
   */
  Inliner(Source source, Map<OperatorKey, OnnxFunction> functions, List<String> taken) {
    this.source = source;
    this.functions = functions;
    this.taken = new HashSet<>(taken);
  }

  /**
   * Returns nodes none of which calls a function.
   *
   * @throws InputException if a function calls itself, or a call doesn't fit its function
   */
  List<OnnxNode> inline(List<OnnxNode> calls) {
    calls.forEach(this::add);
    return nodes;
  }

  private void add(OnnxNode node) {
    OnnxFunction function = functions.get(node.operator());
    if (function == null) {
      nodes.add(node);
      return;
    }
    if (!open.add(function.key())) {
      throw InputException.expected(
          node.where(), "a function that doesn't call itself", function.key());
    }
    if (open.size() > DEEPEST) {
      throw InputException.expected(node.where(), "at most " + DEEPEST + " calls inside", "more");
    }
    expand(node, function);
    open.remove(function.key());
  }

  private void expand(OnnxNode call, OnnxFunction function) {
    int inputs = function.inputs().size();
    int outputs = function.outputs().size();
    if (call.inputs().size() > inputs || call.outputs().size() > outputs) {
      throw InputException.expected(
          call.where(),
          "at most " + inputs + " inputs and " + outputs + " outputs",
          call.inputs().size() + " and " + call.outputs().size());
    }
    source.count(1L + inputs + outputs);
    Map<String, String> names = new HashMap<>();
    for (int i = 0; i < inputs; i++) {
      names.put(function.inputs().get(i), at(call.inputs(), i));
    }
    List<OnnxNode> copies = new ArrayList<>();
    for (int i = 0; i < outputs; i++) {
      String inside = function.outputs().get(i);
      String outside = at(call.outputs(), i);
      if (outside.isEmpty()) {
        continue;
      }
      String input = names.get(inside);
      if (input == null) {
        names.put(inside, outside);
      } else {
        copies.add(copy(call, input, outside));
      }
    }
    for (OnnxNode node : function.nodes()) {
      add(bind(node, call, function, names));
    }
    nodes.addAll(copies);
  }

  private static String at(List<String> names, int i) {
    return i < names.size() ? names.get(i) : "";
  }

  /** Returns a node for an output that is an input. */
  private static OnnxNode copy(OnnxNode call, String from, String to) {
    return new OnnxNode(
        call.where(),
        "",
        new OperatorKey("", "Identity", ""),
        call.opset(),
        List.of(from),
        List.of(to),
        Map.of());
  }

  private OnnxNode bind(
      OnnxNode node, OnnxNode call, OnnxFunction function, Map<String, String> names) {
    source.count(1L + node.attributes().size());
    Map<String, OnnxAttribute> attributes = new LinkedHashMap<>(4);
    for (OnnxAttribute attribute : node.attributes().values()) {
      if (attribute.reference().isEmpty()) {
        attributes.put(attribute.name(), attribute);
      } else {
        OnnxAttribute given = call.attributes().get(attribute.reference());
        OnnxAttribute value =
            given == null ? function.defaults().get(attribute.reference()) : given;
        if (value != null) {
          checkKind(node, attribute, value);
          attributes.put(attribute.name(), value.named(attribute.name()));
        }
      }
    }
    String written = node.writtenName();
    String name = written.isEmpty() ? "" : text(call.name() + "/" + written);
    return new OnnxNode(
        source.file(),
        name,
        node.operator(),
        node.opset(),
        rename(node.inputs(), call, names),
        rename(node.outputs(), call, names),
        attributes);
  }

  private static void checkKind(OnnxNode node, OnnxAttribute stated, OnnxAttribute value) {
    if (stated.kind() != AttributeKind.UNDEFINED && stated.kind() != value.kind()) {
      throw InputException.expected(
          new Place(node.where(), "attribute " + stated.name()),
          stated.kind().name(),
          value.kind());
    }
  }

  private List<String> rename(List<String> inside, OnnxNode call, Map<String, String> names) {
    List<String> outside = new ArrayList<>(inside.size());
    source.count(inside.size());
    for (String name : inside) {
      outside.add(
          name.isEmpty() ? "" : names.computeIfAbsent(name, n -> fresh(call.name() + "/" + n)));
    }
    return outside;
  }

  private String fresh(String wanted) {
    String name = text(wanted);
    while (!taken.add(name)) {
      name = text(wanted + "_" + tried.merge(wanted, 1, Integer::sum));
    }
    return name;
  }

  private String text(String name) {
    source.countText(name.length());
    return name;
  }
}
