package org.espalier.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How often values fall into bins; several sets of values over the same bins.
 *
 * @param title what it shows
 * @param x the axis of the values
 * @param y the axis of the counts
 * @param edges the bins' borders, ascending: bin i goes from edge i to just below edge i + 1
 * @param bars the counts
 */
@SuppressWarnings("ArrayRecordComponent") // plain carrier, never compared
record Histogram(String title, Axis x, Axis y, double[] edges, List<Bars> bars) implements Block {
  /**
   * The counts of one set.
   *
   * @param name what the legend calls it
   * @param counts one for each bin
   */
  @SuppressWarnings("ArrayRecordComponent") // plain carrier, never compared
  public record Bars(String name, long[] counts) {}

  /** Copies the list and checks that there is a count for each bin. */
  public Histogram {
    bars = List.copyOf(bars);
    for (Bars b : bars) {
      if (b.counts.length != edges.length - 1) {
        throw new IllegalArgumentException(
            "'"
                + b.name
                + "' has "
                + b.counts.length
                + " counts for "
                + (edges.length - 1)
                + " bins");
      }
    }
  }

  /**
   * Returns a histogram without sets.
   *
   * @param min where the first bin begins
   * @param max where the last bin ends, above {@code min}
   * @param bins how many bins of equal width, at least 1
   */
  public static Histogram over(String title, Axis x, Axis y, double min, double max, int bins) {
    if (!(max > min) || bins < 1) {
      throw new IllegalArgumentException(bins + " bins from " + min + " to " + max);
    }
    double[] edges = new double[bins + 1];
    for (int i = 0; i <= bins; i++) {
      edges[i] = min + (max - min) * i / bins;
    }
    return new Histogram(title, x, y, edges, List.of());
  }

  /**
   * Returns this histogram with one more set. Values outside count in the first or the last bin,
   * which stand for all that lies beyond; NaN is not counted.
   */
  public Histogram with(String name, float[] values) {
    long[] counts = new long[edges.length - 1];
    for (float v : values) {
      if (!Float.isNaN(v)) {
        int at = Arrays.binarySearch(edges, v + 0.0); // −0 would lie before an edge at 0
        int bin = at >= 0 ? at : -at - 2; // of two edges around v the lower one
        counts[Math.clamp(bin, 0, counts.length - 1)]++;
      }
    }
    List<Bars> more = new ArrayList<>(bars);
    more.add(new Bars(name, counts));
    return new Histogram(title, x, y, edges, more);
  }

  /** Returns the numbers behind the picture. */
  Table table() {
    Table.Column[] columns = new Table.Column[bars.size() + 2];
    columns[0] = Table.Column.number("from");
    columns[1] = Table.Column.number("to");
    for (int s = 0; s < bars.size(); s++) {
      columns[s + 2] = Table.Column.number(bars.get(s).name());
    }
    Table table = new Table(title, columns);
    for (int i = 0; i < edges.length - 1; i++) {
      @Nullable Object[] row = new @Nullable Object[columns.length];
      row[0] = edges[i];
      row[1] = edges[i + 1];
      for (int s = 0; s < bars.size(); s++) {
        row[s + 2] = bars.get(s).counts[i];
      }
      table.row(row);
    }
    return table;
  }
}
