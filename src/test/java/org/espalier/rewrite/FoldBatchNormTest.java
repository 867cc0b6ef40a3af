package org.espalier.rewrite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import org.espalier.infer.Plan;
import org.espalier.infer.PlanOptions;
import org.espalier.infer.Rewrites;
import org.espalier.model.Elementwise.Arithmetic;
import org.espalier.model.Elementwise.Binary;
import org.espalier.model.Graph;
import org.espalier.model.Movement;
import org.espalier.model.Operator;
import org.espalier.tensor.Shape;
import org.junit.jupiter.api.Test;

class FoldBatchNormTest {
  private static final int NETWORKS = 100;

  @Test
  void foldingLeavesNoNormalisationBehindAConvolution() {
    Graph graph =
        Graph.input(Shape.of(2, 5, 5))
            .conv("a", 3, 3, 1)
            .batchNorm("an")
            .relu()
            .conv("b", 4, 3, 1, 1, true)
            .batchNorm("bn")
            .globalAveragePool()
            .flatten()
            .linear("logits", 2)
            .build();
    Graph folded = FoldBatchNorm.apply(graph);
    assertTrue(folded.nodes().stream().noneMatch(n -> n.operator() instanceof Operator.BatchNorm));
    assertEquals(List.of("a", "b", "logits"), folded.layers().stream().map(n -> n.name()).toList());
  }

  /** By hand: weight 2, mean 3, variance 4 − ε, factor 5, shift 7: y = (2x − 3)·5/2 + 7. */
  @Test
  void foldsByTheDefinition() {
    Graph graph =
        Graph.input(Shape.of(1, 1, 1))
            .conv("c", 1, 1, 1)
            .batchNorm("n", 0.9, 0.25)
            .flatten()
            .build();
    graph.parameter("c.weight").value().set(0, 0, 2);
    graph.parameter("n.running_mean").value().set(0, 0, 3);
    graph.parameter("n.running_var").value().set(0, 0, 3.75f);
    graph.parameter("n.weight").value().set(0, 0, 5);
    graph.parameter("n.bias").value().set(0, 0, 7);
    Graph folded = FoldBatchNorm.apply(graph);
    assertEquals(5f, folded.parameter("c.weight").value().get(0, 0));
    assertEquals(-0.5f, folded.parameter("c.bias").value().get(0, 0));
  }

  /** By hand: weight 2, bias 1: ((2x + 1 − 3)·5 + 7)/4 = 2.5x − 0.75, and 8 − that. */
  @Test
  void foldsProductsAndSumsWithConstants() {
    Graph.Builder b = Graph.input(Shape.of(1)).linear("fc", 1);
    String last = "fc";
    for (var step :
        List.of(
            new Scaling(Arithmetic.SUB, 3),
            new Scaling(Arithmetic.MUL, 5),
            new Scaling(Arithmetic.ADD, 7),
            new Scaling(Arithmetic.DIV, 4))) {
      b.add("by " + step.value(), new Movement.Constant(Shape.of(1)), List.of());
      b.add(step.function() + "", new Binary(step.function()), List.of(last, "by " + step.value()));
      last = step.function() + "";
    }
    b.add("by 8", new Movement.Constant(Shape.of()), List.of());
    b.add("from 8", new Binary(Arithmetic.SUB), List.of("by 8", last));
    Graph graph = b.add("y", new Operator.Relu()).build();
    graph.parameter("fc.weight").value().set(0, 0, 2);
    graph.parameter("fc.bias").value().set(0, 0, 1);
    for (int value : new int[] {3, 5, 7, 4, 8}) {
      graph.parameter("by " + value + ".value").value().set(0, 0, value);
    }
    Graph folded = FoldBatchNorm.apply(graph);
    assertEquals(List.of("fc", "y"), folded.nodes().stream().map(n -> n.name()).toList());
    assertEquals(-2.5f, folded.parameter("fc.weight").value().get(0, 0));
    assertEquals(8 + 0.75f, folded.parameter("fc.bias").value().get(0, 0));
  }

  @Test
  void whatTheNetworkGivesKeepsItsName() {
    Graph graph = Graph.input(Shape.of(1, 1, 1)).conv("c", 1, 1, 1).batchNorm("n").build();
    assertEquals(List.of("n"), FoldBatchNorm.apply(graph).outputs());
  }

  private record Scaling(Arithmetic function, int value) {}

  @Test
  void aReadLayerOrAConstantForEachPixelStays() {
    Graph.Builder b = Graph.input(Shape.of(2, 3, 3)).conv("c", 2, 1, 1);
    b.add("pixels", new Movement.Constant(Shape.of(2, 3, 3)), List.of());
    b.add("units", new Movement.Constant(Shape.of(2, 1, 1)), List.of());
    b.add("by pixels", new Binary(Arithmetic.MUL), List.of("c", "pixels"));
    b.add("by units", new Binary(Arithmetic.MUL), List.of("by pixels", "units"));
    Graph graph = b.build();
    assertEquals(graph.nodes().size(), FoldBatchNorm.apply(graph).nodes().size());
    Graph.Builder read = Graph.input(Shape.of(2, 3, 3)).conv("c", 2, 1, 1);
    read.add("units", new Movement.Constant(Shape.of(2, 1, 1)), List.of());
    read.add("by units", new Binary(Arithmetic.MUL), List.of("c", "units"));
    read.add("y", new Operator.Add(), List.of("by units", "c"));
    Graph shared = read.build();
    assertEquals(shared.nodes().size(), FoldBatchNorm.apply(shared).nodes().size());
  }

  @Test
  void randomNetworksComputeTheSame() {
    int shorter = 0;
    for (long seed = 0; seed < NETWORKS; seed++) {
      Graph graph = RandomNetworks.of(seed, true);
      Graph folded = FoldBatchNorm.apply(graph);
      float[] want = infer(graph);
      float[] got = infer(folded);
      for (int i = 0; i < want.length; i++) {
        assertEquals(want[i], got[i], 2e-5 * (1 + Math.abs(want[i])), "seed " + seed);
      }
      shorter += folded.nodes().size() < graph.nodes().size() ? 1 : 0;
    }
    assertTrue(shorter > NETWORKS / 2, shorter + " are shorter");
  }

  private static float[] infer(Graph graph) {
    float[] x = new float[3 * graph.inputShape().size()];
    var random = new SplittableRandom(4);
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextDouble(-1, 1);
    }
    float[] y = new float[3 * graph.outputShape().size()];
    Plan.compile(graph, PlanOptions.defaults().withRewrites(Rewrites.NONE)).session().run(3, x, y);
    return y;
  }
}
