package org.espalier.report;

import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the report's script draws, as it goes into the file: all lines over one list of x, with null
 * where there is nothing to draw. (JSON has no NaN.)
 *
 * @param steps whether the lines are stairs with the area below filled
 */
record ChartData(AxisData x, AxisData y, boolean steps, List<Double> at, List<Line> lines) {
  /** An axis; null for a limit that the data decides. */
  record AxisData(String label, boolean log, @Nullable Double min, @Nullable Double max) {
    static AxisData of(Axis axis) {
      return new AxisData(axis.label(), axis.log(), finite(axis.min()), finite(axis.max()));
    }
  }

  /** A line with half the height of its band. */
  record Line(String name, List<@Nullable Double> y, List<@Nullable Double> spread) {}

  static ChartData of(Chart chart) {
    double[] at = chart.abscissae();
    return new ChartData(
        AxisData.of(chart.x()),
        AxisData.of(chart.y()),
        false,
        boxed(at),
        chart.series().stream().map(series -> line(series, at)).toList());
  }

  static ChartData of(Histogram histogram) {
    return new ChartData(
        AxisData.of(histogram.x()),
        AxisData.of(histogram.y()),
        true,
        boxed(histogram.edges()),
        histogram.bars().stream().map(ChartData::line).toList());
  }

  private static Line line(Series series, double[] at) {
    @Nullable Double[] y = new @Nullable Double[at.length];
    @Nullable Double[] spread = new @Nullable Double[at.length];
    for (int i = 0; i < at.length; i++) {
      int point = Arrays.binarySearch(series.x(), at[i]);
      if (point >= 0) {
        y[i] = finite(series.y()[point]);
        spread[i] = finite(series.spread()[point]);
      }
    }
    return new Line(series.name(), Arrays.asList(y), Arrays.asList(spread));
  }

  /** The last stair needs an end, which repeats its height. */
  private static Line line(Histogram.Bars bars) {
    List<@Nullable Double> heights =
        Stream.concat(
                Arrays.stream(bars.counts()).mapToObj(n -> (double) n),
                Stream.of((double) bars.counts()[bars.counts().length - 1]))
            .<@Nullable Double>map(n -> n)
            .toList();
    return new Line(bars.name(), heights, List.of());
  }

  private static List<Double> boxed(double[] values) {
    return DoubleStream.of(values).boxed().toList();
  }

  private static @Nullable Double finite(double value) {
    return Double.isFinite(value) ? value : null;
  }
}
