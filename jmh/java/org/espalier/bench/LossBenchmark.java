package org.espalier.bench;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.espalier.kernel.contract.LossKernels;
import org.espalier.kernel.scalar.ScalarLoss;
import org.espalier.kernel.simd.SimdLoss;
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

/** Softmax with cross-entropy and its gradient over a batch of 128. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 3,
    jvmArgsAppend = {"--add-modules", "jdk.incubator.vector"})
public class LossBenchmark {
  /** One implementation a fork, so that the calls have one target. */
  public enum Implementation {
    SIMD,
    SCALAR,
    PLAIN
  }

  private static final int BATCH = 128;

  @Param Implementation implementation;

  /** Classes of MNIST and CIFAR-10; of ImageNet. */
  @Param({"10", "1000"})
  int n;

  private LossKernels kernels;
  private float[] x;
  private float[] p;

  @Setup
  public void setup() {
    kernels =
        switch (implementation) {
          case SIMD -> new SimdLoss();
          case SCALAR -> new ScalarLoss();
          case PLAIN -> new Plain();
        };
    var random = new SplittableRandom(1);
    x = new float[BATCH * n];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextGaussian();
    }
    p = new float[x.length];
  }

  @Benchmark
  public float forwardBackward() {
    float loss = 0;
    for (int r = 0; r < BATCH; r++) {
      int label = r % n;
      loss += kernels.softmaxCrossEntropy(n, x, r * n, label, 0.1f, p, r * n);
      kernels.softmaxCrossEntropyBackward(n, p, r * n, label, 0.1f, 1f / BATCH, p, r * n);
    }
    return loss;
  }

  /** What one writes without the Vector API. */
  private static final class Plain implements LossKernels {
    @Override
    public float softmaxCrossEntropy(
        int n, float[] x, int xo, int label, float smoothing, float[] p, int po) {
      float max = Float.NEGATIVE_INFINITY;
      for (int i = 0; i < n; i++) {
        max = Math.max(max, x[xo + i]);
      }
      float atLabel = x[xo + label] - max;
      float everywhere = 0;
      float s = 0;
      for (int i = 0; i < n; i++) {
        float d = x[xo + i] - max;
        float e = (float) Math.exp(d);
        p[po + i] = e;
        everywhere += d;
        s += e;
      }
      for (int i = 0; i < n; i++) {
        p[po + i] /= s;
      }
      return (float) Math.log(s) - (1 - smoothing) * atLabel - smoothing / n * everywhere;
    }

    @Override
    public void softmaxCrossEntropyBackward(
        int n, float[] p, int po, int label, float smoothing, float scale, float[] dx, int dxo) {
      float everywhere = smoothing / n;
      for (int i = 0; i < n; i++) {
        dx[dxo + i] = scale * (p[po + i] - everywhere);
      }
      dx[dxo + label] -= scale * (1 - smoothing);
    }
  }
}
