package org.espalier.kernel.contract;

import java.util.Locale;
import org.espalier.tensor.Footprint;
import org.espalier.tensor.Nchw16n;

/**
 * The geometry of a convolution. Its weight is a matrix {@code [outputs][fanIn]}, and element
 * {@code (c·kernelHeight + i)·kernelWidth + j} of a row meets channel {@code c} of the output's
 * group at the place {@code (i, j)} of the window.
 *
 * @param input the maps that it reads
 * @param outputs channels that it writes
 * @param kernelHeight rows of the window
 * @param kernelWidth columns of the window
 * @param stride step of the window, both ways
 * @param padding rows and columns of zeros around the maps
 * @param groups into how many parts the channels fall; output {@code o} reads those of part {@code
 *     o div (outputs div groups)} alone
 */
public record ConvGeometry(
    Nchw16n input,
    int outputs,
    int kernelHeight,
    int kernelWidth,
    int stride,
    int padding,
    int groups) {
  /** Checks that the numbers fit together. */
  public ConvGeometry {
    if (outputs < 1 || kernelHeight < 1 || kernelWidth < 1 || stride < 1 || padding < 0) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "convolution to %d channels, %d x %d, stride %d, padding %d",
              outputs,
              kernelHeight,
              kernelWidth,
              stride,
              padding));
    }
    if (groups < 1 || input.channels() % groups != 0 || outputs % groups != 0) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%d groups divide neither or only one of %d inputs and %d outputs",
              groups,
              input.channels(),
              outputs));
    }
    if (input.height() + 2L * padding < kernelHeight
        || input.width() + 2L * padding < kernelWidth) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "a window of %d x %d does not fit maps of %d x %d with padding %d",
              kernelHeight,
              kernelWidth,
              input.height(),
              input.width(),
              padding));
    }
    if (padding >= kernelHeight || padding >= kernelWidth) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "padding %d would give windows of %d x %d that see nothing",
              padding,
              kernelHeight,
              kernelWidth));
    }
    if (Footprint.product(input.channels() / groups, kernelHeight, kernelWidth)
        > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "a window of "
              + kernelHeight
              + " x "
              + kernelWidth
              + " over "
              + input.channels() / groups
              + " channels has more than 2^31-1 weights");
    }
  }

  /** Returns the maps that it writes. */
  public Nchw16n output() {
    return new Nchw16n(
        outputs, extent(input.height(), kernelHeight), extent(input.width(), kernelWidth));
  }

  private int extent(int pixels, int kernel) {
    return (int) ((pixels + 2L * padding - kernel) / stride) + 1;
  }

  /** Returns the weights of an output. */
  public int fanIn() {
    return input.channels() / groups * kernelHeight * kernelWidth;
  }

  /** Returns the multiply-adds of one image, padding counted. */
  public long multiplyAdds() {
    return (long) output().pixels() * outputs * fanIn();
  }
}
