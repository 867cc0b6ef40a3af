package org.espalier.data;

import org.espalier.kernel.Kernels;
import org.espalier.model.Preprocessing;
import org.espalier.tensor.Shape;
import org.espalier.tensor.Tensor;

/**
 * Images of one shape as unsigned bytes.
 *
 * @param shape shape of one image: channels, height, width
 * @param bytes the pixels {@code [count][shape.size()]}, shared with the caller
 */
@SuppressWarnings("ArrayRecordComponent") // shared on purpose: these are tens of megabytes
public record Images(Shape shape, byte[] bytes) {
  /** Checks that the bytes are a whole number of images. */
  public Images {
    if (shape.size() == 0 || bytes.length % shape.size() != 0) {
      throw new IllegalArgumentException(
          bytes.length + " bytes are no whole number of images of shape " + shape);
    }
  }

  /** Returns the number of images. */
  public int count() {
    return bytes.length / shape.size();
  }

  /**
   * Writes one image as network input.
   *
   * @param image its index
   * @param x receives {@code shape.size()} values from index {@code xo}
   */
  void toInput(int image, Preprocessing preprocessing, float[] x, int xo) {
    int size = shape.size();
    Kernels.vector()
        .fromBytes(size, bytes, image * size, preprocessing.scale(), preprocessing.shift(), x, xo);
  }

  /** Returns images {@code from} to {@code to} − 1 as network input {@code [images][features]}. */
  public Tensor toInput(int from, int to, Preprocessing preprocessing) {
    Tensor x = Tensor.zeros(to - from, shape.size());
    for (int i = from; i < to; i++) {
      toInput(i, preprocessing, x.data(), x.row(i - from));
    }
    return x;
  }
}
