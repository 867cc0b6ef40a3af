package org.espalier.peers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.espalier.experiment.bench.InterleavedBenchmark;
import org.espalier.experiment.bench.LoadProfile;
import org.espalier.experiment.bench.OnnxRuntimeEngine;
import org.espalier.experiment.bench.PlanEngine;
import org.espalier.infer.Plan;
import org.espalier.infer.PlanOptions;
import org.espalier.io.onnx.OnnxFile.Form;
import org.espalier.io.onnx.SampleGraphs;
import org.espalier.model.Graph;
import org.espalier.model.Zoo;
import org.espalier.tensor.Shape;
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
            List.of(ours, new OnnxRuntimeEngine(graph, form, 1)), 5, LoadProfile.ONE_STREAM)) {
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
}
