package org.espalier.data.image;

/**
 * An image file before it is decoded.
 *
 * @param format PNG or JPEG
 * @param width of the image as stored, at least 1
 * @param height of the image as stored, at least 1
 * @param inks whether the pixels are in the four inks of print
 * @param adobe the colour transform that Adobe's programs write down, -1 where there is none
 * @param scans how often a decoder goes over the image
 * @param orientation how it is to be shown, 1 to 8 as Exif has it
 * @param bytes the file, without what doesn't decide about pixels: comments, profiles, thumbnails
 */
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
record EncodedImage(
    ImageFormat format,
    int width,
    int height,
    boolean inks,
    int adobe,
    int scans,
    int orientation,
    byte[] bytes) {
  /** Returns the width as shown. */
  int shownWidth() {
    return isTurned() ? height : width;
  }

  /** Returns the height as shown. */
  int shownHeight() {
    return isTurned() ? width : height;
  }

  private boolean isTurned() {
    return orientation >= 5;
  }
}
