package org.espalier.bench;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.espalier.kernel.Kernels;
import org.espalier.kernel.contract.Clamp;
import org.espalier.kernel.contract.SparseKernels;
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
 * A sparse layer of 1024 to 1024 units, random pattern, bias and ReLU included, on one thread;
 * beside good plain-Java CSR.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 3,
    jvmArgsAppend = {"--add-modules", "jdk.incubator.vector"})
public class SparseBenchmark {
  private static final int SIZE = 1024;

  /** Percent of the weights that are zero. */
  @Param({"50", "70", "80", "90", "95", "99"})
  int sparsity;

  /** Examples. */
  @Param({"1", "8", "64"})
  int batch;

  private final SparseKernels kernels = Kernels.sparse();
  private CsrMatrix w;
  private CacheBlockedMatrix blocks;
  private SellMatrix windows;
  private float[] bias;
  private Tensor x;
  private Tensor y;
  private float[] sums;

  /** Makes the operands. */
  @Setup
  public void setup() {
    var random = new SplittableRandom(1);
    Tensor dense = Tensor.zeros(SIZE, SIZE);
    for (int r = 0; r < SIZE; r++) {
      for (int c = 0; c < SIZE; c++) {
        if (random.nextInt(100) >= sparsity) {
          dense.set(r, c, (float) random.nextDouble(-1, 1));
        }
      }
    }
    w = CsrMatrix.of(dense);
    blocks = CacheBlockedMatrix.of(w);
    windows = SellMatrix.of(w, kernels.sellForm(w, Precision.FP32));
    bias = new float[SIZE];
    x = Tensor.zeros(batch == 1 ? 1 : SIZE, batch == 1 ? SIZE : batch);
    x.fill(0.5f);
    y = Tensor.zeros(x.shape());
    sums = new float[windows.laneRows().length];
    System.out.printf(
        "%d entries; bytes: %d in CSR, %d cache-blocked, %d in SELL with padding %.2f%n",
        w.nnz(), w.bytes(), blocks.bytes(), windows.bytes(), windows.padding());
  }

  /** Plain CSR. */
  @Benchmark
  public Tensor csr(Flops flops) {
    if (batch == 1) {
      kernels.csrSpmv(w, 0, SIZE, x.data(), x.offset(), bias, 0, Clamp.RELU, y.data(), y.offset());
    } else {
      kernels.csrSpmm(
          w,
          0,
          SIZE,
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

  /** The transposed product of plain CSR. */
  @Benchmark
  public Tensor csrTransposed(Flops flops) {
    if (batch == 1) {
      kernels.csrSpmvTransposed(w, x.data(), x.offset(), y.data(), y.offset());
    } else {
      kernels.csrSpmmTransposed(
          w, batch, x.data(), x.offset(), x.ld(), y.data(), y.offset(), y.ld());
    }
    count(flops);
    return y;
  }

  /** The transposed product in plain Java. */
  @Benchmark
  public Tensor plainJavaTransposed(Flops flops) {
    float[] out = y.data();
    for (int c = 0; c < SIZE; c++) {
      int o = y.offset() + c * (batch == 1 ? 1 : y.ld());
      Arrays.fill(out, o, o + batch, 0);
    }
    int step = batch == 1 ? 1 : y.ld();
    for (int r = 0; r < SIZE; r++) {
      int xr = x.offset() + r * (batch == 1 ? 1 : x.ld());
      for (int e = w.rowPtr()[r]; e < w.rowPtr()[r + 1]; e++) {
        axpy(batch, w.values()[e], x.data(), xr, out, y.offset() + w.colIdx()[e] * step);
      }
    }
    count(flops);
    return y;
  }

  /** The formats that a plan uses unless others are faster: SELL, cache-blocked CSR. */
  @Benchmark
  public Tensor espalier(Flops flops) {
    if (batch == 1) {
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
    } else if (kernels.sellServesBatches(windows.form(), windows.precision())) {
      kernels.sellSpmm(
          windows,
          0,
          windows.blocks(),
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
    } else {
      kernels.cacheBlockedSpmm(
          blocks,
          0,
          blocks.panels(),
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

  /** Plain Java. */
  @Benchmark
  public Tensor plainJava(Flops flops) {
    if (batch == 1) {
      fourRowsAtOnce(w, x.data(), x.offset(), bias, y.data(), y.offset());
    } else {
      rowByRow(w, batch, x.data(), x.offset(), x.ld(), bias, y.data(), y.offset(), y.ld());
    }
    count(flops);
    return y;
  }

  private void count(Flops flops) {
    flops.count(2L * w.nnz() * batch, 2L * SIZE * SIZE * batch);
  }

  /** Four chains of additions in flight, of rows of about equal length. */
  private static void fourRowsAtOnce(
      CsrMatrix w, float[] x, int xo, float[] bias, float[] y, int yo) {
    char[] col = w.colIdx();
    float[] v = w.values();
    int[] ptr = w.rowPtr();
    int[] order = w.rowOrder();
    for (int i = 0; i < SIZE; i += 4) {
      int p0 = ptr[order[i]];
      int p1 = ptr[order[i + 1]];
      int p2 = ptr[order[i + 2]];
      int p3 = ptr[order[i + 3]];
      int n = ptr[order[i] + 1] - p0;
      float a0 = 0;
      float a1 = 0;
      float a2 = 0;
      float a3 = 0;
      for (int j = 0; j < n; j++) {
        a0 = Math.fma(v[p0 + j], x[xo + col[p0 + j]], a0);
        a1 = Math.fma(v[p1 + j], x[xo + col[p1 + j]], a1);
        a2 = Math.fma(v[p2 + j], x[xo + col[p2 + j]], a2);
        a3 = Math.fma(v[p3 + j], x[xo + col[p3 + j]], a3);
      }
      y[yo + order[i]] = a0;
      y[yo + order[i + 1]] = rest(w, p1 + n, ptr[order[i + 1] + 1], x, xo, a1);
      y[yo + order[i + 2]] = rest(w, p2 + n, ptr[order[i + 2] + 1], x, xo, a2);
      y[yo + order[i + 3]] = rest(w, p3 + n, ptr[order[i + 3] + 1], x, xo, a3);
    }
    for (int r = 0; r < SIZE; r++) {
      y[yo + r] = Math.max(y[yo + r] + bias[r], 0);
    }
  }

  private static float rest(CsrMatrix w, int from, int to, float[] x, int xo, float sum) {
    for (int p = from; p < to; p++) {
      sum = Math.fma(w.values()[p], x[xo + w.colIdx()[p]], sum);
    }
    return sum;
  }

  /** A row of Y at a time, the loop over the batch made of vectors by the compiler. */
  private static void rowByRow(
      CsrMatrix w,
      int batch,
      float[] x,
      int xo,
      int ldx,
      float[] bias,
      float[] y,
      int yo,
      int ldy) {
    for (int r = 0; r < SIZE; r++) {
      int o = yo + r * ldy;
      Arrays.fill(y, o, o + batch, 0);
      for (int p = w.rowPtr()[r]; p < w.rowPtr()[r + 1]; p++) {
        axpy(batch, w.values()[p], x, xo + w.colIdx()[p] * ldx, y, o);
      }
      for (int j = o; j < o + batch; j++) {
        y[j] = Math.max(y[j] + bias[r], 0);
      }
    }
  }

  private static void axpy(int n, float a, float[] x, int xo, float[] y, int yo) {
    for (int j = 0; j < n; j++) {
      y[yo + j] = Math.fma(a, x[xo + j], y[yo + j]);
    }
  }
}
