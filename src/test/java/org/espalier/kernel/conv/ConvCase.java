package org.espalier.kernel.conv;

import java.util.SplittableRandom;
import org.espalier.doctor.selftest.RandomInputs;
import org.espalier.kernel.contract.ConvGeometry;
import org.espalier.tensor.BitMask;
import org.espalier.tensor.Nchw16n;
import org.espalier.tensor.Subset;
import org.espalier.tensor.Tensor;

/** A convolution with its operands, for tests. */
final class ConvCase {
  final ConvGeometry geometry;
  final int images;
  final Tensor x;
  final Tensor w;
  final Tensor dy;
  final Tensor bias;
  final BitMask keep;

  /**
   * Draws operands.
   *
   * @param hostility share of hostile values
   */
  ConvCase(SplittableRandom random, ConvGeometry geometry, int images, double hostility) {
    this.geometry = geometry;
    this.images = images;
    x = maps(random, geometry.input(), images, hostility);
    dy = maps(random, geometry.output(), images, hostility);
    w = RandomInputs.matrix(random, geometry.outputs(), geometry.fanIn(), hostility);
    bias = RandomInputs.matrix(random, 1, geometry.outputs(), hostility);
    keep = RandomInputs.mask(random, geometry.outputs(), geometry.fanIn(), 0.5);
  }

  /** Returns a convolution of any form. */
  static ConvGeometry anyGeometry(SplittableRandom random) {
    int[] windows = {1, 1, 2, 3, 3, 3, 5, 7};
    int groups = new int[] {1, 1, 1, 1, 2, 3}[random.nextInt(6)];
    int inputs = groups * random.nextInt(1, 11);
    int outputs = groups * random.nextInt(1, 20);
    if (random.nextInt(8) == 0) { // depthwise
      groups = inputs;
      outputs = inputs * random.nextInt(1, 3);
    }
    int kernelHeight = windows[random.nextInt(windows.length)];
    int kernelWidth =
        random.nextInt(4) == 0 ? windows[random.nextInt(windows.length)] : kernelHeight;
    int padding = random.nextInt(Math.min(4, Math.min(kernelHeight, kernelWidth)));
    int height = Math.max(1, kernelHeight - 2 * padding) + random.nextInt(9);
    int width = Math.max(1, kernelWidth - 2 * padding) + random.nextInt(9);
    Nchw16n input = new Nchw16n(inputs, height, width);
    int stride = random.nextInt(1, 4);
    return new ConvGeometry(input, outputs, kernelHeight, kernelWidth, stride, padding, groups);
  }

  /** Returns maps of which lanes without an image are filled too. */
  static Tensor maps(SplittableRandom random, Nchw16n planes, int images, double hostility) {
    Tensor t = planes.zeros(images);
    RandomInputs.fill(random, t.data(), hostility);
    for (int i = 0; i < 3; i++) {
      hostileLanes(random, t, planes, images);
    }
    return t;
  }

  /** Lanes without an image hold anything. */
  private static void hostileLanes(SplittableRandom random, Tensor t, Nchw16n planes, int images) {
    int group = Nchw16n.groups(images) - 1;
    int lanes = Nchw16n.lanes(images, group);
    if (lanes < Nchw16n.LANES) {
      int row = t.row(group * planes.channels() + random.nextInt(planes.channels()));
      int pixel = random.nextInt(planes.pixels()) * Nchw16n.LANES;
      t.data()[row + pixel + random.nextInt(lanes, Nchw16n.LANES)] = Float.NaN;
    }
  }

  /** Returns the values of the images, those that a comparison is about. */
  static float[] values(Nchw16n planes, int images, Tensor t) {
    float[] values = new float[images * planes.channels() * planes.pixels()];
    int n = 0;
    for (int image = 0; image < images; image++) {
      for (int c = 0; c < planes.channels(); c++) {
        int row = t.row(image / Nchw16n.LANES * planes.channels() + c);
        for (int p = 0; p < planes.pixels(); p++) {
          values[n++] = t.data()[row + p * Nchw16n.LANES + image % Nchw16n.LANES];
        }
      }
    }
    return values;
  }

  /** Returns some of {@code n} things. */
  static Subset some(SplittableRandom random, int n) {
    Subset some = new Subset(n);
    double share = random.nextInt(4) == 0 ? random.nextInt(2) : random.nextDouble();
    for (int i = 0; i < n; i++) {
      some.bits().set(0, i, random.nextDouble() < share);
    }
    some.refresh();
    return some;
  }

  @Override
  public String toString() {
    return images + " images, " + geometry;
  }
}
