package org.espalier.io.onnx.translate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.espalier.infer.Plan;
import org.espalier.infer.PlanOptions;
import org.espalier.io.onnx.Message;
import org.espalier.model.Elementwise.Activation;
import org.espalier.model.Elementwise.Function;
import org.espalier.model.Movement;
import org.espalier.model.Node;
import org.espalier.model.Operator;
import org.espalier.model.Reduction;
import org.espalier.model.Window;
import org.espalier.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of networks as exporters write them: which operators, and what they compute. */
class ExportersHabitsTest {
  private static final int[] NONE = {};
  private static final int[] ONE = {1};

  @TempDir Path folder;

  private static OnnxGraphs vector() {
    return new OnnxGraphs(13).input("x", 4).output("y");
  }

  private List<Operator> operators(OnnxGraphs graph) {
    return graph.read(folder).graph().nodes().stream()
        .map(Node::operator)
        .filter(operator -> !(operator instanceof Movement.Constant))
        .toList();
  }

  private float[] run(OnnxGraphs graph, float... x) {
    OnnxImport imported = graph.read(folder);
    float[] y = new float[imported.graph().outputShape().size()];
    Plan.compile(imported.graph(), PlanOptions.defaults())
        .session()
        .run(1, Map.of("x", x), Map.of("y", y));
    return y;
  }

  private void assertFunction(OnnxGraphs graph, Activation expected) {
    assertEquals(List.of(expected), operators(graph));
  }

  private static OnnxGraphs numbers(OnnxGraphs graph, float... numbers) {
    for (int i = 0; i < numbers.length; i++) {
      graph.floats("n" + i, NONE, numbers[i]);
    }
    return graph;
  }

  @Test
  void geluByTheErrorFunctionInAnyOrder() {
    OnnxGraphs torch =
        numbers(vector(), (float) Math.sqrt(2), 1, 0.5f)
            .node("Div", List.of("x", "n0"), "a")
            .node("Erf", List.of("a"), "b")
            .node("Add", List.of("b", "n1"), "c")
            .node("Mul", List.of("x", "c"), "d")
            .node("Mul", List.of("d", "n2"), "y");
    assertFunction(torch, new Activation(Function.GELU));
    assertArrayEquals( // Φ(1) and Φ(−1)
        new float[] {0, 0.8413447f, -0.1586553f, 0}, run(torch, 0, 1, -1, 0), 1e-6f);
    OnnxGraphs other =
        numbers(vector(), (float) Math.sqrt(0.5), 1, 0.5f)
            .node("Mul", List.of("n2", "x"), "h")
            .node("Mul", List.of("n0", "x"), "a")
            .node("Erf", List.of("a"), "b")
            .node("Add", List.of("n1", "b"), "c")
            .node("Mul", List.of("c", "h"), "y");
    assertFunction(other, new Activation(Function.GELU));
  }

  @Test
  void anotherFunctionOfTheSamePiecesIsNoGelu() {
    OnnxGraphs graph =
        numbers(vector(), 1, 1, 0.5f)
            .node("Div", List.of("x", "n0"), "a")
            .node("Erf", List.of("a"), "b")
            .node("Add", List.of("b", "n1"), "c")
            .node("Mul", List.of("x", "c"), "d")
            .node("Mul", List.of("d", "n2"), "y");
    assertTrue(operators(graph).contains(new Activation(Function.ERF)));
    assertArrayEquals( // erf(1) = 0.8427008
        new float[] {0.5f * 1.8427008f}, Arrays.copyOf(run(graph, 1, 0, 0, 0), 1), 1e-6f);
  }

  @Test
  void geluByTheHyperbolicTangentInBothForms() {
    float root = (float) Math.sqrt(2 / Math.PI);
    OnnxGraphs cube =
        numbers(vector(), 3, 0.044715f, root, 1, 0.5f)
            .node("Pow", List.of("x", "n0"), "p")
            .node("Mul", List.of("n1", "p"), "q")
            .node("Add", List.of("x", "q"), "r")
            .node("Mul", List.of("r", "n2"), "s")
            .node("Tanh", List.of("s"), "t")
            .node("Add", List.of("t", "n3"), "u")
            .node("Mul", List.of("x", "n4"), "h")
            .node("Mul", List.of("h", "u"), "y");
    assertFunction(cube, new Activation(Function.GELU_TANH));
    OnnxGraphs square =
        numbers(vector(), 3, 0.044715f, root, 1, 0.5f)
            .node("Mul", List.of("x", "n2"), "a")
            .node("Mul", List.of("x", "n1"), "b")
            .node("Mul", List.of("b", "x"), "c")
            .node("Add", List.of("n3", "c"), "r")
            .node("Mul", List.of("a", "r"), "s")
            .node("Tanh", List.of("s"), "t")
            .node("Add", List.of("n3", "t"), "u")
            .node("Mul", List.of("x", "u"), "v")
            .node("Mul", List.of("v", "n4"), "y");
    assertFunction(square, new Activation(Function.GELU_TANH));
  }

  @Test
  void siluSwishAndMish() {
    OnnxGraphs silu =
        vector().node("Sigmoid", List.of("x"), "s").node("Mul", List.of("s", "x"), "y");
    assertFunction(silu, new Activation(Function.SWISH, 1, 0));
    OnnxGraphs swish =
        numbers(vector(), 1.702f)
            .node("Mul", List.of("x", "n0"), "a")
            .node("Sigmoid", List.of("a"), "s")
            .node("Mul", List.of("x", "s"), "y");
    assertFunction(swish, new Activation(Function.SWISH, 1.702f, 0));
    OnnxGraphs mish =
        vector()
            .node("Softplus", List.of("x"), "p")
            .node("Tanh", List.of("p"), "t")
            .node("Mul", List.of("x", "t"), "y");
    assertFunction(mish, new Activation(Function.MISH));
  }

  @Test
  void hardSwishAndHardSigmoid() {
    OnnxGraphs swish =
        numbers(vector(), 3, 0, 6)
            .node("Add", List.of("x", "n0"), "a")
            .node("Clip", List.of("a", "n1", "n2"), "c")
            .node("Mul", List.of("x", "c"), "m")
            .node("Div", List.of("m", "n2"), "y");
    assertFunction(swish, new Activation(Function.HARD_SWISH));
    OnnxGraphs gate =
        numbers(vector(), 3, 1 / 6f, 6)
            .node("Add", List.of("n0", "x"), "a")
            .node("Relu", List.of("a"), "r")
            .node("Min", List.of("r", "n2"), "c")
            .node("Mul", List.of("c", "n1"), "y");
    assertFunction(gate, new Activation(Function.HARD_SIGMOID, 1 / 6f, 0.5f));
    assertArrayEquals(new float[] {0, 0.5f, 1, 1}, run(gate, -3, 0, 3, 9), 1e-6f);
  }

  @Test
  void limitsOfLimitsAreLimits() {
    OnnxGraphs overlapping =
        numbers(vector(), -1, 6)
            .node("Max", List.of("x", "n0"), "a")
            .node("Min", List.of("n1", "a"), "y");
    assertFunction(overlapping, new Activation(Function.CLIP, -1, 6));
    OnnxGraphs apart =
        numbers(vector(), 5, 2)
            .node("Max", List.of("x", "n0"), "a")
            .node("Min", List.of("a", "n1"), "y");
    assertArrayEquals(new float[] {2, 2, 2, 2}, run(apart, -1, 3, 5, 9));
  }

  @Test
  void normalizationInPiecesWithTheDeviationComputedTwice() {
    OnnxGraphs graph =
        numbers(vector(), 2, 0.75f)
            .floats("scale", new int[] {4}, 1, 2, 3, 4)
            .node("ReduceMean", List.of("x"), "m", OnnxGraphs.wholes("axes", -1))
            .node("Sub", List.of("x", "m"), "d")
            .node("Sub", List.of("x", "m"), "e")
            .node("Pow", List.of("e", "n0"), "q")
            .node("ReduceMean", List.of("q"), "v", OnnxGraphs.wholes("axes", -1))
            .node("Add", List.of("v", "n1"), "w")
            .node("Sqrt", List.of("w"), "r")
            .node("Div", List.of("d", "r"), "s")
            .node("Mul", List.of("s", "scale"), "y");
    assertEquals(new Reduction.Standardize(List.of(0), 0.75), operators(graph).getFirst());
    assertEquals(2, operators(graph).size());
    // Mean 1, deviations ±1.5 and ±0.5, variance 1.25, root √2
    float root = (float) Math.sqrt(2);
    assertArrayEquals(
        new float[] {-1.5f / root, -0.5f / root * 2, 0.5f / root * 3, 1.5f / root * 4},
        run(graph, -0.5f, 0.5f, 1.5f, 2.5f),
        1e-6f);
  }

  private static Message perm(long... axes) {
    return OnnxGraphs.wholes("perm", axes);
  }

  /** Maps of 2 by 2 pixels with two channels, which come last in the file. */
  private static OnnxGraphs channelsLast() {
    return new OnnxGraphs(13)
        .input("x", 2, 2, 2)
        .output("y")
        .floats("w", new int[] {3, 2, 1, 1}, 1, 0, 0, 1, 1, 1)
        .floats("b", new int[] {3}, 10, 20, 30)
        .node("Transpose", List.of("x"), "t", perm(0, 3, 1, 2))
        .node("Conv", List.of("t", "w"), "c")
        .node("Transpose", List.of("c"), "u", perm(0, 2, 3, 1))
        .node("Add", List.of("u", "b"), "a")
        .node("Relu", List.of("a"), "r");
  }

  @Test
  void channelsThatComeLastComeFirstForAllLayers() {
    OnnxGraphs graph =
        channelsLast()
            .node("Transpose", List.of("r"), "v", perm(0, 3, 1, 2))
            .floats("w2", new int[] {1, 3, 1, 1}, 1, -1, 1)
            .node("Conv", List.of("v", "w2"), "d")
            .node("Transpose", List.of("d"), "z", perm(0, 2, 3, 1))
            .node("ReduceMean", List.of("z"), "y", OnnxGraphs.wholes("axes", 1, 2), drop());
    Window pixel = Window.of(1, 1, 1, 0);
    assertEquals(
        List.of(
            new Movement.Transpose(List.of(2, 0, 1)),
            new Operator.Conv2d(2, 3, pixel, 1, true),
            new Operator.Relu(),
            new Operator.Conv2d(3, 1, pixel, 1, false),
            new Operator.GlobalAveragePool(),
            new Operator.Flatten()),
        operators(graph));
    // A pixel (p, q) gives (p + 10) − (q + 20) + (p + q + 30) = 2p + 20; the mean of p is 4.
    assertArrayEquals(new float[] {2 * 4 + 20}, run(graph, 1, 2, 3, 4, 5, 6, 7, 8));
  }

  private static Message drop() {
    return OnnxGraphs.whole("keepdims", 0);
  }

  @Test
  void aProductOverChannelsThatComeLastIsAConvolutionWithTheWeightOfTheFile() {
    OnnxGraphs graph =
        channelsLast()
            .floats("m", new int[] {3, 2}, 1, 2, 3, 4, 5, 6)
            .node("MatMul", List.of("r", "m"), "p")
            .node("Transpose", List.of("p"), "y", perm(0, 3, 1, 2));
    OnnxImport imported = graph.read(folder);
    assertEquals(
        new Operator.Conv2d(3, 2, Window.of(1, 1, 1, 0), 1, false),
        imported.graph().nodes().getLast().operator());
    assertEquals(Shape.of(2, 2, 2), imported.graph().outputShape());
    String weight = imported.graph().layers().getLast().parameter("weight");
    assertEquals(new OnnxImport.WeightOrigin("m", true), imported.weights().get(weight));
    // The pixel (1, 2) becomes (11, 22, 33): 11 + 3·22 + 5·33 and 2·11 + 4·22 + 6·33.
    float[] y = run(graph, 1, 2, 3, 4, 5, 6, 7, 8);
    assertArrayEquals(new float[] {242, 308}, new float[] {y[0], y[4]});
  }

  @Test
  void transpositionsThatDontMeetOthersStay() {
    OnnxGraphs graph =
        channelsLast().node("Flatten", List.of("r"), "y", OnnxGraphs.whole("axis", 1));
    assertTrue(operators(graph).contains(new Movement.Transpose(List.of(1, 2, 0))));
    assertArrayEquals(
        new float[] {11, 22, 33, 13, 24, 37, 15, 26, 41, 17, 28, 45},
        run(graph, 1, 2, 3, 4, 5, 6, 7, 8));
  }

  private static OnnxGraphs padded(long... pads) {
    return new OnnxGraphs(13)
        .input("x", 1, 2, 2)
        .output("y")
        .wholes("pads", new int[] {8}, pads)
        .floats("w", new int[] {1, 1, 2, 2}, 1, 2, 3, 4);
  }

  @Test
  void zerosAroundMapsGoIntoTheWindow() {
    OnnxGraphs conv =
        padded(0, 0, 1, 0, 0, 0, 0, 1)
            .node("Pad", List.of("x", "pads"), "p")
            .node("Conv", List.of("p", "w"), "y");
    Window window = new Window(2, 2, 1, 1, 1, 0, 0, 1, 1, 1);
    assertEquals(List.of(new Operator.Conv2d(1, 1, window, 1, false)), operators(conv));
    // Rows 0 0 0, 1 2 0, 3 4 0 under 1 2, 3 4.
    assertArrayEquals(new float[] {3 + 8, 6, 1 + 4 + 9 + 16, 2 + 12}, run(conv, 1, 2, 3, 4));
    OnnxGraphs pool =
        padded(0, 0, 1, 1, 0, 0, 0, 0)
            .node("Pad", List.of("x", "pads"), "p")
            .node("AveragePool", List.of("p"), "y", OnnxGraphs.wholes("kernel_shape", 2, 2));
    assertEquals(1, operators(pool).size());
    assertArrayEquals(new float[] {0.25f, 0.75f, 1, 2.5f}, run(pool, 1, 2, 3, 4));
  }

  @Test
  void otherPaddingsStay() {
    OnnxGraphs value =
        padded(0, 0, 1, 0, 0, 0, 0, 1)
            .floats("one", ONE, 1)
            .node("Pad", List.of("x", "pads", "one"), "p")
            .node("Conv", List.of("p", "w"), "y");
    assertEquals(2, operators(value).size());
    OnnxGraphs channels =
        padded(0, 1, 0, 0, 0, 0, 0, 0)
            .floats("v", new int[] {1, 2, 1, 1}, 1, 1)
            .node("Pad", List.of("x", "pads"), "p")
            .node("Conv", List.of("p", "v"), "y");
    assertEquals(2, operators(channels).size());
  }

  @Test
  void sharedLayersKeepTheirSumsAndBothAreGiven() {
    OnnxGraphs graph =
        new OnnxGraphs(13)
            .input("x", 2)
            .output("p")
            .output("y")
            .floats("w", new int[] {2, 2}, 1, 0, 0, 1)
            .floats("b", new int[] {2}, 10, 20)
            .node("MatMul", List.of("x", "w"), "p")
            .node("Add", List.of("p", "b"), "y");
    assertEquals(List.of("p", "y"), graph.read(folder).graph().outputs());
    assertEquals(2, operators(graph).size());
  }
}
