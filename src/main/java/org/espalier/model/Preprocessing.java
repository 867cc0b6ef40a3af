package org.espalier.model;

import java.util.List;
import java.util.stream.IntStream;
import org.espalier.Internal;

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
   * @param columns the columns of a file in their order, whose inputs follow each other; at most
   *     one is the label's
   * @param format how the cells are written
   */
  record Columns(List<Column> columns, TableFormat format) implements Preprocessing {
    /** Copies the list and checks that there is no second label. */
    public Columns {
      columns = List.copyOf(columns);
      if (columns.stream().filter(c -> c instanceof Column.Label).count() > 1) {
        throw new IllegalArgumentException("a table has labels in one column at most");
      }
    }

    /** Makes the preprocessing of plainly written tables. */
    public Columns(List<Column> columns) {
      this(columns, TableFormat.PLAIN);
    }

    /** Returns the columns that give the network inputs. */
    public List<Column> used() {
      return columns.stream().filter(c -> c.inputs() > 0).toList();
    }

    /** Returns the number of inputs that all columns give. */
    public long inputs() {
      return columns.stream().mapToLong(Column::inputs).sum();
    }
  }

  /** Of values that are the network's input as they are; of images, bytes from 0 to 255. */
  record AsIs() implements Preprocessing {
    /** Returns what reads tables without names of columns, a number for each input. */
    public static Columns table(int inputs) {
      return new Columns(
          IntStream.range(0, inputs)
              .<Column>mapToObj(i -> new Column.Numbers(Integer.toString(i), 0, 1))
              .toList());
    }
  }

  /** Refuses a deviation that can't be divided by. */
  @Internal
  static void check(float mean, float deviation) {
    if (!(deviation > 0) || !Float.isFinite(deviation) || !Float.isFinite(mean)) {
      throw new IllegalArgumentException(
          "preprocessing needs a finite mean and a deviation above 0, got "
              + mean
              + ", "
              + deviation);
    }
    if (!Float.isFinite(1 / deviation) || !Float.isFinite(mean / deviation)) {
      throw new IllegalArgumentException(
          "preprocessing divides by a deviation that leaves finite numbers, not by "
              + deviation
              + " with mean "
              + mean);
    }
  }
}
