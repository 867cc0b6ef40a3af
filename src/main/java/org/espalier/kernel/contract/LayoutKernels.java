package org.espalier.kernel.contract;

import java.util.Arrays;
import org.espalier.tensor.Nchw16n;

/**
 * Changes of layout between vectors, an example a row, and feature maps of one group of sixteen
 * images; {@link org.espalier.tensor.Nchw16n} has the layout.
 */
public interface LayoutKernels {
  /**
   * {@code maps[mo + c·ldm + 16·p + i] = rows[ro + i·ldr + c·pixels + p]} for {@code i < images},
   * and +0 for {@code images <= i < 16}.
   *
   * @param images 1 to 16
   */
  void planesFromRows(
      int images,
      int channels,
      int pixels,
      float[] rows,
      int ro,
      int ldr,
      float[] maps,
      int mo,
      int ldm);

  /** The reverse: writes the rows of the first {@code images} images and no others. */
  void rowsFromPlanes(
      int images,
      int channels,
      int pixels,
      float[] maps,
      int mo,
      int ldm,
      float[] rows,
      int ro,
      int ldr);

  /**
   * Makes neighbours of pixels that are {@code stride} apart: {@code y[yo + r·ldy + lanes·i + l] =
   * x[xo + r·ldx + lanes·stride·i + l]} for {@code r < rows}, {@code i < n} and {@code l < lanes},
   * one row after the other, so that a later one overwrites what an earlier one wrote too far.
   *
   * @param lanes floats of a pixel: 1 or 16
   * @param x holds {@code lanes·stride·n} floats of each row
   */
  void thin(
      int rows,
      int n,
      int stride,
      int lanes,
      float[] x,
      int xo,
      int ldx,
      float[] y,
      int yo,
      int ldy);

  /** {@code y[yo + i] = x[xo + places[i]]} for {@code i < n}. */
  void gather(int n, float[] x, int xo, int[] places, float[] y, int yo);

  /** Copies every {@code stride}-th pixel of every {@code stride}-th row of a map. */
  default void subsample(int height, int width, int stride, float[] x, int xo, float[] y, int yo) {
    int columns = Math.ceilDiv(width, stride);
    int inRows = stride * width * Nchw16n.LANES;
    // where the last pixels have no whole stride behind them they are copied by themselves
    int whole = width / stride;
    int rows = Math.ceilDiv(height, stride);
    thin(rows, whole, stride, Nchw16n.LANES, x, xo, inRows, y, yo, columns * Nchw16n.LANES);
    for (int r = 0; r < rows && whole < columns; r++) {
      int from = xo + r * inRows + whole * stride * Nchw16n.LANES;
      System.arraycopy(x, from, y, yo + (r * columns + whole) * Nchw16n.LANES, Nchw16n.LANES);
    }
  }

  /** The reverse: copies the pixels of {@code y} to where they came from; the others become +0. */
  default void spread(int height, int width, int stride, float[] y, int yo, float[] x, int xo) {
    Arrays.fill(x, xo, xo + height * width * Nchw16n.LANES, 0);
    int from = yo;
    for (int r = 0; r < height; r += stride) {
      for (int c = 0; c < width; c += stride) {
        System.arraycopy(y, from, x, xo + (r * width + c) * Nchw16n.LANES, Nchw16n.LANES);
        from += Nchw16n.LANES;
      }
    }
  }
}
