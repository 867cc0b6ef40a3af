package org.espalier.doctor.selftest;

import org.espalier.kernel.contract.Clamp;
import org.espalier.kernel.contract.ConvGeometry;
import org.espalier.kernel.contract.ConvKernels;
import org.espalier.kernel.contract.StridedMaps;
import org.espalier.kernel.conv.Convolution;
import org.espalier.kernel.conv.PackedConvWeight;
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
    run(c);
    depthwise(c);
    strided(c);
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

  /** By way of {@link PackedConvWeight}, which lays a weight out for the implementation's tiles. */
  private static void run(Cases<ConvKernels> c) {
    int outputs = c.random().nextInt(1, 20);
    int fanIn = c.random().nextInt(1, 30);
    int length = ConvKernels.PIXEL * c.random().nextInt(1, 9);
    int[] distances = c.random().ints(fanIn, 0, 3 * ConvKernels.PIXEL).toArray();
    int xo = c.offset();
    int yo = c.offset();
    int ldy = length + c.random().nextInt(5);
    Tensor w = c.matrix(outputs, fanIn);
    Tensor bias = c.matrix(1, outputs);
    float[] x = c.values(xo + length + 3 * ConvKernels.PIXEL);
    float[] y = c.values(yo + outputs * ldy);
    Clamp clamp = c.clamp();
    c.add(
        "run",
        k -> {
          PackedConvWeight packed = new PackedConvWeight(w, bias, 1, k);
          packed.forward(0, packed.tiles(), length, 1, x, xo, 0, distances, clamp, y, yo, ldy);
        });
  }

  private static void strided(Cases<ConvKernels> c) {
    int lanes = c.random().nextBoolean() ? 1 : Nchw16n.LANES;
    int outputs = c.random().nextInt(1, 6);
    int outputsPerMap = c.random().nextInt(1, 3);
    int taps = c.random().nextInt(1, 12);
    int stride = c.random().nextInt(1, 4);
    int rows = c.random().nextInt(1, 6);
    int columns = c.random().nextInt(1, 45);
    int rowStep = columns * stride * lanes + c.random().nextInt(5);
    int ldRow = columns * lanes + c.random().nextInt(5);
    StridedMaps maps = new StridedMaps(lanes, rows, columns, rowStep, stride * lanes, ldRow);
    int[] distances = c.random().ints(taps, 0, ConvKernels.PIXEL).toArray();
    int ldx = rows * rowStep + c.random().nextInt(5);
    int ldy = rows * ldRow + c.random().nextInt(5);
    int xo = c.offset();
    int yo = c.offset();
    float[] w = c.values(outputs * taps);
    float[] x = c.values(xo + outputs * ldx + 2 * ConvKernels.PIXEL);
    float[] bias = c.values(outputs);
    float[] y = c.values(yo + outputs * ldy);
    Clamp clamp = c.clamp();
    c.add(
        "depthwise, strided",
        k ->
            k.depthwise(
                0,
                outputs,
                maps,
                outputsPerMap,
                taps,
                w,
                0,
                x,
                xo,
                ldx,
                distances,
                bias,
                0,
                clamp,
                y,
                yo,
                ldy));
  }

  private static void depthwise(Cases<ConvKernels> c) {
    int outputs = c.random().nextInt(1, 11);
    int outputsPerMap = c.random().nextInt(1, 3);
    int taps = c.random().nextInt(1, 12);
    int length = ConvKernels.PIXEL * c.random().nextInt(1, 12);
    int ldx = length + ConvKernels.PIXEL;
    int ldy = length + c.random().nextInt(5);
    int[] distances = c.random().ints(taps, 0, ConvKernels.PIXEL).toArray();
    int from = c.random().nextInt(outputs);
    int to = c.random().nextInt(from, outputs) + 1;
    int wo = c.offset();
    int xo = c.offset();
    int bo = c.offset();
    int yo = c.offset();
    float[] w = c.values(wo + outputs * taps);
    float[] x = c.values(xo + outputs * ldx);
    float[] bias = c.values(bo + outputs);
    float[] y = c.values(yo + outputs * ldy);
    Clamp clamp = c.clamp();
    c.add(
        "depthwise",
        k ->
            k.depthwise(
                from,
                to,
                length,
                outputsPerMap,
                taps,
                w,
                wo,
                x,
                xo,
                ldx,
                distances,
                bias,
                bo,
                clamp,
                y,
                yo,
                ldy));
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
