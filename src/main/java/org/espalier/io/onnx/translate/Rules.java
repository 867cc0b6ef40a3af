package org.espalier.io.onnx.translate;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.espalier.io.onnx.read.OnnxNode;

/** The operators that can be translated. */
final class Rules {
  private static final Map<String, Rule> ALL = new TreeMap<>();

  static {
    for (Map<String, Rule> family :
        List.of(
            LayerRules.ALL,
            ElementwiseRules.ALL,
            MovementRules.ALL,
            ShapeRules.ALL,
            PoolRules.ALL,
            ReductionRules.ALL,
            ResizeRules.ALL,
            QuantizationRules.ALL,
            MicrosoftRules.ALL)) {
      ALL.putAll(family);
    }
  }

  private Rules() {}

  /** Returns the names of all, behind their domain if it isn't ONNX's, in alphabetical order. */
  static List<String> names() {
    return new ArrayList<>(ALL.keySet());
  }

  static Rule of(OnnxNode node) throws Unsupported {
    Rule rule =
        ALL.get(node.domain().isEmpty() ? node.opType() : node.domain() + "." + node.opType());
    if (rule == null) {
      throw new Unsupported("");
    }
    return rule;
  }
}
