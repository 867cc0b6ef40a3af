package org.espalier.kernel.contract;

/**
 * A window that moves over a map, of one image or of sixteen side by side. Output {@code (r, c)}
 * sees the pixels {@code (r·strideY − top + i·dilationY, c·strideX − left + j·dilationX)} that
 * there are, {@code i} below the window's height and {@code j} below its width.
 *
 * @param lanes floats of a pixel: 1 or 16
 * @param height rows of the map
 * @param width its pixels of a row
 * @param ldx floats from one row to the next
 * @param rows of the output
 * @param columns of the output
 * @param ldy floats from one row of the output to the next
 */
public record PoolGeometry(
    int lanes,
    int height,
    int width,
    int ldx,
    int rows,
    int columns,
    int ldy,
    int windowHeight,
    int windowWidth,
    int strideY,
    int strideX,
    int top,
    int left,
    int dilationY,
    int dilationX) {
  /** Returns the pixels that the windows of a row of outputs reach over, padding included. */
  public int reach() {
    return (columns - 1) * strideX + (windowWidth - 1) * dilationX + 1;
  }
}
