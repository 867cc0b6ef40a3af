package org.espalier.report;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A line chart.
 *
 * @param title what it shows
 * @param x the axis along the bottom
 * @param y the axis at the left
 * @param series the lines
 */
record Chart(String title, Axis x, Axis y, List<Series> series) implements Block {
  /** Copies the list. */
  public Chart {
    series = List.copyOf(series);
  }

  /** Returns a chart with linear axes that fit the data. */
  public Chart(String title, String xLabel, String yLabel, List<Series> series) {
    this(title, Axis.of(xLabel), Axis.of(yLabel), series);
  }

  /** Returns where any of the series has a point, ascending. */
  double[] abscissae() {
    return series.stream().flatMapToDouble(s -> Arrays.stream(s.x())).sorted().distinct().toArray();
  }

  /** Returns the numbers behind the picture. */
  Table table() {
    Table.Column[] columns = new Table.Column[series.size() + 1];
    columns[0] = Table.Column.number(x.label());
    for (int s = 0; s < series.size(); s++) {
      columns[s + 1] = Table.Column.number(series.get(s).name());
    }
    Table table = new Table(title, columns);
    for (double at : abscissae()) {
      @Nullable Object[] row = new @Nullable Object[columns.length];
      row[0] = at;
      for (int s = 0; s < series.size(); s++) {
        row[s + 1] = series.get(s).cell(at);
      }
      table.row(row);
    }
    return table;
  }
}
