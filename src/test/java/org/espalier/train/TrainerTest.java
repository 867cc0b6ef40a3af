package org.espalier.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.espalier.InputException;
import org.espalier.data.Dataset;
import org.espalier.kernel.Workers;
import org.espalier.model.Graph;
import org.espalier.model.Initializer;
import org.espalier.model.Zoo;
import org.espalier.op.Phase;
import org.espalier.op.Span;
import org.espalier.op.Sparsifier;
import org.espalier.sparsify.Draw;
import org.espalier.sparsify.Dropout;
import org.espalier.sparsify.Granularity;
import org.espalier.sparsify.L1;
import org.espalier.sparsify.Ramp;
import org.espalier.sparsify.Share;
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
    L1,
    WEIGHT,
    UNIT,
    SILENCED_UNIT,
    UNIT_BY_ENTRY;

    Sparsifier make() {
      Set<String> layers = Set.of("fc1");
      return switch (this) {
        case PLAIN -> Sparsifier.NONE;
        case DROPOUT -> new Dropout(0.25, layers);
        case L1 -> new L1(1e-4, layers);
        case WEIGHT -> targeted(Granularity.WEIGHT, Draw.UNIT, UnitMode.WEIGHTS);
        case UNIT -> targeted(Granularity.UNIT, Draw.UNIT, UnitMode.WEIGHTS);
        case SILENCED_UNIT -> targeted(Granularity.UNIT, Draw.UNIT, UnitMode.OUTPUT);
        case UNIT_BY_ENTRY -> targeted(Granularity.UNIT, Draw.ENTRY, UnitMode.OUTPUT);
      };
    }

    private static Sparsifier targeted(Granularity by, Draw draw, UnitMode mode) {
      return new TargetedDropout(
          by,
          new Target.Proportion(Share.of("0.5")),
          0.66,
          draw,
          new Ramp(Span.parse("50 %")),
          mode,
          Set.of("fc1"));
    }
  }

  private static Graph graph() {
    Graph graph = Zoo.mlp(Blobs.SHAPE, 32, Blobs.CLASSES);
    Initializer.HE_NORMAL.initialize(graph, 11);
    return graph;
  }

  private static Trainer trainer(Graph graph, Method method, TrainOptions options, Workers w) {
    return new Trainer(graph, method.make(), options, DATA, DATA, Blobs.PREPROCESSING, w);
  }

  private static Map<String, float[]> values(Trainer trainer) {
    Map<String, float[]> values = new LinkedHashMap<>();
    trainer.state().forEach((name, t) -> values.put(name, t.toArray()));
    return values;
  }

  private static Map<String, float[]> train(Method method, int threads) {
    try (Workers workers = new Workers(threads)) {
      Trainer trainer = trainer(graph(), method, Blobs.options(4, 50, 0.05), workers);
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
    try (Workers workers = new Workers(1)) {
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
  void anInterruptedRunGoesOnBitForBit(Method method) {
    TrainOptions options = Blobs.options(4, 50, 0.05);
    Map<String, float[]> saved;
    long[] step = new long[1];
    try (Workers workers = new Workers(1)) {
      Trainer trainer = trainer(graph(), method, options, workers);
      // 12 steps make an epoch: 17 is in the middle of the second.
      assertFalse(trainer.run(TrainingListener.NONE, () -> trainer.clock().step() == 17));
      saved = values(trainer);
      step[0] = trainer.clock().step();
    }
    assertEquals(17, step[0]);
    try (Workers workers = new Workers(2)) {
      Trainer trainer = trainer(graph(), method, options, workers);
      Map<String, Tensor> state = trainer.state();
      saved.forEach((name, values) -> state.get(name).copyFrom(values));
      trainer.clock().set(step[0]);
      assertTrue(trainer.run(TrainingListener.NONE, () -> false));
      assertSame(train(method, 1), values(trainer));
    }
  }

  @Test
  void divergenceStopsTheRunAndNamesTheLayer() {
    try (Workers workers = new Workers(1)) {
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
  @EnumSource(names = {"PLAIN", "WEIGHT", "UNIT", "SILENCED_UNIT", "UNIT_BY_ENTRY"})
  void aStepAllocatesNothingOnceWarm(Method method) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    TrainOptions options = Blobs.options(1000, 50, 0.001);
    long[] allocated = {-1, 0};
    try (Workers workers = new Workers(1)) {
      Trainer trainer = trainer(graph(), method, options, workers);
      trainer.run(
          TrainingListener.NONE,
          () -> {
            // Inside an epoch, far behind the compiler: steps 11,000 to 11,008 of 12,000.
            long step = trainer.clock().step();
            if (step == 11_041) {
              allocated[0] = threads.getCurrentThreadAllocatedBytes();
            } else if (step == 11_049) {
              allocated[1] = threads.getCurrentThreadAllocatedBytes();
            }
            return step > 11_049;
          });
    }
    assertEquals(0, allocated[1] - allocated[0]);
  }

  @Test
  void reportsSayWhatHappened() {
    EpochReport[] last = new EpochReport[1];
    try (Workers workers = new Workers(1)) {
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
