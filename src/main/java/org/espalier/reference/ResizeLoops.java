package org.espalier.reference;

import java.util.Arrays;
import org.espalier.model.Resampling;
import org.espalier.model.Resampling.Resize;
import org.espalier.tensor.Shape;

/**
 * The Resize of ONNX. Places in the input are computed in float, as ONNX Runtime does: on a border
 * between two pixels rounding decides which is nearest. What is interpolated is a sum over the
 * pixels in row-major order, one axis within the other, in {@code double}, rounded once; pixels of
 * weight 0 don't count. Pixels outside are those of the edge, unless they are excluded.
 */
final class ResizeLoops {
  private ResizeLoops() {}

  /**
   * Which pixels the pixels of the output are made of along an axis, by its coordinate.
   *
   * @param steps what each pixel adds to the place
   * @param weights what it is multiplied with, never 0
   */
  @SuppressWarnings("ArrayRecordComponent") // nobody compares or changes it
  private record Taps(int[][] steps, double[][] weights) {}

  static ReferenceKernel resize(Resize resize, Shape input, Shape output) {
    if (output.size() == 0) {
      return (_, _, _, _) -> {};
    }
    if (input.size() == 0) {
      throw new IllegalArgumentException(output + " made of nothing, " + input);
    }
    int[][] steps = Places.rowMajor(input);
    if (resize.interpolation() == Resampling.Interpolation.NEAREST) {
      for (int axis = 0; axis < steps.length; axis++) {
        int[] coordinates = new int[output.dim(axis)];
        for (int i = 0; i < coordinates.length; i++) {
          float place = place(resize, axis, i, input.dim(axis));
          coordinates[i] = Math.clamp(nearest(resize.rounding(), place), 0, input.dim(axis) - 1);
        }
        steps[axis] = MovementLoops.at(coordinates, steps[axis]);
      }
      return new Places(steps).copying(0);
    }
    Taps[] taps = new Taps[steps.length];
    for (int axis = 0; axis < taps.length; axis++) {
      taps[axis] = taps(resize, axis, steps[axis], output.dim(axis));
    }
    int[] strides = Places.strides(output);
    int size = output.size();
    return (x, xo, y, yo) -> {
      for (int i = 0; i < size; i++) {
        y[yo + i] = (float) value(taps, strides, 0, i, x[0], xo[0]);
      }
    };
  }

  /** Returns the place of the input, along an axis, that pixel {@code i} stands for. */
  private static float place(Resize resize, int axis, int i, int input) {
    int output = resize.sizes().get(axis);
    float scale = resize.scales().get(axis);
    float half = (i + 0.5f) / scale - 0.5f;
    return switch (resize.coordinates()) {
      case HALF_PIXEL -> half;
      case HALF_PIXEL_SYMMETRIC -> {
        float adjustment = output / (scale * input);
        yield input / 2f * (1 - adjustment) + half;
      }
      case PYTORCH_HALF_PIXEL -> output > 1 ? half : 0;
      case ALIGN_CORNERS -> output == 1 ? 0 : i * (input - 1f) / (scale * input - 1f);
      case ASYMMETRIC -> i / scale;
    };
  }

  private static int nearest(Resampling.Rounding rounding, float place) {
    return (int)
        switch (rounding) {
          case ROUND_PREFER_FLOOR -> Math.ceil(place - 0.5);
          case ROUND_PREFER_CEIL -> Math.floor(place + 0.5);
          case FLOOR -> Math.floor(place);
          case CEIL -> Math.ceil(place);
        };
  }

  private static Taps taps(Resize resize, int axis, int[] steps, int output) {
    int[][] chosen = new int[output][];
    double[][] weights = new double[output][];
    for (int i = 0; i < output; i++) {
      float place = place(resize, axis, i, steps.length);
      float floor = (float) Math.floor(place);
      double[] all = weights(resize, (double) place - floor);
      int first = (int) floor - (all.length / 2 - 1);
      if (resize.excludeOutside()) {
        exclude(all, first, steps.length);
      }
      int n = 0;
      int[] of = new int[all.length];
      double[] by = new double[all.length];
      for (int k = 0; k < all.length; k++) {
        if (all[k] != 0) {
          of[n] = steps[Math.clamp(first + k, 0, steps.length - 1)];
          by[n++] = all[k];
        }
      }
      chosen[i] = Arrays.copyOf(of, n);
      weights[i] = Arrays.copyOf(by, n);
    }
    return new Taps(chosen, weights);
  }

  /** Returns the weights of the pixels around a place that lies {@code s} behind a pixel. */
  private static double[] weights(Resize resize, double s) {
    return switch (resize.interpolation()) {
      case NEAREST -> throw new IllegalStateException("the nearest pixel has no weights");
      case LINEAR -> new double[] {1 - s, s};
      case CUBIC -> {
        double a = resize.cubic();
        yield new double[] {far(a, 1 + s), near(a, s), near(a, 1 - s), far(a, 2 - s)};
      }
    };
  }

  private static double near(double a, double d) {
    return ((a + 2) * d - (a + 3)) * d * d + 1;
  }

  private static double far(double a, double d) {
    return a * (d - 1) * (d - 2) * (d - 2); // a·d³ − 5a·d² + 8a·d − 4a
  }

  private static void exclude(double[] weights, int first, int n) {
    double sum = 0;
    for (int k = 0; k < weights.length; k++) {
      weights[k] = first + k < 0 || first + k >= n ? 0 : weights[k];
      sum += weights[k];
    }
    for (int k = 0; k < weights.length; k++) {
      weights[k] /= sum;
    }
  }

  /** Returns the value at element {@code index} of what is left from an axis on. */
  private static double value(
      Taps[] taps, int[] strides, int axis, int index, float[] x, int place) {
    if (axis == taps.length) {
      return x[place];
    }
    int[] steps = taps[axis].steps()[index / strides[axis]];
    double[] weights = taps[axis].weights()[index / strides[axis]];
    double sum = -0.0; // to which anything may be added without changing it
    for (int k = 0; k < steps.length; k++) {
      int rest = index % strides[axis];
      sum += weights[k] * value(taps, strides, axis + 1, rest, x, place + steps[k]);
    }
    return sum;
  }
}
