package org.espalier.bench;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.espalier.kernel.contract.RandomKernels;
import org.espalier.kernel.scalar.ScalarRandom;
import org.espalier.kernel.simd.SimdRandom;
import org.espalier.tensor.RandomKey;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Random words of a row and Bernoulli masks of eight. {@code PLAIN} is what a Java programmer would
 * take: {@link SplittableRandom}, whose numbers depend on all that were drawn before.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 3,
    jvmArgsAppend = {"--add-modules", "jdk.incubator.vector"})
public class RandomBenchmark {
  /** One implementation a fork, so that the calls have one target. */
  public enum Implementation {
    SIMD,
    SCALAR,
    PLAIN
  }

  private static final double RATE = 0.66;

  /** Rows of a mask. */
  private static final int ROWS = 8;

  @Param Implementation implementation;

  @Param({"784", "16384"})
  int n;

  private RandomKernels kernels;
  private SplittableRandom plain;
  private RandomKey key;
  private int[] out;
  private long[] keep;
  private long step;

  @Setup
  public void setup() {
    kernels =
        switch (implementation) {
          case SIMD -> new SimdRandom();
          case SCALAR, PLAIN -> new ScalarRandom();
        };
    plain = new SplittableRandom(1);
    key = RandomKey.of(1, "benchmark");
    out = new int[n];
    keep = new long[ROWS * Math.ceilDiv(n, Long.SIZE)];
  }

  @Benchmark
  public int[] words() {
    if (implementation == Implementation.PLAIN) {
      for (int i = 0; i < n; i++) {
        out[i] = plain.nextInt();
      }
    } else {
      kernels.words(key, step++, 0, n, out, 0);
    }
    return out;
  }

  @Benchmark
  public long[] mask() {
    Arrays.fill(keep, 0);
    if (implementation == Implementation.PLAIN) {
      int bound = (int) Math.round(RATE * 65536);
      for (int w = 0; w < keep.length; w++) {
        long bits = 0;
        for (int i = 0; i < Long.SIZE; i += 2) {
          int word = plain.nextInt();
          bits |= ((word & 0xffff) >= bound ? 1L : 0) << i;
          bits |= ((word >>> 16) >= bound ? 2L : 0) << i;
        }
        keep[w] = bits;
      }
    } else {
      kernels.spare(key, step++, 0, ROWS, n, RATE, keep, 0);
    }
    return keep;
  }
}
