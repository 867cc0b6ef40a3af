package org.espalier.io.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.espalier.InputException;
import org.espalier.io.onnx.OnnxFile.Form;
import org.espalier.model.Elementwise;
import org.espalier.model.Graph;
import org.espalier.model.Model;
import org.espalier.model.Movement;
import org.espalier.model.Operator;
import org.espalier.model.Preprocessing;
import org.espalier.model.Reduction;
import org.espalier.model.Window;
import org.espalier.tensor.Precision;
import org.espalier.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files in each opset; that readers compute with them what they should is a peer's test. */
class OnnxOpsetTest {
  /** The first opset that has something for every operator. */
  private static final int ALL = 19;

  static IntStream opsets() {
    return IntStream.rangeClosed(OnnxOptions.OLDEST, OnnxOptions.NEWEST);
  }

  private static OnnxOptions plain(int opset) {
    return OnnxOptions.plain(Form.FLOAT, false).withOpset(opset);
  }

  private static Wire graph(Graph graph, int opset) {
    return Wire.read(OnnxFile.bytes(graph, plain(opset))).message(7);
  }

  private static List<String> types(Graph graph, int opset) {
    return graph(graph, opset).messages(1).stream().map(n -> n.text(4)).toList();
  }

  private static Graph one(Shape shape, Operator operator) {
    return Graph.input(shape).add("y", operator).build();
  }

  @ParameterizedTest
  @MethodSource("opsets")
  void everythingIsWrittenOnceAndBeforeItIsReadOrRefusedByName(int opset) {
    OperatorGraphs.all()
        .forEach(
            (name, graph) -> {
              Wire onnx;
              try {
                onnx = graph(graph, opset);
              } catch (InputException e) {
                assertTrue(opset < ALL, name + ": " + e.getMessage());
                assertTrue(
                    e.getMessage().matches("node y: expected opset \\d+ or newer for .*"),
                    e.getMessage());
                return;
              }
              Set<String> known = new HashSet<>(graph.inputs().keySet());
              for (Wire constant : onnx.messages(5)) {
                assertTrue(known.add(constant.text(8)), name + ": " + constant.text(8));
              }
              for (Wire node : onnx.messages(1)) {
                for (String input : node.texts(1)) {
                  assertTrue(input.isEmpty() || known.contains(input), name + ": " + input);
                }
                node.texts(2).forEach(y -> assertTrue(known.add(y), name + ": " + y));
              }
              assertEquals(
                  graph.outputs(), onnx.messages(12).stream().map(o -> o.text(1)).toList(), name);
              assertTrue(known.containsAll(graph.outputs()), name);
            });
  }

  @ParameterizedTest
  @CsvSource({"7, 3", "9, 4", "10, 5", "11, 6", "13, 7", "15, 8", "20, 9", "21, 10"})
  void theFormatIsAsOldAsTheOpset(int opset, int format) {
    Wire model = Wire.read(OnnxFile.bytes(SampleGraphs.everyOperator(), plain(opset)));
    assertEquals(format, model.integer(1));
    assertEquals(opset, model.message(8).integer(2));
  }

  @Test
  void constantsWereInputsAtFirst() {
    Graph graph = one(Shape.of(3), new Operator.Linear(3, 2));
    List<String> old = List.of("input", "y.weight", "y.bias");
    assertEquals(old, graph(graph, 8).messages(11).stream().map(i -> i.text(1)).toList());
    assertEquals(1, graph(graph, 9).messages(11).size());
  }

  @Test
  void whatBecameAnInputWasAnAttribute() {
    Graph sum = one(Shape.of(2, 3), new Reduction.Reduce(Reduction.Kind.SUM, List.of(1), false));
    Graph mean = one(Shape.of(2, 3), new Reduction.Reduce(Reduction.Kind.MEAN, List.of(1), false));
    Graph clip = one(Shape.of(3), new Elementwise.Activation(Elementwise.Function.CLIP, -1, 2));
    Graph slice = one(Shape.of(4), new Movement.Slice(0, 1, 1, 2));
    Graph pad =
        one(Shape.of(4), new Movement.Pad(Movement.Padding.CONSTANT, List.of(1), List.of(2), 3));
    Map.of(sum, 13, mean, 18, clip, 11, slice, 10, pad, 11)
        .forEach(
            (graph, since) -> {
              assertEquals(1, graph(graph, since - 1).message(1).texts(1).size());
              assertTrue(graph(graph, since).message(1).texts(1).size() > 1);
            });
    Wire node = graph(pad, 10).message(1);
    assertEquals(
        Map.of("mode", List.of("constant"), "pads", List.of(0L, 1L, 0L, 2L)),
        node.messages(5).stream()
            .filter(a -> !a.text(1).equals("value"))
            .collect(
                Collectors.toMap(
                    a -> a.text(1), a -> a.text(1).equals("mode") ? a.texts(4) : a.integers(8))));
  }

  @Test
  void whatAnOpsetLacksIsMadeOfWhatItHas() {
    Shape shape = Shape.of(2, 3);
    Graph swish = one(shape, new Elementwise.Activation(Elementwise.Function.HARD_SWISH));
    assertEquals(List.of("HardSigmoid", "Mul"), types(swish, 13));
    assertEquals(List.of("HardSwish"), types(swish, 14));
    Graph mish = one(shape, new Elementwise.Activation(Elementwise.Function.MISH));
    assertEquals(List.of("Softplus", "Tanh", "Mul"), types(mish, 17));
    assertEquals(List.of("Mish"), types(mish, 18));
    Graph gelu = one(shape, new Elementwise.Activation(Elementwise.Function.GELU));
    assertEquals(List.of("Mul", "Erf", "Mul", "Add", "Mul"), types(gelu, 19));
    assertEquals(List.of("Gelu"), types(gelu, 20));
    Graph softmax = one(shape, new Reduction.Softmax(0, false));
    assertEquals(List.of("Transpose", "Softmax", "Transpose"), types(softmax, 12));
    assertEquals(List.of("Softmax"), types(softmax, 13));
    Graph last = one(shape, new Reduction.Softmax(1, false));
    assertEquals(List.of("Softmax"), types(last, 12));
  }

  @ParameterizedTest
  @ValueSource(ints = {9, 21})
  void aConstantHasNoBatchUnlessItIsAnOutput(int opset) {
    Graph.Builder net = Graph.input(Shape.of(2, 3));
    net.add("c", new Movement.Constant(Shape.of(3)), List.of());
    net.add("y", new Elementwise.Binary(Elementwise.Arithmetic.ADD), List.of("input", "c"));
    Graph graph = net.output("y").output("c").build();
    graph.parameter("c.value").value().copyFrom(new float[] {1, 2, 3});
    Wire onnx = graph(graph, opset);
    Wire constant =
        onnx.messages(5).stream().filter(t -> t.text(8).equals("c.once")).findFirst().orElseThrow();
    assertEquals(List.of(3L), constant.integers(1));
    float[] values = new float[3];
    constant.bytes(9).asFloatBuffer().get(values);
    assertArrayEquals(new float[] {1, 2, 3}, values);
    assertTrue(
        onnx.messages(1).stream().anyMatch(n -> n.text(4).equals("Tile") && n.text(2).equals("c")));
  }

  @ParameterizedTest
  @CsvSource({"10, 0", "11, 1"})
  void sparseInitializersAreAsOldAsOpset11(int opset, int count) {
    Graph graph = one(Shape.of(100), new Operator.Linear(100, 4));
    graph.parameter("y.weight").value().set(1, 2, 0.3f);
    Model model = new Model(graph, new Preprocessing.AsIs(), List.of(), Map.of());
    OnnxOptions options =
        new OnnxOptions(Form.FLOAT, true, Precision.FP32, true, false).withOpset(opset);
    Wire onnx = Wire.read(OnnxFile.bytes(model, options)).message(7);
    assertEquals(count, onnx.messages(15).size());
  }

  @Test
  void refusesWhatAnOpsetCannotSay() {
    Graph dilated =
        one(
            Shape.of(1, 9, 9),
            new Operator.AveragePool(new Window(2, 2, 1, 1, 0, 0, 0, 0, 2, 2), false, false));
    assertEquals(
        "node y: expected opset 19 or newer for means of windows with gaps, found opset 18",
        assertThrows(InputException.class, () -> graph(dilated, 18)).getMessage());
    Graph linear = one(Shape.of(3), new Operator.Linear(3, 2));
    OnnxOptions bytes = OnnxOptions.plain(Form.DYNAMIC_INT8, false).withOpset(10);
    assertEquals(
        "--opset: expected 11 or newer for dynamic quantisation, found 10",
        assertThrows(InputException.class, () -> OnnxFile.bytes(linear, bytes)).getMessage());
    assertThrows(IllegalArgumentException.class, () -> plain(6));
    assertThrows(IllegalArgumentException.class, () -> plain(22));
  }
}
