package org.espalier.data.image;

/**
 * Brings planes of bytes to another size: scaled until the shorter side fits, the middle cut out.
 * Bilinear, where it shrinks with the triangle widened so that every pixel counts; columns first,
 * then rows, sums in float and rounded once. The result does not depend on the platform.
 */
final class Resize {
  private Resize() {}

  /**
   * Resizes one plane.
   *
   * @param from the plane {@code [height][width]}
   * @param to receives {@code [toHeight][toWidth]} from index {@code offset} on
   */
  static void plane(
      byte[] from, int height, int width, byte[] to, int offset, int toHeight, int toWidth) {
    double scale = Math.min((double) height / toHeight, (double) width / toWidth);
    Taps across = new Taps(width, toWidth, scale);
    Taps down = new Taps(height, toHeight, scale);
    // Only the rows that count: with all of them a thin image would take any memory.
    int top = down.first[0];
    int rows = down.first[toHeight - 1] + down.weights[toHeight - 1].length - top;
    float[] narrow = new float[rows * toWidth];
    for (int y = 0; y < rows; y++) {
      for (int x = 0; x < toWidth; x++) {
        float sum = 0;
        for (int k = 0; k < across.weights[x].length; k++) {
          sum += across.weights[x][k] * (from[(top + y) * width + across.first[x] + k] & 0xff);
        }
        narrow[y * toWidth + x] = sum;
      }
    }
    for (int y = 0; y < toHeight; y++) {
      for (int x = 0; x < toWidth; x++) {
        float sum = 0;
        for (int k = 0; k < down.weights[y].length; k++) {
          sum += down.weights[y][k] * narrow[(down.first[y] - top + k) * toWidth + x];
        }
        to[offset + y * toWidth + x] = (byte) Math.clamp(Math.round(sum), 0, 255);
      }
    }
  }

  /** For each place of a line the first pixel that it is made of and the weights from there on. */
  private static final class Taps {
    private final int[] first;
    private final float[][] weights;

    /** The middle {@code to · scale} of {@code from} pixels become {@code to}. */
    private Taps(int from, int to, double scale) {
      first = new int[to];
      weights = new float[to][];
      double start = (from - to * scale) / 2;
      double reach = Math.max(scale, 1);
      for (int i = 0; i < to; i++) {
        double middle = start + (i + 0.5) * scale;
        first[i] = Math.clamp((long) Math.floor(middle - reach + 0.5), 0, from - 1);
        int end = Math.clamp((long) Math.floor(middle + reach + 0.5), first[i] + 1, from);
        weights[i] = weights(first[i], end, middle, reach);
      }
    }

    private static float[] weights(int first, int end, double middle, double reach) {
      double[] heights = new double[end - first];
      double sum = 0;
      for (int k = 0; k < heights.length; k++) {
        heights[k] = Math.max(0, 1 - Math.abs(first + k + 0.5 - middle) / reach);
        sum += heights[k];
      }
      float[] weights = new float[heights.length];
      for (int k = 0; k < weights.length; k++) {
        weights[k] = (float) (heights[k] / sum);
      }
      return weights;
    }
  }
}
