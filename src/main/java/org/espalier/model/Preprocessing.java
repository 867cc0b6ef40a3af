package org.espalier.model;

import java.util.List;

/** How stored values become the network's input. */
public sealed interface Preprocessing {
  /**
   * Of images, whose pixels are bytes, each channel by itself.
   *
   * @param channels the channels in the order of the images, at least one
   */
  record Pixels(List<Channel> channels) implements Preprocessing {
    /** Copies the list. */
    public Pixels {
      channels = List.copyOf(channels);
      if (channels.isEmpty()) {
        throw new IllegalArgumentException("pixels have at least one channel");
      }
    }

    /** Makes the preprocessing of images with one channel. */
    public Pixels(float mean, float deviation) {
      this(List.of(new Channel(mean, deviation)));
    }
  }

  /**
   * A channel: {@code x = (byte / 255 − mean) / deviation}, computed as {@code fma(byte, scale,
   * shift)}.
   *
   * @param mean mean of the training data, of bytes scaled to [0, 1]
   * @param deviation their standard deviation, above 0
   */
  record Channel(float mean, float deviation) {
    /** Checks the numbers. */
    public Channel {
      check(mean, deviation);
    }

    /** Returns by what a byte is multiplied: 1 / (255 · deviation). */
    public float scale() {
      return (float) (1 / (255.0 * deviation));
    }

    /** Returns what is added then: −mean / deviation. */
    public float shift() {
      return (float) (-(double) mean / deviation);
    }
  }

  /**
   * Of tables, each column by itself.
   *
   * @param columns the columns in the order of the network's input
   */
  record Columns(List<Column> columns) implements Preprocessing {
    /** Copies the list. */
    public Columns {
      columns = List.copyOf(columns);
    }

    /** Returns the columns' names. */
    public List<String> names() {
      return columns.stream().map(Column::name).toList();
    }
  }

  /**
   * A column: {@code x = (value − mean) / deviation}.
   *
   * @param name by which it is found in a file; its index where files have no header
   * @param mean mean of the training data
   * @param deviation their standard deviation, above 0
   */
  record Column(String name, float mean, float deviation) {
    /** Checks the numbers. */
    public Column {
      check(mean, deviation);
    }

    /** Returns the input value of a stored one. */
    public float apply(float value) {
      return (value - mean) / deviation;
    }
  }

  private static void check(float mean, float deviation) {
    if (!(deviation > 0) || !Float.isFinite(deviation) || !Float.isFinite(mean)) {
      throw new IllegalArgumentException(
          "preprocessing needs a finite mean and a deviation above 0, got "
              + mean
              + ", "
              + deviation);
    }
  }
}
