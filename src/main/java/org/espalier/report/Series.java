package org.espalier.report;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One line of a chart.
 *
 * @param name what the legend calls it
 * @param x where the points lie, ascending
 * @param y their values; NaN for a point that is missing
 * @param spread half the height of the band around each point, 0 for none
 */
@SuppressWarnings("ArrayRecordComponent") // plain carrier, never compared
record Series(String name, double[] x, double[] y, double[] spread) {
  /** Checks that the arrays are equally long and the points in order. */
  public Series {
    if (x.length != y.length || x.length != spread.length) {
      throw new IllegalArgumentException(
          "series '"
              + name
              + "' has "
              + x.length
              + " x, "
              + y.length
              + " y and "
              + spread.length
              + " spreads");
    }
    for (int i = 0; i < x.length; i++) {
      if (!Double.isFinite(x[i]) || (i > 0 && x[i] <= x[i - 1])) {
        throw new IllegalArgumentException(
            "series '" + name + "': x must be finite and ascend, found " + Arrays.toString(x));
      }
    }
  }

  /** Returns a series without spread. */
  public static Series of(String name, double[] x, double[] y) {
    return new Series(name, x, y, new double[x.length]);
  }

  /** Returns a series of means with their deviations. */
  public static Series of(String name, double[] x, List<Spread> y) {
    return new Series(
        name,
        x,
        y.stream().mapToDouble(Spread::mean).toArray(),
        y.stream().mapToDouble(Spread::deviation).toArray());
  }

  /** Returns the value at {@code at} as a table's cell, null if there is none. */
  @Nullable Object cell(double at) {
    int i = Arrays.binarySearch(x, at);
    if (i < 0 || Double.isNaN(y[i])) {
      return null;
    }
    return spread[i] > 0 ? new Spread(y[i], spread[i]) : (Object) y[i];
  }
}
