package org.espalier.peers;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.espalier.InputException;
import org.espalier.io.onnx.OnnxFile;
import org.espalier.io.onnx.OnnxFile.Form;
import org.espalier.io.onnx.OnnxOptions;
import org.espalier.io.onnx.OperatorGraphs;
import org.espalier.io.onnx.SampleGraphs;
import org.espalier.model.Graph;
import org.espalier.model.Model;
import org.espalier.model.Node;
import org.espalier.model.Operator;
import org.espalier.model.Preprocessing;
import org.espalier.reference.ReferenceEvaluator;
import org.espalier.tensor.Precision;
import org.espalier.tensor.Shape;
import org.espalier.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What ONNX Runtime makes of each operator that we write, in each opset, is its definition. */
class OnnxOperatorsTest {
  private static final int EXAMPLES = 3;
  private static final double TOLERANCE = 1e-5;

  /** The first opset that has something for every operator. */
  private static final int ALL = 19;

  private static final OrtEnvironment RUNTIME = OrtEnvironment.getEnvironment();

  @ParameterizedTest
  @ValueSource(ints = {7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21})
  void operatorsAreWhatTheyAreByDefinition(int opset) {
    List<String> wrong = new ArrayList<>();
    List<String> refused = new ArrayList<>();
    OperatorGraphs.all()
        .forEach(
            (name, graph) -> {
              try {
                OnnxOptions options = OnnxOptions.plain(Form.FLOAT, false).withOpset(opset);
                compare(name, graph, OnnxFile.bytes(graph, options), wrong);
              } catch (InputException e) {
                refused.add(name + ": " + e.getMessage());
              } catch (OrtException e) {
                wrong.add(name + ": " + e.getMessage().lines().findFirst().orElse(""));
              }
            });
    assertEquals("", String.join("\n", wrong));
    if (opset >= ALL) {
      assertEquals("", String.join("\n", refused));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21})
  void storedWeightsAreThoseRounded(int opset) throws OrtException {
    List<String> wrong = new ArrayList<>();
    for (Precision precision : Precision.values()) {
      Graph graph = SampleGraphs.randomized(SampleGraphs.everyOperator(), 2);
      for (Node layer : graph.layers()) {
        String name = layer.parameter(Operator.WEIGHT);
        Tensor weight = graph.parameter(name).value();
        weight.fillRow(1, 0);
        weight.copyFrom(precision.round(name, weight));
      }
      Model model = new Model(graph, new Preprocessing.AsIs(), List.of(), Map.of());
      OnnxOptions options =
          new OnnxOptions(Form.FLOAT, true, precision, true, false).withOpset(opset);
      compare(precision.toString(), graph, OnnxFile.bytes(model, options), wrong);
    }
    assertEquals("", String.join("\n", wrong));
  }

  private static void compare(String name, Graph graph, byte[] file, List<String> wrong)
      throws OrtException {
    Map<String, float[]> inputs = OperatorGraphs.inputs(graph, EXAMPLES);
    Map<String, OnnxTensor> tensors = new LinkedHashMap<>();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
      try (OrtSession session = RUNTIME.createSession(file, options)) {
        for (String input : session.getInputNames()) {
          Shape shape = graph.inputs().get(input);
          tensors.put(
              input,
              OnnxTensor.createTensor(
                  RUNTIME, FloatBuffer.wrap(inputs.get(input)), withBatch(shape)));
        }
        try (OrtSession.Result result = session.run(tensors)) {
          for (String output : graph.outputs()) {
            OnnxTensor tensor = (OnnxTensor) result.get(output).orElseThrow();
            Shape shape = graph.shapeOf(output);
            long[] extents = tensor.getInfo().getShape();
            if (!Arrays.equals(extents, withBatch(shape))) {
              wrong.add(name + ": " + Arrays.toString(extents) + " not " + shape);
              continue;
            }
            float[] got = new float[EXAMPLES * shape.size()];
            tensor.getFloatBuffer().get(got);
            compare(name, graph, inputs, output, got, wrong);
          }
        }
      }
    } finally {
      tensors.values().forEach(OnnxTensor::close);
    }
  }

  private static void compare(
      String name,
      Graph graph,
      Map<String, float[]> inputs,
      String output,
      float[] got,
      List<String> wrong) {
    ReferenceEvaluator evaluator = new ReferenceEvaluator(graph);
    int size = graph.shapeOf(output).size();
    for (int e = 0; e < EXAMPLES; e++) {
      int example = e;
      Map<String, float[]> one = new LinkedHashMap<>();
      inputs.forEach(
          (input, all) -> {
            int n = all.length / EXAMPLES;
            one.put(input, Arrays.copyOfRange(all, example * n, (example + 1) * n));
          });
      float[] want = evaluator.run(one).get(output);
      for (int i = 0; i < size; i++) {
        float value = got[e * size + i];
        boolean same =
            Float.compare(want[i], value) == 0
                || Math.abs(want[i] - value) <= TOLERANCE * Math.max(1, Math.abs(want[i]));
        if (!same) {
          wrong.add(name + ": " + value + " not " + want[i] + " at " + i + " of example " + e);
          return;
        }
      }
    }
  }

  private static long[] withBatch(Shape shape) {
    long[] extents = new long[shape.rank() + 1];
    extents[0] = EXAMPLES;
    for (int i = 0; i < shape.rank(); i++) {
      extents[i + 1] = shape.dim(i);
    }
    return extents;
  }
}
