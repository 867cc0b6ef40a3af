package org.espalier.bench;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.espalier.kernel.gemm.Gemm;
import org.espalier.kernel.gemm.PackedMatrix;
import org.espalier.parallel.ThreadPool;
import org.espalier.tensor.BitMask;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The products of one layer's training step, {@code batch} examples through {@code out} units of
 * {@code in} inputs, on one thread; beside a blocked plain-Java product that the compiler can
 * vectorise.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 3,
    jvmArgsAppend = {"--add-modules", "jdk.incubator.vector"})
public class GemmBenchmark {
  /** Batch, outputs, inputs. */
  @Param({"128x300x784", "128x100x300", "128x10x100", "1x1000x1000", "512x512x512"})
  String shape;

  private int batch;
  private int out;
  private int in;
  private Tensor x;
  private Tensor w;
  private Tensor y;
  private Tensor dy;
  private Tensor dx;
  private Tensor dw;
  private BitMask mask;
  private PackedMatrix packed;
  private ThreadPool workers;
  private Gemm forward;
  private Gemm inputGradient;
  private Gemm weightGradient;

  /** Makes the operands. */
  @Setup
  public void setup() {
    String[] parts = shape.split("x");
    batch = Integer.parseInt(parts[0]);
    out = Integer.parseInt(parts[1]);
    in = Integer.parseInt(parts[2]);
    var random = new SplittableRandom(1);
    x = random(random, batch, in);
    w = random(random, out, in);
    dy = random(random, batch, out);
    y = Tensor.zeros(batch, out);
    dx = Tensor.zeros(batch, in);
    dw = Tensor.zeros(out, in);
    mask = new BitMask(out, in);
    for (int r = 0; r < out; r++) {
      for (int c = 0; c < in; c++) {
        mask.set(r, c, random.nextBoolean());
      }
    }
    packed = PackedMatrix.of(w);
    workers = new ThreadPool(1);
    forward = new Gemm(workers, Gemm.Form.NT, Gemm.Epilogue.NONE);
    inputGradient = new Gemm(workers, Gemm.Form.NN, Gemm.Epilogue.NONE);
    weightGradient = new Gemm(workers, Gemm.Form.TN, Gemm.Epilogue.MASK);
  }

  private static Tensor random(SplittableRandom random, int rows, int cols) {
    Tensor t = Tensor.zeros(rows, cols);
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < cols; c++) {
        t.set(r, c, (float) random.nextDouble(-1, 1));
      }
    }
    return t;
  }

  /** Ends the threads. */
  @TearDown
  public void tearDown() {
    workers.close();
  }

  /** {@code Y = X·Wᵀ}. */
  @Benchmark
  public Tensor forward() {
    forward.run(batch, out, in, x, w, y);
    return y;
  }

  /** {@code Y = X·(W⊙m)ᵀ}. */
  @Benchmark
  public Tensor forwardMasked() {
    forward.run(batch, out, in, x, w, mask, y, null, null);
    return y;
  }

  /** {@code Y = X·Wᵀ} with weights packed before. */
  @Benchmark
  public Tensor forwardPacked() {
    forward.run(batch, x, packed, y, null);
    return y;
  }

  /** {@code dX = dY·(W⊙m)}. */
  @Benchmark
  public Tensor inputGradientMasked() {
    inputGradient.run(batch, in, out, dy, w, mask, dx, null, null);
    return dx;
  }

  /** {@code dW = (dYᵀ·X)⊙m}. */
  @Benchmark
  public Tensor weightGradientMasked() {
    weightGradient.run(out, in, batch, dy, x, null, dw, null, mask);
    return dw;
  }

  /** {@code dX = dY·W} in plain Java. */
  @Benchmark
  public Tensor inputGradientPlainJava() {
    plain(batch, in, out, dy, w, dx);
    return dx;
  }

  /**
   * Four rows of C at once, blocked so that they and a block of b stay near; vectors along rows.
   */
  private static void plain(int m, int n, int k, Tensor a, Tensor b, Tensor c) {
    int block = 256;
    c.fill(0f);
    for (int j0 = 0; j0 < n; j0 += block) {
      int width = Math.min(block, n - j0);
      for (int i = 0; i < m; i += 4) {
        int i1 = Math.min(i + 1, m - 1);
        int i2 = Math.min(i + 2, m - 1);
        int i3 = Math.min(i + 3, m - 1);
        if (i3 - i == 3) {
          for (int p = 0; p < k; p++) {
            int bp = b.row(p) + j0;
            axpy4(
                width,
                a.get(i, p),
                a.get(i1, p),
                a.get(i2, p),
                a.get(i3, p),
                b.data(),
                bp,
                c.data(),
                c.row(i) + j0,
                c.ld());
          }
        } else {
          for (int r = i; r < m; r++) {
            for (int p = 0; p < k; p++) {
              axpy(width, a.get(r, p), b.data(), b.row(p) + j0, c.data(), c.row(r) + j0);
            }
          }
        }
      }
    }
  }

  private static void axpy4(
      int n,
      float a0,
      float a1,
      float a2,
      float a3,
      float[] b,
      int bo,
      float[] c,
      int co,
      int ldc) {
    for (int j = 0; j < n; j++) {
      float v = b[bo + j];
      c[co + j] = Math.fma(a0, v, c[co + j]);
      c[co + ldc + j] = Math.fma(a1, v, c[co + ldc + j]);
      c[co + 2 * ldc + j] = Math.fma(a2, v, c[co + 2 * ldc + j]);
      c[co + 3 * ldc + j] = Math.fma(a3, v, c[co + 3 * ldc + j]);
    }
  }

  private static void axpy(int n, float a, float[] b, int bo, float[] c, int co) {
    for (int j = 0; j < n; j++) {
      c[co + j] = Math.fma(a, b[bo + j], c[co + j]);
    }
  }
}
