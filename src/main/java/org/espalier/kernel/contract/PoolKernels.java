package org.espalier.kernel.contract;

/**
 * Loops of pooling over feature maps, sixteen images at a time: pixel {@code p} of a map are the
 * floats from {@code 16·p} on; {@link org.espalier.tensor.Nchw16n} has the layout. Output pixel
 * {@code (r, c)} sees the input pixels of the window that begins at {@code (r·stride − padding,
 * c·stride − padding)}, as far as there are any; there are {@code (height + 2·padding − kernel) /
 * stride + 1} rows of output pixels and columns likewise.
 */
public interface PoolKernels {
  /** {@code y} = the largest of each window; NaN where the window has one, +0 counts above −0. */
  void maxPool(
      int height,
      int width,
      int kernel,
      int stride,
      int padding,
      float[] x,
      int xo,
      float[] y,
      int yo);

  /**
   * Clears {@code dx} and adds the gradient of each output pixel, in ascending order, to that of
   * the first pixel of its window, in row-major order, whose value equals the largest ({@code ==});
   * if that is NaN, to that of the first that is NaN.
   *
   * @param y what {@link #maxPool} gave
   */
  void maxPoolBackward(
      int height,
      int width,
      int kernel,
      int stride,
      int padding,
      float[] x,
      int xo,
      float[] y,
      int yo,
      float[] dy,
      int dyo,
      float[] dx,
      int dxo);

  /**
   * {@code y} = the sum of each window, a chain of additions in row-major order from +0, times
   * {@code 1 / kernel²} rounded to float: zeros of the padding count.
   */
  void averagePool(
      int height,
      int width,
      int kernel,
      int stride,
      int padding,
      float[] x,
      int xo,
      float[] y,
      int yo);

  /**
   * Clears {@code dx} and adds {@code dy / kernel²}, as a product with the rounded reciprocal, to
   * every pixel of each window, windows ascending.
   */
  void averagePoolBackward(
      int height,
      int width,
      int kernel,
      int stride,
      int padding,
      float[] dy,
      int dyo,
      float[] dx,
      int dxo);

  /**
   * {@code y} = the largest pixel that each window sees; NaN where it sees one, +0 counts above −0,
   * −∞ where it sees none.
   */
  void maxima(PoolGeometry g, float[] x, int xo, float[] y, int yo);

  /**
   * {@code y} = the sum of what each window sees, a chain of additions in row-major order from +0,
   * times {@code 1 / (rowCounts[r]·columnCounts[c])} rounded to float, or times 0 where that
   * product is 0.
   */
  void means(
      PoolGeometry g, int[] rowCounts, int[] columnCounts, float[] x, int xo, float[] y, int yo);

  /**
   * {@code y} (one pixel) = the sum of all pixels, a chain of additions from +0, times {@code 1 /
   * pixels} rounded to float.
   */
  void globalAverage(int pixels, float[] x, int xo, float[] y, int yo);

  /** {@code dx[p] = dy·(1 / pixels)} for all pixels. */
  void globalAverageBackward(int pixels, float[] dy, int dyo, float[] dx, int dxo);
}
