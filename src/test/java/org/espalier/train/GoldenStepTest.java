package org.espalier.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.InputStream;
import org.espalier.model.Graph;
import org.espalier.model.Zoo;
import org.espalier.op.Clock;
import org.espalier.op.Network;
import org.espalier.op.Phase;
import org.espalier.op.Span;
import org.espalier.op.Sparsifier;
import org.espalier.op.WeightTransform;
import org.espalier.parallel.ThreadPool;
import org.espalier.tensor.BitMask;
import org.espalier.tensor.Shape;
import org.espalier.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Whole training steps against values that PyTorch computed; golden_step.py says how. */
class GoldenStepTest {
  private static final double TOLERANCE = 2e-6;

  @ParameterizedTest
  @ValueSource(
      strings = {"plain", "nesterov-clipped", "masked", "adam", "adamw-clipped", "adamw-masked"})
  void threeStepsAgree(String name) throws Exception {
    JsonNode want;
    try (InputStream in = GoldenStepTest.class.getResourceAsStream("golden_step.json")) {
      want = JsonMapper.shared().readTree(in).get(name);
    }
    Graph graph = Zoo.mlp(Shape.of(7), 5, 3);
    fill(graph.parameter("fc1.weight").value(), 3, 1);
    fill(graph.parameter("fc1.bias").value(), 17, 1);
    fill(graph.parameter("logits.weight").value(), 29, 1);
    fill(graph.parameter("logits.bias").value(), 41, 1);
    Tensor x = Tensor.zeros(5, 7);
    fill(x, 7, 4);
    int[] labels = {0, 2, 1, 1, 0};
    Sparsifier method = name.endsWith("masked") ? GoldenStepTest::masked : Sparsifier.NONE;
    double clip = name.endsWith("clipped") ? 0.25 : 0;
    OptimizerOptions options =
        name.startsWith("adam")
            ? new AdamOptions(
                rate(0.03125), 0.875, 0.96875, 0.0078125, 0.0625, name.startsWith("adamw"), clip)
            : new SgdOptions(rate(0.25), 0.875, name.startsWith("nesterov"), 0.0625, clip);
    try (ThreadPool workers = new ThreadPool(1)) {
      Network network = new Network(graph, method, 1, 5, options.clips(), workers);
      Optimizer optimizer = Optimizer.of(options, network.trainables(), workers);
      Loss loss = new Loss(0.125);
      Clock clock = new Clock(3, 3);
      for (int step = 0; step < 3; step++) {
        clock.set(step);
        Tensor logits = network.forward(Phase.TRAIN, clock, x, 5);
        loss.begin(5);
        loss.add(logits, labels, 5, network.outputGradient());
        assertEquals(
            want.get("losses").get(step).asDouble(), loss.mean(), TOLERANCE, "loss " + step);
        network.backward(5);
        optimizer.step(clock);
      }
    }
    graph
        .parameters()
        .forEach(
            p -> {
              float[] got = p.value().toArray();
              for (int i = 0; i < got.length; i++) {
                assertEquals(
                    want.get(p.name()).get(i).asDouble(), got[i], TOLERANCE, p.name() + " " + i);
              }
            });
  }

  private static LearningRate rate(double base) {
    return new LearningRate(base, Span.parse("0 steps"), new LearningRate.Constant());
  }

  private static WeightTransform masked(
      org.espalier.model.Node node, org.espalier.op.Trainable weight, Sparsifier.Site site) {
    if (!node.name().equals("fc1")) {
      return WeightTransform.NONE;
    }
    BitMask mask = new BitMask(5, 7);
    return (phase, clock, effective) -> {
      for (int r = 0; r < 5; r++) {
        for (int c = 0; c < 7; c++) {
          mask.set(r, c, (r * 5 + c * 3 + clock.step()) % 3 != 0);
        }
      }
      effective.masked(mask);
    };
  }

  private static void fill(Tensor t, int salt, float scale) {
    for (int r = 0; r < t.rows(); r++) {
      for (int c = 0; c < t.cols(); c++) {
        t.set(r, c, ((r * 37 + c * 11 + salt) % 64 - 31.5f) / 64 * scale);
      }
    }
  }
}
