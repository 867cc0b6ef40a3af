package org.espalier.experiment;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.espalier.infer.Plan;
import org.espalier.infer.Session;
import org.espalier.kernel.Workers;

/**
 * How long a plan takes for one call.
 *
 * @param nanos the calls, ascending
 * @param batch examples of one call
 */
@SuppressWarnings("ArrayRecordComponent") // made here, never changed
public record Latency(long[] nanos, int batch) {
  /** Cases are measured in turn, this long each, so that all see the same machine. */
  private static final long SLICE_NANOS = 20_000_000;

  private static final int MAX_CALLS = 1 << 20;

  /**
   * Measures several plans with the same batch and threads, alternating between them.
   *
   * @param seconds how long to measure each, after half as long of warming up
   */
  public static List<Latency> measure(
      List<Plan> plans, int batch, Workers workers, double seconds) {
    List<Case> cases = new ArrayList<>();
    for (Plan plan : plans) {
      cases.add(new Case(plan, batch, workers));
    }
    long budget = (long) (seconds * 1e9);
    for (long spent = 0; spent < budget / 2; spent += SLICE_NANOS) {
      cases.forEach(Case::slice);
    }
    cases.forEach(Case::forget);
    for (long spent = 0; spent < budget; spent += SLICE_NANOS) {
      cases.forEach(Case::slice);
    }
    return cases.stream().map(Case::result).toList();
  }

  /** Returns the p-th percentile of a call, in nanoseconds (nearest rank). */
  public long percentile(double p) {
    int rank = (int) Math.ceil(p / 100 * nanos.length);
    return nanos[Math.max(0, Math.min(nanos.length, rank) - 1)];
  }

  /** Returns the median of a call in microseconds. */
  public double medianMicros() {
    return percentile(50) / 1e3;
  }

  /** Returns examples per second, over all calls. */
  public double throughput() {
    return batch * 1e9 * nanos.length / Math.max(1, Arrays.stream(nanos).sum());
  }

  private static final class Case {
    private final Session session;
    private final int batch;
    private final float[] x;
    private final float[] y;
    private final long[] nanos = new long[MAX_CALLS];
    private int calls;

    Case(Plan plan, int batch, Workers workers) {
      this.session = plan.session(workers);
      this.batch = batch;
      this.x = new float[batch * plan.inputShape().size()];
      this.y = new float[batch * plan.outputShape().size()];
      var random = new SplittableRandom(1);
      for (int i = 0; i < x.length; i++) {
        x[i] = (float) random.nextDouble(-1, 1);
      }
    }

    void slice() {
      long start = System.nanoTime();
      long now = start;
      while (now - start < SLICE_NANOS && calls < MAX_CALLS) {
        session.run(batch, x, y);
        long after = System.nanoTime();
        nanos[calls++] = after - now;
        now = after;
      }
    }

    void forget() {
      calls = 0;
    }

    Latency result() {
      long[] sorted = Arrays.copyOf(nanos, Math.max(1, calls));
      Arrays.sort(sorted);
      return new Latency(sorted, batch);
    }
  }
}
