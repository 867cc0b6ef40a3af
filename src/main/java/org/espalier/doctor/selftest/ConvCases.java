package org.espalier.doctor.selftest;

import org.espalier.kernel.contract.Clamp;
import org.espalier.kernel.contract.ConvGeometry;
import org.espalier.kernel.contract.ConvKernels;
import org.espalier.kernel.conv.Convolution;
import org.espalier.parallel.ThreadPool;
import org.espalier.tensor.BitMask;
import org.espalier.tensor.Nchw16n;
import org.espalier.tensor.Tensor;

/**
 * Convolutions by way of {@link Convolution}, since implementations of {@link ConvKernels} differ
 * in their tiles.
 */
final class ConvCases {
  /** A pool of one thread is the calling thread. */
  private static final ThreadPool HERE = new ThreadPool(1);

  private ConvCases() {}

  static void draw(Cases<ConvKernels> c) {
    int side = c.random().nextInt(3, 6);
    Nchw16n in = new Nchw16n(c.random().nextInt(1, 8), side, side);
    int outputs = c.random().nextInt(1, 12);
    int window = c.random().nextInt(1, 4);
    int padding = c.random().nextInt(window);
    ConvGeometry g =
        new ConvGeometry(in, outputs, window, window, c.random().nextInt(1, 3), padding, 1);
    Nchw16n out = g.output();
    int images = c.random().nextInt(1, 34);
    Tensor x = in.over(images, RandomInputs.values(c.random(), in.lengthOf(images), 0));
    Tensor dy = out.over(images, RandomInputs.values(c.random(), out.lengthOf(images), 0));
    Tensor w = c.matrix(outputs, g.fanIn());
    Tensor bias = c.matrix(1, outputs);
    BitMask keep = c.mask(outputs, g.fanIn());
    Tensor y = out.zeros(images);
    Tensor dx = in.zeros(images);
    Tensor dw = Tensor.zeros(outputs, g.fanIn());
    Tensor db = Tensor.zeros(1, outputs);
    for (Tensor result : new Tensor[] {y, dx, dw, db}) {
      c.keep(result.data());
    }
    c.add(
        "forward",
        k -> {
          new Convolution(g, images, HERE, k)
              .forward(images, x, w, keep, null, null, bias, Clamp.RELU, y);
          clearLanesWithoutImage(out, images, y);
        });
    c.add(
        "inputGradient",
        k -> {
          new Convolution(g, images, HERE, k)
              .inputGradient(images, dy, w, keep, null, null, false, dx);
          clearLanesWithoutImage(in, images, dx);
        });
    c.add(
        "weightGradient",
        k ->
            new Convolution(g, images, HERE, k)
                .weightGradient(images, dy, x, null, null, false, dw));
    c.add(
        "biasGradient",
        k -> new Convolution(g, images, HERE, k).biasGradient(images, dy, false, db));
  }

  /** Those lanes may hold anything. */
  private static void clearLanesWithoutImage(Nchw16n planes, int images, Tensor maps) {
    int group = Nchw16n.groups(images) - 1;
    int lanes = Nchw16n.lanes(images, group);
    for (int row = group * planes.channels(); row < maps.rows(); row++) {
      for (int i = 0; i < maps.cols(); i++) {
        if (i % Nchw16n.LANES >= lanes) {
          maps.set(row, i, 0f);
        }
      }
    }
  }
}
