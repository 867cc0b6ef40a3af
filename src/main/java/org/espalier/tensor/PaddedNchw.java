package org.espalier.tensor;

import java.util.Locale;
import org.espalier.Internal;

/**
 * How feature maps lie while a network only infers: each map has a border of zeros, so that every
 * window reads its pixels at the same distances, whether it lies amid the map or over the edge. The
 * border right of a row of pixels is also that left of the next one. Therefore a map is one run of
 * pixels, {@code pitch} to a row, and moving the window is moving along the run; what is computed
 * for the border comes out as junk and is cleared.
 *
 * <p>A pixel is {@code lanes} floats, an image in each: sixteen for batches, one for single images.
 * A row of the tensor is one channel; pixel {@code (y, x)} begins {@code origin() + (y·pitch +
 * x)·lanes} floats behind its start, and the first one at a line of cache if the row does.
 *
 * @param channels maps of an image
 * @param height rows of a map
 * @param width pixels of a row
 * @param border rows of zeros above and below, and the least pixels of zeros between rows
 * @param pitch pixels from one row to the next, at least {@code width + border}
 * @param lanes images side by side
 */
@Internal
public record PaddedNchw(int channels, int height, int width, int border, int pitch, int lanes) {
  /** Floats of a line of cache, and what lengths are multiples of. */
  public static final int LINE = 16;

  /** Floats after which addresses share a place in the nearest cache. */
  private static final int PERIOD = 1024;

  /** Checks the extents. */
  public PaddedNchw {
    if (channels < 1 || height < 1 || width < 1 || border < 0 || pitch < width + border) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "maps of %d x %d x %d with border %d, %d pixels to a row",
              channels,
              height,
              width,
              border,
              pitch));
    }
    if (lanes != 1 && lanes != Nchw16n.LANES) {
      throw new IllegalArgumentException("lanes must be 1 or " + Nchw16n.LANES + ", not " + lanes);
    }
    // Then no place in it overflows either.
    Footprint.arrayLength(
        "maps of "
            + channels
            + " x "
            + height
            + " x "
            + width
            + " with border "
            + border
            + ", "
            + lanes
            + " side by side",
        floats(channels, height, border, pitch, lanes));
  }

  /** Returns where in a row of the tensor the first pixel begins. */
  public int origin() {
    return up((border * pitch + border) * lanes);
  }

  /** Returns where a pixel begins, counted from the first one; it may lie in the border. */
  public int at(int y, int x) {
    return (y * pitch + x) * lanes;
  }

  /** Returns the floats from the first pixel to behind the last, to the next line of cache. */
  public int span() {
    return up(at(height - 1, width));
  }

  /** Returns the distance between the starts of consecutive channels. */
  public int ld() {
    int length = up(origin() + span() + at(border, border));
    return length % PERIOD == 0 ? length + LINE : length;
  }

  /** Returns how many floats an array takes; behind the last map a line of cache may be read. */
  public int length() {
    return channels * ld() + Tensor.ALIGNED_START + LINE;
  }

  /** Returns no less than the length, if an array can be that long or not. */
  private static long floats(int channels, int height, int border, int pitch, int lanes) {
    // Borders and rows, at most two rows more for what stands between them and the next channel;
    // what is rounded up, and a line that is left out, are lines.
    long lines = Footprint.product(height + 2L * border + 2, pitch, lanes) / LINE + 6;
    long all = Footprint.product(channels, lines, LINE);
    return all > Integer.MAX_VALUE ? all : all + Tensor.ALIGNED_START + LINE;
  }

  /** Returns these maps with another number of images side by side. */
  public PaddedNchw withLanes(int other) {
    return new PaddedNchw(channels, height, width, border, pitch, other);
  }

  /** Returns where the first pixel of a channel is in an array of {@link #length()}. */
  public int first(int channel) {
    return Tensor.ALIGNED_START + channel * ld() + origin();
  }

  /**
   * Makes zeros of what lies between and behind the rows of a channel within its span.
   *
   * @param maps array of {@link #length()}
   */
  public void clearBorder(float[] maps, int channel) {
    int first = first(channel);
    for (int y = 0; y < height - 1; y++) {
      for (int i = first + at(y, width); i < first + at(y + 1, 0); i++) {
        maps[i] = 0;
      }
    }
    for (int i = first + at(height - 1, width); i < first + span(); i++) {
      maps[i] = 0;
    }
  }

  private static int up(int floats) {
    return (floats + LINE - 1) & -LINE;
  }
}
