package org.espalier.infer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.espalier.io.onnx.OperatorGraphs;
import org.espalier.kernel.KernelAssertions;
import org.espalier.model.Elementwise;
import org.espalier.model.Elementwise.Arithmetic;
import org.espalier.model.Elementwise.Function;
import org.espalier.model.Graph;
import org.espalier.model.Movement;
import org.espalier.model.Operator;
import org.espalier.model.Parameter;
import org.espalier.model.Window;
import org.espalier.parallel.ThreadPool;
import org.espalier.reference.ReferenceEvaluator;
import org.espalier.tensor.Shape;
import org.espalier.tensor.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Plans of any graph have the bits of the specification, for one image and for groups of them. */
class AnyGraphTest {
  /** One image, a few one by one, a group of sixteen, a group and some. */
  private static final int[] BATCHES = {1, 3, 16, 21};

  @TestFactory
  Stream<DynamicTest> everyOperator() {
    return OperatorGraphs.all().entrySet().stream()
        .map(e -> DynamicTest.dynamicTest(e.getKey(), () -> check(e.getValue())));
  }

  private static void check(Graph graph) {
    for (WeightFormat kernel : List.of(WeightFormat.AUTO, WeightFormat.CSR)) {
      Plan plan =
          Plan.compile(
              graph, PlanOptions.defaults().withRewrites(Rewrites.NONE).withKernel(kernel));
      for (int threads : new int[] {1, 3}) {
        try (ThreadPool workers = new ThreadPool(threads)) {
          Session session = plan.session(workers);
          for (int batch : BATCHES) {
            check(graph, session, batch);
          }
        }
      }
    }
  }

  private static void check(Graph graph, Session session, int batch) {
    Map<String, float[]> x = OperatorGraphs.inputs(graph, batch);
    Map<String, float[]> y = outputs(graph, batch);
    session.run(batch, x, y);
    ReferenceEvaluator evaluator = new ReferenceEvaluator(graph);
    for (int example = 0; example < batch; example++) {
      Map<String, float[]> one = new HashMap<>();
      for (var input : x.entrySet()) {
        int size = input.getValue().length / batch;
        one.put(
            input.getKey(),
            Arrays.copyOfRange(input.getValue(), example * size, (example + 1) * size));
      }
      Map<String, float[]> expected = evaluator.run(one);
      for (var output : y.entrySet()) {
        float[] values = expected.get(output.getKey());
        for (int i = 0; i < values.length; i++) {
          // up to the sign of a zero
          assertEquals(
              values[i] + 0f,
              output.getValue()[example * values.length + i] + 0f,
              output.getKey() + " " + i + " of example " + example + " of " + batch);
        }
      }
    }
  }

  private static Map<String, float[]> outputs(Graph graph, int batch) {
    Map<String, float[]> outputs = new HashMap<>();
    graph.outputs().forEach(o -> outputs.put(o, new float[batch * graph.shapeOf(o).size()]));
    return outputs;
  }

  /**
   * Maps and rows by turns: a stem that sees far over the edge, a depthwise convolution, factors
   * for channels made of means by way of a vector, a reshaped constant, channels joined and cut,
   * two inputs and three outputs, one of them in the middle.
   */
  private static Graph branched() {
    Graph.Builder b = Graph.inputs(ordered("image", Shape.of(3, 13, 11), "more", Shape.of(6)));
    b.from("image").add("stem", conv(3, 8, new Window(7, 5, 2, 1, 3, 2, 2, 2, 1, 1), 1));
    b.add("act", new Elementwise.Activation(Function.HARD_SWISH));
    b.add("depthwise", conv(8, 8, Window.of(3, 3, 1, 1), 8));
    b.globalAveragePool().flatten().linear("squeeze", 8);
    b.add("gate", new Elementwise.Activation(Function.SIGMOID));
    b.add("gates", new Movement.Reshape(Shape.of(8, 1, 1)));
    b.add("scaled", binary(Arithmetic.MUL), List.of("depthwise", "gates"));
    b.add("factors", new Movement.Constant(Shape.of(8)), List.of());
    b.add("spread", new Movement.Reshape(Shape.of(8, 1, 1)));
    b.add("again", binary(Arithmetic.SUB), List.of("spread", "scaled"));
    b.add("both", new Movement.Concat(0, 2), List.of("again", "act"));
    b.add("some", new Movement.Slice(0, 14, -3, 4));
    b.add("dilated", conv(4, 5, new Window(2, 3, 1, 1, 1, 2, 1, 2, 2, 2), 1)).relu();
    b.flatten().linear("head", 6).plus("more");
    b.add("last", new Elementwise.Activation(Function.TANH));
    return randomized(b.output("last").output("some").output("gate").build());
  }

  /**
   * Depthwise convolutions with strides over wide, short and shorter rows, one with two outputs for
   * each map, one behind which maps are added; bounds that convolutions, sums and others take over,
   * or can't; uneven poolings.
   */
  private static Graph mobile() {
    Graph.Builder b = Graph.input(Shape.of(3, 69, 65));
    b.add("stem", conv(3, 4, Window.of(3, 3, 1, 1), 1)).add("six", clip(0, 6));
    b.add("wide", conv(4, 4, Window.of(3, 3, 2, 1), 4)).add("two", clip(-0.5f, 0.5f)); // 35 x 33
    b.add("double", conv(4, 8, new Window(5, 3, 2, 2, 2, 1, 1, 0, 1, 1), 4)); // 17 x 16
    b.add("zero", clip(-0f, 2)).add("mixed", conv(8, 8, Window.of(1, 1, 1, 0), 1));
    String mixed = b.last();
    b.add("alone", conv(8, 8, Window.of(3, 3, 1, 1), 8)).plus(mixed).add("sum", clip(0, 1));
    b.add("short", conv(8, 8, Window.of(3, 3, 2, 1), 8)).add("empty", clip(3, -3)); // 9 x 8
    b.from("short").add("max", new Operator.MaxPool(Window.of(3, 2, 2, 1), true));
    b.add("mean", new Operator.AveragePool(new Window(2, 3, 1, 2, 1, 0, 1, 2, 1, 1), false, true));
    b.add("shorter", conv(8, 8, Window.of(3, 3, 3, 1), 8));
    String tail = b.last();
    b.add("shadow", new Movement.Constant(b.shape()), List.of()).from(tail).plus("shadow").relu();
    return randomized(b.output(b.last()).output("empty").output("zero").build());
  }

  private static Operator clip(float low, float high) {
    return new Elementwise.Activation(Function.CLIP, low, high);
  }

  private static Graph randomized(Graph graph) {
    SplittableRandom random = new SplittableRandom(5);
    for (Parameter p : graph.parameters()) {
      Tensor t = p.value();
      for (int r = 0; r < t.rows(); r++) {
        for (int c = 0; c < t.cols(); c++) {
          t.set(r, c, random.nextInt(3) == 0 ? 0 : (float) random.nextDouble(-1, 1));
        }
      }
    }
    return graph;
  }

  private static Map<String, Shape> ordered(String a, Shape x, String b, Shape y) {
    Map<String, Shape> inputs = new LinkedHashMap<>();
    inputs.put(a, x);
    inputs.put(b, y);
    return inputs;
  }

  private static Operator conv(int inputs, int outputs, Window window, int groups) {
    return new Operator.Conv2d(inputs, outputs, window, groups, true);
  }

  private static Operator binary(Arithmetic function) {
    return new Elementwise.Binary(function);
  }

  @Test
  void mapsAndRowsByTurns() {
    check(branched());
  }

  @Test
  void whatMobileNetworksHave() {
    check(mobile());
  }

  @Test
  void rewritingChangesRoundingOnly() {
    Graph graph = branched();
    Map<String, float[]> x = OperatorGraphs.inputs(graph, 2);
    Map<String, float[]> exact = outputs(graph, 2);
    Map<String, float[]> smaller = outputs(graph, 2);
    Plan.compile(graph, PlanOptions.defaults().withRewrites(Rewrites.NONE))
        .session()
        .run(2, x, exact);
    Plan.compile(graph, PlanOptions.defaults()).session().run(2, x, smaller);
    exact.forEach(
        (name, values) -> {
          for (int i = 0; i < values.length; i++) {
            assertEquals(values[i], smaller.get(name)[i], 1e-4 * (1 + Math.abs(values[i])), name);
          }
        });
  }

  @Test
  void nothingIsAllocated() {
    Graph graph = branched();
    Session session = Plan.compile(graph, PlanOptions.defaults()).session();
    Map<String, float[]> x = OperatorGraphs.inputs(graph, 17);
    Map<String, float[]> y = outputs(graph, 17);
    KernelAssertions.assertAllocatesNothing(() -> session.run(17, x, y));
  }

  @Test
  void inputsAndOutputsGoByTheirNames() {
    Graph graph = branched();
    Session session = Plan.compile(graph, PlanOptions.defaults()).session();
    Map<String, float[]> x = OperatorGraphs.inputs(graph, 1);
    Map<String, float[]> all = outputs(graph, 1);
    session.run(1, x, all);
    float[] gate = new float[8];
    session.run(1, x, Map.of("gate", gate));
    assertTrue(Arrays.equals(all.get("gate"), gate));
    Map<String, float[]> wrong = Map.of("image", new float[429]);
    var missing = assertThrows(IllegalArgumentException.class, () -> session.run(1, wrong, all));
    assertTrue(missing.getMessage().contains("more"), missing.getMessage());
    var unknown =
        assertThrows(
            IllegalArgumentException.class, () -> session.run(1, x, Map.of("nix", new float[1])));
    assertTrue(unknown.getMessage().contains("nix"), unknown.getMessage());
    assertThrows(
        IllegalArgumentException.class, () -> session.run(1, new float[429], new float[6]));
  }
}
