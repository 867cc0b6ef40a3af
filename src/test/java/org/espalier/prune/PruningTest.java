package org.espalier.prune;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Set;
import java.util.SplittableRandom;
import org.espalier.model.Graph;
import org.espalier.model.Zoo;
import org.espalier.op.Clock;
import org.espalier.op.Network;
import org.espalier.op.Phase;
import org.espalier.op.Sparsifier;
import org.espalier.parallel.ThreadPool;
import org.espalier.rewrite.ChannelRemoval;
import org.espalier.sparsify.DropScope;
import org.espalier.sparsify.Fraction;
import org.espalier.sparsify.Granularity;
import org.espalier.sparsify.Ramp;
import org.espalier.sparsify.Target;
import org.espalier.sparsify.TargetedDropout;
import org.espalier.sparsify.UnitMode;
import org.espalier.tensor.Shape;
import org.espalier.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PruningTest {
  private static final Set<String> HIDDEN = Set.of("fc1", "fc2");

  private static Graph network(long seed) {
    Graph graph = Zoo.mlp(Shape.of(1, 5, 10), 40, 20, 10);
    fill(graph, seed);
    return graph;
  }

  private static void fill(Graph graph, long seed) {
    var random = new SplittableRandom(seed);
    graph
        .parameters()
        .forEach(
            p -> {
              for (int r = 0; r < p.value().rows(); r++) {
                for (int c = 0; c < p.value().cols(); c++) {
                  p.value().set(r, c, (float) random.nextDouble(-1, 1));
                }
              }
            });
  }

  private static Pruning pruning(Granularity by, String share, UnitMode mode) {
    return new Pruning(by, Fraction.of(share), mode, HIDDEN);
  }

  private static float[] run(Graph graph) {
    var random = new SplittableRandom(99);
    Tensor x = Tensor.zeros(7, 50);
    for (int r = 0; r < 7; r++) {
      for (int c = 0; c < 50; c++) {
        x.set(r, c, (float) random.nextDouble(-1, 1));
      }
    }
    try (ThreadPool workers = new ThreadPool(1)) {
      return new Network(graph, Sparsifier.NONE, 1, 7, false, workers)
          .forward(Phase.EVALUATE, new Clock(1, 1), x, 7)
          .toArray();
    }
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "0.1, 5", "0.29, 14", "0.5, 25", "0.99, 49", "1, 50"})
  void exactlyTheShareOfEachUnitGoesAndTheSmallestAtThat(String share, int expected) {
    Graph graph = network(1);
    Tensor before = graph.parameter("fc1.weight").value();
    Tensor after =
        pruning(Granularity.WEIGHT, share, UnitMode.WEIGHTS)
            .apply(graph)
            .parameter("fc1.weight")
            .value();
    for (int r = 0; r < 40; r++) {
      int zeros = 0;
      float largestGone = 0;
      float smallestKept = Float.MAX_VALUE;
      for (int c = 0; c < 50; c++) {
        float magnitude = Math.abs(before.get(r, c));
        if (after.get(r, c) == 0) {
          zeros++;
          largestGone = Math.max(largestGone, magnitude);
        } else {
          assertEquals(before.get(r, c), after.get(r, c));
          smallestKept = Math.min(smallestKept, magnitude);
        }
      }
      assertEquals(expected, zeros);
      assertTrue(largestGone <= smallestKept);
    }
  }

  /** 40 units make ten blocks of four, or two of sixteen and one of eight; 50 columns each. */
  @ParameterizedTest
  @CsvSource({
    "BLOCK_4, 0, 0",
    "BLOCK_4, 0.29, 14",
    "BLOCK_4, 0.5, 25",
    "BLOCK_4, 1, 50",
    "BLOCK_16, 0.1, 5",
    "BLOCK_16, 0.29, 14",
    "BLOCK_16, 0.99, 49"
  })
  void exactlyTheShareOfEachBlockRowGoesAsWholeBlocksAndTheWeakestAtThat(
      Granularity by, String share, int expected) {
    Graph graph = network(1);
    Tensor before = graph.parameter("fc1.weight").value();
    Tensor after =
        pruning(by, share, UnitMode.WEIGHTS).apply(graph).parameter("fc1.weight").value();
    int height = by.height();
    for (int first = 0; first < 40; first += height) {
      int gone = 0;
      double strongestGone = 0;
      double weakestKept = Double.MAX_VALUE;
      for (int c = 0; c < 50; c++) {
        double strength = 0;
        int zeros = 0;
        int units = Math.min(height, 40 - first);
        for (int r = first; r < first + units; r++) {
          strength += (double) before.get(r, c) * before.get(r, c);
          zeros += after.get(r, c) == 0 ? 1 : 0;
          assertTrue(after.get(r, c) == 0 || after.get(r, c) == before.get(r, c));
        }
        assertTrue(zeros == 0 || zeros == units, zeros + " of " + units);
        if (zeros > 0) {
          gone++;
          strongestGone = Math.max(strongestGone, strength);
        } else {
          weakestKept = Math.min(weakestKept, strength);
        }
      }
      assertEquals(expected, gone);
      assertTrue(strongestGone <= weakestKept);
    }
  }

  /** What targeted dropout with a rate of 1 drops is what is pruned. */
  @ParameterizedTest
  @EnumSource(names = {"WEIGHT", "BLOCK_4", "BLOCK_16"})
  void whatIsPrunedIsWhatTargetedDropoutTargets(Granularity by) {
    Graph graph = network(4);
    TargetedDropout method =
        new TargetedDropout(
            by,
            new Target.Proportion(Fraction.of("0.6")),
            1,
            DropScope.UNIT,
            Ramp.NONE,
            UnitMode.WEIGHTS,
            HIDDEN);
    try (ThreadPool workers = new ThreadPool(1)) {
      Network network = new Network(graph, method, 1, 7, false, workers);
      network.forward(Phase.TRAIN, new Clock(1, 1), Tensor.zeros(7, 50), 7);
      network.backward(7);
      pruning(by, "0.6", UnitMode.WEIGHTS)
          .masks(graph)
          .forEach(
              (name, keep) ->
                  assertEquals(
                      keep,
                      network.trainables().stream()
                          .filter(t -> t.name().equals(name + ".weight"))
                          .findFirst()
                          .orElseThrow()
                          .mask()));
    }
  }

  @Test
  void onlyTheNamedLayersAreTouchedAndTheGivenNetworkNever() {
    Graph graph = network(1);
    Graph same = network(1);
    Graph pruned = pruning(Granularity.WEIGHT, "0.9", UnitMode.WEIGHTS).apply(graph);
    graph
        .parameters()
        .forEach(
            p ->
                assertArrayEquals(same.parameter(p.name()).value().toArray(), p.value().toArray()));
    assertArrayEquals(
        graph.parameter("logits.weight").value().toArray(),
        pruned.parameter("logits.weight").value().toArray());
    Sparsity sparsity = Sparsity.of(pruned);
    assertEquals(0.9, sparsity.of(HIDDEN), 1e-12);
    // 45 of 50 and 36 of 40 weights of each unit are 0, of 3,080 parameters in all.
    assertEquals((40 * 45 + 20 * 36) / (2000 + 800 + 200 + 70.0), sparsity.overall(), 1e-12);
  }

  @Test
  void nanIsRefused() {
    Graph graph = network(1);
    graph.parameter("fc2.weight").value().set(3, 4, Float.NaN);
    Pruning pruning = pruning(Granularity.WEIGHT, "0.5", UnitMode.WEIGHTS);
    Exception e = assertThrows(IllegalArgumentException.class, () -> pruning.apply(graph));
    assertEquals("fc2.weight has NaN or infinity in row 3", e.getMessage());
  }

  @ParameterizedTest
  @EnumSource
  void removedUnitsAreReallyGone(UnitMode mode) {
    Graph small = ChannelRemoval.apply(pruning(Granularity.UNIT, "0.75", mode).apply(network(2)));
    assertEquals(Shape.of(10, 50), small.parameter("fc1.weight").value().shape());
    assertEquals(Shape.of(5, 10), small.parameter("fc2.weight").value().shape());
    assertEquals(Shape.of(10, 5), small.parameter("logits.weight").value().shape());
    assertEquals(10 * 50 + 10 + 5 * 10 + 5 + 10 * 5 + 10, small.parameterCount());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void silencedUnitsCanBeRemovedBitForBit(long seed) {
    Graph pruned = pruning(Granularity.UNIT, "0.5", UnitMode.OUTPUT).apply(network(seed));
    float[] want = run(pruned);
    float[] got = run(ChannelRemoval.apply(pruned));
    assertArrayEquals(want, got);
    assertTrue(Arrays.stream(toDoubles(want)).anyMatch(v -> v != 0));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void unitsThatStillEmitTheirBiasAreFoldedIntoTheNextLayer(long seed) {
    Graph pruned = pruning(Granularity.UNIT, "0.5", UnitMode.WEIGHTS).apply(network(seed));
    float[] want = run(pruned);
    float[] got = run(ChannelRemoval.apply(pruned));
    // Each output sums at most 40 products of which none exceeds 40; folding reorders the sum.
    assertArrayEquals(want, got, 40 * 40 * 0x1p-23f);
    assertTrue(Arrays.stream(toDoubles(want)).anyMatch(v -> v != 0));
  }

  @Test
  void aLayerKeepsAUnit() {
    Graph pruned = pruning(Granularity.UNIT, "1", UnitMode.WEIGHTS).apply(network(1));
    Graph small = ChannelRemoval.apply(pruned);
    assertEquals(1, small.parameter("fc1.weight").value().rows());
    assertArrayEquals(run(pruned), run(small), 40 * 40 * 0x1p-23f);
  }

  private static double[] toDoubles(float[] values) {
    double[] doubles = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      doubles[i] = values[i];
    }
    return doubles;
  }
}
