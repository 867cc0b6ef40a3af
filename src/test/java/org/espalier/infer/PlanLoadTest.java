package org.espalier.infer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.espalier.InputException;
import org.espalier.io.ModelFile;
import org.espalier.io.onnx.OnnxFile;
import org.espalier.io.onnx.OnnxOptions;
import org.espalier.model.Graph;
import org.espalier.model.Initializer;
import org.espalier.model.Model;
import org.espalier.model.Operator;
import org.espalier.model.Preprocessing;
import org.espalier.model.Zoo;
import org.espalier.tensor.Precision;
import org.espalier.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Plans of the networks of files. */
class PlanLoadTest {
  @TempDir Path folder;

  private static Model model(Graph graph) {
    return new Model(graph, new Preprocessing.AsIs(), List.of(), Map.of());
  }

  private static Graph perceptron() {
    Graph graph = Zoo.mlp(Shape.of(7), 5, 3);
    Initializer.HE_NORMAL.initialize(graph, 1);
    return graph;
  }

  private static float[] outputs(Plan plan) {
    float[] y = new float[3];
    plan.session().run(1, new float[] {1, -2, 3, -4, 5, -6, 7}, y);
    return y;
  }

  private Path onnx(Graph graph) {
    Path file = folder.resolve("m.onnx");
    OnnxFile.write(file, model(graph), OnnxOptions.plain(OnnxFile.Form.FLOAT, false));
    return file;
  }

  @Test
  void bothKindsOfFilesGiveTheBitsOfTheirNetwork() {
    Graph graph = perceptron();
    float[] expected = outputs(Plan.compile(graph, PlanOptions.defaults()));
    Path ours = folder.resolve("m.safetensors");
    ModelFile.write(ours, model(graph));
    assertArrayEquals(expected, outputs(Plan.load(ours)));
    assertArrayEquals(expected, outputs(Plan.load(onnx(graph))));
    Plan dense = Plan.load(onnx(graph), PlanOptions.defaults().withKernel(WeightFormat.DENSE));
    assertArrayEquals(expected, outputs(dense));
    assertTrue(dense.describe().stream().allMatch(l -> l.kernels().contains("dense")));
  }

  /** A byte and a scale a row take less than four bytes. */
  @Test
  void weightsStayAsNarrowAsTheyAreStored() {
    Path ours = folder.resolve("m.safetensors");
    ModelFile.write(ours, model(perceptron()), Precision.INT8);
    Plan narrow = Plan.load(ours);
    Plan wide = Plan.load(ours, PlanOptions.defaults());
    assertArrayEquals(outputs(wide), outputs(narrow));
    Plan floats = Plan.compile(perceptron(), PlanOptions.defaults());
    assertTrue(narrow.weightBytes() < floats.weightBytes(), narrow.weightBytes() + " bytes");
    assertEquals(narrow.weightBytes(), wide.weightBytes()); // the file's steps are the weight's own
  }

  @Test
  void valuesGoByTheNamesOfTheFile() {
    Map<String, Shape> inputs = new LinkedHashMap<>();
    inputs.put("left", Shape.of(2));
    inputs.put("right", Shape.of(2));
    Graph.Builder net =
        Graph.inputs(inputs)
            .add("sum", new Operator.Add(), List.of("left", "right"))
            .output("sum")
            .add("positive", new Operator.Relu())
            .output("positive");
    Plan plan = Plan.load(onnx(net.build()));
    assertEquals(List.of("sum", "positive"), List.copyOf(plan.outputs().keySet()));
    float[] sum = new float[2];
    float[] positive = new float[2];
    plan.session()
        .run(
            1,
            Map.of("right", new float[] {1, -5}, "left", new float[] {2, 3}),
            Map.of("positive", positive, "sum", sum));
    assertArrayEquals(new float[] {3, -2}, sum);
    assertArrayEquals(new float[] {3, 0}, positive);
  }

  /** As the documents show. */
  @Test
  void aNetworkFromElsewhereIsRun() {
    Graph graph = Graph.inputs(Map.of("image", Shape.of(7))).linear("logits", 3).build();
    graph.parameter("logits.weight").value().set(2, 6, 4);
    Path theirs = onnx(graph);
    float[] image = {1, -2, 3, -4, 5, -6, 7};
    Plan plan = Plan.load(theirs);
    float[] logits = new float[3];
    plan.session().run(1, Map.of("image", image), Map.of("logits", logits));
    assertArrayEquals(new float[] {0, 0, 28}, logits);
  }

  @Test
  void whatIsNoModelIsRefusedInOneLine() throws IOException {
    Path file = Files.writeString(folder.resolve("m"), "GGUF");
    String message = assertThrows(InputException.class, () -> Plan.load(file)).getMessage();
    assertEquals(
        file + ": is a GGUF file; expected a model file of Espalier (safetensors)", message);
    Path none = folder.resolve("none.onnx");
    assertThrows(InputException.class, () -> Plan.load(none, PlanOptions.defaults()));
  }
}
