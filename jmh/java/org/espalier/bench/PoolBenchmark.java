package org.espalier.bench;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.espalier.kernel.contract.PoolKernels;
import org.espalier.kernel.scalar.ScalarPool;
import org.espalier.kernel.simd.conv.SimdPool;
import org.espalier.tensor.Nchw16n;
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
 * Pooling of sixteen images, map by map, on one thread; in bytes of the maps, each counted once for
 * reading and once for writing, however many windows see a pixel.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 3,
    jvmArgsAppend = {"--add-modules", "jdk.incubator.vector"})
public class PoolBenchmark {
  /** One implementation a fork, so that the calls have one target. */
  public enum Implementation {
    SIMD,
    SCALAR,
    PLAIN
  }

  private static final int CHANNELS = 64;
  private static final int STRIDE = 2;

  @Param Implementation implementation;

  /** Rows of a map, and its columns. */
  @Param({"8", "32"})
  int size;

  /** Windows that touch, and windows that overlap. */
  @Param({"2", "3"})
  int window;

  private PoolKernels kernels;
  private int padding;
  private int in;
  private int out;
  private float[] x;
  private float[] y;
  private float[] dy;
  private float[] dx;

  /** Makes the maps. */
  @Setup
  public void setup() {
    kernels =
        switch (implementation) {
          case SIMD -> new SimdPool();
          case SCALAR -> new ScalarPool();
          case PLAIN -> new PlainPool();
        };
    padding = window / 2 * (window % 2);
    int rows = (size + 2 * padding - window) / STRIDE + 1;
    in = size * size * Nchw16n.LANES;
    out = rows * rows * Nchw16n.LANES;
    var random = new SplittableRandom(1);
    x = values(random, CHANNELS * in);
    dy = values(random, CHANNELS * out);
    y = new float[CHANNELS * out];
    dx = new float[CHANNELS * in];
    for (int c = 0; c < CHANNELS; c++) {
      kernels.maxPool(size, size, window, STRIDE, padding, x, c * in, y, c * out);
    }
  }

  private static float[] values(SplittableRandom random, int n) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    return values;
  }

  @Benchmark
  public float[] maxPool(Traffic traffic) {
    for (int c = 0; c < CHANNELS; c++) {
      kernels.maxPool(size, size, window, STRIDE, padding, x, c * in, y, c * out);
    }
    traffic.count(CHANNELS * (long) (in + out));
    return y;
  }

  @Benchmark
  public float[] maxPoolBackward(Traffic traffic) {
    for (int c = 0; c < CHANNELS; c++) {
      kernels.maxPoolBackward(
          size, size, window, STRIDE, padding, x, c * in, y, c * out, dy, c * out, dx, c * in);
    }
    traffic.count(CHANNELS * (long) (2 * in + 2 * out));
    return dx;
  }

  @Benchmark
  public float[] averagePool(Traffic traffic) {
    for (int c = 0; c < CHANNELS; c++) {
      kernels.averagePool(size, size, window, STRIDE, padding, x, c * in, dy, c * out);
    }
    traffic.count(CHANNELS * (long) (in + out));
    return dy;
  }

  @Benchmark
  public float[] averagePoolBackward(Traffic traffic) {
    for (int c = 0; c < CHANNELS; c++) {
      kernels.averagePoolBackward(size, size, window, STRIDE, padding, dy, c * out, dx, c * in);
    }
    traffic.count(CHANNELS * (long) (in + out));
    return dx;
  }

  @Benchmark
  public float[] globalAverage(Traffic traffic) {
    for (int c = 0; c < CHANNELS; c++) {
      kernels.globalAverage(size * size, x, c * in, dy, c * Nchw16n.LANES);
    }
    traffic.count(CHANNELS * (long) in);
    return dy;
  }

  @Benchmark
  public float[] globalAverageBackward(Traffic traffic) {
    for (int c = 0; c < CHANNELS; c++) {
      kernels.globalAverageBackward(size * size, dy, c * Nchw16n.LANES, dx, c * in);
    }
    traffic.count(CHANNELS * (long) in);
    return dx;
  }
}
