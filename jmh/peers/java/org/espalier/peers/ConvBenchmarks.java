package org.espalier.peers;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.espalier.kernel.Kernels;
import org.espalier.kernel.contract.Clamp;
import org.espalier.kernel.contract.ConvGeometry;
import org.espalier.kernel.conv.Convolution;
import org.espalier.parallel.ThreadPool;
import org.espalier.tensor.Nchw16n;
import org.espalier.tensor.Tensor;

/** Convolutions alone, forward and both gradients, beside libtorch's. */
final class ConvBenchmarks {
  private static final int CIFAR_BATCH = 128;
  private static final int IMAGENET_BATCH = 16;

  /** The largest maps, 224 x 224. */
  private static final int LARGE_BATCH = 8;

  private static final List<Layer> LAYERS =
      List.of(
          // ResNet-32
          new Layer(CIFAR_BATCH, 3, 16, 32, 3, 1),
          new Layer(CIFAR_BATCH, 16, 16, 32, 3, 1),
          new Layer(CIFAR_BATCH, 16, 32, 32, 3, 2),
          new Layer(CIFAR_BATCH, 32, 32, 16, 3, 1),
          new Layer(CIFAR_BATCH, 64, 64, 8, 3, 1),
          // VGG-16
          new Layer(CIFAR_BATCH, 64, 64, 32, 3, 1),
          new Layer(CIFAR_BATCH, 128, 128, 16, 3, 1),
          new Layer(CIFAR_BATCH, 256, 256, 8, 3, 1),
          new Layer(CIFAR_BATCH, 512, 512, 4, 3, 1),
          // ResNet-50
          new Layer(IMAGENET_BATCH, 256, 64, 14, 1, 1),
          new Layer(IMAGENET_BATCH, 64, 256, 14, 1, 1),
          new Layer(IMAGENET_BATCH, 128, 128, 28, 3, 1),
          new Layer(LARGE_BATCH, 3, 64, 224, 7, 2));

  /** What of a convolution is computed. */
  enum Pass {
    FORWARD("forward"),
    INPUT_GRADIENT("dX"),
    WEIGHT_GRADIENT("dW");

    private final String title;

    Pass(String title) {
      this.title = title;
    }
  }

  /** A convolution with maps that keep their size, or are divided by the stride. */
  private record Layer(int batch, int inputs, int outputs, int size, int kernel, int stride) {
    ConvGeometry geometry() {
      Nchw16n maps = new Nchw16n(inputs, size, size);
      return new ConvGeometry(maps, outputs, kernel, kernel, stride, kernel / 2, 1);
    }

    /** Returns whether it stands first in a network, where nobody asks for the input's gradient. */
    boolean first() {
      return inputs == 3;
    }

    @Override
    public String toString() {
      return inputs
          + "-"
          + outputs
          + "-"
          + size
          + "x"
          + size
          + "-"
          + kernel
          + "x"
          + kernel
          + (stride > 1 ? "s" + stride : "");
    }
  }

  private final Layer layer;
  private final ConvGeometry geometry;
  private final Tensor x;
  private final Tensor w;
  private final Tensor dy;

  private ConvBenchmarks(Layer layer) {
    this.layer = layer;
    geometry = layer.geometry();
    var random = new SplittableRandom(1);
    x = random(random, layer.batch, geometry.input().shape().size());
    w = random(random, layer.outputs, geometry.fanIn());
    dy = random(random, layer.batch, geometry.output().shape().size());
  }

  static List<Benchmark> all() {
    List<Benchmark> rows = new ArrayList<>();
    for (int threads : new int[] {1, 2}) {
      for (Layer layer : LAYERS) {
        for (Pass pass : Pass.values()) {
          if (pass != Pass.INPUT_GRADIENT || !layer.first()) {
            rows.add(benchmark(layer, pass, threads));
          }
        }
      }
    }
    return rows;
  }

  private static Benchmark benchmark(Layer layer, Pass pass, int threads) {
    return new Benchmark(
        "conv-" + pass.title.toLowerCase(Locale.ROOT) + "-" + layer + "-" + threads + "t",
        "convolution " + layer + ", batch " + layer.batch + ", " + pass.title,
        "libtorch",
        threads,
        2.0 * layer.geometry().multiplyAdds() * layer.batch,
        Mark.NONE,
        () -> new ConvBenchmarks(layer).besideTorch(pass, threads));
  }

  private Pairing besideTorch(Pass pass, int threads) {
    Torch.setThreads(threads);
    Nchw16n result = pass == Pass.FORWARD ? geometry.output() : geometry.input();
    Tensor dw = Tensor.zeros(layer.outputs, geometry.fanIn());
    Tensor maps = result.zeros(layer.batch);
    Runnable ours = ours(pass, maps, dw, threads);
    ours.run();
    Tensor our = pass == Pass.WEIGHT_GRADIENT ? dw : rows(result, maps);
    for (MemoryFormat format : Torch.FORMATS) {
      compare(pass, our.toArray(), theirs(format).result(pass));
    }
    MemoryFormat format = Torch.faster(f -> theirs(f).job(pass));
    return new Pairing(Job.of(ours), Job.of(theirs(format).job(pass)), Torch.description(format));
  }

  private Runnable ours(Pass pass, Tensor maps, Tensor dw, int threads) {
    var convolution = new Convolution(geometry, layer.batch, new ThreadPool(threads));
    Tensor xs = planes(geometry.input(), x);
    Tensor dys = planes(geometry.output(), dy);
    return switch (pass) {
      case FORWARD ->
          () -> convolution.forward(layer.batch, xs, w, null, null, null, null, Clamp.NONE, maps);
      case INPUT_GRADIENT ->
          () -> convolution.inputGradient(layer.batch, dys, w, null, null, null, false, maps);
      case WEIGHT_GRADIENT ->
          () -> convolution.weightGradient(layer.batch, dys, xs, null, null, false, dw);
    };
  }

  private TorchConvolution theirs(MemoryFormat format) {
    return new TorchConvolution(geometry, layer.batch, x, w, dy, format);
  }

  /** Compares, with the bound of a sum of so many products of numbers from −1 to 1. */
  private void compare(Pass pass, float[] ours, float[] theirs) {
    double products =
        switch (pass) {
          case FORWARD -> geometry.fanIn();
          case INPUT_GRADIENT -> (double) layer.outputs * layer.kernel * layer.kernel;
          case WEIGHT_GRADIENT -> (double) geometry.output().pixels() * layer.batch;
        };
    double bound = 2 * products * Math.sqrt(products) * 0x1p-24;
    for (int i = 0; i < ours.length; i++) {
      if (!(Math.abs((double) ours[i] - theirs[i]) <= bound)) {
        throw Pairing.differ(layer + " " + pass + " element " + i, ours[i], theirs[i]);
      }
    }
  }

  private static Tensor planes(Nchw16n planes, Tensor rows) {
    Tensor maps = planes.zeros(rows.rows());
    for (int group = 0; group < Nchw16n.groups(rows.rows()); group++) {
      Kernels.layout()
          .planesFromRows(
              Nchw16n.lanes(rows.rows(), group),
              planes.channels(),
              planes.pixels(),
              rows.data(),
              rows.row(group * Nchw16n.LANES),
              rows.ld(),
              maps.data(),
              maps.row(group * planes.channels()),
              maps.ld());
    }
    return maps;
  }

  private Tensor rows(Nchw16n planes, Tensor maps) {
    Tensor rows = Tensor.zeros(layer.batch, planes.shape().size());
    for (int group = 0; group < Nchw16n.groups(layer.batch); group++) {
      Kernels.layout()
          .rowsFromPlanes(
              Nchw16n.lanes(layer.batch, group),
              planes.channels(),
              planes.pixels(),
              maps.data(),
              maps.row(group * planes.channels()),
              maps.ld(),
              rows.data(),
              rows.row(group * Nchw16n.LANES),
              rows.ld());
    }
    return rows;
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
}
