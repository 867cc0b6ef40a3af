package org.espalier.data;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.espalier.InputException;
import org.espalier.Internal;
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
    int channels = shape.dim(0);
    float[] scale = new float[channels];
    float[] shift = new float[channels];
    switch (preprocessing) {
      case Preprocessing.Pixels pixels -> {
        if (!pixels.fits(channels)) {
          throw new IllegalArgumentException(
              "preprocessing for " + pixels.channels().size() + " channels, images of " + shape);
        }
        for (int c = 0; c < channels; c++) {
          scale[c] = pixels.channel(c).scale();
          shift[c] = pixels.channel(c).shift();
        }
      }
      case Preprocessing.AsIs _ -> Arrays.fill(scale, 1);
      case Preprocessing.Columns _ ->
          throw new IllegalArgumentException("images have pixels, no columns");
    }
    int size = shape.size();
    int plane = size / channels;
    return (example, x, xo) -> {
      for (int c = 0; c < scale.length; c++) {
        int from = c * plane;
        Kernels.vector()
            .fromBytes(plane, bytes, example * size + from, scale[c], shift[c], x, xo + from);
      }
    };
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
  @Internal
  public void addTo(Sha256 sha) {
    for (int d : shape.dims()) {
      sha.add(d);
    }
    sha.add(bytes);
  }

  /**
   * {@inheritDoc} Each channel by itself; the sums are exact integers. A channel that is the same
   * in all pixels becomes 0.
   */
  @Override
  public Preprocessing standardization(String name) {
    List<Preprocessing.Channel> channels = new ArrayList<>();
    boolean varies = false;
    for (int c = 0; c < shape.dim(0); c++) {
      long[] histogram = histogram(c);
      varies |= Arrays.stream(histogram).filter(n -> n > 0).count() > 1;
      channels.add(moments(histogram));
    }
    if (!varies) {
      String values =
          channels.stream()
              .map(c -> Integer.toString(Math.round(c.mean() * 255)))
              .collect(Collectors.joining(", "));
      throw InputException.expected(name, "images", "pixels that are all " + values);
    }
    return new Preprocessing.Pixels(channels);
  }

  private long[] histogram(int channel) {
    int size = shape.size();
    int plane = size / shape.dim(0);
    long[] histogram = new long[256];
    for (int image = 0; image < count(); image++) {
      int from = image * size + channel * plane;
      for (int i = from; i < from + plane; i++) {
        histogram[bytes[i] & 0xff]++;
      }
    }
    return histogram;
  }

  private static Preprocessing.Channel moments(long[] histogram) {
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
    double deviation = Math.sqrt(spread.doubleValue()) / (255.0 * n);
    return new Preprocessing.Channel(
        (float) (sum / (255.0 * n)), spread.signum() == 0 ? 1 : (float) deviation);
  }
}
