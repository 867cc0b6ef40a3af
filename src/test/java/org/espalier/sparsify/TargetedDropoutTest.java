package org.espalier.sparsify;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.espalier.model.Graph;
import org.espalier.model.Zoo;
import org.espalier.op.Clock;
import org.espalier.op.Network;
import org.espalier.op.Phase;
import org.espalier.op.Trainable;
import org.espalier.parallel.ThreadPool;
import org.espalier.tensor.BitMask;
import org.espalier.tensor.Shape;
import org.espalier.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The mistakes that others made with targeted dropout, each a test. */
class TargetedDropoutTest {
  private static final int IN = 100;
  private static final int UNITS = 40;
  private final Graph graph = Zoo.mlp(Shape.of(IN), UNITS, 10);
  private final Tensor weight = graph.parameter("fc1.weight").value();
  private final Tensor x = Tensor.zeros(3, IN);

  TargetedDropoutTest() {
    var random = new SplittableRandom(7);
    for (Tensor t : List.of(weight, graph.parameter("logits.weight").value(), x)) {
      for (int r = 0; r < t.rows(); r++) {
        // Rows of very different size, so that ranking over the layer would show.
        float scale = t == weight ? 1 + r : 1;
        for (int c = 0; c < t.cols(); c++) {
          t.set(r, c, scale * (float) random.nextDouble(-1, 1));
        }
      }
    }
  }

  private static TargetedDropout method(Granularity by, String targRate, double dropRate) {
    return new TargetedDropout(
        by,
        new Target.Proportion(Fraction.of(targRate)),
        dropRate,
        DropScope.UNIT,
        Ramp.NONE,
        UnitMode.WEIGHTS,
        Set.of("fc1"));
  }

  /** Runs training passes at the given steps and returns the mask of each. */
  private List<BitMask> masks(TargetedDropout method, long seed, int threads, long... steps) {
    List<BitMask> masks = new ArrayList<>();
    try (ThreadPool workers = new ThreadPool(threads)) {
      Network network = new Network(graph, method, seed, 3, false, workers);
      Clock clock = new Clock(100, 1000);
      for (long step : steps) {
        clock.set(step);
        network.forward(Phase.TRAIN, clock, x, 3);
        network.backward(3);
        BitMask copy = new BitMask(UNITS, IN);
        copy.copyFrom(network.trainables().getFirst().mask());
        masks.add(copy);
      }
    }
    return masks;
  }

  /** Which columns of a row are among the k of smallest magnitude, by sorting. */
  private Set<Integer> weakest(int row, int k) {
    List<Integer> columns = new ArrayList<>();
    for (int c = 0; c < IN; c++) {
      columns.add(c);
    }
    columns.sort(Comparator.comparingDouble(c -> Math.abs(weight.get(row, c))));
    return new HashSet<>(columns.subList(0, k));
  }

  @Test
  void onlyTheWeakestOfEachUnitAreDroppedAndAllOfThemIfTheRateIsOne() {
    // 0.29 of 100 is 29, though the binary number nearest to 0.29, times 100, is below 29.
    BitMask mask = masks(method(Granularity.WEIGHT, "0.29", 1), 1, 2, 0).getFirst();
    for (int r = 0; r < UNITS; r++) {
      Set<Integer> candidates = weakest(r, 29);
      for (int c = 0; c < IN; c++) {
        assertEquals(!candidates.contains(c), mask.get(r, c), "weight " + r + ", " + c);
      }
    }
  }

  @Test
  void candidatesAreDroppedAtTheRateAndAnewInEachStep() {
    List<BitMask> masks = masks(method(Granularity.WEIGHT, "0.5", 0.3), 1, 1, 0, 1, 2, 3, 4);
    long dropped = 0;
    for (BitMask mask : masks) {
      dropped += (long) UNITS * IN - mask.count();
      for (int r = 0; r < UNITS; r++) {
        for (int c = 0; c < IN; c++) {
          assertTrue(mask.get(r, c) || weakest(r, 50).contains(c));
        }
      }
    }
    // 10,000 draws at 0.3: six standard deviations are 275.
    assertEquals(3000, dropped, 275);
    assertNotEquals(masks.get(0), masks.get(1));
  }

  @Test
  void masksDependOnSeedAndStepAloneNotOnThreadsOrHistory() {
    var method = method(Granularity.WEIGHT, "0.75", 0.66);
    List<BitMask> all = masks(method, 1, 1, 0, 1, 2, 3);
    assertEquals(all.get(3), masks(method, 1, 3, 3).getFirst());
    assertNotEquals(all.get(3), masks(method, 2, 1, 3).getFirst());
  }

  @Test
  void wholeUnitsOfSmallestNormAreDropped() {
    BitMask mask = masks(method(Granularity.UNIT, "0.5", 1), 1, 1, 0).getFirst();
    List<Integer> rows = new ArrayList<>();
    for (int r = 0; r < UNITS; r++) {
      rows.add(r);
    }
    rows.sort(
        Comparator.comparingDouble(
            r -> {
              double s = 0;
              for (int c = 0; c < IN; c++) {
                s += (double) weight.get(r, c) * weight.get(r, c);
              }
              return s;
            }));
    for (int i = 0; i < UNITS; i++) {
      for (int c = 0; c < IN; c++) {
        assertEquals(i >= UNITS / 2, mask.get(rows.get(i), c));
      }
    }
  }

  /** The squared norm of a block, in double. */
  private double strength(int height, int blockRow, int col) {
    double s = 0;
    for (int r = blockRow * height; r < Math.min((blockRow + 1) * height, UNITS); r++) {
      s += (double) weight.get(r, col) * weight.get(r, col);
    }
    return s;
  }

  /** Which blocks of a block row are among the k weakest, by sorting. */
  private Set<Integer> weakestBlocks(int height, int blockRow, int k) {
    List<Integer> columns = new ArrayList<>();
    for (int c = 0; c < IN; c++) {
      columns.add(c);
    }
    columns.sort(Comparator.comparingDouble(c -> strength(height, blockRow, c)));
    return new HashSet<>(columns.subList(0, k));
  }

  /** 40 units make ten blocks of four, and two of sixteen with one of eight. */
  @ParameterizedTest
  @EnumSource(names = {"BLOCK_4", "BLOCK_16"})
  void onlyTheWeakestBlocksOfEachBlockRowAreDroppedAndAllOfThemIfTheRateIsOne(Granularity by) {
    BitMask mask = masks(method(by, "0.29", 1), 1, 2, 0).getFirst();
    for (int r = 0; r < UNITS; r++) {
      Set<Integer> candidates = weakestBlocks(by.height(), r / by.height(), 29);
      for (int c = 0; c < IN; c++) {
        assertEquals(!candidates.contains(c), mask.get(r, c), "weight " + r + ", " + c);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"BLOCK_4", "BLOCK_16"})
  void aBlockIsDroppedAtTheRateByOneDrawAndAnewInEachStep(Granularity by) {
    int height = by.height();
    List<BitMask> masks = masks(method(by, "0.5", 0.3), 1, 1, 0, 1, 2, 3, 4);
    int dropped = 0;
    int blockRows = Math.ceilDiv(UNITS, height);
    for (BitMask mask : masks) {
      for (int r = 0; r < UNITS; r++) {
        Set<Integer> candidates = weakestBlocks(height, r / height, 50);
        for (int c = 0; c < IN; c++) {
          boolean kept = mask.get(r, c);
          assertTrue(kept || candidates.contains(c), "weight " + r + ", " + c);
          assertEquals(mask.get(r / height * height, c), kept, "weight " + r + ", " + c);
          dropped += !kept && r % height == 0 ? 1 : 0;
        }
      }
    }
    double draws = 5 * 50.0 * blockRows;
    assertEquals(0.3 * draws, dropped, 6 * Math.sqrt(0.3 * 0.7 * draws));
    assertNotEquals(masks.get(0), masks.get(1));
  }

  @ParameterizedTest
  @EnumSource(names = {"BLOCK_4", "BLOCK_16"})
  void masksOfBlocksDependOnSeedAndStepAloneNotOnThreadsOrHistory(Granularity by) {
    var method = method(by, "0.75", 0.66);
    List<BitMask> all = masks(method, 1, 1, 0, 1, 2, 3);
    for (int threads : new int[] {1, 2, 4}) {
      assertEquals(all.get(3), masks(method, 1, threads, 3).getFirst());
    }
    assertNotEquals(all.get(3), masks(method, 2, 1, 3).getFirst());
  }

  /** The optimiser tells of rows as it has changed them, in pieces that may cut blocks. */
  @ParameterizedTest
  @EnumSource(names = {"BLOCK_4", "BLOCK_16"})
  void blocksAreRankedByTheWeightsThatTheOptimiserLeaves(Granularity by) {
    var random = new SplittableRandom(3);
    try (ThreadPool workers = new ThreadPool(1)) {
      Network network = new Network(graph, method(by, "0.4", 1), 1, 3, false, workers);
      Clock clock = new Clock(100, 1000);
      for (int step = 0; step < 20; step++) {
        clock.set(step);
        network.forward(Phase.TRAIN, clock, x, 3);
        network.backward(3);
        for (int r = 0; r < UNITS; r++) {
          Set<Integer> candidates = weakestBlocks(by.height(), r / by.height(), 40);
          for (int c = 0; c < IN; c++) {
            boolean kept = network.trainables().getFirst().mask().get(r, c);
            assertEquals(!candidates.contains(c), kept, "step " + step + ", " + r + ", " + c);
          }
        }
        for (int r = 0; r < UNITS; r++) {
          for (int c = 0; c < IN; c++) {
            weight.set(r, c, weight.get(r, c) + 0.3f * (float) random.nextDouble(-1, 1));
          }
        }
        for (int from = 0, to; from < UNITS; from = to) {
          to = Math.min(UNITS, from + random.nextInt(1, 41));
          network.trainables().getFirst().rowsChanged(from, to);
        }
      }
      assertTrue(network.transforms().get("fc1").rowsSelected() > 0);
    }
  }

  /** Runs a training pass at a step and returns the layer's mask, which the next pass changes. */
  private BitMask maskAt(Network network, Clock clock, long step) {
    clock.set(step);
    network.forward(Phase.TRAIN, clock, x, 3);
    network.backward(3);
    return network.trainables().getFirst().mask();
  }

  private void assertWeakestAreDropped(Granularity by, int k, BitMask mask, String when) {
    for (int r = 0; r < UNITS; r++) {
      Set<Integer> candidates =
          by == Granularity.WEIGHT ? weakest(r, k) : weakestBlocks(by.height(), r / by.height(), k);
      for (int c = 0; c < IN; c++) {
        assertEquals(!candidates.contains(c), mask.get(r, c), when + ", " + r + ", " + c);
      }
    }
  }

  private void zeroWeakest(Granularity by, int k) {
    for (int r = 0; r < UNITS; r += by.height()) {
      for (int c :
          by == Granularity.WEIGHT
              ? weakest(r, k)
              : weakestBlocks(by.height(), r / by.height(), k)) {
        for (int i = r; i < Math.min(r + by.height(), UNITS); i++) {
          weight.set(i, c, 0);
        }
      }
    }
  }

  /** Moves the weights of some rows so far that others are the weakest. */
  private void stir(SplittableRandom random, int from, int to) {
    for (int r = from; r < to; r++) {
      for (int c = 0; c < IN; c++) {
        weight.set(r, c, weight.get(r, c) + (float) random.nextDouble(-1, 1));
      }
    }
  }

  /** While γ grows, what was ranked behind the last step was ranked for too few candidates. */
  @ParameterizedTest
  @EnumSource(names = {"WEIGHT", "BLOCK_4", "BLOCK_16"})
  void whileARampGrowsEachStepHasItsOwnCandidatesAndRate(Granularity by) {
    var method =
        new TargetedDropout(
            by,
            new Target.Proportion(Fraction.of("0.4")),
            1,
            DropScope.UNIT,
            new Ramp(org.espalier.op.Span.parse("4 steps")),
            UnitMode.WEIGHTS,
            Set.of("fc1"));
    int[] candidates = {0, 19, 38, 39, 40, 40}; // of 100: 95 % of 40 % half-way, 40 % in the end
    double[] rates = {0, 0.25, 0.5, 0.75, 1, 1};
    int height = by.height();
    int blockRows = Math.ceilDiv(UNITS, height);
    try (ThreadPool workers = new ThreadPool(1)) {
      Network network = new Network(graph, method, 1, 3, false, workers);
      Clock clock = new Clock(100, 1000);
      for (int step = 0; step < candidates.length; step++) {
        BitMask mask = maskAt(network, clock, step);
        int dropped = 0;
        for (int b = 0; b < blockRows; b++) {
          for (int c = 0; c < IN; c++) {
            dropped += mask.get(b * height, c) ? 0 : 1;
          }
        }
        double draws = (double) candidates[step] * blockRows;
        double six = 6 * Math.sqrt(draws * rates[step] * (1 - rates[step]));
        assertEquals(draws * rates[step], dropped, six, "step " + step);
        if (rates[step] == 1) {
          assertWeakestAreDropped(by, candidates[step], mask, "step " + step);
        }
        network.trainables().getFirst().rowsChanged(0, UNITS);
      }
    }
  }

  /** Averages, say, are evaluated; then training goes on without a step between. */
  @ParameterizedTest
  @EnumSource(names = {"WEIGHT", "BLOCK_4", "BLOCK_16"})
  void whatWasRankedForOtherWeightsInEvaluationIsNotUsedToTrain(Granularity by) {
    var random = new SplittableRandom(5);
    try (ThreadPool workers = new ThreadPool(1)) {
      Network network = new Network(graph, method(by, "0.4", 1), 1, 3, false, workers);
      Clock clock = new Clock(100, 1000);
      maskAt(network, clock, 0);
      stir(random, 0, UNITS);
      network.trainables().getFirst().rowsChanged(0, UNITS);
      Tensor trained = Tensor.zeros(weight.shape());
      trained.copyFrom(weight);
      stir(random, 0, UNITS);
      long selected = network.transforms().get("fc1").rowsSelected();
      float[] pruned = network.forward(Phase.EVALUATE_PRUNED, clock, x, 3).toArray();
      assertEquals(selected, network.transforms().get("fc1").rowsSelected(), "no row of a step");
      zeroWeakest(by, 40);
      Network plain = new Network(graph, org.espalier.op.Sparsifier.NONE, 1, 3, false, workers);
      assertArrayEquals(plain.forward(Phase.EVALUATE, clock, x, 3).toArray(), pruned);
      weight.copyFrom(trained);
      assertWeakestAreDropped(by, 40, maskAt(network, clock, 1), "after evaluation");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"WEIGHT", "BLOCK_4", "BLOCK_16"})
  void rowsOfWhichTheOptimiserDidNotTellAreRankedAll(Granularity by) {
    var random = new SplittableRandom(6);
    try (ThreadPool workers = new ThreadPool(1)) {
      Network network = new Network(graph, method(by, "0.4", 1), 1, 3, false, workers);
      Clock clock = new Clock(100, 1000);
      maskAt(network, clock, 0);
      stir(random, 0, UNITS);
      network.trainables().getFirst().rowsChanged(0, 16);
      assertWeakestAreDropped(by, 40, maskAt(network, clock, 1), "told of some rows alone");
    }
  }

  /** Ranking twice would cost time and teach the brackets moves that no step made. */
  @ParameterizedTest
  @EnumSource(names = {"WEIGHT", "BLOCK_4", "BLOCK_16"})
  void eachStepRanksEachRowOnce(Granularity by) {
    int rows = Math.ceilDiv(UNITS, by.height());
    try (ThreadPool workers = new ThreadPool(1)) {
      Network network = new Network(graph, method(by, "0.4", 1), 1, 3, false, workers);
      Clock clock = new Clock(100, 1000);
      for (int step = 0; step < 5; step++) {
        maskAt(network, clock, step);
        assertEquals((step + 1) * rows, network.transforms().get("fc1").rowsSelected());
        network.trainables().getFirst().rowsChanged(0, UNITS);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"BLOCK_4", "BLOCK_16"})
  void ofEquallyStrongBlocksThoseOfLowerIndexAreDropped(Granularity by) {
    weight.fill(0.5f);
    BitMask mask = masks(method(by, "0.25", 1), 1, 1, 0).getFirst();
    for (int r = 0; r < UNITS; r++) {
      for (int c = 0; c < IN; c++) {
        assertEquals(c >= 25, mask.get(r, c), "weight " + r + ", " + c);
      }
    }
  }

  private static TargetedDropout entries(double dropRate, UnitMode mode) {
    return new TargetedDropout(
        Granularity.UNIT,
        new Target.Proportion(Fraction.of("0.5")),
        dropRate,
        DropScope.ENTRY,
        Ramp.NONE,
        mode,
        Set.of("fc1"));
  }

  @Test
  void drawnByEntryTheWeightsOfTargetedUnitsAreDroppedOneByOne() {
    BitMask targeted = masks(method(Granularity.UNIT, "0.5", 1), 1, 1, 0).getFirst();
    List<BitMask> masks = masks(entries(0.3, UnitMode.WEIGHTS), 1, 1, 0, 1, 2, 3, 4);
    long dropped = 0;
    for (BitMask mask : masks) {
      dropped += (long) UNITS * IN - mask.count();
      for (int r = 0; r < UNITS; r++) {
        boolean candidate = !targeted.get(r, 0);
        assertTrue(mask.anyInRow(r));
        for (int c = 0; c < IN; c++) {
          assertTrue(candidate || mask.get(r, c), r + ", " + c);
        }
      }
    }
    // 10,000 draws at 0.3: six standard deviations are 275.
    assertEquals(3000, dropped, 275);
    assertNotEquals(masks.get(0), masks.get(1));
    assertEquals(targeted, masks(entries(1, UnitMode.WEIGHTS), 1, 1, 0).getFirst());
  }

  @Test
  void drawnByEntryAUnitIsSilentOnlyIfNothingIsLeftOfIt() {
    graph.parameter("fc1.bias").value().fill(1);
    BitMask targeted = masks(method(Granularity.UNIT, "0.5", 1), 1, 1, 0).getFirst();
    try (ThreadPool workers = new ThreadPool(1)) {
      for (double rate : new double[] {0.3, 1}) {
        Network network = new Network(graph, entries(rate, UnitMode.OUTPUT), 1, 3, false, workers);
        network.forward(Phase.TRAIN, new Clock(100, 1000), x, 3);
        network.outputGradient().fill(1);
        network.backward(3);
        float[] gradient = network.trainables().get(1).gradient().toArray();
        int moved = 0;
        for (int r = 0; r < UNITS; r++) {
          boolean silent = rate == 1 && !targeted.get(r, 0);
          assertTrue(!silent || gradient[r] == 0, "unit " + r);
          moved += gradient[r] != 0 && !targeted.get(r, 0) ? 1 : 0;
        }
        assertEquals(rate < 1, moved > 0);
      }
    }
  }

  @Test
  void xtremeKeepsExactlyK() {
    var method =
        new TargetedDropout(
            Granularity.WEIGHT,
            new Target.AllBut(3),
            1,
            DropScope.UNIT,
            Ramp.NONE,
            UnitMode.WEIGHTS,
            Set.of("fc1"));
    assertEquals(3L * UNITS, masks(method, 1, 1, 0).getFirst().count());
  }

  @Test
  void extremeRatesAreAllowedAndOthersRefused() {
    assertEquals(0, masks(method(Granularity.WEIGHT, "1", 1), 1, 1, 0).getFirst().count());
    assertEquals(
        (long) UNITS * IN, masks(method(Granularity.WEIGHT, "1", 0), 1, 1, 0).getFirst().count());
    assertThrows(IllegalArgumentException.class, () -> method(Granularity.WEIGHT, "1.01", 0.5));
    assertThrows(
        IllegalArgumentException.class, () -> method(Granularity.WEIGHT, "0.5", Double.NaN));
  }

  @Test
  void evaluationIsDeterministicAndNothingIsDroppedUnlessAskedFor() {
    try (ThreadPool workers = new ThreadPool(1)) {
      var method = method(Granularity.WEIGHT, "0.75", 0.66);
      Network network = new Network(graph, method, 1, 3, false, workers);
      Network plain = new Network(graph, org.espalier.op.Sparsifier.NONE, 1, 3, false, workers);
      Clock clock = new Clock(100, 1000);
      float[] want = plain.forward(Phase.EVALUATE, clock, x, 3).toArray();
      assertArrayEquals(want, network.forward(Phase.EVALUATE, clock, x, 3).toArray());
      float[] pruned = network.forward(Phase.EVALUATE_PRUNED, clock, x, 3).toArray();
      clock.set(17);
      assertArrayEquals(pruned, network.forward(Phase.EVALUATE_PRUNED, clock, x, 3).toArray());
      for (int r = 0; r < UNITS; r++) {
        for (int c : weakest(r, 75)) {
          weight.set(r, c, 0);
        }
      }
      assertArrayEquals(pruned, plain.forward(Phase.EVALUATE, clock, x, 3).toArray());
    }
  }

  @Test
  void theStoredWeightsAreNeverOverwrittenByTheMaskedOnes() {
    float[] before = weight.toArray();
    masks(method(Granularity.WEIGHT, "1", 1), 1, 1, 0, 1);
    assertArrayEquals(before, weight.toArray());
  }

  @Test
  void rampGrowsAsInThePaper() {
    Ramp ramp = new Ramp(org.espalier.op.Span.parse("200 steps"));
    Target target = new Target.Proportion(Fraction.of("0.99"));
    Clock clock = new Clock(10, 1000);
    // γ: 95 % of 99 after the first half, all of it after the second; α: linear.
    int[][] stepAndCount = {
      {0, 0}, {50, 47}, {100, 94}, {150, 96}, {199, 98}, {200, 99}, {900, 99}
    };
    for (int[] expected : stepAndCount) {
      clock.set(expected[0]);
      assertEquals(expected[1], target.candidates(100, ramp, clock), "step " + expected[0]);
    }
    clock.set(50);
    assertEquals(0.25, ramp.drop(clock), 1e-15);
    clock.set(200);
    assertEquals(1, ramp.drop(clock));
  }

  @Test
  void churnIsCounted() {
    try (ThreadPool workers = new ThreadPool(1)) {
      var method = method(Granularity.WEIGHT, "0.5", 0.5);
      Network network = new Network(graph, method, 1, 3, false, workers);
      Clock clock = new Clock(100, 1000);
      network.forward(Phase.TRAIN, clock, x, 3);
      var transform = network.transforms().get("fc1");
      assertEquals(-1, transform.churn());
      clock.set(1);
      network.forward(Phase.TRAIN, clock, x, 3);
      // 2,000 of 4,000 are candidates, of which half change: six standard deviations are 134.
      assertEquals(1000 / 4000.0, transform.churn(), 134 / 4000.0);
    }
  }

  @Test
  void droppedWeightsGetNoDataGradientButTheOthersDo() {
    try (ThreadPool workers = new ThreadPool(1)) {
      var method = method(Granularity.WEIGHT, "0.5", 1);
      Network network = new Network(graph, method, 1, 3, true, workers);
      network.forward(Phase.TRAIN, new Clock(1, 1), x, 3);
      network.outputGradient().fill(1);
      network.backward(3);
      Trainable first = network.trainables().getFirst();
      int others = 0;
      for (int r = 0; r < UNITS; r++) {
        for (int c = 0; c < IN; c++) {
          if (!first.mask().get(r, c)) {
            assertEquals(0, first.gradient().get(r, c));
          } else if (first.gradient().get(r, c) != 0) {
            others++;
          }
        }
      }
      assertTrue(others > 100, others + " gradients are not 0");
    }
  }
}
