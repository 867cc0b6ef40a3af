package org.espalier.bench;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.espalier.kernel.contract.AdamStep;
import org.espalier.kernel.contract.OptimizerKernels;
import org.espalier.kernel.scalar.ScalarOptimizer;
import org.espalier.kernel.simd.SimdOptimizer;
import org.jspecify.annotations.Nullable;
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

/** One step over a layer of 300 units with 784 inputs each, row by row as the optimiser does. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 3,
    jvmArgsAppend = {"--add-modules", "jdk.incubator.vector"})
public class OptimizerBenchmark {
  /** One implementation a fork, so that the calls have one target. */
  public enum Implementation {
    SIMD,
    SCALAR,
    PLAIN
  }

  private static final int ROWS = 300;
  private static final int COLS = 784;
  private static final int WORDS = Math.ceilDiv(COLS, Long.SIZE);

  @Param Implementation implementation;

  private OptimizerKernels kernels;
  private float[] w;
  private float[] g;
  private float[] v;
  private float[] m;
  private long[] mask;
  private final AdamStep factors = new AdamStep(0.9, 0.999, 1e-8);

  @Setup
  public void setup() {
    kernels =
        switch (implementation) {
          case SIMD -> new SimdOptimizer();
          case SCALAR -> new ScalarOptimizer();
          case PLAIN -> new Plain();
        };
    var random = new SplittableRandom(1);
    w = new float[ROWS * COLS];
    g = new float[ROWS * COLS];
    v = new float[ROWS * COLS];
    m = new float[ROWS * COLS];
    factors.set(1000, 1e-9);
    for (int i = 0; i < w.length; i++) {
      w[i] = (float) random.nextGaussian();
      g[i] = (float) random.nextGaussian();
    }
    mask = random.longs(ROWS * WORDS).toArray();
  }

  @Benchmark
  public float[] sgd() {
    step(null);
    return w;
  }

  @Benchmark
  public float[] sgdMasked() {
    step(mask);
    return w;
  }

  @Benchmark
  public float[] adam() {
    adam(null);
    return w;
  }

  @Benchmark
  public float[] adamMasked() {
    adam(mask);
    return w;
  }

  @Benchmark
  public float[] average() {
    for (int r = 0; r < ROWS; r++) {
      kernels.average(COLS, g, r * COLS, m, r * COLS, 0.999f, 0.001f);
    }
    return m;
  }

  private void adam(long @Nullable [] mask) {
    for (int r = 0; r < ROWS; r++) {
      int at = r * COLS;
      kernels.adam(COLS, w, at, g, at, m, at, v, at, mask, r * WORDS, 1f, 1e-4f, 1f, factors);
    }
  }

  private void step(long @Nullable [] mask) {
    for (int r = 0; r < ROWS; r++) {
      int at = r * COLS;
      kernels.sgd(COLS, w, at, g, at, v, at, mask, r * WORDS, 1f, 1e-9f, 0.9f, 1e-4f, true);
    }
  }

  /** What one writes without the Vector API: a mask of bits keeps C2 from vectorising. */
  private static final class Plain implements OptimizerKernels {
    @Override
    public void sgd(
        int n,
        float[] w,
        int wo,
        float[] g,
        int go,
        float[] v,
        int vo,
        long @Nullable [] mask,
        int mo,
        float gradientScale,
        float learningRate,
        float momentum,
        float weightDecay,
        boolean nesterov) {
      if (mask != null) {
        for (int i = 0; i < n; i++) {
          if ((mask[mo + (i >>> 6)] >>> i & 1) == 0) {
            g[go + i] = 0;
          }
        }
      }
      for (int i = 0; i < n; i++) {
        float decayed = Math.fma(weightDecay, w[wo + i], gradientScale * g[go + i]);
        float velocity = Math.fma(momentum, v[vo + i], decayed);
        v[vo + i] = velocity;
        float direction = nesterov ? Math.fma(momentum, velocity, decayed) : velocity;
        w[wo + i] = Math.fma(-learningRate, direction, w[wo + i]);
      }
    }

    @Override
    public void adam(
        int n,
        float[] w,
        int wo,
        float[] g,
        int go,
        float[] m,
        int mo,
        float[] v,
        int vo,
        long @Nullable [] mask,
        int bo,
        float gradientScale,
        float weightDecay,
        float shrink,
        AdamStep factors) {
      if (mask != null) {
        for (int i = 0; i < n; i++) {
          if ((mask[bo + (i >>> 6)] >>> i & 1) == 0) {
            g[go + i] = 0;
          }
        }
      }
      float beta1 = factors.beta1();
      float beta2 = factors.beta2();
      float entering1 = factors.entering1();
      float entering2 = factors.entering2();
      float rootScale = factors.rootScale();
      float epsilon = factors.epsilon();
      float stepSize = factors.stepSize();
      for (int i = 0; i < n; i++) {
        float d = Math.fma(weightDecay, w[wo + i], gradientScale * g[go + i]);
        float first = Math.fma(beta1, m[mo + i], entering1 * d);
        float second = Math.fma(entering2 * d, d, beta2 * v[vo + i]);
        m[mo + i] = first;
        v[vo + i] = second;
        float root = (float) Math.sqrt(second);
        float direction = first / Math.fma(root, rootScale, epsilon);
        w[wo + i] = Math.fma(-stepSize, direction, shrink * w[wo + i]);
      }
    }

    @Override
    public void average(int n, float[] w, int wo, float[] a, int ao, float decay, float entering) {
      for (int i = 0; i < n; i++) {
        a[ao + i] = Math.fma(decay, a[ao + i], entering * w[wo + i]);
      }
    }
  }
}
