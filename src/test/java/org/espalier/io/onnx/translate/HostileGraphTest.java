package org.espalier.io.onnx.translate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.espalier.InputException;
import org.espalier.io.onnx.Message;
import org.espalier.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Graphs whose numbers are wrong or too large are refused in one line that names the node. */
class HostileGraphTest {
  private static final int[] ONE = {1};
  private static final int[] TWO = {2};

  @TempDir Path folder;

  private static OnnxGraphs vector() {
    return new OnnxGraphs(16).input("x", 4).output("y");
  }

  private static OnnxGraphs maps() {
    return new OnnxGraphs(16)
        .input("x", 3, 5, 5)
        .output("y")
        .floats("w", new int[] {3, 1, 1, 1}, 1, 2, 3);
  }

  private void assertRefused(OnnxGraphs graph, String... parts) {
    InputException refusal = assertThrows(InputException.class, () -> graph.read(folder));
    String message = refusal.getMessage();
    assertFalse(message.contains("\n"), message);
    for (String part : parts) {
      assertTrue(message.contains(part), message);
    }
  }

  @Test
  void overflowIsSaidInWords() {
    OnnxGraphs doubling = vector();
    String last = "x";
    for (int i = 0; i < 40; i++) {
      String next = i < 39 ? "v" + i : "y";
      doubling.node("Concat", List.of(last, last), next, OnnxGraphs.whole("axis", 1));
      last = next;
    }
    assertRefused(doubling, "Concat (opset 16) 'Concat of v28'", "elements above 2147483647");
    OnnxGraphs squares = vector().wholes("n", ONE, 3);
    last = "n";
    for (int i = 0; i < 8; i++) {
      squares.node("Mul", List.of(last, last), "s" + i);
      last = "s" + i;
    }
    assertRefused(
        squares.node("Reshape", List.of("x", last), "y"),
        "Mul (opset 16) 'Mul of s5'", // 3 to the power of 64 is above 2 to that of 63
        "doesn't fit 64 bits");
    assertRefused(
        vector()
            .wholes("a", ONE, 4)
            .wholes("zero", ONE, 0)
            .node("Div", List.of("a", "zero"), "d")
            .node("Reshape", List.of("x", "d"), "y"),
        "'Div of d': a division by 0");
  }

  @Test
  void extentsOfInputsFit() {
    OnnxGraphs large = new OnnxGraphs(16).fixedInput("x", 1, 1L << 62).output("y");
    assertRefused(large.node("Relu", List.of("x"), "y"), "input x", "from 0 to 2147483647");
    OnnxGraphs product = new OnnxGraphs(16).fixedInput("x", 1, 1 << 20, 1 << 20).output("y");
    assertRefused(product.node("Relu", List.of("x"), "y"), "input x", "more than 2^31-1");
  }

  @Test
  void shapesThatAreSaidAreThoseThatThereAre() {
    OnnxGraphs output = new OnnxGraphs(16).input("x", 4).fixedOutput("y", 1, 7);
    assertRefused(output.node("Relu", List.of("x"), "y"), "output y", "[1, 7]", "[4]");
    OnnxGraphs rank = new OnnxGraphs(16).input("x", 4).fixedOutput("y", 1, 4, 1);
    assertRefused(rank.node("Relu", List.of("x"), "y"), "output y", "[1, 4, 1]");
    OnnxGraphs initializer = vector().fixedInput("c", 3).floats("c", ONE, 1);
    assertRefused(initializer.node("Add", List.of("x", "c"), "y"), "input c", "[3]", "[1]");
  }

  @Test
  void parametersFitTheirOperator() {
    assertRefused(
        maps().node("Conv", List.of("x", "w"), "y"),
        "'Conv of y': conv2d takes maps of 1 channels");
    OnnxGraphs bias =
        new OnnxGraphs(16)
            .input("x", 1, 5, 5)
            .output("y")
            .floats("w", new int[] {3, 1, 1, 1}, 1, 2, 3)
            .floats("b", TWO, 1, 2);
    assertRefused(
        bias.node("Conv", List.of("x", "w", "b"), "y"), "'Conv of y': bias of [2], not [3]");
    OnnxGraphs known =
        vector()
            .floats("a", new int[] {1, 1, 1, 1}, 1)
            .floats("w", new int[] {1, 1, 1, 1}, 1)
            .floats("b", TWO, 1, 2)
            .node("Conv", List.of("a", "w", "b"), "c")
            .node("Add", List.of("x", "c"), "y");
    assertRefused(known, "'Conv of c': bias of [2], not [1]");
  }

  @Test
  void attributesFitTheirOperator() {
    assertRefused(
        maps().node("ConvTranspose", List.of("x", "w"), "y", OnnxGraphs.wholes("output_shape", 5)),
        "'ConvTranspose of y': output_shape [5], not 2 numbers");
    assertRefused(
        maps()
            .node(
                "MaxPool",
                List.of("x"),
                "y",
                OnnxGraphs.wholes("kernel_shape", 2, 2),
                OnnxGraphs.wholes("strides", 0, 1),
                new Message().text(1, "auto_pad").text(4, "SAME_UPPER").integer(20, 3)),
        "'MaxPool of y': strides [0, 1]");
    for (long[] perm : List.of(new long[] {0, 0}, new long[] {0, 1, 2}, new long[] {0})) {
      assertRefused(
          vector().node("Transpose", List.of("x"), "y", OnnxGraphs.wholes("perm", perm)),
          "'Transpose of y': perm [0",
          "of 2 axes");
    }
    assertRefused(
        vector().wholes("s", TWO, 1L << 62, 4).node("Reshape", List.of("x", "s"), "y"),
        "'Reshape of y': [4611686018427387904, 4]");
  }

  @Test
  void repeatingTakesNoMemoryBeforeItIsComputed() {
    OnnxGraphs graph = vector().wholes("r", TWO, 1, 1 << 28).node("Tile", List.of("x", "r"), "y");
    OnnxImport imported = graph.read(folder);
    assertEquals(Shape.of(1 << 30), imported.graph().outputShape());
    assertRefused(
        vector().wholes("r", TWO, 1, 1L << 40).node("Tile", List.of("x", "r"), "y"), "'Tile of y'");
  }

  @Test
  void manyNodesAreImported() {
    OnnxGraphs fan = vector();
    List<String> all = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      fan.node("Sigmoid", List.of("x"), "v" + i);
      all.add("v" + i);
    }
    OnnxImport imported = fan.node("Sum", all, "y").read(folder);
    assertEquals(2 * 20_000 - 1, imported.graph().nodes().size());
  }
}
