package org.espalier.bench;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.espalier.kernel.contract.PointwiseKernels;
import org.espalier.kernel.scalar.ScalarPointwise;
import org.espalier.kernel.simd.SimdPointwise;
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

/** Functions of single elements of a row, on one thread. Plain Java calls {@code Math}. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 3,
    jvmArgsAppend = {"--add-modules", "jdk.incubator.vector"})
public class PointwiseBenchmark {
  /** What computes. */
  public enum Implementation {
    SIMD,
    SCALAR,
    PLAIN
  }

  @Param Implementation implementation;

  /** Elements of a row: in the nearest cache, and beyond it. */
  @Param({"1000", "100000"})
  int n;

  private PointwiseKernels kernels;
  private float[] x;
  private float[] y;
  private float[] z;

  /** Makes the rows. */
  @Setup
  public void setup() {
    kernels = implementation == Implementation.SIMD ? new SimdPointwise() : new ScalarPointwise();
    var random = new SplittableRandom(1);
    x = values(random, n);
    y = values(random, n);
    z = new float[n];
  }

  private static float[] values(SplittableRandom random, int n) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    return values;
  }

  /** Negative elements made smaller. */
  @Benchmark
  public float[] leakyRelu() {
    if (implementation == Implementation.PLAIN) {
      for (int i = 0; i < n; i++) {
        z[i] = x[i] < 0 ? 0.01f * x[i] : x[i];
      }
    } else {
      kernels.leakyRelu(n, 0.01f, x, 0, z, 0);
    }
    return z;
  }

  /** The activation of MobileNetV3. */
  @Benchmark
  public float[] hardSwish() {
    if (implementation == Implementation.PLAIN) {
      for (int i = 0; i < n; i++) {
        z[i] = x[i] * Math.min(1, Math.max(0, x[i] * (1 / 6f) + 0.5f));
      }
    } else {
      kernels.hardSwish(n, x, 0, z, 0);
    }
    return z;
  }

  /** The activation of EfficientNet. */
  @Benchmark
  public float[] swish() {
    if (implementation == Implementation.PLAIN) {
      for (int i = 0; i < n; i++) {
        z[i] = x[i] / (1 + (float) Math.exp(-x[i]));
      }
    } else {
      kernels.swish(n, 1, x, 0, z, 0);
    }
    return z;
  }

  /** A factor for all elements: that of a channel. */
  @Benchmark
  public float[] multiplyByOne() {
    if (implementation == Implementation.PLAIN) {
      float factor = y[0];
      for (int i = 0; i < n; i++) {
        z[i] = x[i] * factor;
      }
    } else {
      kernels.multiply(n, x, 0, 0, y, 0, 1, z, 0);
    }
    return z;
  }
}
