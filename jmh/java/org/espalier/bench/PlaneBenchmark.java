package org.espalier.bench;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.espalier.kernel.Kernels;
import org.espalier.kernel.contract.LayoutKernels;
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

/** Changes of layout of maps, on one thread, beside good plain Java. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 3,
    jvmArgsAppend = {"--add-modules", "jdk.incubator.vector"})
public class PlaneBenchmark {
  private static final int CHANNELS = 16;
  private static final int LANES = 16;

  /** Rows and columns of a map. */
  @Param({"32", "16", "8"})
  int side;

  private final LayoutKernels kernels = Kernels.layout();
  private float[] rows;
  private float[] maps;
  private float[] thin;

  /** Makes the operands. */
  @Setup
  public void setup() {
    rows = new float[LANES * CHANNELS * side * side];
    Arrays.fill(rows, 0.5f);
    maps = rows.clone();
    thin = new float[rows.length / 4];
  }

  /** Sixteen images side by side. */
  @Benchmark
  public float[] planesFromRows() {
    int pixels = side * side;
    kernels.planesFromRows(
        LANES, CHANNELS, pixels, rows, 0, CHANNELS * pixels, maps, 0, LANES * pixels);
    return maps;
  }

  /** Sixteen images side by side, in plain Java. */
  @Benchmark
  public float[] planesFromRowsPlainJava() {
    int image = CHANNELS * side * side;
    for (int p = 0; p < image; p++) {
      for (int i = 0; i < LANES; i++) {
        maps[p * LANES + i] = rows[i * image + p];
      }
    }
    return maps;
  }

  /** Every second pixel of every second row of sixteen images. */
  @Benchmark
  public float[] thinGroups() {
    thin(CHANNELS, LANES);
    return thin;
  }

  /** Every second pixel of every second row of one image. */
  @Benchmark
  public float[] thinOne() {
    thin(CHANNELS, 1);
    return thin;
  }

  private void thin(int channels, int lanes) {
    int half = side / 2;
    kernels.thin(channels * half, half, 2, lanes, maps, 0, 2 * side * lanes, thin, 0, half * lanes);
  }

  /** Every second pixel of every second row of one image, in plain Java. */
  @Benchmark
  public float[] thinOnePlainJava() {
    int half = side / 2;
    for (int r = 0; r < CHANNELS * half; r++) {
      for (int i = 0; i < half; i++) {
        thin[r * half + i] = maps[2 * (r * side + i)];
      }
    }
    return thin;
  }
}
