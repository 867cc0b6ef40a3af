package org.espalier.model;

import java.util.Locale;

/**
 * A window that moves over the last two extents of feature maps, rows and columns.
 *
 * @param height rows that it reads
 * @param width columns that it reads
 * @param strideY rows that it moves down
 * @param strideX columns that it moves right
 * @param top rows around the maps that it may reach above them
 * @param left columns that it may reach left of them
 * @param bottom rows below
 * @param right columns right
 * @param dilationY distance of the rows that it reads
 * @param dilationX distance of the columns that it reads
 */
public record Window(
    int height,
    int width,
    int strideY,
    int strideX,
    int top,
    int left,
    int bottom,
    int right,
    int dilationY,
    int dilationX) {
  /** The most rows and columns of a window, and the longest step and padding of one. */
  public static final int LARGEST = 1 << 15;

  /** Checks the numbers that don't depend on the maps. */
  public Window {
    boolean positive =
        Math.min(Math.min(height, width), Math.min(strideY, strideX)) >= 1
            && Math.min(dilationY, dilationX) >= 1
            && Math.min(Math.min(top, left), Math.min(bottom, right)) >= 0;
    long rows = (height - 1L) * dilationY + 1;
    long columns = (width - 1L) * dilationX + 1;
    boolean small =
        Math.max(Math.max(rows, columns), Math.max(strideY, strideX)) <= LARGEST
            && Math.max(Math.max(top, left), Math.max(bottom, right)) <= LARGEST;
    if (!positive || !small) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "a window of %d x %d, stride %d x %d, padding %d %d %d %d, dilation %d x %d;"
                  + " at most %d each way",
              height,
              width,
              strideY,
              strideX,
              top,
              left,
              bottom,
              right,
              dilationY,
              dilationX,
              LARGEST));
    }
  }

  /** Returns a window whose step and padding are the same both ways, without dilation. */
  public static Window of(int height, int width, int stride, int padding) {
    return new Window(height, width, stride, stride, padding, padding, padding, padding, 1, 1);
  }

  /**
   * Returns whether step and padding are the same both ways and nothing is left out in between:
   * what can be trained.
   */
  public boolean isRegular() {
    return strideY == strideX
        && top == left
        && top == bottom
        && top == right
        && dilationY == 1
        && dilationX == 1;
  }

  /** Returns whether it may reach beyond the maps. */
  public boolean isPadded() {
    return Math.max(Math.max(top, left), Math.max(bottom, right)) > 0;
  }

  /** Returns rows from the first that it reads to behind the last. */
  public int rows() {
    return (height - 1) * dilationY + 1;
  }

  /** Returns columns from the first that it reads to behind the last. */
  public int columns() {
    return (width - 1) * dilationX + 1;
  }

  /** Returns how many elements it reads of a map. */
  public int size() {
    return height * width;
  }

  /**
   * Returns the rows of what a window gives that moves over so many.
   *
   * @param ceil whether a last window that lies in part behind the padding counts, as long as it
   *     begins within the rows or the padding above them
   * @throws IllegalArgumentException if it doesn't fit
   */
  public int outputRows(int input, boolean ceil) {
    return places(input, rows(), strideY, top, bottom, ceil);
  }

  /** Returns the columns of what a window gives that moves over so many; see outputRows. */
  public int outputColumns(int input, boolean ceil) {
    return places(input, columns(), strideX, left, right, ceil);
  }

  private static int places(
      int input, int window, int stride, int before, int behind, boolean ceil) {
    long room = (long) input + before + behind - window;
    if (room < 0) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "a window of %d does not fit maps of %d with padding %d and %d",
              window,
              input,
              before,
              behind));
    }
    long places = (ceil ? Math.ceilDiv(room, (long) stride) : room / stride) + 1;
    if (ceil && (places - 1) * stride >= (long) input + before) {
      places--; // that window would begin in the padding behind
    }
    return Math.toIntExact(places);
  }
}
