package org.espalier.bench;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.espalier.kernel.ConvGeometry;
import org.espalier.kernel.Convolution;
import org.espalier.kernel.Workers;
import org.espalier.tensor.Planes;
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
 * The convolutions of ResNet-32 on 128 images of CIFAR's size, forward and backward on one thread;
 * beside a plain Java loop over the same layout that the compiler can vectorise. Operations are
 * those of a dense convolution whose padding is multiplied too.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 3,
    jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "-XX:ObjectAlignmentInBytes=64"})
public class ConvBenchmark {
  private static final int IMAGES = 128;

  /** Input channels, side of the map, output channels, side of the window, stride. */
  @Param({
    "3x32x16x3x1",
    "16x32x16x3x1",
    "16x32x32x3x2",
    "32x16x32x3x1",
    "32x16x64x3x2",
    "64x8x64x3x1",
    "32x16x64x1x2"
  })
  String shape;

  private ConvGeometry geometry;
  private Tensor x;
  private Tensor w;
  private Tensor y;
  private Tensor dy;
  private Tensor dx;
  private Tensor dw;
  private Workers workers;
  private Convolution convolution;

  /** Makes the operands. */
  @Setup
  public void setup() {
    String[] parts = shape.split("x");
    int side = Integer.parseInt(parts[1]);
    int window = Integer.parseInt(parts[3]);
    Planes input = new Planes(Integer.parseInt(parts[0]), side, side);
    geometry =
        new ConvGeometry(
            input,
            Integer.parseInt(parts[2]),
            window,
            window,
            Integer.parseInt(parts[4]),
            window / 2,
            1);
    var random = new SplittableRandom(1);
    x = random(random, input.zeros(IMAGES));
    dy = random(random, geometry.output().zeros(IMAGES));
    w = random(random, Tensor.zeros(geometry.outputs(), geometry.fanIn()));
    y = geometry.output().zeros(IMAGES);
    dx = input.zeros(IMAGES);
    dw = Tensor.zeros(geometry.outputs(), geometry.fanIn());
    workers = new Workers(1);
    convolution = new Convolution(geometry, IMAGES, workers);
  }

  private static Tensor random(SplittableRandom random, Tensor t) {
    for (int r = 0; r < t.rows(); r++) {
      for (int c = 0; c < t.cols(); c++) {
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

  private void count(Flops flops) {
    long operations = 2 * IMAGES * geometry.multiplyAdds();
    flops.count(operations, operations);
  }

  /** {@code y} from {@code x}. */
  @Benchmark
  public Tensor forward(Flops flops) {
    convolution.forward(IMAGES, x, w, null, null, null, null, false, y);
    count(flops);
    return y;
  }

  /** {@code dx} from {@code dy}. */
  @Benchmark
  public Tensor inputGradient(Flops flops) {
    convolution.inputGradient(IMAGES, dy, w, null, null, null, false, dx);
    count(flops);
    return dx;
  }

  /** {@code dw} from {@code dy} and {@code x}. */
  @Benchmark
  public Tensor weightGradient(Flops flops) {
    convolution.weightGradient(IMAGES, dy, x, null, null, false, dw);
    count(flops);
    return dw;
  }

  /**
   * {@code y} from {@code x} in plain Java: a row of the output, all its columns and images at
   * once, stays near while every weight's row of the input is added to it.
   */
  @Benchmark
  public Tensor forwardPlainJava(Flops flops) {
    Planes in = geometry.input();
    Planes out = geometry.output();
    for (int g = 0; g < Planes.groups(IMAGES); g++) {
      for (int o = 0; o < out.channels(); o++) {
        for (int h = 0; h < out.height(); h++) {
          int at = y.row(g * out.channels() + o) + h * out.width() * Planes.LANES;
          Arrays.fill(y.data(), at, at + out.width() * Planes.LANES, 0f);
          for (int c = 0; c < in.channels(); c++) {
            addChannel(g * in.channels() + c, o, c, h, at);
          }
        }
      }
    }
    count(flops);
    return y;
  }

  private void addChannel(int map, int o, int c, int h, int at) {
    Planes in = geometry.input();
    int stride = geometry.stride();
    int window = geometry.kernelWidth();
    for (int i = 0; i < window; i++) {
      int row = h * stride - geometry.padding() + i;
      if (row < 0 || row >= in.height()) {
        continue;
      }
      for (int j = 0; j < window; j++) {
        float weight = w.get(o, (c * window + i) * window + j);
        int shift = j - geometry.padding();
        int left = Math.max(0, Math.ceilDiv(-shift, stride));
        int right = Math.min(geometry.output().width(), Math.ceilDiv(in.width() - shift, stride));
        int from = x.row(map) + (row * in.width() + left * stride + shift) * Planes.LANES;
        int to = at + left * Planes.LANES;
        if (stride == 1) {
          axpy((right - left) * Planes.LANES, weight, x.data(), from, y.data(), to);
        } else {
          for (int q = 0; q < right - left; q++) {
            int step = q * Planes.LANES;
            axpy(Planes.LANES, weight, x.data(), from + stride * step, y.data(), to + step);
          }
        }
      }
    }
  }

  private static void axpy(int n, float a, float[] x, int xo, float[] y, int yo) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = Math.fma(a, x[xo + i], y[yo + i]);
    }
  }
}
