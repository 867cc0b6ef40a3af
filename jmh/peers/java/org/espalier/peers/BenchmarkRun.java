package org.espalier.peers;

import java.io.IOException;
import org.espalier.kernel.Kernels;

/** One run of one benchmark, in a JVM of its own. */
final class BenchmarkRun {
  private BenchmarkRun() {}

  /** Arguments: the file for the result, the benchmark's name. */
  public static void main(String[] args) throws IOException {
    Benchmark benchmark =
        Suite.benchmarks().stream().filter(c -> c.name().equals(args[1])).findFirst().orElseThrow();
    Pairing pairing = benchmark.setUp().get();
    PairedRun run = PairedRun.run(pairing.ours(), pairing.theirs(), benchmark.threads());
    Fork.answer(args[0], Timing.of(run, pairing.other(), Kernels.choice().toString()));
    // Native libraries may have threads that would keep the JVM alive.
    Runtime.getRuntime().halt(0);
  }
}
