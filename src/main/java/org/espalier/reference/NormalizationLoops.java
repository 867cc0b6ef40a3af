package org.espalier.reference;

import java.util.List;
import java.util.function.Function;
import org.espalier.kernel.scalar.Elementary;
import org.espalier.model.BatchNormAffine;
import org.espalier.model.Operator;
import org.espalier.model.Reduction;
import org.espalier.tensor.Shape;

/** Operators whose every value is put in relation to others. */
final class NormalizationLoops {
  private NormalizationLoops() {}

  /** One fma with the factor and the summand of {@link BatchNormAffine}. */
  static ReferenceKernel batchNorm(
      Operator.BatchNorm norm, Shape shape, Function<String, float[]> parameters) {
    float[] scale = parameters.apply(Operator.WEIGHT).clone();
    float[] shift = parameters.apply(Operator.BIAS).clone();
    float[] mean = parameters.apply(Operator.BatchNorm.MEAN);
    float[] variance = parameters.apply(Operator.BatchNorm.VARIANCE);
    for (int c = 0; c < norm.channels(); c++) {
      scale[c] = BatchNormAffine.scale(scale[c], norm.inverseDeviation(variance[c]));
      shift[c] = BatchNormAffine.shift(mean[c], scale[c], shift[c]);
    }
    int n = norm.channels() == 0 ? 0 : shape.size() / norm.channels();
    return (x, xo, y, yo) -> {
      for (int c = 0; c < scale.length; c++) {
        for (int i = c * n; i < (c + 1) * n; i++) {
          y[yo + i] = Math.fma(x[0][xo[0] + i], scale[c], shift[c]);
        }
      }
    };
  }

  /**
   * {@code e = exp(x − max)} in float; the sum of these in {@code double}, ascending; {@code
   * e/sum}, or {@code (x − max) − log(sum)}, in {@code double} and rounded once. NaN where all are
   * −∞.
   */
  static ReferenceKernel softmax(Reduction.Softmax softmax, Shape shape) {
    Axes axes = Axes.of(shape, List.of(softmax.axis()));
    int n = shape.dim(softmax.axis());
    int step = Places.strides(shape)[softmax.axis()];
    return (x, xo, y, yo) -> {
      for (int r = 0; r < axes.kept().rows(); r++) {
        for (int c = 0; c < axes.kept().columns(); c++) {
          int place = axes.kept().row(r) + axes.kept().column(c);
          softmax(n, step, softmax.log(), x[0], xo[0] + place, y, yo + place);
        }
      }
    };
  }

  private static void softmax(int n, int step, boolean log, float[] x, int xo, float[] y, int yo) {
    float max = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < n; i++) {
      max = Math.max(max, x[xo + i * step]);
    }
    double sum = 0;
    for (int i = 0; i < n; i++) {
      float e = Elementary.exp(x[xo + i * step] - max);
      y[yo + i * step] = e;
      sum += e;
    }
    double logarithm = StrictMath.log(sum);
    for (int i = 0; i < n; i++) {
      double value = log ? (double) x[xo + i * step] - max - logarithm : y[yo + i * step] / sum;
      y[yo + i * step] = (float) value;
    }
  }

  /** Everything in {@code double}, in row-major order, rounded once. */
  static ReferenceKernel standardize(Reduction.Standardize standardize, Shape shape) {
    Axes axes = Axes.of(shape, standardize.axes());
    return (x, xo, y, yo) -> {
      for (int r = 0; r < axes.kept().rows(); r++) {
        for (int c = 0; c < axes.kept().columns(); c++) {
          int place = axes.kept().row(r) + axes.kept().column(c);
          standardize(standardize.epsilon(), axes.along(), x[0], xo[0] + place, y, yo + place);
        }
      }
    };
  }

  private static void standardize(
      double epsilon, Places places, float[] x, int xo, float[] y, int yo) {
    double mean = ReductionLoops.mean(x, xo, places);
    double squares = 0;
    for (int r = 0; r < places.rows(); r++) {
      int row = places.row(r);
      for (int c = 0; c < places.columns(); c++) {
        double deviation = x[xo + row + places.column(c)] - mean;
        squares += deviation * deviation;
      }
    }
    double root = Math.sqrt(squares / (places.rows() * places.columns()) + epsilon);
    for (int r = 0; r < places.rows(); r++) {
      int row = places.row(r);
      for (int c = 0; c < places.columns(); c++) {
        int i = row + places.column(c);
        y[yo + i] = (float) ((x[xo + i] - mean) / root);
      }
    }
  }

  /** The sum over channels from {@code c − ⌊(size − 1)/2⌋} on, in {@code double}; rounded once. */
  static ReferenceKernel localResponse(Reduction.LocalResponse response, Shape shape) {
    int channels = shape.dim(0);
    int count = shape.rank() == 1 ? 1 : shape.cols();
    double alpha = (double) response.alpha() / response.size();
    int before = (response.size() - 1) / 2;
    int behind = response.size() / 2;
    return (x, xo, y, yo) -> {
      for (int c = 0; c < channels; c++) {
        int last = (int) Math.min(channels - 1L, (long) c + behind);
        for (int p = 0; p < count; p++) {
          double sum = 0;
          for (int i = Math.max(0, c - before); i <= last; i++) {
            double value = x[0][xo[0] + i * count + p];
            sum += value * value;
          }
          int at = c * count + p;
          double divisor = StrictFunctions.pow(response.bias() + alpha * sum, response.beta());
          y[yo + at] = (float) (x[0][xo[0] + at] / divisor);
        }
      }
    };
  }
}
