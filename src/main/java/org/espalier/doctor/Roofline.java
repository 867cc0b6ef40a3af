package org.espalier.doctor;

import java.util.ArrayList;
import java.util.List;
import org.espalier.kernel.Kernels;
import org.espalier.kernel.contract.ProbeKernels;
import org.espalier.machine.Cache;
import org.espalier.machine.HotSpot;
import org.espalier.machine.Machine;
import org.espalier.parallel.ThreadPool;
import org.jspecify.annotations.Nullable;

/**
 * What the machine can do at most with the kernels that were chosen, measured.
 *
 * @param threads how many threads worked at once
 * @param gigaflops 10<sup>9</sup> floating-point operations a second, of all threads together; a
 *     multiply-add counts as two
 * @param reads reading from each level of the memory
 */
public record Roofline(int threads, double gigaflops, List<Read> reads) {
  /**
   * How fast a level of the memory is read.
   *
   * @param memory {@code L1}, {@code L2}, …, {@code DRAM}
   * @param bytes how much was read over and over, by all threads together
   * @param gigabytesPerSecond of all threads together
   */
  public record Read(String memory, long bytes, double gigabytesPerSecond) {}

  /**
   * A run of one or two milliseconds: waking the threads hardly counts, yet some are undisturbed.
   */
  private static final int ROUNDS = 500_000;

  private static final long BYTES_A_RUN = 128L << 20;
  private static final long NANOS = 150_000_000;
  private static final int MIN_RUNS = 5;
  private static final int WARM_UP = 12_000;

  /**
   * Measures, for about a second.
   *
   * @param threads how many threads work at once, at least 1
   * @throws IllegalStateException if {@link #refusal} gives a reason
   */
  public static Roofline measure(Machine machine, int threads) {
    String refusal = refusal();
    if (refusal != null) {
      throw new IllegalStateException(refusal);
    }
    try (ThreadPool workers = new ThreadPool(threads)) {
      ProbeKernels probe = Kernels.probe();
      return new Roofline(threads, gigaflops(probe, workers), reads(probe, machine, workers));
    }
  }

  /**
   * Returns why nothing should be timed here, or null. A JVM without its optimizing compiler says
   * nothing about the speed that others would see.
   */
  public static @Nullable String refusal() {
    String reason = HotSpot.whyNoOptimizingCompiler();
    return reason == null ? null : "nothing is timed: " + reason;
  }

  private static double gigaflops(ProbeKernels probe, ThreadPool workers) {
    float[] sink = new float[workers.threads()];
    for (int i = 0; i < WARM_UP; i++) {
      sink[0] += probe.multiplyAdd(10);
    }
    long nanos = bestNanos(workers, piece -> sink[piece] += probe.multiplyAdd(ROUNDS));
    return 2.0 * ROUNDS * ProbeKernels.CHAINS * probe.lanes() * workers.threads() / nanos;
  }

  private static List<Read> reads(ProbeKernels probe, Machine machine, ThreadPool workers) {
    int[] sink = new int[workers.threads()];
    float[] little = new float[256];
    for (int i = 0; i < WARM_UP; i++) {
      sink[0] += probe.read(little.length, little, 0);
    }
    List<Read> reads = new ArrayList<>();
    long outermost = 0;
    for (Cache cache : machine.caches()) {
      // Half of a cache, so that what else is going on finds room.
      boolean shared = cache.level() > 2;
      long bytes = cache.bytes() / 2 / (shared ? workers.threads() : 1);
      reads.add(read(probe, "L" + cache.level(), bytes, workers, sink));
      outermost = Math.max(outermost, cache.bytes());
    }
    long bytes = Math.max(4 * outermost, 128L << 20);
    if (bytes <= machine.heapBytes() / 4) { // else the level is left out
      reads.add(read(probe, "DRAM", bytes / workers.threads(), workers, sink));
    }
    return reads;
  }

  private static Read read(
      ProbeKernels probe, String memory, long bytesAThread, ThreadPool workers, int[] sink) {
    int n = (int) (Math.min(bytesAThread, 1L << 30) / Float.BYTES);
    float[][] x = new float[workers.threads()][n];
    int passes = (int) Math.max(1, BYTES_A_RUN / ((long) n * Float.BYTES));
    long nanos =
        bestNanos(
            workers,
            piece -> {
              for (int pass = 0; pass < passes; pass++) {
                sink[piece] |= probe.read(n, x[piece], 0);
              }
            });
    long bytes = (long) n * Float.BYTES * workers.threads();
    return new Read(memory, bytes, (double) bytes * passes / nanos);
  }

  /** Returns the time of the fastest of many runs, in each of which every thread has one piece. */
  private static long bestNanos(ThreadPool workers, ThreadPool.Pieces pieces) {
    long best = Long.MAX_VALUE;
    long begin = System.nanoTime();
    for (int run = 0; run < MIN_RUNS || System.nanoTime() - begin < NANOS; run++) {
      long start = System.nanoTime();
      workers.run(workers.threads(), pieces);
      best = Math.min(best, System.nanoTime() - start);
    }
    return best;
  }
}
