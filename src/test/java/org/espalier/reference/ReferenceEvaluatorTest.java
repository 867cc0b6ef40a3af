package org.espalier.reference;

import static org.espalier.reference.OperatorRun.assertBits;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.espalier.model.Elementwise;
import org.espalier.model.Graph;
import org.espalier.model.Movement;
import org.espalier.model.Operator;
import org.espalier.tensor.Shape;
import org.junit.jupiter.api.Test;

class ReferenceEvaluatorTest {
  private static Graph network() {
    Map<String, Shape> inputs = new LinkedHashMap<>();
    inputs.put("a", Shape.of(2));
    inputs.put("b", Shape.of(2));
    Graph graph =
        Graph.inputs(inputs)
            .add("fc", new Operator.Linear(2, 2))
            .relu()
            .plus("b")
            .output("fc")
            .add("c", new Movement.Constant(Shape.of(1)), List.of())
            .add("y", new Elementwise.Binary(Elementwise.Arithmetic.MUL), List.of("add1", "c"))
            .output("y")
            .output("b")
            .build();
    graph.parameter("fc.weight").value().copyFrom(new float[] {1, 2, -3, -4});
    graph.parameter("fc.bias").value().copyFrom(new float[] {0, 1});
    graph.parameter("c.value").value().copyFrom(new float[] {10});
    return graph;
  }

  @Test
  void evaluatesAGraphOfSeveralInputsAndOutputs() {
    ReferenceEvaluator evaluator = new ReferenceEvaluator(network());
    for (int run = 0; run < 2; run++) {
      Map<String, float[]> outputs =
          evaluator.run(Map.of("a", new float[] {1, 1}, "b", new float[] {5, 7}));
      assertEquals(List.of("fc", "y", "b"), List.copyOf(outputs.keySet()));
      assertBits(new float[] {3, -6}, outputs.get("fc"));
      assertBits(new float[] {80, 70}, outputs.get("y"));
      assertBits(new float[] {5, 7}, outputs.get("b"));
      outputs.get("b")[0] = 0; // theirs who asked
    }
  }

  @Test
  void refusesOtherInputs() {
    ReferenceEvaluator evaluator = new ReferenceEvaluator(network());
    float[] two = new float[2];
    assertThrows(IllegalArgumentException.class, () -> evaluator.run(Map.of("a", two)));
    assertThrows(
        IllegalArgumentException.class, () -> evaluator.run(Map.of("a", two, "b", new float[3])));
  }
}
