package org.espalier.data;

import java.math.BigInteger;
import org.espalier.InputException;
import org.espalier.io.Sha256;
import org.espalier.kernel.Kernels;
import org.espalier.model.Preprocessing;
import org.espalier.tensor.Shape;

/**
 * Images of one shape as unsigned bytes.
 *
 * @param shape shape of one image: channels, height, width
 * @param bytes the pixels {@code [count][shape.size()]}, shared with the caller
 */
@SuppressWarnings("ArrayRecordComponent") // shared on purpose: these are tens of megabytes
public record Images(Shape shape, byte[] bytes) implements Examples {
  /** Checks that the bytes are a whole number of images. */
  public Images {
    if (shape.size() == 0 || bytes.length % shape.size() != 0) {
      throw new IllegalArgumentException(
          bytes.length + " bytes are no whole number of images of shape " + shape);
    }
  }

  @Override
  public int count() {
    return bytes.length / shape.size();
  }

  @Override
  public Inputs inputs(Preprocessing preprocessing) {
    if (!(preprocessing instanceof Preprocessing.Pixels pixels)) {
      throw new IllegalArgumentException("images have pixels, no columns");
    }
    int size = shape.size();
    float scale = pixels.scale();
    float shift = pixels.shift();
    return (example, x, xo) ->
        Kernels.vector().fromBytes(size, bytes, example * size, scale, shift, x, xo);
  }

  @Override
  public Images part(int[] chosen) {
    int size = shape.size();
    byte[] some = new byte[chosen.length * size];
    for (int i = 0; i < chosen.length; i++) {
      System.arraycopy(bytes, chosen[i] * size, some, i * size, size);
    }
    return new Images(shape, some);
  }

  @Override
  public void addTo(Sha256 sha) {
    for (int d : shape.dims()) {
      sha.add(d);
    }
    sha.add(bytes);
  }

  /** {@inheritDoc} All pixels together; the sums are exact integers. */
  @Override
  public Preprocessing standardization(String name) {
    long[] histogram = new long[256];
    for (byte b : bytes) {
      histogram[b & 0xff]++;
    }
    long n = bytes.length;
    long sum = 0;
    long squares = 0;
    for (int b = 0; b < histogram.length; b++) {
      sum += b * histogram[b];
      squares += (long) b * b * histogram[b];
    }
    // n²·variance; n·Σx² has more than 64 bits from some 10 million pixels on.
    BigInteger spread =
        BigInteger.valueOf(n)
            .multiply(BigInteger.valueOf(squares))
            .subtract(BigInteger.valueOf(sum).pow(2));
    if (spread.signum() == 0) {
      throw InputException.expected(name, "images", "pixels that are all " + sum / n);
    }
    return new Preprocessing.Pixels(
        (float) (sum / (255.0 * n)), (float) (Math.sqrt(spread.doubleValue()) / (255.0 * n)));
  }
}
