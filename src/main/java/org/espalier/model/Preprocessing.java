package org.espalier.model;

import java.util.List;

/** How stored values become the network's input. */
public sealed interface Preprocessing {
  /**
   * Of images, whose pixels are bytes: {@code x = (byte / 255 − mean) / deviation}, computed as
   * {@code fma(byte, scale, shift)} with the numbers of the pixel's channel.
   *
   * @param channels the channels in their order; or one, which is meant for all there are
   */
  record Pixels(List<Channel> channels) implements Preprocessing {
    /** Copies the list. */
    public Pixels {
      channels = List.copyOf(channels);
      if (channels.isEmpty()) {
        throw new IllegalArgumentException("preprocessing needs a channel");
      }
    }

    /** Makes the preprocessing that treats all channels alike. */
    public Pixels(float mean, float deviation) {
      this(List.of(new Channel(mean, deviation)));
    }

    /** Returns whether images with so many channels can be preprocessed. */
    public boolean fits(int count) {
      return channels.size() == 1 || channels.size() == count;
    }

    /** Returns the numbers of channel {@code c}. */
    public Channel channel(int c) {
      return channels.get(channels.size() == 1 ? 0 : c);
    }
  }

  /**
   * A channel of images.
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
