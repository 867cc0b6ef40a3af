package org.espalier.peers;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.espalier.doctor.Roofline;
import org.espalier.kernel.Kernels;
import org.espalier.machine.Cache;
import org.espalier.machine.Machine;

/**
 * The limits of this machine, measured in a JVM of their own.
 *
 * @param cpu the processor
 * @param system the operating system
 * @param java the JVM
 * @param kernels which kernels run
 * @param limits the limits
 */
record MeasuredRoofline(
    String cpu, String system, String java, String kernels, List<Limit> limits) {
  /** The name by which these rows are chosen. */
  static final String NAME = "roofline";

  static final String GIGAFLOPS = "GFLOP/s";

  private static final int[] THREADS = {1, 2};

  private static final List<Cache> USUAL =
      List.of(new Cache(1, 32 << 10), new Cache(2, 1 << 20), new Cache(3, 16 << 20));

  /**
   * One limit.
   *
   * @param threads how many work at once
   * @param what what is limited
   * @param speed of all threads together
   * @param unit of the speed
   */
  record Limit(int threads, String what, double speed, String unit) {}

  /** Arguments: the file for the result. */
  public static void main(String[] args) throws IOException {
    Machine machine = withCaches(Machine.detect());
    List<Limit> limits = new ArrayList<>();
    for (int threads : THREADS) {
      Roofline speed = Roofline.measure(machine, threads);
      limits.add(new Limit(threads, "fp32 fma, registers", speed.gigaflops(), GIGAFLOPS));
      double tile = new TilePeak(threads).gigaflops();
      limits.add(new Limit(threads, "fp32 fma, tile from L1", tile, GIGAFLOPS));
      for (Roofline.Read read : speed.reads()) {
        String what = "read " + read.memory() + ", " + (read.bytes() >> 10) + " KiB";
        limits.add(new Limit(threads, what, read.gigabytesPerSecond(), "GB/s"));
      }
    }
    Fork.answer(
        args[0],
        new MeasuredRoofline(
            machine.cpu(), machine.system(), machine.java(), Kernels.choice().toString(), limits));
  }

  /** Virtual machines often don't tell the sizes of the caches: then usual ones are taken. */
  private static Machine withCaches(Machine m) {
    return !m.caches().isEmpty()
        ? m
        : new Machine(
            m.cpu(),
            m.system(),
            m.processors(),
            m.systemProcessors(),
            m.memoryBytes(),
            m.heapBytes(),
            m.java(),
            m.collectors(),
            m.flags(),
            m.arguments(),
            USUAL);
  }

  /** Returns the larger of the measured peaks of so many threads, in GFLOP/s. */
  double peak(int threads) {
    return limits.stream()
        .filter(limit -> limit.threads() == threads && limit.unit().equals(GIGAFLOPS))
        .mapToDouble(Limit::speed)
        .max()
        .orElse(Double.NaN);
  }
}
