package org.espalier.kernel;

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
}
