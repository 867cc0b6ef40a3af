package org.espalier.infer;

import java.util.stream.IntStream;
import org.espalier.tensor.PaddedNchw;

/** Feature maps of an image or of a group of images side by side. */
final class FeatureMaps {
  private static final int[] NONE = {};

  private final PaddedNchw planes;
  private final float[] data;

  /**
   * Of single images, where the border of a map is that lies within its span, counted from its
   * first pixel: a pixel or two a row, for which a list takes less time than a loop of each row.
   */
  private final int[] border;

  /** Takes an array that is at least {@link PaddedNchw#length} long. */
  FeatureMaps(PaddedNchw planes, float[] data) {
    this.planes = planes;
    this.data = data;
    border =
        planes.lanes() > 1
            ? NONE
            : IntStream.range(planes.width(), planes.span())
                .filter(
                    i -> i % planes.pitch() >= planes.width() || i >= planes.at(planes.height(), 0))
                .toArray();
  }

  /** Returns their layout. */
  PaddedNchw planes() {
    return planes;
  }

  /** Returns where they are. */
  float[] data() {
    return data;
  }

  /** Returns where the first pixel of a channel is. */
  int first(int channel) {
    return planes.first(channel);
  }

  /** Makes zeros of what lies between and behind the rows of a channel within its span. */
  void clearBorder(int channel) {
    if (planes.lanes() > 1) {
      planes.clearBorder(data, channel);
      return;
    }
    int first = first(channel);
    for (int place : border) {
      data[first + place] = 0;
    }
  }
}
