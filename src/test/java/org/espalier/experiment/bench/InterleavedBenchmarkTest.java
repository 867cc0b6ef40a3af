package org.espalier.experiment.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicInteger;
import org.espalier.InputException;
import org.espalier.experiment.timing.Conditions;
import org.espalier.experiment.timing.Rounds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InterleavedBenchmarkTest {
  private static final long FAST = 100_000;
  private static final long SLOW = 400_000;

  /** Takes so long for a request, whatever it is. */
  private record Fake(String name, long nanos, float result, AtomicInteger open) implements Engine {
    Fake(String name, long nanos, float result) {
      this(name, nanos, result, new AtomicInteger());
    }

    @Override
    public int threads() {
      return 1;
    }

    @Override
    public int inputs() {
      return 3;
    }

    @Override
    public double tolerance() {
      return 0.01;
    }

    @Override
    public void requireMemory(int requests) {
      if (requests > 3) {
        throw new InputException("no room for " + requests);
      }
    }

    @Override
    public Request prepare(int batch, float[] x) {
      assertEquals(3 * batch, x.length);
      open.incrementAndGet();
      return new Request() {
        @Override
        public void run() {
          for (long end = System.nanoTime() + nanos; System.nanoTime() < end; ) {
            Thread.onSpinWait();
          }
        }

        @Override
        public float[] outputs() {
          return new float[] {1, result};
        }

        @Override
        public void close() {
          open.decrementAndGet();
        }
      };
    }
  }

  private static List<LatencyStats> measure(LoadProfile load, double seconds, Engine... engines) {
    try (InterleavedBenchmark trial = new InterleavedBenchmark(List.of(engines), 2, load)) {
      return trial.measure(seconds / 2, seconds).latencies();
    }
  }

  @Test
  void theRatioIsThatOfTheMediansAndIsTakenByTurnsToo() {
    Fake quick = new Fake("fast", FAST, 2);
    Fake slow = new Fake("slow", SLOW, 2);
    try (InterleavedBenchmark trial =
        new InterleavedBenchmark(List.of(quick, slow), 2, LoadProfile.ONE_STREAM)) {
      InterleavedBenchmark.Outcome outcome = trial.measure(0.1, 0.2);
      LatencyStats fast = outcome.latencies().getFirst();
      assertTrue(fast.nanos()[0] >= FAST, "" + fast.nanos()[0]);
      assertEquals(20, fast.rounds().nanos().length);
      double[] byTurns = outcome.speedupByTurns(1);
      assertTrue(byTurns[0] <= byTurns[1] && byTurns[1] <= byTurns[2], Arrays.toString(byTurns));
      assertTrue(byTurns[1] > 2 && byTurns[1] < 8, Arrays.toString(byTurns));
      double medians = outcome.latencies().getLast().medianMicros() / fast.medianMicros();
      assertEquals(medians, outcome.speedupOver(1), 1e-9);
      assertTrue(fast.throughput() <= 2 * 1e9 / FAST, "" + fast.throughput());
      assertTrue(fast.percentile(50) <= fast.percentile(99.9));
      assertTrue(fast.mean() >= FAST && fast.mean() <= fast.percentile(100));
    }
  }

  private static LatencyStats latency(double[] rounds, long... nanos) {
    return new LatencyStats(nanos, 1, Arrays.stream(nanos).sum(), false, new Rounds(rounds));
  }

  /**
   * In three rounds of five it was not compiled yet; but those in which it was have most requests.
   */
  @Test
  void aRatioNeverContradictsTheMediansBesideItAndWhatTheRoundsSayIsADoubt() {
    LatencyStats dense = latency(new double[] {56, 56, 56, 56, 56}, 56, 56, 56, 56, 56);
    LatencyStats sparse =
        latency(new double[] {280, 280, 280, 10, 10}, 10, 10, 10, 10, 10, 10, 280, 280, 280);
    var quiet = new Conditions(OptionalDouble.of(0), 2, 1, 0, true, 5);
    var outcome =
        new InterleavedBenchmark.Outcome(List.of(sparse, dense), quiet, List.of("sparse", "dense"));
    assertEquals(5.6, outcome.speedupOver(1));
    assertEquals(0.2, outcome.speedupByTurns(1)[1]);
    assertEquals(List.of("sparse: spread of 96 %"), outcome.doubts(0));
    assertEquals(List.of(), outcome.doubts(1));
    assertEquals(List.of("sparse: spread of 96 %"), outcome.doubtsOfSpeedup(1));
    LatencyStats sooner =
        latency(new double[] {280, 280, 280, 280, 10}, 10, 10, 10, 10, 10, 10, 280, 280, 280);
    var worse =
        new InterleavedBenchmark.Outcome(List.of(sooner, dense), quiet, List.of("sparse", "dense"));
    assertEquals(List.of("5.60× by the medians, but 0.20× interleaved"), worse.doubtsOfSpeedup(1));
  }

  @Test
  void requestsAtOnceCostTheTimeThatPasses() {
    var rounds = new Rounds(new double[] {10});
    LatencyStats three = new LatencyStats(new long[] {10, 20, 30}, 1, 30, true, rounds);
    LatencyStats two = new LatencyStats(new long[] {10, 90}, 1, 90, true, rounds);
    assertEquals(10, three.cost());
    assertEquals(4.5, three.speedupOver(two));
  }

  @Test
  void whatHasNoRoomIsSaidInOneLine() {
    Engine large =
        new Engine() {
          @Override
          public String name() {
            return "large";
          }

          @Override
          public int threads() {
            return 1;
          }

          @Override
          public int inputs() {
            return 1 << 20;
          }

          @Override
          public double tolerance() {
            return 0;
          }

          @Override
          public void requireMemory(int requests) {}

          @Override
          public Request prepare(int batch, float[] x) {
            throw new OutOfMemoryError("Java heap space");
          }
        };
    for (int batch : new int[] {1, 1 << 12}) {
      var e =
          assertThrows(
              DoesNotFitException.class,
              () ->
                  new InterleavedBenchmark(List.of(large), batch, LoadProfile.ONE_STREAM).close());
      assertTrue(
          String.valueOf(e.getMessage())
              .matches("[\\d,]+ examples don't fit into the heap of [\\d,]+ MiB .*; -Xmx .*"),
          "" + e);
    }
  }

  @Test
  void requestsAtOnceWaitForThoseBefore() {
    LatencyStats l =
        measure(LoadProfile.queue(1, Double.POSITIVE_INFINITY), 0.2, new Fake("one", FAST, 2))
            .getFirst();
    int rounds = l.rounds().nanos().length;
    int count = l.nanos().length / rounds;
    assertEquals(count * rounds, l.nanos().length);
    assertTrue(count > 3, count + " at once");
    assertTrue(l.percentile(100) >= count * FAST, l.percentile(100) + " for " + count);
    assertTrue(l.percentile(50) >= count / 2 * FAST, l.percentile(50) + " for " + count);
  }

  @Test
  void requestsAtARateComeInTime() {
    LatencyStats l = measure(LoadProfile.queue(2, 1000), 0.2, new Fake("one", FAST, 2)).getFirst();
    assertEquals(20 * 10, l.nanos().length); // 20 blocks of 10 ms
    assertTrue(l.elapsed() >= 20 * 9_000_000L, "" + l.elapsed()); // the first comes at once
    assertTrue(l.percentile(0) >= FAST);
    for (double cost : l.rounds().nanos()) {
      assertTrue(cost >= FAST && cost <= l.percentile(100), "" + cost);
    }
  }

  @Test
  void everyStreamHasASessionThatIsClosedInTheEnd() {
    Fake engine = new Fake("one", FAST, 2);
    try (InterleavedBenchmark trial =
        new InterleavedBenchmark(List.of(engine), 2, LoadProfile.ofStreams(3))) {
      assertEquals(3, engine.open.get());
      assertTrue(trial.measure(0, 0.02).latencies().getFirst().nanos().length >= 3);
      assertEquals(List.of(0.0), trial.differences());
    }
    assertEquals(0, engine.open.get());
  }

  @Test
  void nothingIsTimedWhereResultsDiffer() {
    Fake ours = new Fake("ours", FAST, 2);
    Fake near = new Fake("near", FAST, 2.01f);
    try (InterleavedBenchmark trial =
        new InterleavedBenchmark(List.of(ours, near), 2, LoadProfile.ONE_STREAM)) {
      assertEquals(0.005, trial.differences().getLast(), 1e-6);
    }
    for (float wrong : new float[] {2.1f, Float.NaN, Float.POSITIVE_INFINITY}) {
      Fake theirs = new Fake("theirs", FAST, wrong);
      var e =
          assertThrows(
              IllegalStateException.class,
              () -> new InterleavedBenchmark(List.of(ours, theirs), 2, LoadProfile.ONE_STREAM));
      assertTrue(String.valueOf(e.getMessage()).startsWith("theirs differs from ours by"), "" + e);
      assertEquals(0, theirs.open.get());
    }
    assertEquals(0, ours.open.get());
  }

  @Test
  void moreStreamsThanFitIntoMemoryAreRefused() {
    Fake engine = new Fake("one", FAST, 2);
    var e =
        assertThrows(
            InputException.class,
            () -> new InterleavedBenchmark(List.of(engine), 2, LoadProfile.ofStreams(4)).close());
    assertEquals("no room for 4", e.getMessage());
    assertEquals(0, engine.open().get());
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY})
  void aNetworkWhoseOutputsAreNotFiniteIsRefused(float result) {
    Fake engine = new Fake("one", FAST, result);
    var e =
        assertThrows(
            InputException.class,
            () ->
                new InterleavedBenchmark(List.of(engine, engine), 2, LoadProfile.ONE_STREAM)
                    .close());
    assertTrue(e.getMessage().startsWith("the network: expected finite outputs"), e.getMessage());
    assertEquals(0, engine.open().get());
  }

  @Test
  void aFaultOfAnEngineComesOut() {
    Engine broken =
        new Engine() {
          private final AtomicInteger calls = new AtomicInteger();

          @Override
          public String name() {
            return "broken";
          }

          @Override
          public int threads() {
            return 1;
          }

          @Override
          public int inputs() {
            return 1;
          }

          @Override
          public double tolerance() {
            return 0;
          }

          @Override
          public void requireMemory(int requests) {}

          @Override
          public Request prepare(int batch, float[] x) {
            Request fine = new Fake("fine", 1, 1).prepare(1, new float[3]);
            return new Request() {
              @Override
              public void run() {
                if (calls.incrementAndGet() > 2) {
                  throw new UnsupportedOperationException("no more");
                }
              }

              @Override
              public float[] outputs() {
                return fine.outputs();
              }

              @Override
              public void close() {
                fine.close();
              }
            };
          }
        };
    assertThrows(
        UnsupportedOperationException.class, () -> measure(LoadProfile.ONE_STREAM, 0.02, broken));
  }
}
