package org.espalier.io.onnx.translate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.espalier.InputException;
import org.espalier.infer.Plan;
import org.espalier.infer.PlanOptions;
import org.espalier.infer.Rewrites;
import org.espalier.io.onnx.read.ElementType;
import org.espalier.io.onnx.read.OnnxModel;
import org.espalier.io.onnx.read.OnnxNetwork;
import org.espalier.io.onnx.read.OnnxTensor;
import org.espalier.io.onnx.read.OnnxValue;
import org.espalier.reference.ReferenceEvaluator;
import org.espalier.tensor.Shape;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The conformance tests that come with ONNX, by the rules of their own runner: a folder {@code
 * backend/test/data} of any version, named by the property {@code espalier.onnx.conformance}.
 * Inputs but the first one of real numbers, or of bytes in the first place, are bound to their
 * values, as weights, axes and sizes are inputs there; that one too where it must be known.
 */
class ConformanceTest {
  private static final double ABSOLUTE = 1e-7;
  private static final double RELATIVE = 1e-3;

  private static final ImportOptions EXACT = new ImportOptions(Map.of(), false, true);

  /** What the operators' page lists as refused. */
  private static final List<String> MAY_BE_REFUSED =
      List.of(
          "antialias",
          "tf_crop_and_resize",
          "output Indices",
          "spatial axes",
          "training_mode",
          "statistics of the batch");

  @TestFactory
  Stream<DynamicTest> everyOne() throws IOException {
    String folder =
        System.getProperty(
            "espalier.onnx.conformance",
            System.getenv().getOrDefault("ESPALIER_ONNX_CONFORMANCE", ""));
    assumeTrue(!folder.isEmpty(), "no folder named");
    List<Path> models;
    try (Stream<Path> files = Files.walk(Path.of(folder))) {
      models = files.filter(f -> f.endsWith("model.onnx")).sorted().toList();
    }
    assertTrue(!models.isEmpty(), folder + " holds no model.onnx");
    return models.stream()
        .map(m -> DynamicTest.dynamicTest(m.getParent().getFileName().toString(), () -> run(m)));
  }

  private static void run(Path file) throws IOException {
    String name = file.getParent().getFileName().toString();
    List<Path> sets;
    try (Stream<Path> files = Files.list(file.getParent())) {
      sets = files.filter(f -> f.getFileName().toString().startsWith("test_data_set_")).toList();
    }
    assertTrue(!sets.isEmpty(), "no data");
    for (Path set : sets) {
      try {
        check(file, set, true);
      } catch (InputException _) {
        try {
          check(file, set, false);
        } catch (InputException e) {
          boolean listed = MAY_BE_REFUSED.stream().anyMatch(e.getMessage()::contains);
          assertTrue(listed, name + ": " + e.getMessage());
        }
      }
    }
  }

  private static void check(Path file, Path set, boolean leavesFirst) throws IOException {
    OnnxModel model = OnnxModel.read(file);
    OnnxNetwork network = model.graph();
    Map<String, OnnxTensor> bound = new LinkedHashMap<>();
    String free = "";
    for (int i = 0; i < network.inputs().size(); i++) {
      Path input = set.resolve("input_" + i + ".pb");
      if (!Files.exists(input)) {
        continue;
      }
      OnnxTensor tensor = OnnxTensor.read(input);
      boolean isActivation =
          !tensor.type().isWhole()
              || (i == 0
                  && (tensor.type() == ElementType.UINT8 || tensor.type() == ElementType.INT8));
      boolean first = leavesFirst && free.isEmpty() && isActivation;
      bound.put(network.inputs().get(i).name(), tensor);
      free = first ? network.inputs().get(i).name() : free;
    }
    OnnxTensor x = bound.remove(free);
    List<OnnxValue> outputs = network.outputs();
    OnnxImport imported = OnnxImport.of(file.toString(), network.binding(bound), Map.of(), EXACT);
    int batch = x == null || !imported.batched() ? 1 : Math.toIntExact(x.dims()[0]);
    Map<String, float[]> given = x == null ? Map.of() : Map.of(free, x.floats());
    Map<String, float[]> results = new LinkedHashMap<>();
    for (OnnxValue output : outputs) {
      Shape shape = imported.graph().shapeOf(output.name());
      results.put(output.name(), new float[Math.multiplyExact(batch, shape.size())]);
    }
    for (Rewrites rewrites : Rewrites.values()) {
      Plan plan =
          Plan.compile(
              imported.graph(), PlanOptions.defaults().withRewrites(rewrites).withMaxBatch(4));
      plan.session().run(batch, given, results);
      for (int i = 0; i < outputs.size(); i++) {
        OnnxTensor expected = OnnxTensor.read(set.resolve("output_" + i + ".pb"));
        String output = outputs.get(i).name();
        Shape shape = imported.graph().shapeOf(output);
        List<Long> dims = new ArrayList<>();
        if (imported.batched()) {
          dims.add((long) batch);
        }
        Arrays.stream(shape.dims()).forEach(dim -> dims.add((long) dim));
        assertEquals(Arrays.stream(expected.dims()).boxed().toList(), dims, output);
        close(output, expected.floats(), results.get(output));
      }
    }
    sameAsSpecification(imported, batch, given, results);
  }

  /** Without rewriting, plans have the bits of the specification. */
  private static void sameAsSpecification(
      OnnxImport imported, int batch, Map<String, float[]> given, Map<String, float[]> results) {
    Plan plan =
        Plan.compile(
            imported.graph(), PlanOptions.defaults().withRewrites(Rewrites.NONE).withMaxBatch(4));
    plan.session().run(batch, given, results);
    ReferenceEvaluator evaluator = new ReferenceEvaluator(imported.graph());
    for (int example = 0; example < batch; example++) {
      Map<String, float[]> one = new LinkedHashMap<>();
      for (var input : given.entrySet()) {
        int size = input.getValue().length / batch;
        one.put(
            input.getKey(),
            Arrays.copyOfRange(input.getValue(), example * size, (example + 1) * size));
      }
      Map<String, float[]> expected = evaluator.run(one);
      for (var result : results.entrySet()) {
        float[] all = result.getValue();
        int size = all.length / batch;
        float[] values = expected.get(result.getKey());
        for (int i = 0; i < size; i++) {
          float a = values[i] + 0f;
          float b = all[example * size + i] + 0f;
          assertEquals(a, b, result.getKey() + " " + i);
        }
      }
    }
  }

  private static void close(String name, float[] expected, float[] actual) {
    assertEquals(expected.length, actual.length, name);
    for (int i = 0; i < expected.length; i++) {
      float e = expected[i];
      float a = actual[i];
      boolean same =
          e == a
              || Float.isNaN(e) && Float.isNaN(a)
              || Math.abs(e - a) <= ABSOLUTE + RELATIVE * Math.abs(e);
      assertTrue(same, name + " at " + i + ": expected " + e + ", found " + a);
    }
  }
}
