package org.espalier.bench;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.espalier.kernel.contract.Clamp;
import org.espalier.kernel.contract.ConvGeometry;
import org.espalier.kernel.conv.Convolution;
import org.espalier.parallel.ThreadPool;
import org.espalier.tensor.Nchw16n;
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
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
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
  private float[][] rows;
  private float[] shifted;
  private ThreadPool workers;
  private Convolution convolution;

  /** Makes the operands. */
  @Setup
  public void setup() {
    String[] parts = shape.split("x");
    int side = Integer.parseInt(parts[1]);
    int window = Integer.parseInt(parts[3]);
    Nchw16n input = new Nchw16n(Integer.parseInt(parts[0]), side, side);
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
    rows = new float[geometry.outputs()][geometry.output().width() * Nchw16n.LANES];
    shifted = new float[geometry.output().width() * Nchw16n.LANES];
    workers = new ThreadPool(1);
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
    convolution.forward(IMAGES, x, w, null, null, null, null, Clamp.NONE, y);
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
   * {@code y} from {@code x} in plain Java: for one row of all outputs every row of the input is
   * copied once, shifted, and added to four outputs at a time. All indices are the same, or the
   * compiler would not dare to vectorise.
   */
  @Benchmark
  public Tensor forwardPlainJava(Flops flops) {
    Nchw16n out = geometry.output();
    for (int g = 0; g < Nchw16n.groups(IMAGES); g++) {
      for (int h = 0; h < out.height(); h++) {
        for (float[] row : rows) {
          Arrays.fill(row, 0f);
        }
        for (int c = 0; c < geometry.input().channels(); c++) {
          addChannel(g, c, h);
        }
        for (int o = 0; o < rows.length; o++) {
          int at = y.row(g * rows.length + o) + h * out.width() * Nchw16n.LANES;
          System.arraycopy(rows[o], 0, y.data(), at, rows[o].length);
        }
      }
    }
    count(flops);
    return y;
  }

  private void addChannel(int g, int c, int h) {
    Nchw16n in = geometry.input();
    int stride = geometry.stride();
    int window = geometry.kernelWidth();
    for (int i = 0; i < window; i++) {
      int row = h * stride - geometry.padding() + i;
      if (row < 0 || row >= in.height()) {
        continue;
      }
      for (int j = 0; j < window; j++) {
        for (int q = 0; q < geometry.output().width(); q++) {
          int col = q * stride - geometry.padding() + j;
          int to = q * Nchw16n.LANES;
          if (col < 0 || col >= in.width()) {
            Arrays.fill(shifted, to, to + Nchw16n.LANES, 0f);
          } else {
            int from = x.row(g * in.channels() + c) + (row * in.width() + col) * Nchw16n.LANES;
            System.arraycopy(x.data(), from, shifted, to, Nchw16n.LANES);
          }
        }
        int k = (c * window + i) * window + j;
        for (int o = 0; o < rows.length; o += 4) {
          addRows(
              w.get(o, k),
              w.get(o + 1, k),
              w.get(o + 2, k),
              w.get(o + 3, k),
              shifted,
              rows[o],
              rows[o + 1],
              rows[o + 2],
              rows[o + 3]);
        }
      }
    }
  }

  private static void addRows(
      float a0,
      float a1,
      float a2,
      float a3,
      float[] v,
      float[] y0,
      float[] y1,
      float[] y2,
      float[] y3) {
    for (int i = 0; i < v.length; i++) {
      y0[i] = Math.fma(a0, v[i], y0[i]);
      y1[i] = Math.fma(a1, v[i], y1[i]);
      y2[i] = Math.fma(a2, v[i], y2[i]);
      y3[i] = Math.fma(a3, v[i], y3[i]);
    }
  }
}
