package org.espalier.bench;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.espalier.kernel.Kernels;
import org.espalier.kernel.contract.Clamp;
import org.espalier.kernel.contract.SparseKernels;
import org.espalier.sparse.BsrMatrix;
import org.espalier.sparse.CacheBlockedMatrix;
import org.espalier.sparse.CsrMatrix;
import org.espalier.sparse.SellMatrix;
import org.espalier.tensor.Precision;
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
 * A layer of 1024 to 1024 units whose weights were pruned by blocks, the same number in each row of
 * blocks, bias and ReLU included, on one thread: by blocks, by the kernels that know of no blocks,
 * and by good plain Java over blocks.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 3,
    jvmArgsAppend = {"--add-modules", "jdk.incubator.vector"})
public class BlockBenchmark {
  private static final int SIZE = 1024;

  /** Units of a block. */
  @Param({"4", "16"})
  int height;

  /** Percent of the weights that are zero. */
  @Param({"50", "80", "90", "95"})
  int sparsity;

  /** Examples; for a single one blocks of 4 units have no kernel of their own. */
  @Param({"1", "64"})
  int batch;

  private final SparseKernels kernels = Kernels.sparse();
  private BsrMatrix w;
  private CacheBlockedMatrix columns;
  private SellMatrix windows;
  private int[] distances;
  private float[] bias;
  private Tensor x;
  private Tensor y;
  private float[] sums;

  /** Makes the operands. */
  @Setup
  public void setup() {
    var random = new SplittableRandom(1);
    Tensor dense = Tensor.zeros(SIZE, SIZE);
    for (int first = 0; first < SIZE; first += height) {
      int left = SIZE * (100 - sparsity) / 100;
      for (int c = 0; c < SIZE; c++) {
        if (random.nextInt(SIZE - c) < left) { // of the columns that follow so many are chosen
          left--;
          for (int r = first; r < first + height; r++) {
            dense.set(r, c, (float) random.nextDouble(0.1, 1));
          }
        }
      }
    }
    w = BsrMatrix.of(dense, height);
    CsrMatrix csr = CsrMatrix.of(dense);
    columns = CacheBlockedMatrix.of(csr);
    windows = SellMatrix.of(csr, kernels.sellForm(csr, Precision.FP32));
    bias = new float[SIZE];
    x = Tensor.zeros(batch == 1 ? 1 : SIZE, batch == 1 ? SIZE : batch);
    x.fill(0.5f);
    y = Tensor.zeros(x.shape());
    distances = new int[SIZE];
    Arrays.setAll(distances, c -> c * x.ld());
    sums = new float[Math.max(SIZE, windows.laneRows().length)];
    System.out.printf(
        "%d entries, padding %.2f; bytes: %d in blocks, %d in column blocks, %d in windows%n",
        w.nnz(), w.padding(), w.bytes(), columns.bytes(), windows.bytes());
  }

  /** The kernel that a plan uses if it computes by blocks. */
  @Benchmark
  public Tensor blocks(Flops flops) {
    if (batch > 1) {
      kernels.bsrSpmm(
          w,
          0,
          w.quads(),
          batch,
          x.data(),
          x.offset(),
          distances,
          bias,
          0,
          null,
          0,
          0,
          Clamp.RELU,
          y.data(),
          y.offset(),
          y.ld());
    } else if (height == BsrMatrix.ROWS) {
      kernels.bsrSpmv(
          w, 0, w.groups(), x.data(), x.offset(), bias, 0, Clamp.RELU, sums, y.data(), y.offset());
    } else {
      windows();
    }
    count(flops);
    return y;
  }

  /** The kernel that a plan uses if it knows of no blocks. */
  @Benchmark
  public Tensor csr(Flops flops) {
    if (batch == 1) {
      windows();
    } else {
      kernels.cacheBlockedSpmm(
          columns,
          0,
          columns.panels(),
          batch,
          x.data(),
          x.offset(),
          x.ld(),
          bias,
          0,
          Clamp.RELU,
          y.data(),
          y.offset(),
          y.ld());
    }
    count(flops);
    return y;
  }

  private void windows() {
    kernels.sellSpmv(
        windows,
        0,
        windows.blocks(),
        x.data(),
        x.offset(),
        bias,
        0,
        Clamp.RELU,
        sums,
        y.data(),
        y.offset());
  }

  /** Plain Java: four rows at once, the loop over the batch made of vectors by the compiler. */
  @Benchmark
  public Tensor plainJava(Flops flops) {
    for (int q = 0; q < w.quads(); q++) {
      if (batch == 1) {
        quadOfOne(q, x.data(), x.offset(), y.data(), y.offset() + w.quadRows()[q]);
      } else {
        quad(q, x.data(), x.offset(), y.data(), y.offset() + w.quadRows()[q] * y.ld(), y.ld());
      }
    }
    count(flops);
    return y;
  }

  /** Four chains of additions in flight. */
  private void quadOfOne(int q, float[] x, int xo, float[] y, int yo) {
    float[] v = w.values();
    char[] cols = w.colIdx();
    int perStep = BsrMatrix.ROWS / height;
    int lane = q % 4 * 4;
    float a0 = 0;
    float a1 = 0;
    float a2 = 0;
    float a3 = 0;
    for (int s = w.groupPtr()[q / 4]; s < w.groupPtr()[q / 4 + 1]; s++) {
      float xc = x[xo + cols[s * perStep + lane / height]];
      int e = s * BsrMatrix.ROWS + lane;
      a0 = Math.fma(v[e], xc, a0);
      a1 = Math.fma(v[e + 1], xc, a1);
      a2 = Math.fma(v[e + 2], xc, a2);
      a3 = Math.fma(v[e + 3], xc, a3);
    }
    int row = w.quadRows()[q];
    y[yo] = Math.max(a0 + bias[row], 0);
    y[yo + 1] = Math.max(a1 + bias[row + 1], 0);
    y[yo + 2] = Math.max(a2 + bias[row + 2], 0);
    y[yo + 3] = Math.max(a3 + bias[row + 3], 0);
  }

  private void quad(int q, float[] x, int xo, float[] y, int yo, int ld) {
    for (int i = 0; i < 4; i++) {
      Arrays.fill(y, yo + i * ld, yo + i * ld + batch, 0);
    }
    int perStep = BsrMatrix.ROWS / height;
    int lane = q % 4 * 4;
    for (int s = w.groupPtr()[q / 4]; s < w.groupPtr()[q / 4 + 1]; s++) {
      int from = xo + distances[w.colIdx()[s * perStep + lane / height]];
      int v = s * BsrMatrix.ROWS + lane;
      axpy4(batch, w.values(), v, x, from, y, yo, ld);
    }
    for (int i = 0; i < 4; i++) {
      float b = bias[w.quadRows()[q] + i];
      for (int j = yo + i * ld; j < yo + i * ld + batch; j++) {
        y[j] = Math.max(y[j] + b, 0);
      }
    }
  }

  private static void axpy4(
      int n, float[] v, int vo, float[] x, int xo, float[] y, int yo, int ld) {
    float a = v[vo];
    float b = v[vo + 1];
    float c = v[vo + 2];
    float d = v[vo + 3];
    for (int j = 0; j < n; j++) {
      float xj = x[xo + j];
      y[yo + j] = Math.fma(a, xj, y[yo + j]);
      y[yo + ld + j] = Math.fma(b, xj, y[yo + ld + j]);
      y[yo + 2 * ld + j] = Math.fma(c, xj, y[yo + 2 * ld + j]);
      y[yo + 3 * ld + j] = Math.fma(d, xj, y[yo + 3 * ld + j]);
    }
  }

  private void count(Flops flops) {
    flops.count(2L * w.nnz() * batch, 2L * SIZE * SIZE * batch);
  }
}
