package org.espalier.experiment.timing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.LongToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PairedTimingTest {
  private static final double WARM_UP = 0.25;
  private static final double SECONDS = 0.5;
  private static final long SECOND = 1_000_000_000;

  /** A side whose calls take as long as the count of those before them says. */
  private static final class Side implements PairedTiming.Side {
    private final FakeGauges gauges;
    private final LongToDoubleFunction cost;
    private long calls;
    private int blocks;

    Side(FakeGauges gauges, LongToDoubleFunction cost) {
      this.gauges = gauges;
      this.cost = cost;
    }

    @Override
    public double work(long nanos) {
      blocks++;
      double spent = 0;
      int inBlock = 0;
      for (; inBlock == 0 || spent < nanos; inBlock++) {
        double took = cost.applyAsDouble(calls++);
        gauges.pass(took);
        spent += took;
      }
      return spent / inBlock;
    }
  }

  private static PairedTiming.Result take(FakeGauges gauges, int threads, Side... sides) {
    return new PairedTiming(gauges, WARM_UP, SECONDS, threads).take(List.of(sides));
  }

  private static PairedTiming.Result steady(FakeGauges gauges, int threads) {
    return take(gauges, threads, new Side(gauges, _ -> 10_000), new Side(gauges, _ -> 40_000));
  }

  @Test
  void sidesTakeTurnsAndNothingIsDoubtfulOnAQuietMachine() {
    PairedTiming.Result result = steady(FakeGauges.quiet(), 1);
    assertEquals(List.of(), result.conditions().doubts());
    assertEquals(OptionalDouble.of(0), result.conditions().others());
    assertEquals(20, result.conditions().rounds());
    Rounds fast = result.rounds().getFirst();
    Rounds slow = result.rounds().getLast();
    assertEquals(20, fast.nanos().length);
    assertEquals(10_000, fast.median());
    assertArrayEquals(new double[] {4, 4, 4}, fast.speedupOver(slow));
  }

  /** First by the quick compiler, at a fortieth of its speed, and seldom enough called. */
  @Test
  void nothingIsTimedBeforeItIsCompiled() {
    long[] compiledAt = {Long.MAX_VALUE};
    FakeGauges[] machine = new FakeGauges[1];
    machine[0] =
        new FakeGauges(
            2, _ -> 0, now -> now > compiledAt[0] - SECOND && now < compiledAt[0] ? 1 : 0);
    Side sparse =
        new Side(
            machine[0],
            calls -> {
              if (calls == 600) {
                compiledAt[0] = machine[0].nanos() + SECOND;
              }
              return machine[0].nanos() >= compiledAt[0] ? 6_000 : 274_000;
            });
    PairedTiming.Result result = take(machine[0], 1, sparse, new Side(machine[0], _ -> 50_000));
    double[] all = new double[20];
    Arrays.fill(all, 6_000);
    assertArrayEquals(all, result.rounds().getFirst().nanos());
    assertEquals(List.of(), result.conditions().doubts());
  }

  /** The JVM tells of a compilation only when it is done. */
  @Test
  void callsAreCountedWhereCompilersDontShow() {
    FakeGauges machine = FakeGauges.quiet();
    Side sparse = new Side(machine, calls -> calls < 1400 ? 274_000 : 6_000);
    PairedTiming.Result result = take(machine, 1, sparse, new Side(machine, _ -> 50_000));
    assertEquals(6_000, Arrays.stream(result.rounds().getFirst().nanos()).max().orElseThrow());
  }

  @Test
  void compilersThatDontRestMakeItDoubtfulButEndNoLater() {
    FakeGauges machine = new FakeGauges(2, _ -> 0, _ -> 0.5);
    PairedTiming.Result result = steady(machine, 1);
    assertEquals(
        List.of("still compiling: the JVM's compilers worked 100 % of the time"),
        result.conditions().doubts());
    assertFalse(result.conditions().settled());
    assertTrue(machine.nanos() <= 12 * 2 * (WARM_UP + SECONDS) * SECOND, "" + machine.nanos());
  }

  /** Where they have not rested before, a little is too much; where they have, it is not. */
  @Test
  void aLittleCompilingIsNoDoubtUnlessItNeverRested() {
    assertEquals(List.of(), conditions(0.04, true).doubts());
    assertEquals(List.of(), conditions(0, false).doubts());
    assertEquals(
        List.of("still compiling: the JVM's compilers worked 4 % of the time"),
        conditions(0.04, false).doubts());
    assertEquals(
        List.of("still compiling: the JVM's compilers worked 7 % of the time"),
        conditions(0.07, true).doubts());
  }

  private static Conditions conditions(double compiling, boolean settled) {
    return new Conditions(OptionalDouble.empty(), 2, 1, compiling, settled, 20);
  }

  @ParameterizedTest
  @CsvSource({
    "2, 1, 0.1, ''",
    "2, 1, 0.5, ''",
    "2, 1, 1.3, machine busy: others used 1.3 of 2 CPUs",
    "2, 2, 0.15, ''",
    "2, 2, 0.3, machine busy: others used 0.3 of 2 CPUs",
    "64, 1, 20, ''",
    "64, 1, 40, machine busy: others used 40.0 of 64 CPUs",
    "64, 60, 20, machine busy: others used 20.0 of 64 CPUs",
  })
  void othersMayUseHalfOfWhatIsLeft(int processors, int threads, double others, String doubt) {
    PairedTiming.Result result = steady(new FakeGauges(processors, _ -> others, _ -> 0), threads);
    assertEquals(others, result.conditions().others().orElseThrow(), 1e-6);
    assertEquals(doubt.isEmpty() ? List.of() : List.of(doubt), result.conditions().doubts());
  }

  @Test
  void whatOthersDidInTheWarmUpDoesntCount() {
    FakeGauges machine = new FakeGauges(2, now -> now < 0.4 * SECOND ? 2 : 0, _ -> 0);
    PairedTiming.Result result = steady(machine, 1);
    assertEquals(OptionalDouble.of(0), result.conditions().others());
  }

  @Test
  void othersMayBeUnknown() {
    PairedTiming.Result result = steady(new FakeGauges(2, _ -> Double.NaN, _ -> 0), 1);
    assertEquals(OptionalDouble.empty(), result.conditions().others());
    assertEquals(List.of(), result.conditions().doubts());
  }

  /** Ticks of hundredths of seconds make no share of so little. */
  @Test
  void othersAreUnknownForAnInstant() {
    FakeGauges machine = new FakeGauges(2, _ -> 2, _ -> 0);
    PairedTiming.Result result =
        new PairedTiming(machine, 0.01, 0.02, 1).take(List.of(new Side(machine, _ -> 10_000)));
    assertEquals(OptionalDouble.empty(), result.conditions().others());
  }

  @Test
  void whatTakesSecondsIsCalledOnceToWarmUpAndThreeTimesToBeMeasured() {
    FakeGauges machine = FakeGauges.quiet();
    Side dense = new Side(machine, _ -> 4e9);
    Side sparse = new Side(machine, _ -> 1e9);
    PairedTiming.Result result = take(machine, 1, sparse, dense);
    assertEquals(List.of(1 + 3L, 1 + 3L), List.of(sparse.calls, dense.calls));
    assertArrayEquals(new double[] {4e9, 4e9, 4e9}, result.rounds().getLast().nanos());
    assertEquals(List.of(), result.conditions().doubts());
  }

  /** While the first call runs most is compiled: one more shows what it is afterwards. */
  @Test
  void whatCompiledInItsFirstCallHasOneMore() {
    FakeGauges machine = new FakeGauges(2, _ -> 0, now -> now < 2 * SECOND ? 1 : 0);
    Side slow = new Side(machine, calls -> calls == 0 ? 6e9 : 3e9);
    PairedTiming.Result result = take(machine, 1, slow);
    assertEquals(2 + 3, slow.calls);
    assertEquals(List.of(), result.conditions().doubts());
  }

  @Test
  void aMinuteIsTheEndAndWhatWasNotMeasuredThenIsDoubtful() {
    FakeGauges machine = FakeGauges.quiet();
    Side slow = new Side(machine, _ -> 40e9);
    PairedTiming.Result result = take(machine, 1, slow, new Side(machine, _ -> 25e9));
    assertEquals(2, slow.calls);
    assertEquals(List.of("only 1 of 3 calls in the time"), result.conditions().doubts());
  }

  @Test
  void roundsEndEarlyWhereEachLastsLonger() {
    FakeGauges machine = FakeGauges.quiet();
    Side side = new Side(machine, _ -> 0.3e9);
    PairedTiming.Result result = take(machine, 1, side);
    assertEquals(7, result.conditions().rounds()); // beyond two seconds
  }

  @Test
  void quartilesFarApartAreDoubtful() {
    assertEquals(List.of(), Conditions.doubts("dense", new Rounds(new double[] {9, 10, 10, 11})));
    assertEquals(
        List.of("dense: spread of 60 %"),
        Conditions.doubts("dense", new Rounds(new double[] {14, 8, 10, 14, 8})));
  }

  @Test
  void aRatioThatIsAnotherByTurnsIsDoubtful() {
    assertEquals(List.of(), Conditions.doubts(5.6, new double[] {5.5, 5.6, 5.7}));
    assertEquals(List.of(), Conditions.doubts(5.6, new double[] {5.7, 5.8, 5.9}), "rounding");
    for (double ratio : new double[] {5.6, 0.01}) {
      List<String> doubts = Conditions.doubts(ratio, new double[] {0.1, 0.2, 0.3});
      assertEquals(1, doubts.size());
    }
    assertEquals(
        List.of("5.60× by the medians, but 0.20× interleaved"),
        Conditions.doubts(5.6, new double[] {0.1, 0.2, 0.3}));
  }
}
