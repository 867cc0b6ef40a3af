package org.espalier.bench;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.espalier.kernel.contract.Clamp;
import org.espalier.kernel.contract.VectorKernels;
import org.espalier.kernel.scalar.ScalarVector;
import org.espalier.kernel.simd.SimdVector;
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

/** The loops over rows, on vectors, as specified and as good plain Java. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 3,
    jvmArgsAppend = {"--add-modules", "jdk.incubator.vector"})
public class VectorBenchmark {
  /** One implementation a fork, so that the calls have one target. */
  public enum Implementation {
    SIMD,
    SCALAR,
    PLAIN
  }

  private static final int ROWS = 128;

  @Param Implementation implementation;

  /** A bad tail; a row of the first layer of an MLP; a row beyond the L1 cache. */
  @Param({"63", "784", "20011"})
  int n;

  private VectorKernels kernels;
  private float[] x;
  private float[] y;
  private float[] z;
  private float[] matrix;
  private float[] gradient;
  private long[] bits;
  private int set;
  private byte[] bytes;

  @Setup
  public void setup() {
    kernels =
        switch (implementation) {
          case SIMD -> new SimdVector();
          case SCALAR -> new ScalarVector();
          case PLAIN -> new PlainVector();
        };
    var random = new SplittableRandom(1);
    x = values(random, n);
    y = values(random, n);
    z = new float[n];
    matrix = values(random, ROWS * n);
    gradient = values(random, ROWS * n);
    bits = random.longs(n / 64 + 1).toArray();
    bits[n / 64] &= (1L << n % 64) - 1;
    set = Arrays.stream(bits).mapToInt(Long::bitCount).sum();
    bytes = new byte[n];
    random.nextBytes(bytes);
  }

  private static float[] values(SplittableRandom random, int n) {
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] = (float) random.nextGaussian();
    }
    return x;
  }

  @Benchmark
  public float[] axpy() {
    kernels.axpy(n, 1e-9f, x, 0, y, 0);
    return y;
  }

  @Benchmark
  public float[] multiply() {
    kernels.multiply(n, x, 0, y, 0, z, 0);
    return z;
  }

  @Benchmark
  public float[] keep() {
    kernels.keep(n, x, 0, bits, 0, 1f);
    return x;
  }

  @Benchmark
  public float[] addSigns() {
    kernels.addSigns(n, 1e-9f, x, 0, y, 0);
    return y;
  }

  @Benchmark
  public float[] relu() {
    kernels.clamp(n, Clamp.RELU, x, 0, z, 0);
    return z;
  }

  @Benchmark
  public float[] reluBackward() {
    kernels.reluBackward(n, x, 0, y, 0, z, 0);
    return z;
  }

  @Benchmark
  public float sum() {
    return kernels.sum(n, x, 0);
  }

  @Benchmark
  public float dot() {
    return kernels.dot(n, x, 0, y, 0);
  }

  @Benchmark
  public float maxAbs() {
    return kernels.maxAbs(n, x, 0);
  }

  @Benchmark
  public boolean isFinite() {
    return kernels.isFinite(n, x, 0);
  }

  @Benchmark
  public float[] columnSums() {
    kernels.columnSums(ROWS, n, matrix, 0, n, false, z, 0);
    return z;
  }

  /** As for the scores of blocks of four units. */
  @Benchmark
  public float[] columnSquares() {
    kernels.columnSquares(4, n, matrix, 0, n, z, 0);
    return z;
  }

  /** As in training, the rectifier's output is where its gradient goes on flowing. */
  @Benchmark
  public float[] reluBackwardSums() {
    kernels.reluBackwardSums(ROWS, n, matrix, 0, n, gradient, 0, n, false, z, 0);
    return z;
  }

  @Benchmark
  public float[] compress() {
    kernels.compress(n, x, 0, bits, 0, set, z, 0);
    return z;
  }

  @Benchmark
  public float[] expand() {
    kernels.expand(n, x, 0, bits, 0, set, z, 0);
    return z;
  }

  @Benchmark
  public float[] fromBytes() {
    kernels.fromBytes(n, bytes, 0, 0.01f, -0.8f, z, 0);
    return z;
  }

  @Benchmark
  public float[] exp() {
    kernels.exp(n, x, 0, z, 0);
    return z;
  }

  @Benchmark
  public float[] log() {
    kernels.log(n, x, 0, z, 0);
    return z;
  }
}
