package org.espalier.data;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
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
  /** The most bytes that fit an array. */
  static final int MOST_BYTES = Integer.MAX_VALUE - 8;

  /** Checks that the bytes are a whole number of images. */
  public Images {
    if (shape.rank() != 3 || shape.size() == 0 || bytes.length % shape.size() != 0) {
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
    Preprocessing.Channel[] channels = channels(preprocessing);
    int size = shape.size();
    int plane = size / channels.length;
    return (example, x, xo) -> {
      for (int c = 0; c < channels.length; c++) {
        Preprocessing.Channel channel = channels[c];
        Kernels.vector()
            .fromBytes(
                plane,
                bytes,
                example * size + c * plane,
                channel.scale(),
                channel.shift(),
                x,
                xo + c * plane);
      }
    };
  }

  /**
   * Returns what to do with each channel.
   *
   * @throws IllegalArgumentException if the preprocessing is for examples of another kind
   */
  Preprocessing.Channel[] channels(Preprocessing preprocessing) {
    if (!(preprocessing instanceof Preprocessing.Pixels pixels)
        || pixels.channels().size() != shape.dim(0)) {
      throw new IllegalArgumentException(
          "images need a preprocessing for each channel of " + shape);
    }
    return pixels.channels().toArray(Preprocessing.Channel[]::new);
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

  /** {@inheritDoc} Each channel by itself; the sums are exact integers. */
  @Override
  public Preprocessing standardization(String name) {
    int channels = shape.dim(0);
    List<Preprocessing.Channel> moments = new ArrayList<>(channels);
    for (int c = 0; c < channels; c++) {
      moments.add(moments(channels == 1 ? name : name + ", channel " + c, histogram(c)));
    }
    return new Preprocessing.Pixels(moments);
  }

  private long[] histogram(int channel) {
    long[] histogram = new long[256];
    int size = shape.size();
    int plane = size / shape.dim(0);
    for (int i = 0; i < count(); i++) {
      int from = i * size + channel * plane;
      for (int p = from; p < from + plane; p++) {
        histogram[bytes[p] & 0xff]++;
      }
    }
    return histogram;
  }

  private static Preprocessing.Channel moments(String name, long[] histogram) {
    long n = 0;
    long sum = 0;
    long squares = 0;
    for (int b = 0; b < histogram.length; b++) {
      n += histogram[b];
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
    return new Preprocessing.Channel(
        (float) (sum / (255.0 * n)), (float) (Math.sqrt(spread.doubleValue()) / (255.0 * n)));
  }
}
