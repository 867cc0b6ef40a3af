package org.espalier.peers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.espalier.experiment.bench.InterleavedBenchmark;
import org.espalier.experiment.bench.LoadProfile;
import org.espalier.experiment.bench.OnnxRuntimeEngine;
import org.espalier.experiment.bench.PlanEngine;
import org.espalier.infer.Plan;
import org.espalier.infer.PlanOptions;
import org.espalier.io.onnx.OnnxFile;
import org.espalier.io.onnx.OnnxFile.Form;
import org.espalier.io.onnx.OnnxOptions;
import org.espalier.io.onnx.SampleGraphs;
import org.espalier.model.Graph;
import org.espalier.model.Model;
import org.espalier.model.Preprocessing;
import org.espalier.model.Zoo;
import org.espalier.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What ONNX Runtime makes of the files that we write is what our plans compute. */
class OnnxRuntimeTest {
  private static final String EVERY_OPERATOR = "every operator";

  private static Graph graph(String name) {
    Shape input = name.startsWith("lenet") ? Shape.of(1, 28, 28) : Shape.of(3, 32, 32);
    return SampleGraphs.randomized(
        name.equals(EVERY_OPERATOR)
            ? SampleGraphs.everyOperator()
            : Zoo.named(name, input, 10).orElseThrow(),
        1);
  }

  private static double difference(String network, Form form) {
    Graph graph = graph(network);
    var ours = new PlanEngine("ours", Plan.compile(graph, PlanOptions.defaults()), 1);
    try (InterleavedBenchmark trial =
        new InterleavedBenchmark(
            List.of(ours, OnnxRuntimeEngine.of(graph, form, 1)), 5, LoadProfile.ONE_STREAM)) {
      assertEquals(2, trial.measure(0, 1e-3).latencies().size());
      return trial.differences().getLast();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        EVERY_OPERATOR,
        "lenet-300-100",
        "lenet-5",
        "resnet20",
        "resnet32-paper",
        "resnet18",
        "wide-resnet-10-1",
        "vgg16"
      })
  void logitsAreOursUpToRounding(String network) {
    double difference = difference(network, Form.FLOAT);
    System.out.println(network + " fp32 " + difference);
    assertTrue(difference < 2e-5, network + ": " + difference);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {EVERY_OPERATOR, "lenet-300-100", "lenet-5", "resnet20", "wide-resnet-10-1"})
  void logitsOfEightBitsAreNearOurs(String network) {
    double difference = difference(network, Form.DYNAMIC_INT8);
    System.out.println(network + " int8 " + difference);
    assertTrue(difference > 1e-4 && difference < 0.1, network + ": " + difference);
  }

  /** Two inputs and two outputs, of which the first is compared. */
  @Test
  void somebodysFileIsRunAsItIs(@TempDir Path folder) {
    Map<String, Shape> inputs = new LinkedHashMap<>();
    inputs.put("left", Shape.of(3));
    inputs.put("right", Shape.of(3));
    Graph.Builder net = Graph.inputs(inputs).linear("layer", 3);
    Graph graph =
        SampleGraphs.randomized(
            net.plus("right").output(net.last()).relu().output(net.last()).build(), 1);
    Path file = folder.resolve("theirs.onnx");
    OnnxFile.write(
        file,
        new Model(graph, new Preprocessing.AsIs(), List.of(), Map.of()),
        OnnxOptions.plain(Form.FLOAT, false));
    var ours = new PlanEngine("ours", Plan.load(file), 1);
    try (InterleavedBenchmark trial =
        new InterleavedBenchmark(
            List.of(ours, OnnxRuntimeEngine.ofFile(file, 1)), 5, LoadProfile.ONE_STREAM)) {
      assertTrue(trial.differences().getLast() < 2e-5, trial.differences().toString());
    }
  }
}
