package org.espalier.kernel;

import java.util.Arrays;
import org.espalier.tensor.Planes;

/**
 * Changes of layout between vectors, an example a row, and feature maps of one group of sixteen
 * images; {@link org.espalier.tensor.Planes} has the layout.
 */
public interface PlaneKernels {
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

  /** Copies every {@code stride}-th pixel of every {@code stride}-th row of a map. */
  default void subsample(int height, int width, int stride, float[] x, int xo, float[] y, int yo) {
    int to = yo;
    for (int r = 0; r < height; r += stride) {
      for (int c = 0; c < width; c += stride) {
        System.arraycopy(x, xo + (r * width + c) * Planes.LANES, y, to, Planes.LANES);
        to += Planes.LANES;
      }
    }
  }

  /** The reverse: copies the pixels of {@code y} to where they came from; the others become +0. */
  default void spread(int height, int width, int stride, float[] y, int yo, float[] x, int xo) {
    Arrays.fill(x, xo, xo + height * width * Planes.LANES, 0);
    int from = yo;
    for (int r = 0; r < height; r += stride) {
      for (int c = 0; c < width; c += stride) {
        System.arraycopy(y, from, x, xo + (r * width + c) * Planes.LANES, Planes.LANES);
        from += Planes.LANES;
      }
    }
  }
}
