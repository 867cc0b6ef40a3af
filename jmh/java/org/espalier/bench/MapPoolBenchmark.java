package org.espalier.bench;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.espalier.kernel.contract.PoolGeometry;
import org.espalier.kernel.contract.PoolKernels;
import org.espalier.kernel.scalar.ScalarPool;
import org.espalier.kernel.simd.conv.SimdPool;
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
 * Pooling of a map of one image by windows of 3 × 3, on one thread. Plain Java takes a window after
 * the other inside of the map, where none needs to be cut.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 3,
    jvmArgsAppend = {"--add-modules", "jdk.incubator.vector"})
public class MapPoolBenchmark {
  /** What computes. */
  public enum Implementation {
    SIMD,
    SCALAR,
    PLAIN
  }

  private static final int WINDOW = 3;

  @Param Implementation implementation;

  /** Rows and columns of the map. */
  @Param({"13", "55", "111"})
  int size;

  @Param({"1", "2"})
  int stride;

  private PoolKernels kernels;
  private PoolGeometry geometry;
  private int[] counts;
  private float[] x;
  private float[] y;

  /** Makes the map. */
  @Setup
  public void setup() {
    kernels =
        switch (implementation) {
          case SIMD -> new SimdPool();
          case SCALAR -> new ScalarPool();
          case PLAIN -> new PlainPool();
        };
    int out = (size - WINDOW) / stride + 1;
    geometry =
        new PoolGeometry(
            1, size, size, size, out, out, out, WINDOW, WINDOW, stride, stride, 0, 0, 1, 1);
    counts = new int[out];
    Arrays.fill(counts, WINDOW);
    x = values(new SplittableRandom(1), size * size);
    y = new float[out * out];
  }

  private static float[] values(SplittableRandom random, int n) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    return values;
  }

  /** The largest of each window. */
  @Benchmark
  public float[] maxima() {
    kernels.maxima(geometry, x, 0, y, 0);
    return y;
  }

  /** The mean of each window. */
  @Benchmark
  public float[] means() {
    kernels.means(geometry, counts, counts, x, 0, y, 0);
    return y;
  }
}
