package org.espalier.report;

/**
 * An axis of a chart.
 *
 * @param label what it shows, with the unit: {@code latency (µs)}
 * @param log whether the scale is logarithmic; values of 0 or less are then left out
 * @param min where it begins; NaN for where the data does
 * @param max where it ends; NaN for where the data does
 */
record Axis(String label, boolean log, double min, double max) {
  /** Returns a linear axis that fits the data. */
  public static Axis of(String label) {
    return new Axis(label, false, Double.NaN, Double.NaN);
  }

  /** Returns a logarithmic axis that fits the data. */
  public static Axis log(String label) {
    return new Axis(label, true, Double.NaN, Double.NaN);
  }

  /** Returns this axis from {@code min} to {@code max}, whatever the data is. */
  public Axis range(double min, double max) {
    return new Axis(label, log, min, max);
  }
}
