package org.espalier.bench;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.espalier.kernel.contract.Clamp;
import org.espalier.kernel.contract.ConvKernels;
import org.espalier.kernel.contract.StridedMaps;
import org.espalier.kernel.scalar.ScalarConv;
import org.espalier.kernel.simd.conv.SimdConv;
import org.espalier.tensor.PaddedNchw;
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
 * Convolutions of 64 maps by themselves with windows of 3 × 3, of one image, on one thread. Plain
 * Java is a loop of pixels for each place of the window, which the compiler turns into vectors.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 3,
    jvmArgsAppend = {"--add-modules", "jdk.incubator.vector"})
public class DepthwiseBenchmark {
  /** What computes. */
  public enum Implementation {
    SIMD,
    SCALAR,
    PLAIN
  }

  private static final int CHANNELS = 64;
  private static final int TAPS = 9;

  @Param Implementation implementation;

  /** Rows and columns of a map. */
  @Param({"6", "14", "56"})
  int size;

  @Param({"1", "2"})
  int stride;

  private ConvKernels kernels;
  private PaddedNchw in;
  private PaddedNchw out;
  private StridedMaps maps;
  private int[] distances;
  private float[] w;
  private float[] bias;
  private float[] x;
  private float[] y;

  /** Makes the maps. */
  @Setup
  public void setup() {
    kernels = implementation == Implementation.SIMD ? new SimdConv() : new ScalarConv();
    in = new PaddedNchw(CHANNELS, size, size, 1, size + 1, 1);
    int extent = Math.ceilDiv(size, stride);
    out = new PaddedNchw(CHANNELS, extent, extent, 1, extent + 1, 1);
    maps = new StridedMaps(1, extent, extent, in.at(stride, 0), stride, out.at(1, 0));
    distances = new int[TAPS];
    for (int k = 0; k < TAPS; k++) {
      distances[k] = in.at(k / 3 - 1, k % 3 - 1);
    }
    var random = new SplittableRandom(1);
    w = values(random, CHANNELS * TAPS);
    bias = values(random, CHANNELS);
    x = values(random, in.length());
    y = new float[out.length()];
  }

  private static float[] values(SplittableRandom random, int n) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    return values;
  }

  /** A convolution. */
  @Benchmark
  public float[] depthwise() {
    if (implementation == Implementation.PLAIN) {
      plain();
    } else if (stride == 1) {
      kernels.depthwise(
          0,
          CHANNELS,
          out.span(),
          1,
          TAPS,
          w,
          0,
          x,
          in.first(0),
          in.ld(),
          distances,
          bias,
          0,
          Clamp.RELU,
          y,
          out.first(0),
          out.ld());
    } else {
      kernels.depthwise(
          0,
          CHANNELS,
          maps,
          1,
          TAPS,
          w,
          0,
          x,
          in.first(0),
          in.ld(),
          distances,
          bias,
          0,
          Clamp.RELU,
          y,
          out.first(0),
          out.ld());
    }
    return y;
  }

  private void plain() {
    for (int c = 0; c < CHANNELS; c++) {
      for (int r = 0; r < maps.rows(); r++) {
        int to = out.first(c) + out.at(r, 0);
        for (int i = 0; i < maps.columns(); i++) {
          y[to + i] = 0;
        }
        for (int k = 0; k < TAPS; k++) {
          float weight = w[c * TAPS + k];
          int from = in.first(c) + in.at(r * stride, 0) + distances[k];
          for (int i = 0; i < maps.columns(); i++) {
            y[to + i] += weight * x[from + i * stride];
          }
        }
        for (int i = 0; i < maps.columns(); i++) {
          y[to + i] = Math.max(0, y[to + i] + bias[c]);
        }
      }
    }
  }
}
