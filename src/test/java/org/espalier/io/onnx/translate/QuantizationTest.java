package org.espalier.io.onnx.translate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.espalier.InputException;
import org.espalier.infer.Plan;
import org.espalier.infer.PlanOptions;
import org.espalier.infer.WeightFormat;
import org.espalier.io.ModelFile;
import org.espalier.io.onnx.Message;
import org.espalier.model.Graph;
import org.espalier.model.Model;
import org.espalier.model.Node;
import org.espalier.model.Preprocessing;
import org.espalier.tensor.Precision;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Quantised networks, by what was computed by hand: all numbers are sums of few powers of two. */
class QuantizationTest {
  private static final int[] SCALAR = {};
  private static final int[] ONE = {1};
  private static final int[] TWO = {2};
  private static final int[] MATRIX = {2, 2};
  private static final String MICROSOFT = "com.microsoft";

  @TempDir Path folder;

  private static OnnxGraphs opset(int version) {
    return new OnnxGraphs(version).input("x", 2).output("y");
  }

  /** A network on maps of one channel and one row. */
  private static OnnxGraphs maps() {
    return new OnnxGraphs(13).input("x", 1, 1, 2).output("y");
  }

  private OnnxImport read(OnnxGraphs graph, boolean exact) {
    return OnnxImport.read(graph.write(folder), new ImportOptions(Map.of(), false, exact));
  }

  /** Returns what a network of an input of two numbers makes of 1 and 2. */
  private float[] run(OnnxGraphs graph, boolean exact) {
    OnnxImport imported = read(graph, exact);
    float[] result = new float[imported.graph().outputShape().size()];
    Plan.compile(imported.graph(), PlanOptions.defaults())
        .session()
        .run(1, Map.of("x", new float[] {1, 2}), Map.of("y", result));
    return result;
  }

  private String refusal(OnnxGraphs graph) {
    return assertThrows(InputException.class, () -> read(graph, false)).getMessage();
  }

  private static List<String> operators(OnnxImport imported) {
    return imported.graph().nodes().stream()
        .map(Node::operator)
        .map(operator -> operator.getClass().getSimpleName())
        .toList();
  }

  private static float[] parameter(OnnxImport imported, String name) {
    return imported.graph().parameter(name).value().toArray();
  }

  /** Bytes around 128 that stand for 2, 0, −3 and 1, and the activations' numbers. */
  private static OnnxGraphs integerProduct() {
    return opset(13)
        .floats("sx", SCALAR, 0.5f)
        .unsignedBytes("zx", SCALAR, 100)
        .unsignedBytes("w", MATRIX, 130, 128, 125, 129)
        .unsignedBytes("zw", SCALAR, 128)
        .node("QuantizeLinear", List.of("x", "sx", "zx"), "q")
        .node("MatMulInteger", List.of("q", "w", "zx", "zw"), "i");
  }

  @Test
  void aProductOfIntegersIsOneLayerOfTheScaleBehindIt() {
    OnnxImport imported =
        integerProduct()
            .floats("s", SCALAR, 0.5f * 0.25f)
            .node("Cast", List.of("i"), "f", OnnxGraphs.whole("to", 1))
            .node("Mul", List.of("f", "s"), "y")
            .read(folder);
    assertEquals(List.of("Linear"), operators(imported));
    assertArrayEquals(new float[] {0.5f, -0.75f, 0, 0.25f}, parameter(imported, "y.weight"));
  }

  @Test
  void aBiasOfIntegersGoesIntoTheLayerToo() {
    OnnxImport imported =
        integerProduct()
            .ints("b", TWO, 8, -4)
            .floats("s", TWO, 0.5f * 0.25f, 0.5f * 2)
            .node("Add", List.of("i", "b"), "sum")
            .node("Cast", List.of("sum"), "f", OnnxGraphs.whole("to", 1))
            .node("Mul", List.of("f", "s"), "y")
            .read(folder);
    assertEquals(List.of("Linear"), operators(imported));
    assertArrayEquals(new float[] {0.5f, -0.75f, 0, 2}, parameter(imported, "y.weight"));
    assertArrayEquals(new float[] {8 * 0.125f, -4}, parameter(imported, "y.bias"));
  }

  @Test
  void theLayerIsLeftAsItIsForOthersThatReadIt() {
    OnnxGraphs graph =
        integerProduct()
            .floats("s", SCALAR, 0.125f)
            .floats("t", SCALAR, 1)
            .node("Cast", List.of("i"), "f", OnnxGraphs.whole("to", 1))
            .node("Mul", List.of("f", "s"), "a")
            .node("Mul", List.of("f", "t"), "b")
            .node("Add", List.of("a", "b"), "y");
    // Numbers 2 and 4 times 2, 0, −3 and 1 are −8 and 4.
    assertArrayEquals(new float[] {-8 * 1.125f, 4 * 1.125f}, run(graph, false));
    assertArrayEquals(new float[] {-8 * 1.125f, 4 * 1.125f}, run(graph, true));
  }

  @Test
  void theScaleOfADynamicQuantisationCancels() {
    OnnxImport imported = dynamicProduct("Mul").read(folder);
    assertEquals(List.of("Linear"), operators(imported));
    assertTrue(imported.batched());
    assertArrayEquals(new float[] {0.5f, -0.75f, 0, 0.25f}, parameter(imported, "y.weight"));
  }

  private static OnnxGraphs dynamicProduct(String last) {
    return opset(13)
        .floats("sw", SCALAR, 0.25f)
        .unsignedBytes("w", MATRIX, 130, 128, 125, 129)
        .unsignedBytes("zw", SCALAR, 128)
        .node("", "DynamicQuantizeLinear", List.of("x"), List.of("q", "sx", "zx"))
        .node("MatMulInteger", List.of("q", "w", "zx", "zw"), "i")
        .node("Cast", List.of("i"), "f", OnnxGraphs.whole("to", 1))
        .node("Mul", List.of("sx", "sw"), "s")
        .node(last, List.of("f", "s"), "y");
  }

  @Test
  void numbersOfADynamicQuantisationAreKnownExactlyOnly() {
    String refusal = refusal(dynamicProduct("Add"));
    assertTrue(refusal.contains("Add of y': reads the numbers of a dynamic"), refusal);
  }

  @Test
  void aDynamicQuantisationThatIsComputedIsThatOfAllExamples() {
    OnnxGraphs graph =
        opset(13)
            .floats("factors", TWO, 0.25f, 1)
            .node("Mul", List.of("x", "factors"), "z")
            .node("", "DynamicQuantizeLinear", List.of("z"), List.of("q", "s", "zero"))
            .node("DequantizeLinear", List.of("q", "s", "zero"), "y");
    // 255 steps from 0 to 2: 1/4 is 31.875 of them, so 32.
    assertArrayEquals(new float[] {32 * (2 / 255f), 2}, run(graph, true), 1e-6f);
    assertFalse(read(graph, true).batched());
    assertArrayEquals(new float[] {0.25f, 2}, run(graph, false));
  }

  @Test
  void aDynamicQuantisationOfZerosGivesZeros() {
    OnnxGraphs graph =
        opset(13)
            .floats("none", SCALAR, 0)
            .node("Mul", List.of("x", "none"), "z")
            .node("", "DynamicQuantizeLinear", List.of("z"), List.of("q", "s", "zero"))
            .node("DequantizeLinear", List.of("q", "s", "zero"), "y");
    assertArrayEquals(new float[] {0, 0}, run(graph, true));
  }

  @Test
  void aConvolutionOfIntegersIsOneLayerOfAScaleForEachChannel() {
    OnnxImport imported =
        maps()
            .unsignedBytes("w", new int[] {2, 1, 1, 1}, 129, 126)
            .unsignedBytes("zw", SCALAR, 128)
            .floats("sw", new int[] {1, 2, 1, 1}, 0.5f, 0.25f)
            .node("", "DynamicQuantizeLinear", List.of("x"), List.of("q", "sx", "zx"))
            .node("ConvInteger", List.of("q", "w", "zx", "zw"), "i")
            .node("Cast", List.of("i"), "f", OnnxGraphs.whole("to", 1))
            .node("Mul", List.of("sx", "sw"), "s")
            .node("Mul", List.of("f", "s"), "y")
            .read(folder);
    assertEquals(List.of("Conv2d"), operators(imported));
    assertArrayEquals(new float[] {0.5f, -0.5f}, parameter(imported, "y.weight"));
  }

  @Test
  void aQuantisedConvolutionIsRoundedOnlyIfThatIsAskedFor() {
    OnnxGraphs graph =
        maps()
            .floats("sx", SCALAR, 0.5f)
            .unsignedBytes("zx", SCALAR, 10)
            .signedBytes("w", new int[] {2, 1, 1, 1}, 3, -2)
            .floats("sw", TWO, 0.5f, 0.25f)
            .signedBytes("zw", TWO, 0, 0)
            .floats("sy", SCALAR, 1)
            .signedBytes("zy", SCALAR, 3)
            .ints("b", TWO, 4, -8)
            .node("QuantizeLinear", List.of("x", "sx", "zx"), "q")
            .node("QLinearConv", List.of("q", "sx", "zx", "w", "sw", "zw", "sy", "zy", "b"), "c")
            .node("DequantizeLinear", List.of("c", "sy", "zy"), "y");
    assertArrayEquals(new float[] {1.5f + 1, 3 + 1, -0.5f - 1, -1 - 1}, run(graph, false));
    // Of two equally near the even one.
    assertArrayEquals(new float[] {2, 4, -2, -2}, run(graph, true));
    assertTrue(read(graph, false).leavesOutRounding());
    assertFalse(read(graph, true).leavesOutRounding());
    OnnxGraphs real = maps().node("Relu", List.of("x"), "y");
    assertFalse(read(real, false).leavesOutRounding());
  }

  @Test
  void whatATypeCantHoldIsCutOff() {
    OnnxGraphs graph =
        opset(13)
            .floats("sx", SCALAR, 0.5f)
            .signedBytes("zx", SCALAR, 0)
            .signedBytes("w", MATRIX, 100, -100, 100, -100)
            .floats("sw", SCALAR, 1)
            .floats("sy", SCALAR, 1)
            .signedBytes("zy", SCALAR, 27)
            .node("QuantizeLinear", List.of("x", "sx", "zx"), "q")
            .node("QLinearMatMul", List.of("q", "sx", "zx", "w", "sw", "zx", "sy", "zy"), "c")
            .node("DequantizeLinear", List.of("c", "sy", "zy"), "y");
    assertArrayEquals(new float[] {300, -300}, run(graph, false));
    assertArrayEquals(new float[] {127 - 27, -128 - 27}, run(graph, true));
  }

  @Test
  void numbersOf16BitsHaveTheirOwnRange() {
    OnnxGraphs graph =
        opset(21)
            .floats("s", SCALAR, 0x1p-10f)
            .unsignedShorts("z", SCALAR, 0)
            .node("QuantizeLinear", List.of("x", "s", "z"), "q")
            .node("DequantizeLinear", List.of("q", "s", "z"), "y");
    assertArrayEquals(new float[] {1, 2}, run(graph, true)); // 1024 and 2048 steps
  }

  @Test
  void aScaleForEachChannelOfActivationsIsUsed() {
    OnnxGraphs graph =
        opset(13)
            .floats("s", TWO, 0.75f, 4)
            .signedBytes("z", TWO, 1, 2)
            .node("QuantizeLinear", List.of("x", "s", "z"), "q")
            .node("DequantizeLinear", List.of("q", "s", "z"), "y");
    // 1/0.75 is nearest to 1, 2/4 as near to 0 as to 1.
    assertArrayEquals(new float[] {0.75f, 0}, run(graph, true));
    assertArrayEquals(new float[] {1, 2}, run(graph, false), 1e-6f);
  }

  @Test
  void weightsThatTheGraphQuantisesAreRoundedChannelByChannel() {
    OnnxImport imported =
        opset(13)
            .floats("w", MATRIX, 0.3f, 100, -0.3f, 1.25f)
            .floats("s", TWO, 0.5f, 0.25f)
            .signedBytes("z", TWO, 0, 0)
            .node("QuantizeLinear", List.of("w", "s", "z"), "q", OnnxGraphs.whole("axis", 1))
            .node("DequantizeLinear", List.of("q", "s", "z"), "d", OnnxGraphs.whole("axis", 1))
            .node("MatMul", List.of("x", "d"), "y")
            .read(folder);
    assertArrayEquals(
        new float[] {0.5f, -0.5f, 127 * 0.25f, 1.25f}, parameter(imported, "y.weight"));
  }

  @Test
  void arithmeticOfTheNumbersThemselvesIsThatOfTheFile() {
    OnnxGraphs byHand =
        opset(13)
            .floats("s", SCALAR, 0.5f)
            .unsignedBytes("z", SCALAR, 10)
            .floats("ten", SCALAR, 10)
            .node("QuantizeLinear", List.of("x", "s", "z"), "q")
            .node("Cast", List.of("q"), "f", OnnxGraphs.whole("to", 1))
            .node("Sub", List.of("f", "ten"), "d")
            .node("Mul", List.of("d", "s"), "y");
    assertArrayEquals(new float[] {1, 2}, run(byHand, false));
    OnnxGraphs squares =
        opset(13)
            .floats("s", SCALAR, 0.5f)
            .unsignedBytes("z", SCALAR, 10)
            .node("QuantizeLinear", List.of("x", "s", "z"), "q")
            .node("Cast", List.of("q"), "f", OnnxGraphs.whole("to", 1))
            .node("Mul", List.of("f", "f"), "y");
    assertArrayEquals(new float[] {12 * 12, 14 * 14}, run(squares, false));
    OnnxGraphs given =
        opset(13)
            .floats("s", SCALAR, 0.75f)
            .unsignedBytes("z", SCALAR, 10)
            .node("QuantizeLinear", List.of("x", "s", "z"), "y");
    assertArrayEquals(new float[] {11, 13}, run(given, true)); // 1.33 and 2.67 steps
  }

  @Test
  void whatMovesNumbersMovesWhatTheyStandFor() {
    OnnxGraphs graph =
        opset(13)
            .floats("s", SCALAR, 0.5f)
            .unsignedBytes("z", SCALAR, 10)
            .wholes("pads", new int[] {4}, 0, 1, 0, 0)
            .node("QuantizeLinear", List.of("x", "s", "z"), "q")
            .node("Pad", List.of("q", "pads", "z"), "p")
            .node("DequantizeLinear", List.of("p", "s", "z"), "y");
    assertArrayEquals(new float[] {0, 1, 2}, run(graph, false));
  }

  @Test
  void operatorsOfOnnxRuntimeComputeWithWhatNumbersStandFor() {
    OnnxGraphs sum =
        quantised()
            .node(
                MICROSOFT,
                "QLinearAdd",
                List.of("q", "s", "z", "q", "s", "z", "sy", "z"),
                List.of("c"))
            .node("DequantizeLinear", List.of("c", "sy", "z"), "y");
    assertArrayEquals(new float[] {2, 4}, run(sum, false));
    assertArrayEquals(new float[] {2.25f, 3.75f}, run(sum, true)); // 2.67 and 5.33 steps of 0.75
    OnnxGraphs leaky =
        quantised()
            .node(
                MICROSOFT,
                "QLinearLeakyRelu",
                List.of("q", "s", "z", "sy", "z"),
                List.of("c"),
                OnnxGraphs.real("alpha", 0.5f))
            .node(MICROSOFT, "DequantizeLinear", List.of("c", "sy", "z"), List.of("y"));
    assertArrayEquals(new float[] {1, 2}, run(leaky, false));
    OnnxGraphs both =
        quantised()
            .node(
                MICROSOFT,
                "QLinearConcat",
                List.of("sy", "z", "q", "s", "z", "q", "s", "z"),
                List.of("c"),
                OnnxGraphs.whole("axis", 1))
            .node("DequantizeLinear", List.of("c", "sy", "z"), "y");
    assertArrayEquals(new float[] {1, 2, 1, 2}, run(both, false));
  }

  private static OnnxGraphs quantised() {
    return opset(13)
        .floats("s", SCALAR, 0.5f)
        .floats("sy", SCALAR, 0.75f)
        .unsignedBytes("z", SCALAR, 10)
        .node("QuantizeLinear", List.of("x", "s", "z"), "q");
  }

  @Test
  void aMatrixProductOfOnnxRuntimeHasARealResultUnlessItHasAScale() {
    OnnxGraphs graph =
        quantised()
            .signedBytes("w", MATRIX, 2, 0, -3, 1)
            .floats("sw", SCALAR, 0.25f)
            .signedBytes("zw", SCALAR, 0)
            .ints("b", TWO, 8, -4)
            .node(
                MICROSOFT,
                "QGemm",
                List.of("q", "s", "z", "w", "sw", "zw", "b"),
                List.of("y"),
                OnnxGraphs.whole("transB", 1),
                OnnxGraphs.real("alpha", 2));
    OnnxImport imported = graph.read(folder);
    assertEquals(List.of("Linear"), operators(imported));
    assertArrayEquals(new float[] {1, 0, -1.5f, 0.5f}, parameter(imported, "y.weight"));
    assertArrayEquals(new float[] {8 * 0.25f, -4 * 0.25f}, parameter(imported, "y.bias"));
  }

  @Test
  void aDynamicProductOfOnnxRuntimeIsOneLayer() {
    OnnxImport imported =
        opset(13)
            .signedBytes("w", MATRIX, 2, 0, -3, 1)
            .floats("sw", TWO, 0.25f, 0.5f)
            .floats("b", TWO, 1, 2)
            .node(
                MICROSOFT, "DynamicQuantizeMatMul", List.of("x", "w", "sw", "", "b"), List.of("y"))
            .read(folder);
    assertEquals(List.of("Linear"), operators(imported));
    assertArrayEquals(new float[] {0.5f, -0.75f, 0, 0.5f}, parameter(imported, "y.weight"));
    assertArrayEquals(new float[] {1, 2}, parameter(imported, "y.bias"));
  }

  @Test
  void bytesOfTheFileStayBytesOfItsScale() {
    float[] scales = {0.1f, 0.3f};
    OnnxImport imported =
        new OnnxGraphs(13)
            .input("x", 4)
            .output("y")
            .unsignedBytes("w", new int[] {2, 4}, 130, 128, 28, 128, 128, 128, 128, 135)
            .floats("s", TWO, scales)
            .unsignedBytes("z", TWO, 128, 128)
            .node("DequantizeLinear", List.of("w", "s", "z"), "d", OnnxGraphs.whole("axis", 0))
            .node("Gemm", List.of("x", "d"), "y", OnnxGraphs.whole("transB", 1))
            .read(folder);
    float[] rows = {2 * 0.1f, 0, -100 * 0.1f, 0, 0, 0, 0, 7 * 0.3f};
    assertArrayEquals(rows, parameter(imported, "y.weight"));
    Path file = folder.resolve("m.safetensors");
    ModelFile.write(
        file, new Model(imported.graph(), new Preprocessing.AsIs(), List.of(), Map.of()));
    assertEquals(Precision.INT8, ModelFile.precision(file));
    Graph read = ModelFile.read(file).graph();
    assertArrayEquals(rows, read.parameter("y.weight").value().toArray());
    assertArrayEquals(scales, read.parameter("y.weight").value().steps());
    for (Graph graph : List.of(imported.graph(), read)) {
      float[] result = new float[2];
      for (WeightFormat format :
          List.of(WeightFormat.AUTO, WeightFormat.DENSE, WeightFormat.SELL)) {
        Plan plan = Plan.compile(graph, PlanOptions.defaults().withMaxBatch(1).withKernel(format));
        plan.session().run(1, Map.of("x", new float[] {1, 2, 3, 4}), Map.of("y", result));
        float first = Math.fma(-100 * 0.1f, 3, 2 * 0.1f);
        assertArrayEquals(new float[] {first, 7 * 0.3f * 4}, result, format.toString());
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"0", "-0.5", "NaN", "Infinity"})
  void aScaleIsANumberAbove0(float scale) {
    String activation =
        refusal(
            opset(13)
                .floats("s", SCALAR, scale)
                .unsignedBytes("z", SCALAR, 0)
                .node("QuantizeLinear", List.of("x", "s", "z"), "q")
                .node("DequantizeLinear", List.of("q", "s", "z"), "y"));
    assertTrue(activation.contains("QuantizeLinear of q': a scale of " + scale), activation);
    String weight =
        refusal(
            opset(13)
                .signedBytes("w", MATRIX, 1, 2, 3, 4)
                .floats("s", TWO, 1, scale)
                .node("DequantizeLinear", List.of("w", "s"), "d")
                .node("MatMul", List.of("x", "d"), "y"));
    assertTrue(weight.contains("DequantizeLinear of d': a scale of " + scale), weight);
  }

  @Test
  void scalesAreAsManyAsTheAxisHasPlaces() {
    String many = refusal(weight().floats("s", new int[] {3}, 1, 1, 1), "s");
    assertTrue(many.contains("scales [3], not [2] for axis 1 of [2, 2]"), many);
    String square = refusal(weight().floats("s", MATRIX, 1, 1, 1, 1), "s");
    assertTrue(square.contains("scales [2, 2], not [2] for axis 1 of [2, 2]"), square);
    String axis = refusal(weight().floats("s", TWO, 1, 1), "s", OnnxGraphs.whole("axis", 2));
    assertTrue(axis.contains("axis 2 of 2"), axis);
    String size = refusal(weight().floats("s", TWO, 1, 1), "s", OnnxGraphs.whole("block_size", -1));
    assertTrue(size.contains("blocks of -1"), size);
    String whole = refusal(weight().signedBytes("s", TWO, 1, 1), "s");
    assertTrue(whole.contains("input 1, a scale, isn't constant or not real"), whole);
  }

  @Test
  void zeroPointsAreAsTheScalesAndOfTheNumbersType() {
    OnnxGraphs scaled = weight().floats("s", TWO, 1, 1);
    String many = refusal(scaled.signedBytes("z", new int[] {3}, 1, 1, 1), "s,z");
    assertTrue(many.contains("zero points [3] of scales [2]"), many);
    String type = refusal(weight().floats("s", TWO, 1, 1).unsignedBytes("z", TWO, 1, 1), "s,z");
    assertTrue(type.contains("a zero point of type UINT8 for numbers of type INT8"), type);
    String real = refusal(weight().floats("s", TWO, 1, 1).floats("z", TWO, 1, 1), "s,z");
    assertTrue(real.contains("a zero point of type FLOAT"), real);
    String wide =
        refusal(
            opset(13)
                .floats("s", SCALAR, 1)
                .ints("z", SCALAR, 0)
                .node("QuantizeLinear", List.of("x", "s", "z"), "y"));
    assertTrue(wide.contains("quantises to INT32"), wide);
  }

  private static OnnxGraphs weight() {
    return opset(13).signedBytes("w", MATRIX, 1, 2, 3, 4);
  }

  /** Returns why a weight can't be dequantised by a scale and perhaps a zero point. */
  private String refusal(OnnxGraphs graph, String inputs, Message... attributes) {
    return refusal(
        graph
            .node("DequantizeLinear", List.of(("w," + inputs).split(",", -1)), "d", attributes)
            .node("MatMul", List.of("x", "d"), "y"));
  }

  @Test
  void theBiasOfAQuantisedConvolutionHasOneNumberForEachChannel() {
    OnnxGraphs graph =
        maps()
            .floats("s", SCALAR, 0.5f)
            .unsignedBytes("z", SCALAR, 10)
            .signedBytes("w", new int[] {2, 1, 1, 1}, 3, -2)
            .floats("sw", TWO, 0.5f, 0.25f)
            .signedBytes("zw", TWO, 0, 0)
            .ints("b", new int[] {3}, 1, 2, 3)
            .node("QuantizeLinear", List.of("x", "s", "z"), "q")
            .node("QLinearConv", List.of("q", "s", "z", "w", "sw", "zw", "s", "z", "b"), "y");
    assertTrue(refusal(graph).contains("a bias [3] of scales [] and [2]"), refusal(graph));
  }
}
