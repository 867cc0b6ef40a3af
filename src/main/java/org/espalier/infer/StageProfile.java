package org.espalier.infer;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.LongSupplier;
import org.espalier.Internal;
import org.espalier.parallel.ThreadPool;
import org.espalier.tensor.Shape;

/** Finds out where the time of a plan goes, on one thread. */
@Internal
public final class StageProfile {
  private static final long NANOS = 1_000_000_000L;

  /** Times {@link #NANOS} that a plan runs at most, while it still becomes faster. */
  private static final int MOST = 8;

  /** Times at least: of the first the compilers take most. */
  private static final int LEAST = 2;

  /** By how much the best run is better than the one before while it still becomes faster. */
  private static final double FASTER = 0.95;

  private StageProfile() {}

  /**
   * Runs a plan for some seconds, until it becomes no faster: until it is compiled.
   *
   * @param batch examples of a run, of random values
   * @param clock nanoseconds since any moment
   * @return for each of {@link Plan#stages} the microseconds that it took in its best run
   * @throws org.espalier.InputException if a session doesn't fit into memory
   */
  public static double[] micros(Plan plan, int batch, LongSupplier clock) {
    Times times = new Times(plan.stages().size(), clock);
    Session session = plan.session(new ThreadPool(1), times);
    SplittableRandom random = new SplittableRandom(1);
    Map<String, float[]> x = new LinkedHashMap<>();
    plan.inputs().forEach((name, shape) -> x.put(name, values(random, batch, shape)));
    long[] best = new long[plan.stages().size()];
    Arrays.fill(best, Long.MAX_VALUE);
    double before = Double.MAX_VALUE;
    for (int round = 1; round <= MOST; round++) {
      long start = clock.getAsLong();
      do {
        session.run(batch, x, Map.of());
        long[] run = times.take();
        Arrays.setAll(best, i -> Math.min(best[i], run[i]));
      } while (clock.getAsLong() - start < NANOS);
      double all = Arrays.stream(best).sum();
      if (round >= LEAST && all >= FASTER * before) {
        break;
      }
      before = all;
    }
    return Arrays.stream(best).mapToDouble(nanos -> nanos / 1e3).toArray();
  }

  private static float[] values(SplittableRandom random, int batch, Shape shape) {
    float[] values = new float[Math.multiplyExact(batch, shape.size())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    return values;
  }

  /** Adds up how long each stage takes. */
  private static final class Times implements RunListener {
    private final long[] nanos;
    private final LongSupplier clock;
    private long last;

    Times(int stages, LongSupplier clock) {
      this.clock = clock;
      nanos = new long[stages];
    }

    @Override
    public void begins() {
      last = clock.getAsLong();
    }

    @Override
    public void ends(int stage) {
      long now = clock.getAsLong();
      nanos[stage] += now - last;
      last = now;
    }

    /** Returns the nanoseconds of each stage since the last call. */
    long[] take() {
      long[] taken = nanos.clone();
      Arrays.fill(nanos, 0);
      return taken;
    }
  }
}
