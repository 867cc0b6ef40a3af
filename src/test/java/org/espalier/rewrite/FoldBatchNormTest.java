package org.espalier.rewrite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import org.espalier.infer.Plan;
import org.espalier.infer.PlanOptions;
import org.espalier.infer.Rewrites;
import org.espalier.model.Graph;
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
