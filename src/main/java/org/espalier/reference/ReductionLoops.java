package org.espalier.reference;

import java.util.function.DoubleUnaryOperator;
import org.espalier.model.Reduction;
import org.espalier.tensor.Shape;

/**
 * Reductions along axes: values are taken in row-major order of the input, computed with in {@code
 * double} and the result is rounded once. Of no values a sum is 0, a product 1 and a mean NaN.
 */
final class ReductionLoops {
  /** Makes one value of those at some places, to which {@code from} is added. */
  @FunctionalInterface
  private interface Fold {
    double of(float[] x, int from, Places places);
  }

  private ReductionLoops() {}

  static ReferenceKernel reduce(Reduction.Reduce reduce, Shape input) {
    Axes axes = Axes.of(input, reduce.axes());
    Fold fold = fold(reduce.kind());
    return (x, xo, y, yo) -> {
      int to = yo;
      for (int r = 0; r < axes.kept().rows(); r++) {
        for (int c = 0; c < axes.kept().columns(); c++) {
          int from = xo[0] + axes.kept().row(r) + axes.kept().column(c);
          y[to++] = (float) fold.of(x[0], from, axes.along());
        }
      }
    };
  }

  private static Fold fold(Reduction.Kind kind) {
    return switch (kind) {
      case SUM -> (x, from, places) -> sum(x, from, places, v -> v);
      case MEAN -> ReductionLoops::mean;
      case MAX -> ReductionLoops::max;
      case MIN -> ReductionLoops::min;
      case PROD -> ReductionLoops::product;
      case L1 -> (x, from, places) -> sum(x, from, places, Math::abs);
      case L2 -> (x, from, places) -> Math.sqrt(sum(x, from, places, v -> v * v));
      case SUM_SQUARE -> (x, from, places) -> sum(x, from, places, v -> v * v);
      case LOG_SUM -> (x, from, places) -> StrictMath.log(sum(x, from, places, v -> v));
      case LOG_SUM_EXP -> ReductionLoops::logSumExp;
    };
  }

  static double sum(float[] x, int from, Places places, DoubleUnaryOperator term) {
    double sum = 0;
    for (int r = 0; r < places.rows(); r++) {
      int row = from + places.row(r);
      for (int c = 0; c < places.columns(); c++) {
        sum += term.applyAsDouble(x[row + places.column(c)]);
      }
    }
    return sum;
  }

  static double mean(float[] x, int from, Places places) {
    return sum(x, from, places, v -> v) / (places.rows() * places.columns());
  }

  private static double max(float[] x, int from, Places places) {
    float max = Float.NEGATIVE_INFINITY;
    for (int r = 0; r < places.rows(); r++) {
      int row = from + places.row(r);
      for (int c = 0; c < places.columns(); c++) {
        max = Math.max(max, x[row + places.column(c)]);
      }
    }
    return max;
  }

  private static double min(float[] x, int from, Places places) {
    float min = Float.POSITIVE_INFINITY;
    for (int r = 0; r < places.rows(); r++) {
      int row = from + places.row(r);
      for (int c = 0; c < places.columns(); c++) {
        min = Math.min(min, x[row + places.column(c)]);
      }
    }
    return min;
  }

  private static double product(float[] x, int from, Places places) {
    double product = 1;
    for (int r = 0; r < places.rows(); r++) {
      int row = from + places.row(r);
      for (int c = 0; c < places.columns(); c++) {
        product *= x[row + places.column(c)];
      }
    }
    return product;
  }

  /** With the largest value taken out, so that no exponential overflows. */
  private static double logSumExp(float[] x, int from, Places places) {
    double max = max(x, from, places);
    if (Double.isInfinite(max)) {
      return max;
    }
    double sum = 0;
    for (int r = 0; r < places.rows(); r++) {
      int row = from + places.row(r);
      for (int c = 0; c < places.columns(); c++) {
        sum += StrictMath.exp(x[row + places.column(c)] - max);
      }
    }
    return max + StrictMath.log(sum);
  }
}
