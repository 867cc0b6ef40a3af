package org.espalier.bench;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.espalier.kernel.contract.Clamp;
import org.espalier.kernel.contract.NormKernels;
import org.espalier.kernel.scalar.ScalarNorm;
import org.espalier.kernel.simd.conv.SimdNorm;
import org.espalier.tensor.Nchw16n;
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

/** Batch normalisation of sixteen images, map by map, on one thread; in bytes that are moved. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 3,
    jvmArgsAppend = {"--add-modules", "jdk.incubator.vector"})
public class NormBenchmark {
  /** One implementation a fork, so that the calls have one target. */
  public enum Implementation {
    SIMD,
    SCALAR,
    PLAIN
  }

  @Param Implementation implementation;

  /** Maps, with their pixels: small ones, some in the near caches, some beyond all. */
  @Param({"8x16", "8x256", "512x1024"})
  String maps;

  private NormKernels kernels;
  private int channels;
  private int pixels;
  private int n;
  private float[] x;
  private float[] y;
  private float[] dy;
  private float[] dx;
  private final float[] out = new float[2];

  /** Makes the maps. */
  @Setup
  public void setup() {
    kernels =
        switch (implementation) {
          case SIMD -> new SimdNorm();
          case SCALAR -> new ScalarNorm();
          case PLAIN -> new PlainNorm();
        };
    channels = Integer.parseInt(maps.substring(0, maps.indexOf('x')));
    pixels = Integer.parseInt(maps.substring(maps.indexOf('x') + 1));
    n = pixels * Nchw16n.LANES;
    var random = new SplittableRandom(1);
    x = values(random);
    y = values(random);
    dy = values(random);
    dx = new float[channels * n];
  }

  private float[] values(SplittableRandom random) {
    float[] values = new float[channels * n];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    return values;
  }

  @Benchmark
  public float[] moments(Traffic traffic) {
    for (int o = 0; o < x.length; o += n) {
      kernels.moments(pixels, Nchw16n.LANES, x, o, out, 0);
    }
    traffic.count(2L * x.length);
    return out;
  }

  @Benchmark
  public float[] normalize(Traffic traffic) {
    for (int o = 0; o < x.length; o += n) {
      kernels.normalize(n, x, o, 0.7f, 0.1f, Clamp.RELU, dx, o);
    }
    traffic.count(2L * x.length);
    return dx;
  }

  @Benchmark
  public float[] normalizeAdd(Traffic traffic) {
    for (int o = 0; o < x.length; o += n) {
      kernels.normalizeAdd(n, x, o, 0.7f, 0.1f, y, o, Clamp.RELU, dx, o);
    }
    traffic.count(3L * x.length);
    return dx;
  }

  @Benchmark
  public float[] backwardSums(Traffic traffic) {
    for (int o = 0; o < x.length; o += n) {
      kernels.backwardSums(pixels, Nchw16n.LANES, false, x, o, 0.1f, y, o, dy, o, out, 0);
    }
    traffic.count(2L * x.length);
    return out;
  }

  @Benchmark
  public float[] backwardSumsRectified(Traffic traffic) {
    for (int o = 0; o < x.length; o += n) {
      kernels.backwardSums(pixels, Nchw16n.LANES, true, x, o, 0.1f, y, o, dy, o, out, 0);
    }
    traffic.count(4L * x.length);
    return out;
  }

  @Benchmark
  public float[] backward(Traffic traffic) {
    for (int o = 0; o < x.length; o += n) {
      kernels.backward(n, x, o, dy, o, 0.7f, -0.2f, 0.1f, false, dx, o);
    }
    traffic.count(3L * x.length);
    return dx;
  }
}
