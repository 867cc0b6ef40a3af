package org.espalier.io.onnx.translate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.espalier.InputException;
import org.espalier.infer.Plan;
import org.espalier.infer.PlanOptions;
import org.espalier.io.onnx.Message;
import org.espalier.model.Operator;
import org.espalier.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What graphs become, by what they compute and by what is said of them. */
class OnnxImportTest {
  private static final int[] ONE = {1};

  @TempDir Path folder;

  private static OnnxGraphs opset(int version) {
    return new OnnxGraphs(version).input("x", 2).output("y");
  }

  /** Returns what a network of an input of two numbers makes of 1 and 2. */
  private float[] run(OnnxGraphs graph) {
    OnnxImport imported = graph.read(folder);
    Shape y = imported.graph().outputShape();
    float[] result = new float[y.size()];
    Plan.compile(imported.graph(), PlanOptions.defaults())
        .session()
        .run(1, Map.of("x", new float[] {1, 2}), Map.of("y", result));
    return result;
  }

  private String refusal(OnnxGraphs graph) {
    return assertThrows(InputException.class, () -> graph.read(folder)).getMessage();
  }

  @Test
  void remaindersOfRealNumbersAreRealAndOfWholeOnesHaveTheDivisorsSign() {
    OnnxGraphs reals =
        opset(13)
            .floats("a", new int[] {2}, 5.5f, -5.5f)
            .floats("b", ONE, 2)
            .node("Mod", List.of("a", "b"), "m", OnnxGraphs.whole("fmod", 1))
            .node("Add", List.of("x", "m"), "y");
    assertArrayEquals(new float[] {1 + 1.5f, 2 - 1.5f}, run(reals));
    OnnxGraphs wholes =
        opset(13)
            .wholes("a", new int[] {2}, 5, -5)
            .wholes("b", ONE, 3)
            .node("Mod", List.of("a", "b"), "m")
            .node("Cast", List.of("m"), "f", OnnxGraphs.whole("to", 1))
            .node("Add", List.of("x", "f"), "y");
    assertArrayEquals(new float[] {1 + 2, 2 + 1}, run(wholes));
  }

  @Test
  void remaindersOfWhatIsComputedHaveTheSignThatIsAskedFor() {
    OnnxGraphs graph =
        opset(13)
            .floats("b", new int[] {2}, -3, 1.5f)
            .node("Mod", List.of("x", "b"), "m", OnnxGraphs.whole("fmod", 1))
            .node("Mod", List.of("x", "b"), "n")
            .node("Sub", List.of("m", "n"), "y");
    // 1 = 0·−3 + 1 = −1·−3 − 2, and 2 = 1·1.5 + 0.5 both ways
    assertArrayEquals(new float[] {1 - -2, 0.5f - 0.5f}, run(graph));
  }

  @Test
  void windowsOverThreeAxesReadVolumes() {
    OnnxGraphs max =
        new OnnxGraphs(13)
            .input("x", 1, 1, 1, 2)
            .output("y")
            .wholes("p", new int[] {5}, 1, 2, 3, 3, 2)
            .node("Expand", List.of("x", "p"), "e")
            .node("AveragePool", List.of("e"), "y", OnnxGraphs.wholes("kernel_shape", 2, 2, 2));
    OnnxImport imported = max.read(folder);
    assertEquals(Shape.of(2, 2, 2, 1), imported.graph().outputShape());
    float[] means = new float[8];
    Arrays.fill(means, (1 + 2) / 2f);
    assertArrayEquals(means, run(max));
  }

  @Test
  void indicesOfPoolingAreRefusedIfAnybodyReadsThem() {
    OnnxGraphs unread = pooledWithIndices();
    assertEquals(
        Shape.of(1, 1),
        unread.node("Identity", List.of("p"), "y").read(folder).graph().outputShape());
    String refusal = refusal(pooledWithIndices().node("Identity", List.of("i"), "y"));
    assertTrue(refusal.contains("MaxPool (opset 13) 'MaxPool of p': output Indices"), refusal);
    String given = refusal(pooledWithIndices().output("i").node("Identity", List.of("p"), "y"));
    assertTrue(given.contains("MaxPool (opset 13) 'MaxPool of p': output Indices"), given);
  }

  private static OnnxGraphs pooledWithIndices() {
    return new OnnxGraphs(13)
        .input("x", 1, 2)
        .output("y")
        .node("MaxPool", List.of("x"), List.of("p", "i"), OnnxGraphs.wholes("kernel_shape", 2));
  }

  @Test
  void layerNormalizationAlsoGivesMeanAndInverseDeviation() {
    OnnxGraphs graph =
        opset(17)
            .floats("scale", ONE, 1)
            .node(
                "LayerNormalization",
                List.of("x", "scale"),
                List.of("n", "mean", "inverse"),
                OnnxGraphs.real("epsilon", 3.75f))
            .node("Concat", List.of("n", "mean", "inverse"), "y", OnnxGraphs.whole("axis", 1));
    // Mean 1.5 and variance 0.25 of 1 and 2, so that the root is that of 4.
    assertArrayEquals(new float[] {-0.25f, 0.25f, 1.5f, 0.5f}, run(graph));
  }

  @Test
  void theLargestOfNoTruthValuesIsFalseAndTheSmallestTrue() {
    OnnxGraphs graph =
        opset(20)
            .truths("none")
            .node("ReduceMax", List.of("none"), "max")
            .node("ReduceMin", List.of("none"), "min")
            .node("Concat", List.of("max", "min"), "both", OnnxGraphs.whole("axis", 0))
            .node("Cast", List.of("both"), "f", OnnxGraphs.whole("to", 1))
            .node("Add", List.of("x", "f"), "y");
    assertArrayEquals(new float[] {1 + 0, 2 + 1}, run(graph));
  }

  @Test
  void inputsOfDifferentFirstExtentsHaveNoExamplesInCommon() {
    OnnxGraphs graph =
        new OnnxGraphs(13)
            .fixedInput("a", 1, 2, 3)
            .fixedInput("b", 4, 3, 2)
            .output("y")
            .node("MatMul", List.of("a", "b"), "y");
    OnnxImport imported = graph.read(folder);
    assertFalse(imported.batched());
    assertEquals(Shape.of(4, 2, 2), imported.graph().outputShape());
  }

  @Test
  void knownNumbersBecomeWhatTheTypeHolds() {
    OnnxGraphs half =
        opset(13)
            .floats("a", new int[] {2}, 1 + 0x1p-12f, 0.1f)
            .node("Cast", List.of("a"), "h", OnnxGraphs.whole("to", 10))
            .node("Mul", List.of("x", "h"), "y");
    // 11 bits: the first loses its last one, 0.1 is 1638.4/16384 and becomes 1638/16384.
    assertArrayEquals(new float[] {1, 2 * (1638 / 16384f)}, run(half));
    OnnxGraphs bytes =
        opset(13)
            .floats("a", new int[] {2}, 300.5f, -1.5f)
            .node("Cast", List.of("a"), "u", OnnxGraphs.whole("to", 2))
            .node("Cast", List.of("u"), "f", OnnxGraphs.whole("to", 1))
            .node("Add", List.of("x", "f"), "y");
    assertArrayEquals(new float[] {1 + 300 - 256, 2 + 255}, run(bytes));
  }

  @Test
  void likeTruthValuesMeansTruthValues() {
    OnnxGraphs graph =
        opset(15)
            .wholes("a", new int[] {2}, 5, 0)
            .truths("like", true, false)
            .node("CastLike", List.of("a", "like"), "t")
            .node("Cast", List.of("t"), "f", OnnxGraphs.whole("to", 1))
            .node("Add", List.of("x", "f"), "y");
    assertArrayEquals(new float[] {1 + 1, 2 + 0}, run(graph));
  }

  @Test
  void theProductOfAShapeWithTheBatchFixesTheBatch() {
    OnnxGraphs graph =
        opset(13)
            .node("Shape", List.of("x"), "s")
            .node("ReduceProd", List.of("s"), "n", OnnxGraphs.whole("keepdims", 0))
            .node("Cast", List.of("n"), "f", OnnxGraphs.whole("to", 1))
            .node("Mul", List.of("x", "f"), "y");
    OnnxImport imported = graph.read(folder);
    assertFalse(imported.batched());
    assertTrue(imported.fixed().orElseThrow().contains("ReduceProd of n"), imported.toString());
    assertArrayEquals(new float[] {1 * 2, 2 * 2}, run(graph)); // one example of two
  }

  @Test
  void extentsByAScaleAreComputedInSinglePrecision() {
    OnnxGraphs graph =
        new OnnxGraphs(13)
            .input("x", 1, 10)
            .output("y")
            .floats("scales", new int[] {3}, 1, 1, 0.7f)
            .node("Resize", List.of("x", "", "scales"), "y");
    assertEquals(Shape.of(1, 7), graph.read(folder).graph().outputShape());
  }

  @Test
  void aConstantOfShapeTakesOneValue() {
    String refusal =
        refusal(
            opset(13)
                .wholes("s", ONE, 2)
                .node("ConstantOfShape", List.of("s"), "c", twoValues())
                .node("Add", List.of("x", "c"), "y"));
    assertTrue(refusal.contains("ConstantOfShape of c': a value of 2 elements"), refusal);
  }

  private static Message twoValues() {
    var tensor = new Message().integer(1, 2).integer(2, 1).bytes(9, new byte[2 * Float.BYTES]);
    return new Message().text(1, "value").message(5, tensor).integer(20, 4);
  }

  @Test
  void allNodesThatCantBeImportedAreNamedThoseBehindOthersToo() {
    String refusal =
        refusal(
            opset(16)
                .node("GridSample", List.of("x"), "a")
                .node("GridSample", List.of("x"), "b")
                .node("Relu", List.of("a"), "c")
                .node("Foo", List.of("c"), "d")
                .node("Add", List.of("b", "d"), "y"));
    assertTrue(
        refusal.contains(
            "3 nodes can't be imported: GridSample (opset 16) 'GridSample of a', 'GridSample of b';"
                + " Foo (opset 16) 'Foo of d'; supported"),
        refusal);
  }

  @Test
  void aSumBehindAProductIsItsBias() {
    OnnxGraphs graph =
        opset(13)
            .floats("w", new int[] {2, 3}, 1, 2, 3, 4, 5, 6)
            .floats("b", new int[] {3}, 10, 20, 30)
            .node("MatMul", List.of("x", "w"), "p")
            .node("Add", List.of("b", "p"), "y");
    OnnxImport imported = graph.read(folder);
    assertEquals(
        List.of(new Operator.Linear(2, 3, true)),
        imported.graph().nodes().stream().map(n -> n.operator()).toList());
    assertArrayEquals(
        new float[] {1 * 1 + 2 * 4 + 10, 1 * 2 + 2 * 5 + 20, 1 * 3 + 2 * 6 + 30}, run(graph));
    assertEquals(new OnnxImport.WeightOrigin("w", true), imported.weights().get("y.weight"));
  }

  @Test
  void aReadProductKeepsItsSumBehindIt() {
    OnnxGraphs graph =
        opset(13)
            .floats("w", new int[] {2, 2}, 1, 2, 3, 4)
            .floats("b", new int[] {2}, 10, 20)
            .node("MatMul", List.of("x", "w"), "p")
            .node("Add", List.of("p", "b"), "s")
            .node("Mul", List.of("s", "p"), "y");
    assertArrayEquals(new float[] {(7 + 10) * 7, (10 + 20) * 10}, run(graph));
  }
}
