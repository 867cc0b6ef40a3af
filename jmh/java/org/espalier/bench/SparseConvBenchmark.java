package org.espalier.bench;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.espalier.kernel.Kernels;
import org.espalier.kernel.contract.Clamp;
import org.espalier.kernel.contract.SparseKernels;
import org.espalier.sparse.DeltaCsrMatrix;
import org.espalier.tensor.PaddedNchw;
import org.espalier.tensor.Tensor;
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
 * Sparse 3x3 convolutions of the shapes of ResNet-20, bias and ReLU included, on one thread; beside
 * good plain Java over the same maps.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 3,
    jvmArgsAppend = {"--add-modules", "jdk.incubator.vector"})
public class SparseConvBenchmark {
  private static final int WINDOW = 9;

  /** Channels in and out; maps have {@code 512 / channels} rows and columns. */
  @Param({"16", "32", "64"})
  int channels;

  /** Percent of the weights that are zero. */
  @Param({"50", "80", "90", "95"})
  int sparsity;

  /** Images side by side. */
  @Param({"1", "16"})
  int batch;

  private final SparseKernels kernels = Kernels.sparse();
  private DeltaCsrMatrix w;
  private PaddedNchw maps;
  private int[] distances;
  private float[] bias;
  private float[] x;
  private float[] y;

  /** Makes the operands. */
  @Setup
  public void setup() {
    var random = new SplittableRandom(1);
    Tensor dense = Tensor.zeros(channels, channels * WINDOW);
    for (int r = 0; r < channels; r++) {
      for (int c = 0; c < dense.cols(); c++) {
        if (random.nextInt(100) >= sparsity) {
          dense.set(r, c, (float) random.nextDouble(-1, 1));
        }
      }
    }
    w = DeltaCsrMatrix.of(dense);
    int side = 512 / channels;
    maps = new PaddedNchw(channels, side, side, 1, side + 1, batch);
    distances = new int[dense.cols()];
    for (int k = 0; k < distances.length; k++) {
      distances[k] = k / WINDOW * maps.ld() + maps.at(k % WINDOW / 3 - 1, k % 3 - 1);
    }
    bias = new float[channels];
    x = new float[maps.length()];
    y = new float[maps.length()];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextDouble();
    }
  }

  /** The kernel that a plan uses. */
  @Benchmark
  public float[] espalier(Flops flops) {
    int first = maps.first(0);
    kernels.deltaCsrConv(
        w,
        0,
        channels,
        maps.span(),
        x,
        first,
        distances,
        bias,
        0,
        null,
        0,
        0,
        Clamp.RELU,
        y,
        first,
        maps.ld());
    count(flops);
    return y;
  }

  /** Plain Java: a run at a time for each entry, the loops made of vectors by the compiler. */
  @Benchmark
  public float[] plainJava(Flops flops) {
    int n = maps.span();
    for (int r = 0; r < channels; r++) {
      int o = maps.first(r);
      for (int j = o; j < o + n; j++) {
        y[j] = 0;
      }
      int col = 0;
      for (int e = w.rowPtr()[r]; e < w.rowPtr()[r + 1]; e++) {
        col += w.deltas()[e] & 0xff;
        axpy(n, w.value(e, w.scale(r)), x, maps.first(0) + distances[col], y, o);
      }
      for (int j = o; j < o + n; j++) {
        y[j] = Math.max(y[j] + bias[r], 0);
      }
    }
    count(flops);
    return y;
  }

  private void count(Flops flops) {
    long pixels = (long) maps.height() * maps.width() * batch;
    flops.count(2L * w.nnz() * pixels, 2L * channels * channels * WINDOW * pixels);
  }

  private static void axpy(int n, float a, float[] x, int xo, float[] y, int yo) {
    for (int j = 0; j < n; j++) {
      y[yo + j] = Math.fma(a, x[xo + j], y[yo + j]);
    }
  }
}
