package org.espalier.experiment.timing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.espalier.InputException;
import org.espalier.doctor.Roofline;
import org.espalier.machine.Gauges;

/**
 * Several sides timed by turns in one JVM: a block of a fraction of a second of each, round after
 * round, so that all see the same machine. Before that all are warmed up until the JVM's compilers
 * have come to rest and nobody gets faster any more. Both have bounds; where the warm-up ended at
 * its own, the {@link Conditions} say so.
 *
 * <p>Every side has at least one call to warm up and three to be measured, so that what takes
 * seconds a call is measured by these alone. Only beyond a minute, or four times of what was asked
 * for, it may be less: then it is doubtful.
 */
public final class PairedTiming {
  /** Below that, not even a median can be told. */
  static final int FEWEST_ROUNDS = 3;

  /** Enough rounds for quartiles. */
  private static final int ROUNDS = 20;

  private static final long LONGEST_BLOCK = 100_000_000;

  /** Compilers that don't rest prolong the warm-up, but not beyond so many times its length. */
  private static final int MOST_WARM_UPS = 10;

  /** So many calls and the JVM has seen often enough what it is to compile. */
  private static final int CALLS = 1500;

  /** Where that would take longer than so many warm-ups, inner loops have run often enough. */
  private static final int WARM_UPS_FOR_CALLS = 4;

  /** The compilers' queue is longer than an instant. */
  private static final long QUIET_NANOS = 200_000_000;

  /** What compilers may do beside: for instance compile the reading of these gauges. */
  private static final double TRIFLE = 0.02;

  private static final long TRIFLE_NANOS = 10_000_000;

  /** What counts as faster than before. */
  private static final double FASTER = 0.97;

  /** Rounds end early when they have taken twice as long as asked for, but at least so long. */
  private static final long PATIENCE_NANOS = 2_000_000_000L;

  /** The end of everything, or four times of what was asked for. */
  private static final long LONGEST_NANOS = 60_000_000_000L;

  /** Times that are counted in hundredths of seconds tell nothing of a shorter while. */
  private static final long SHORTEST_WATCH = 200_000_000;

  /** One of those that take turns. */
  public interface Side {
    /**
     * Works for some time, one call at least.
     *
     * @param nanos for how long
     * @return nanoseconds of a call
     */
    double work(long nanos);
  }

  /**
   * What came out.
   *
   * @param rounds of each side
   * @param conditions under which it was measured
   */
  public record Result(List<Rounds> rounds, Conditions conditions) {
    /** Copies the list. */
    public Result {
      rounds = List.copyOf(rounds);
    }
  }

  private final Gauges gauges;
  private final long warmUp;
  private final long measured;
  private final long block;
  private final int threads;
  private boolean settled;
  private long begun;

  /**
   * Plans a measurement.
   *
   * @param gauges where times are read
   * @param warmUp seconds for each side before it is measured; more until it is settled
   * @param seconds how long to measure each
   * @param threads how many processors a side wants at once
   * @throws InputException if this JVM doesn't compile well enough for times to mean anything
   */
  public PairedTiming(Gauges gauges, double warmUp, double seconds, int threads) {
    this(gauges, warmUp, seconds, threads, ROUNDS);
  }

  /**
   * Plans the same in more or fewer rounds than twenty.
   *
   * @param rounds at least 3
   * @throws InputException if this JVM doesn't compile well enough for times to mean anything
   */
  public PairedTiming(Gauges gauges, double warmUp, double seconds, int threads, int rounds) {
    check();
    this.gauges = gauges;
    this.warmUp = (long) (warmUp * 1e9);
    this.measured = (long) (seconds * 1e9);
    this.block = Math.clamp(measured / rounds, 1, LONGEST_BLOCK);
    this.threads = threads;
    this.begun = gauges.nanos();
  }

  /**
   * Checks that times mean something in this JVM.
   *
   * @throws InputException if it has no optimizing compiler
   */
  public static void check() {
    String refusal = Roofline.refusal();
    if (refusal != null) {
      throw new InputException(refusal);
    }
  }

  /** Returns nanoseconds of a block. */
  public long block() {
    return block;
  }

  /** Warms the sides up and measures them. */
  public Result take(List<? extends Side> sides) {
    warmUp(sides);
    return measure(sides);
  }

  /** Runs the sides until they are compiled, or until it lasts too long. */
  public void warmUp(List<? extends Side> sides) {
    begun = gauges.nanos();
    long all = warmUp * sides.size();
    long quiet = Math.max(all / 2, QUIET_NANOS);
    double[] best = new double[sides.size()];
    double[] calls = new double[sides.size()];
    Arrays.fill(best, Double.POSITIVE_INFINITY);
    long compiled = gauges.compilation().nanos();
    long now = begun;
    long restless = begun;
    int passes = 0;
    boolean done;
    do {
      long before = now;
      for (int i = 0; i < sides.size(); i++) {
        double cost = sides.get(i).work(block);
        if (cost < best[i] * FASTER) {
          restless = before;
          best[i] = cost;
        }
        long after = gauges.nanos();
        calls[i] += (after - now) / cost;
        now = after;
      }
      passes++;
      Gauges.Compilation compilation = gauges.compilation();
      boolean trifle =
          compilation.nanos() - compiled <= Math.max(TRIFLE_NANOS, TRIFLE * (now - before));
      if (compilation.running() || !trifle) {
        restless = now;
      }
      compiled = compilation.nanos();
      long spent = now - begun;
      boolean often = Arrays.stream(calls).allMatch(n -> n >= CALLS);
      settled = now - restless >= quiet && (often || spent >= WARM_UPS_FOR_CALLS * all);
      done = settled ? spent >= all : spent >= MOST_WARM_UPS * all && passes > 1;
    } while (!done && now - begun < longest(sides.size()));
  }

  private long longest(int sides) {
    return Math.max(LONGEST_NANOS, 4L * sides * (warmUp + measured));
  }

  /** Measures the sides, which were warmed up. */
  public Result measure(List<? extends Side> sides) {
    List<List<Double>> costs = new ArrayList<>();
    sides.forEach(_ -> costs.add(new ArrayList<>()));
    long patience = Math.max(PATIENCE_NANOS, 2L * sides.size() * measured);
    long begin = gauges.nanos();
    OptionalLong othersBefore = gauges.others();
    Gauges.Compilation before = gauges.compilation();
    int running = 0;
    int rounds = 0;
    long now = begin;
    for (long spent = 0; spent < measured || rounds < FEWEST_ROUNDS; spent += block) {
      boolean enough = rounds >= FEWEST_ROUNDS && now - begin >= patience;
      if (enough || (rounds > 0 && now - begun >= longest(sides.size()))) {
        break;
      }
      for (int i = 0; i < sides.size(); i++) {
        costs.get(i).add(sides.get(i).work(block));
      }
      rounds++;
      now = gauges.nanos();
      running += gauges.compilation().running() ? 1 : 0;
    }
    double elapsed = Math.max(1, now - begin);
    long compiled = gauges.compilation().nanos() - before.nanos();
    OptionalLong others = gauges.others();
    // A single sample that meets a compiler at work means nothing.
    double share = Math.max(compiled / elapsed, running > 1 ? (double) running / rounds : 0);
    return new Result(
        costs.stream()
            .map(c -> new Rounds(c.stream().mapToDouble(Double::doubleValue).toArray()))
            .toList(),
        new Conditions(
            othersBefore.isPresent() && others.isPresent() && elapsed >= SHORTEST_WATCH
                ? OptionalDouble.of(
                    Math.max(0, others.getAsLong() - othersBefore.getAsLong()) / elapsed)
                : OptionalDouble.empty(),
            gauges.processors(),
            threads,
            Math.min(1, share),
            settled,
            rounds));
  }
}
