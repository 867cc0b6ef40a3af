package org.espalier.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.espalier.InputException;
import org.espalier.data.Dataset;
import org.espalier.model.Graph;
import org.espalier.model.Initializer;
import org.espalier.model.Zoo;
import org.espalier.op.Phase;
import org.espalier.op.Span;
import org.espalier.op.Sparsifier;
import org.espalier.parallel.ThreadPool;
import org.espalier.sparsify.DropConnect;
import org.espalier.sparsify.DropScope;
import org.espalier.sparsify.Dropout;
import org.espalier.sparsify.Fraction;
import org.espalier.sparsify.Granularity;
import org.espalier.sparsify.L1;
import org.espalier.sparsify.Ramp;
import org.espalier.sparsify.Target;
import org.espalier.sparsify.TargetedDropout;
import org.espalier.sparsify.UnitMode;
import org.espalier.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TrainerTest {
  private static final Dataset DATA = Blobs.dataset(600, 3);

  enum Method {
    PLAIN,
    DROPOUT,
    DROP_CONNECT,
    L1,
    WEIGHT,
    UNIT,
    SILENCED_UNIT,
    UNIT_BY_ENTRY,
    BLOCK;

    Sparsifier make() {
      Set<String> layers = Set.of("fc1");
      return switch (this) {
        case PLAIN -> Sparsifier.NONE;
        case DROPOUT -> new Dropout(0.25, layers);
        case DROP_CONNECT -> new DropConnect(0.25, layers);
        case L1 -> new L1(1e-4, layers);
        case WEIGHT -> targeted(Granularity.WEIGHT, DropScope.UNIT, UnitMode.WEIGHTS);
        case UNIT -> targeted(Granularity.UNIT, DropScope.UNIT, UnitMode.WEIGHTS);
        case SILENCED_UNIT -> targeted(Granularity.UNIT, DropScope.UNIT, UnitMode.OUTPUT);
        case UNIT_BY_ENTRY -> targeted(Granularity.UNIT, DropScope.ENTRY, UnitMode.OUTPUT);
        case BLOCK -> targeted(Granularity.BLOCK_4, DropScope.UNIT, UnitMode.WEIGHTS);
      };
    }

    private static Sparsifier targeted(Granularity by, DropScope draw, UnitMode mode) {
      return new TargetedDropout(
          by,
          new Target.Proportion(Fraction.of("0.5")),
          0.66,
          draw,
          new Ramp(Span.parse("50 %")),
          mode,
          Set.of("fc1"));
    }
  }

  /** Ways to take steps other than the SGD that the methods are tried with. */
  enum Way {
    ADAM,
    ADAMW,
    ACCUMULATED,
    AVERAGED;

    TrainOptions options() {
      return options(4);
    }

    TrainOptions options(int epochs) {
      return switch (this) {
        case ADAM, ADAMW ->
            Blobs.options(
                epochs,
                50,
                new AdamOptions(Blobs.falling(0.01), 0.9, 0.99, 1e-8, 1e-3, this == ADAMW, 5));
        case AVERAGED -> Blobs.averaged(epochs, 50, 0.9);
        case ACCUMULATED ->
            Blobs.options(epochs, 17, 3, new SgdOptions(Blobs.falling(0.05), 0.9, true, 1e-4, 0));
      };
    }
  }

  private static Graph graph() {
    Graph graph = Zoo.mlp(Blobs.SHAPE, 32, Blobs.CLASSES);
    Initializer.HE_NORMAL.initialize(graph, 11);
    return graph;
  }

  private static Trainer trainer(Graph graph, Method method, TrainOptions options, ThreadPool w) {
    return new Trainer(graph, method.make(), options, DATA, DATA, Blobs.PREPROCESSING, w);
  }

  private static Map<String, float[]> values(Trainer trainer) {
    Map<String, float[]> values = new LinkedHashMap<>();
    trainer.state().forEach((name, t) -> values.put(name, t.toArray()));
    return values;
  }

  private static Map<String, float[]> train(Method method, int threads) {
    return train(method, Blobs.options(4, 50, 0.05), threads);
  }

  private static Map<String, float[]> train(Method method, TrainOptions options, int threads) {
    try (ThreadPool workers = new ThreadPool(threads)) {
      Trainer trainer = trainer(graph(), method, options, workers);
      assertTrue(trainer.run(TrainingListener.NONE, () -> false));
      return values(trainer);
    }
  }

  private static void assertSame(Map<String, float[]> want, Map<String, float[]> got) {
    assertEquals(want.keySet(), got.keySet());
    want.forEach((name, values) -> assertArrayEquals(values, got.get(name), name));
  }

  @ParameterizedTest
  @EnumSource
  void everyMethodLearns(Method method) {
    try (ThreadPool workers = new ThreadPool(1)) {
      Trainer trainer = trainer(graph(), method, Blobs.options(15, 20, 0.05), workers);
      assertTrue(trainer.run(TrainingListener.NONE, () -> false));
      double accuracy = trainer.accuracy(Phase.EVALUATE_PRUNED, DATA);
      assertTrue(accuracy > 0.95, "accuracy " + accuracy);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aSecondRunAndOtherNumbersOfThreadsGiveTheSameBits(Method method) {
    Map<String, float[]> first = train(method, 1);
    for (int threads : new int[] {1, 2, 3, 7}) {
      assertSame(first, train(method, threads));
    }
  }

  @ParameterizedTest
  @EnumSource
  void otherWaysGiveTheSameBitsForAnyNumberOfThreads(Way way) {
    Map<String, float[]> first = train(Method.WEIGHT, way.options(), 1);
    for (int threads : new int[] {2, 3, 7}) {
      assertSame(first, train(Method.WEIGHT, way.options(), threads));
    }
  }

  @ParameterizedTest
  @EnumSource
  void otherWaysLearn(Way way) {
    try (ThreadPool workers = new ThreadPool(1)) {
      Trainer trainer = trainer(graph(), Method.WEIGHT, way.options(), workers);
      assertTrue(trainer.run(TrainingListener.NONE, () -> false));
      double accuracy = trainer.accuracy(Phase.EVALUATE_PRUNED, DATA);
      assertTrue(accuracy > 0.9, "accuracy " + accuracy);
    }
  }

  /**
   * 600 examples: 18 steps of 32 and one of 24, which the parts cut at several places; the last of
   * an epoch is shorter than the others.
   */
  @ParameterizedTest
  @EnumSource
  void accumulatedBatchesAreOneLargeBatchBitForBit(Method method) {
    var sgd = new SgdOptions(Blobs.falling(0.05), 0.9, true, 1e-4, 0);
    Map<String, float[]> large = train(method, Blobs.options(3, 32, 1, sgd), 1);
    assertSame(large, train(method, Blobs.options(3, 8, 4, sgd), 1));
    assertSame(large, train(method, Blobs.options(3, 16, 2, sgd), 2));
    assertSame(large, train(method, Blobs.options(3, 1, 32, sgd), 1));
    var clipping = new AdamOptions(Blobs.falling(0.01), 0.9, 0.99, 1e-8, 0, false, 0.5);
    assertSame(
        train(method, Blobs.options(2, 60, 1, clipping), 1),
        train(method, Blobs.options(2, 20, 3, clipping), 1));
  }

  @ParameterizedTest
  @EnumSource
  void averagesFollowTheWeightsAndAreWhatIsEvaluated(Method method) {
    float decay = 0.9f;
    float entering = (float) (1 - 0.9);
    Map<String, float[]> want = new LinkedHashMap<>();
    EpochReport[] last = new EpochReport[1];
    try (ThreadPool workers = new ThreadPool(2)) {
      Graph graph = graph();
      Trainer trainer = trainer(graph, method, Blobs.averaged(4, 50, 0.9), workers);
      trainer.run(
          new TrainingListener() {
            @Override
            public void step(
                long step, double loss, double accuracy, double rate, double selectionShare) {
              graph
                  .parameters()
                  .forEach(
                      p ->
                          want.merge(
                              p.name(),
                              p.value().toArray(),
                              (average, w) -> moved(average, w, decay, entering)));
            }

            @Override
            public void epoch(EpochReport report) {
              last[0] = report;
            }
          },
          () -> false);
      Graph trained = trainer.trained();
      want.forEach(
          (name, average) -> {
            assertArrayEquals(average, trainer.state().get("average/" + name).toArray(), name);
            assertArrayEquals(average, trained.parameter(name).value().toArray(), name);
            assertFalse(Arrays.equals(average, graph.parameter(name).value().toArray()), name);
          });
      // To train means the same as without an average, evaluations in between or not.
      Map<String, float[]> plain = train(method, Blobs.options(4, 50, 0.05), 1);
      plain.forEach(
          (name, values) -> assertArrayEquals(values, trainer.state().get(name).toArray(), name));
      assertEquals(accuracy(trained, workers), last[0].accuracy());
      assertEquals(accuracy(trained, workers), trainer.accuracy(Phase.EVALUATE, DATA));
    }
  }

  private static float[] moved(float[] average, float[] w, float decay, float entering) {
    float[] result = new float[w.length];
    for (int i = 0; i < w.length; i++) {
      float a = Math.fma(decay, average[i], entering * w[i]);
      result[i] = Math.abs(a) < Float.MIN_NORMAL ? 0 : a;
    }
    return result;
  }

  private static double accuracy(Graph graph, ThreadPool workers) {
    return trainer(graph, Method.PLAIN, Blobs.options(1, 50, 0.05), workers)
        .accuracy(Phase.EVALUATE, DATA);
  }

  /** Larger steps than data: one step an epoch. */
  @Test
  void anEpochMayBeOneStep() {
    var sgd = new SgdOptions(Blobs.falling(0.05), 0.9, true, 1e-4, 0);
    try (ThreadPool workers = new ThreadPool(1)) {
      Trainer trainer = trainer(graph(), Method.WEIGHT, Blobs.options(3, 250, 100, sgd), workers);
      assertTrue(trainer.run(TrainingListener.NONE, () -> false));
      assertEquals(3, trainer.clock().step());
      assertSame(train(Method.WEIGHT, Blobs.options(3, 600, 1, sgd), 1), values(trainer));
    }
  }

  @ParameterizedTest
  @EnumSource
  void anInterruptedRunGoesOnBitForBit(Method method) {
    goesOnBitForBit(method, Blobs.options(4, 50, 0.05));
  }

  @ParameterizedTest
  @EnumSource
  void anInterruptedRunOfAnotherWayGoesOnBitForBit(Way way) {
    goesOnBitForBit(Method.WEIGHT, way.options());
  }

  private static void goesOnBitForBit(Method method, TrainOptions options) {
    Map<String, float[]> saved;
    long[] step = new long[1];
    try (ThreadPool workers = new ThreadPool(1)) {
      Trainer trainer = trainer(graph(), method, options, workers);
      // 12 steps make an epoch: 17 is in the middle of the second.
      assertFalse(trainer.run(TrainingListener.NONE, () -> trainer.clock().step() == 17));
      saved = values(trainer);
      step[0] = trainer.clock().step();
    }
    assertEquals(17, step[0]);
    try (ThreadPool workers = new ThreadPool(2)) {
      Trainer trainer = trainer(graph(), method, options, workers);
      Map<String, Tensor> state = trainer.state();
      saved.forEach((name, values) -> state.get(name).copyFrom(values));
      trainer.clock().set(step[0]);
      assertTrue(trainer.run(TrainingListener.NONE, () -> false));
      assertSame(train(method, options, 1), values(trainer));
    }
  }

  @Test
  void divergenceStopsTheRunAndNamesTheLayer() {
    try (ThreadPool workers = new ThreadPool(1)) {
      Graph graph = graph();
      graph.parameter("fc1.weight").value().set(3, 4, Float.NaN);
      Trainer trainer = trainer(graph, Method.PLAIN, Blobs.options(4, 50, 0.05), workers);
      var e =
          assertThrows(InputException.class, () -> trainer.run(TrainingListener.NONE, () -> false));
      assertTrue(e.getMessage().contains("step 0"), e.getMessage());
      assertTrue(e.getMessage().contains("the output of fc1"), e.getMessage());
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"PLAIN", "DROP_CONNECT", "WEIGHT", "UNIT", "SILENCED_UNIT", "UNIT_BY_ENTRY"})
  void aStepAllocatesNothingOnceWarm(Method method) {
    assertStepsAllocateNothing(method, Blobs.options(100_000, 50, 0.001));
  }

  @ParameterizedTest
  @EnumSource
  void aStepOfAnotherWayAllocatesNothingOnceWarm(Way way) {
    assertStepsAllocateNothing(Method.WEIGHT, way.options(100_000));
  }

  /**
   * Trains until the middle steps of an epoch (at whose end there is an evaluation) allocate
   * nothing; how many epochs the compiler takes to get there depends on the machine's load.
   */
  private static void assertStepsAllocateNothing(Method method, TrainOptions options) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long[] before = {0};
    long[] allocated = {-1};
    try (ThreadPool workers = new ThreadPool(1)) {
      Trainer trainer = trainer(graph(), method, options, workers);
      int perEpoch = trainer.clock().stepsPerEpoch();
      assertTrue(perEpoch >= 3);
      trainer.run(
          TrainingListener.NONE,
          () -> {
            long step = trainer.clock().step();
            if (step % perEpoch == 1) {
              before[0] = threads.getCurrentThreadAllocatedBytes();
            } else if (step % perEpoch == perEpoch - 1) {
              allocated[0] = threads.getCurrentThreadAllocatedBytes() - before[0];
              return allocated[0] == 0;
            }
            return false;
          });
    }
    assertEquals(0, allocated[0]);
  }

  @Test
  void reportsSayWhatHappened() {
    EpochReport[] last = new EpochReport[1];
    try (ThreadPool workers = new ThreadPool(1)) {
      Trainer trainer = trainer(graph(), Method.WEIGHT, Blobs.options(3, 50, 0.05), workers);
      trainer.run(
          new TrainingListener() {
            @Override
            public void epoch(EpochReport report) {
              last[0] = report;
            }
          },
          () -> false);
    }
    EpochReport report = last[0];
    assertNotNull(report);
    assertEquals(3, report.epoch());
    assertEquals(36, report.step());
    assertTrue(report.loss() > 0 && report.loss() < 1.1, "loss " + report.loss());
    assertTrue(report.prunedAccuracy().isPresent());
    double churn = report.churn().orElseThrow();
    // Half are candidates; of these 2·0.66·0.34 = 45 % change at each step.
    assertEquals(0.224, churn, 0.05);
    assertTrue(report.selectionShare() > 0 && report.selectionShare() < 1);
  }
}
