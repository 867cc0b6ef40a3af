package org.espalier.io.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.espalier.InputException;
import org.espalier.io.onnx.OnnxFile.Form;
import org.espalier.model.Column;
import org.espalier.model.Graph;
import org.espalier.model.Model;
import org.espalier.model.Operator;
import org.espalier.model.Parameter;
import org.espalier.model.Preprocessing;
import org.espalier.model.Zoo;
import org.espalier.tensor.Precision;
import org.espalier.tensor.Shape;
import org.espalier.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OnnxFileTest {
  private static final long FLOAT = 1;
  private static final long UINT8 = 2;
  private static final long INT8 = 3;
  private static final long INT64 = 7;
  private static final long FLOAT16 = 10;

  /** A tensor as it stands in the file. */
  private record Constant(long type, List<Long> dims, ByteBuffer raw) {
    float[] floats() {
      float[] values = new float[raw.remaining() / Float.BYTES];
      raw.asFloatBuffer().get(0, values);
      return values;
    }

    long[] wholes() {
      long[] values = new long[raw.remaining() / Long.BYTES];
      raw.asLongBuffer().get(0, values);
      return values;
    }
  }

  private static Wire graph(byte[] file) {
    return Wire.read(file).message(7);
  }

  private static Map<String, Constant> constants(Wire graph) {
    Map<String, Constant> constants = new LinkedHashMap<>();
    for (Wire t : graph.messages(5)) {
      Constant c = new Constant(t.integer(2), t.integers(1), t.bytes(9));
      assertEquals(null, constants.put(t.text(8), c), t.text(8));
    }
    return constants;
  }

  private static Wire node(Wire graph, String output) {
    return graph.messages(1).stream()
        .filter(n -> n.texts(2).contains(output))
        .findFirst()
        .orElseThrow(() -> new AssertionError("nothing writes " + output));
  }

  /** Returns the attributes as text. */
  private static Map<String, String> attributes(Wire node) {
    return node.messages(5).stream()
        .collect(
            Collectors.toMap(
                a -> a.text(1),
                a ->
                    switch ((int) a.integer(20)) {
                      case 1 -> String.valueOf(a.real(2));
                      case 2 -> String.valueOf(a.integer(3));
                      case 7 -> a.integers(8).toString();
                      default -> throw new AssertionError(a);
                    }));
  }

  private static void assertNode(
      Wire graph, String output, String type, List<String> inputs, Map<String, String> attributes) {
    Wire node = node(graph, output);
    assertEquals(type, node.text(4), output);
    assertEquals(inputs, node.texts(1), output);
    assertEquals(attributes, attributes(node), output);
  }

  private static Model model(Graph graph) {
    List<String> classes =
        IntStream.range(0, graph.outputShape().size()).mapToObj(i -> "c" + i).toList();
    return new Model(graph, new Preprocessing.Pixels(0.5f, 0.25f), classes, Map.of());
  }

  private static Graph sample() {
    return SampleGraphs.randomized(SampleGraphs.everyOperator(), 3);
  }

  @Test
  void theModelNamesItsFormatAndItsInputAndOutput() {
    Graph graph = sample();
    Wire model = Wire.read(OnnxFile.bytes(graph, Form.FLOAT));
    assertEquals(7, model.integer(1));
    assertEquals("espalier", model.text(2));
    assertEquals("", model.message(8).text(1));
    assertEquals(13, model.message(8).integer(2));
    assertValue(model.message(7).message(11), "input", 3L, 13L, 11L);
    assertValue(model.message(7).message(12), "logits", 5L);
  }

  private static void assertValue(Wire value, String name, Long... dims) {
    assertEquals(name, value.text(1));
    Wire tensor = value.message(2).message(1);
    assertEquals(FLOAT, tensor.integer(1));
    List<Wire> all = tensor.message(2).messages(1);
    assertEquals("batch", all.getFirst().text(2)); // free
    assertEquals(
        List.of(dims), all.subList(1, all.size()).stream().map(d -> d.integer(1)).toList());
  }

  @Test
  void everyParameterIsThereBitForBit() {
    Graph graph = sample();
    graph.parameter("logits.weight").value().set(0, 0, -0f);
    graph.parameter("logits.weight").value().set(0, 1, Float.MIN_VALUE);
    Map<String, Constant> constants = constants(graph(OnnxFile.bytes(graph, Form.FLOAT)));
    for (Parameter p : graph.parameters()) {
      Constant c = constants.get(p.name());
      assertEquals(FLOAT, c.type, p.name());
      assertArrayEquals(p.value().toArray(), c.floats(), p.name());
      long size = c.dims.stream().reduce(1L, Math::multiplyExact);
      assertEquals(p.value().size(), size, p.name());
    }
    assertEquals(List.of(12L, 2L, 3L, 2L), constants.get("grouped.weight").dims);
    assertEquals(List.of(5L, 7L), constants.get("logits.weight").dims);
    assertEquals(List.of(12L), constants.get("bn2.running_var").dims);
  }

  @Test
  void everyOperatorIsWrittenWithItsNumbers() {
    Wire onnx = graph(OnnxFile.bytes(sample(), Form.FLOAT));
    assertNode(
        onnx,
        "conv1",
        "Conv",
        List.of("input", "conv1.weight"),
        Map.of(
            "kernel_shape", "[3, 3]", "strides", "[1, 1]", "pads", "[1, 1, 1, 1]", "group", "1"));
    assertNode(
        onnx,
        "grouped",
        "Conv",
        List.of("relu1", "grouped.weight", "grouped.bias"),
        Map.of(
            "kernel_shape", "[3, 2]", "strides", "[2, 2]", "pads", "[1, 1, 1, 1]", "group", "4"));
    assertNode(
        onnx,
        "bn2",
        "BatchNormalization",
        List.of("grouped", "bn2.weight", "bn2.bias", "bn2.running_mean", "bn2.running_var"),
        Map.of("epsilon", String.valueOf(1e-3f)));
    assertNode(onnx, "relu1", "Relu", List.of("bn1"), Map.of());
    assertNode(onnx, "add1", "Add", List.of("shortcut", "pool2"), Map.of());
    Map<String, String> window =
        Map.of("kernel_shape", "[3, 3]", "strides", "[1, 1]", "pads", "[0, 0, 0, 0]");
    assertNode(onnx, "pool2", "MaxPool", List.of("pool1"), window);
    assertNode(
        onnx,
        "pool1",
        "AveragePool",
        List.of("bn2"),
        Map.of(
            "kernel_shape",
            "[3, 3]",
            "strides",
            "[1, 1]",
            "pads",
            "[1, 1, 1, 1]",
            "count_include_pad",
            "1"));
    assertNode(onnx, "pool5", "GlobalAveragePool", List.of("last"), Map.of());
    assertNode(onnx, "flatten1", "Flatten", List.of("pool5"), Map.of("axis", "1"));
    assertNode(
        onnx, "fc1", "Gemm", List.of("flatten1", "fc1.weight", "fc1.bias"), Map.of("transB", "1"));
  }

  @Test
  void aShortcutTakesEverySoManyPixelAndAddsChannelsOfZeros() {
    Wire onnx = graph(OnnxFile.bytes(sample(), Form.FLOAT));
    Map<String, Constant> constants = constants(onnx);
    Wire pad = node(onnx, "shortcut");
    assertEquals("Pad", pad.text(4));
    assertArrayEquals(new long[] {0, 0, 0, 0, 0, 3, 0, 0}, whole(constants, pad, 1));
    Wire slice = node(onnx, pad.text(1));
    assertEquals("Slice", slice.text(4));
    assertArrayEquals(new long[] {0, 0}, whole(constants, slice, 1));
    assertTrue(whole(constants, slice, 2)[0] >= 11);
    assertArrayEquals(new long[] {2, 3}, whole(constants, slice, 3));
    assertArrayEquals(new long[] {2, 2}, whole(constants, slice, 4));
    assertEquals("Slice", node(onnx, "same").text(4)); // nothing to pad
  }

  private static long[] whole(Map<String, Constant> constants, Wire node, int input) {
    Constant c = constants.get(node.texts(1).get(input));
    assertEquals(INT64, c.type);
    return c.wholes();
  }

  @ParameterizedTest
  @EnumSource(Form.class)
  void everythingIsWrittenOnceAndBeforeItIsRead(Form form) {
    // A node that is called as a parameter of another.
    Graph clash =
        SampleGraphs.randomized(
            Graph.input(Shape.of(200)).linear("fc", 9).linear("fc.weight", 4).build(), 1);
    for (Graph graph : List.of(sample(), clash)) {
      Wire onnx = graph(OnnxFile.bytes(graph, form));
      Set<String> known = new HashSet<>(constants(onnx).keySet());
      assertTrue(known.add(Graph.INPUT));
      for (Wire node : onnx.messages(1)) {
        assertTrue(known.containsAll(node.texts(1)), node.texts(1) + " in " + known);
        node.texts(2).forEach(output -> assertTrue(known.add(output), output));
      }
      assertTrue(known.contains(onnx.message(12).text(1)));
    }
  }

  @Test
  void eightBitWeightsAreTheNearestAndNormalizationsAreFolded() {
    Graph graph =
        SampleGraphs.randomized(Zoo.named("resnet20", Shape.of(3, 16, 16), 10).orElseThrow(), 5);
    graph.parameter("logits.weight").value().fillRow(3, 0);
    Wire onnx = graph(OnnxFile.bytes(graph, Form.DYNAMIC_INT8));
    Map<String, Constant> constants = constants(onnx);
    Set<String> types = onnx.messages(1).stream().map(n -> n.text(4)).collect(Collectors.toSet());
    assertTrue(types.containsAll(Set.of("ConvInteger", "MatMulInteger", "Cast")), "" + types);
    assertTrue(!types.contains("BatchNormalization") && !types.contains("Conv"), "" + types);

    float[] w = graph.parameter("logits.weight").value().toArray();
    Constant q = constants.get("logits.weight");
    float[] scales = constants.get("logits.weight.scale").floats();
    assertEquals(INT8, q.type);
    assertEquals(List.of(64L, 10L), q.dims);
    for (int unit = 0; unit < 10; unit++) {
      for (int i = 0; i < 64; i++) {
        float value = q.raw.get(i * 10 + unit) * scales[unit];
        assertEquals(w[unit * 64 + i], value, 0.501f * scales[unit]);
      }
    }

    var norm = (Operator.BatchNorm) graph.node("bn2_1_1").orElseThrow().operator();
    float[] conv = graph.parameter("conv2_1_1.weight").value().toArray();
    Constant c = constants.get("conv2_1_1.weight");
    assertEquals(UINT8, c.type);
    assertEquals(List.of(16L, 16L, 3L, 3L), c.dims);
    float[] convScales = constants.get("conv2_1_1.weight.scale").floats();
    for (int i = 0; i < conv.length; i++) {
      int unit = i / 144;
      double factor = value(graph, "bn2_1_1.weight", unit) / deviation(graph, norm, unit);
      double value = ((c.raw.get(i) & 0xFF) - 128) * convScales[unit];
      assertEquals(conv[i] * factor, value, 0.501 * convScales[unit]);
    }
    float[] bias = constants.get("bn2_1_1.bias").floats();
    for (int unit = 0; unit < 16; unit++) {
      double factor = value(graph, "bn2_1_1.weight", unit) / deviation(graph, norm, unit);
      double mean = value(graph, "bn2_1_1.running_mean", unit);
      double want = value(graph, "bn2_1_1.bias", unit) - mean * factor;
      assertEquals(want, bias[unit], 1e-6);
    }
  }

  private static double deviation(Graph graph, Operator.BatchNorm norm, int channel) {
    return Math.sqrt(value(graph, "bn2_1_1.running_var", channel) + norm.epsilon());
  }

  private static double value(Graph graph, String parameter, int i) {
    return graph.parameter(parameter).value().get(0, i);
  }

  private static OnnxOptions stored(Precision weights, boolean sparse) {
    return new OnnxOptions(Form.FLOAT, true, weights, sparse, false);
  }

  /** Rows of 100 weights, of which {@code nonZero} are not 0: the rest comes behind them. */
  private static Graph rows(int nonZero) {
    Graph graph = Graph.input(Shape.of(100)).linear("fc", 4).relu().linear("logits", 2).build();
    SampleGraphs.randomized(graph, 7);
    for (int r = 0; r < 4; r++) {
      for (int c = nonZero; c < 100; c++) {
        graph.parameter("fc.weight").value().set(r, c, 0);
      }
    }
    return graph;
  }

  /** Twelve bytes for each weight that is there and 40, or four for all: a third is the limit. */
  @Test
  void weightsLoseTheirZerosWhereThatIsSmaller() {
    for (int nonZero : new int[] {1, 32, 33}) {
      Graph graph = rows(nonZero);
      Tensor weight = graph.parameter("fc.weight").value();
      weight.set(1, 0, -0f); // is no +0
      byte[] file = OnnxFile.bytes(model(graph), stored(Precision.FP32, true));
      Wire onnx = graph(file);
      List<Wire> sparse = onnx.messages(15);
      assertEquals(nonZero < 33, constants(onnx).get("fc.weight") == null);
      assertEquals(nonZero < 33 ? 1 : 0, sparse.size());
      for (Wire s : sparse) {
        assertEquals(List.of(4L, 100L), s.integers(3));
        Wire values = s.message(1);
        Wire indices = s.message(2);
        assertEquals("fc.weight", values.text(8));
        assertEquals(FLOAT, values.integer(2));
        assertEquals(INT64, indices.integer(2));
        int count = 4 * nonZero;
        assertEquals(List.of((long) count), values.integers(1));
        assertEquals(List.of((long) count), indices.integers(1));
        float[] read = new float[400];
        ByteBuffer raw = values.bytes(9);
        long before = -1;
        for (long index : new Constant(INT64, List.of(), indices.bytes(9)).wholes()) {
          assertTrue(index > before, index + " behind " + before);
          read[(int) index] = raw.getFloat();
          before = index;
        }
        assertArrayEquals(weight.toArray(), read);
      }
      byte[] whole = OnnxFile.bytes(model(graph), stored(Precision.FP32, false));
      assertEquals(List.of(), graph(whole).messages(15));
      assertEquals(nonZero < 33, file.length < whole.length);
    }
  }

  @Test
  void aWeightOfZerosAloneHasOneOfThem() {
    Graph graph = rows(0);
    byte[] file = OnnxFile.bytes(model(graph), stored(Precision.FP32, true));
    Wire sparse = graph(file).message(15);
    assertEquals(List.of(1L), sparse.message(1).integers(1));
    float[] input = new float[100];
    input[3] = 1;
    float[] want = Reader.run(OnnxFile.bytes(graph, Form.FLOAT), "logits", input);
    assertArrayEquals(want, Reader.run(file, "logits", input));
  }

  @Test
  void weightsAsHalvesAreTheNearest() {
    Graph graph = rows(100);
    Wire onnx = graph(OnnxFile.bytes(model(graph), stored(Precision.FP16, true)));
    assertNode(onnx, "fc.weight", "Cast", List.of("fc.weight.fp16"), Map.of("to", "1"));
    Constant halves = constants(onnx).get("fc.weight.fp16");
    assertEquals(FLOAT16, halves.type);
    float[] w = graph.parameter("fc.weight").value().toArray();
    for (int i = 0; i < w.length; i++) {
      float read = Float.float16ToFloat(halves.raw.getShort(2 * i));
      assertEquals(w[i], read, Math.abs(w[i]) * 0x1p-11 + 0x1p-25);
    }
  }

  @Test
  void weightsAsBytesAreTheNearestAndHaveAScaleForEachRow() {
    Graph graph = rows(5);
    graph.parameter("fc.weight").value().fillRow(2, 0);
    Wire onnx = graph(OnnxFile.bytes(model(graph), stored(Precision.INT8, false)));
    assertNode(
        onnx,
        "fc.weight",
        "DequantizeLinear",
        List.of("fc.weight.int8", "fc.weight.scale"),
        Map.of("axis", "0"));
    Constant bytes = constants(onnx).get("fc.weight.int8");
    assertEquals(INT8, bytes.type);
    assertEquals(List.of(4L, 100L), bytes.dims);
    float[] scales = constants(onnx).get("fc.weight.scale").floats();
    float[] w = graph.parameter("fc.weight").value().toArray();
    for (int i = 0; i < w.length; i++) {
      assertEquals(w[i], bytes.raw.get(i) * scales[i / 100], 0.501f * scales[i / 100]);
    }
    Wire sparse = graph(OnnxFile.bytes(model(graph), stored(Precision.INT8, true)));
    assertEquals("fc.weight.int8", sparse.message(15).message(1).text(8));
    assertEquals(15, sparse.message(15).message(1).bytes(9).remaining()); // three rows of five
  }

  /** What was rounded before needs no more than its bytes or halves, and nobody has to ask. */
  @Test
  void weightsThatANarrowFormHoldsAreStoredInIt() {
    for (Precision precision : new Precision[] {Precision.FP16, Precision.INT8}) {
      Graph graph = rows(100);
      Tensor weight = graph.parameter("fc.weight").value();
      weight.copyFrom(precision.round("fc.weight", weight));
      OnnxSummary summary = OnnxFile.summary(model(graph), stored(Precision.FP32, true));
      assertEquals(precision == Precision.FP16 ? 1 : 0, summary.fp16());
      assertEquals(precision == Precision.INT8 ? 1 : 0, summary.int8());
      byte[] file = OnnxFile.bytes(model(graph), stored(Precision.FP32, true));
      assertEquals(file.length, summary.bytes());
      float[] input = new float[100];
      input[3] = 1;
      float[] want = Reader.run(OnnxFile.bytes(graph, Form.FLOAT), "logits", input);
      assertArrayEquals(want, Reader.run(file, "logits", input));
    }
  }

  @Test
  void weightsTooLargeForHalvesAreRefused() {
    Graph graph = rows(100);
    graph.parameter("fc.weight").value().set(0, 0, 1e6f);
    var e =
        assertThrows(
            InputException.class, () -> OnnxFile.bytes(model(graph), stored(Precision.FP16, true)));
    assertTrue(e.getMessage().startsWith("fc.weight: "), e.getMessage());
  }

  @Test
  void theModelNamesItsClasses() {
    Wire file = Wire.read(OnnxFile.bytes(model(rows(100)), stored(Precision.FP32, true)));
    Map<String, String> properties =
        file.messages(14).stream().collect(Collectors.toMap(p -> p.text(1), p -> p.text(2)));
    assertEquals("[\"c0\",\"c1\"]", properties.get("classes"));
    assertEquals("not included", properties.get("preprocessing"));
  }

  private static float[] probabilities(float[] logits) {
    double sum = 0;
    for (float z : logits) {
      sum += Math.exp(z);
    }
    float[] p = new float[logits.length];
    for (int i = 0; i < p.length; i++) {
      p[i] = (float) (Math.exp(logits[i]) / sum);
    }
    return p;
  }

  @Test
  void pixelsBecomeTheInputInTheNetworkItself() {
    Graph graph = Graph.input(Shape.of(2, 2, 3)).flatten().linear("logits", 3).build();
    SampleGraphs.randomized(graph, 7);
    var pixels =
        new Preprocessing.Pixels(
            List.of(new Preprocessing.Channel(0.5f, 0.25f), new Preprocessing.Channel(0.1f, 0.7f)));
    Model model = new Model(graph, pixels, List.of("a", "b", "c"), Map.of());
    byte[] file =
        OnnxFile.bytes(model, new OnnxOptions(Form.FLOAT, true, Precision.FP32, true, true));
    Wire input = graph(file).message(11);
    assertEquals("pixels", input.text(1));
    assertEquals(UINT8, input.message(2).message(1).integer(1));
    float[] raw = new float[12];
    float[] x = new float[12];
    for (int i = 0; i < raw.length; i++) {
      raw[i] = i * 23 % 256;
      x[i] = i < 6 ? (raw[i] / 255 - 0.5f) / 0.25f : (raw[i] / 255 - 0.1f) / 0.7f;
    }
    float[] want = Reader.run(OnnxFile.bytes(graph, Form.FLOAT), "logits", x);
    assertArrayEquals(want, Reader.run(file, "logits", raw), 1e-5f);
    assertArrayEquals(probabilities(want), Reader.run(file, "probabilities", raw), 1e-5f);
    assertEquals("probabilities", graph(file).messages(12).getLast().text(1));
  }

  @Test
  void columnsBecomeTheInputInTheNetworkItself() {
    Graph graph = Graph.input(Shape.of(4)).linear("logits", 3).build();
    SampleGraphs.randomized(graph, 7);
    var table =
        new Preprocessing.Columns(
            List.of(
                new Column.Numbers("time", 1.7e9, 50, 30, 0),
                new Column.Label("class"),
                new Column.Categories("colour", List.of("red", "")),
                new Column.Ignored("id", "it counts rows"),
                new Column.Numbers("size", 2, 4)));
    Model model = new Model(graph, table, List.of("a", "b", "c"), Map.of());
    byte[] file =
        OnnxFile.bytes(model, new OnnxOptions(Form.FLOAT, true, Precision.FP32, true, true));
    assertEquals("columns", graph(file).message(11).text(1));
    assertEquals(11, graph(file).message(11).message(2).message(1).integer(1));
    assertTrue(
        Wire.read(file).messages(14).stream()
            .anyMatch(
                p ->
                    p.text(1).equals("columns")
                        && p.text(2).equals("[\"time\",\"colour=red\",\"colour=\",\"size\"]")));
    float[] x = {0.5f, 1, 0, 0}; // 1.7e9 + 65; red; a missing size, which counts as the mean
    float[] want = Reader.run(OnnxFile.bytes(graph, Form.FLOAT), "logits", x);
    assertArrayEquals(want, Reader.run(file, "logits", 1.7e9 + 65, 1, 0, Double.NaN), 0);
  }

  @Test
  void theFileHasTheSameBytesEachTime(@TempDir Path dir) throws IOException {
    Path file = dir.resolve("net.onnx");
    for (Form form : Form.values()) {
      OnnxFile.write(file, model(sample()), OnnxOptions.plain(form, false));
      assertArrayEquals(
          OnnxFile.bytes(model(sample()), OnnxOptions.plain(form, false)),
          Files.readAllBytes(file));
    }
  }
}
