package org.espalier.prune;

import org.espalier.model.Operator;
import org.espalier.tensor.Shape;

/**
 * Mean and variance of each unit of a layer over examples and places. Examples are taken one after
 * the other, each by its own mean and squared deviations, which are merged into those before (Chan,
 * Golub, LeVeque 1979): no large numbers are subtracted from each other.
 */
final class Moments {
  private final double[] means;

  /** Sums of squared deviations. */
  private final double[] deviations;

  private final long count;

  private Moments(double[] means, double[] deviations, long count) {
    this.means = means;
    this.deviations = deviations;
    this.count = count;
  }

  /**
   * Takes the moments of what a layer gives.
   *
   * @param output shape of one example
   * @param values the examples, one behind the other
   */
  static Moments of(Operator.Layer layer, Shape output, int examples, float[] values) {
    int units = layer.outputs();
    int places = output.size() / units;
    // Maps come unit by unit; rows of a fully connected layer have a unit in each place.
    boolean byUnit = layer instanceof Operator.Conv2d;
    int step = byUnit ? 1 : units;
    double[] means = new double[units];
    double[] deviations = new double[units];
    long count = 0;
    for (int e = 0; e < examples; e++) {
      for (int u = 0; u < units; u++) {
        int from = e * output.size() + (byUnit ? u * places : u);
        double sum = 0;
        for (int i = 0; i < places; i++) {
          sum += values[from + i * step];
        }
        double mean = sum / places;
        double squares = 0;
        for (int i = 0; i < places; i++) {
          double off = values[from + i * step] - mean;
          squares += off * off;
        }
        double apart = mean - means[u];
        means[u] += apart * places / (count + places);
        deviations[u] += squares + apart * apart * count * places / (count + places);
      }
      count += places;
    }
    return new Moments(means, deviations, count);
  }

  /** Returns the mean of a unit. */
  double mean(int unit) {
    return means[unit];
  }

  /** Returns the standard deviation of a unit. */
  double deviation(int unit) {
    return Math.sqrt(deviations[unit] / count);
  }
}
