package org.espalier.data.image;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;

/**
 * A decoded image: one plane of grey or three of red, green and blue, a byte a pixel, as stored:
 * colour profiles are not applied. What is transparent lies on white.
 *
 * @param planes {@code [1 or 3][height * width]}
 */
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
record Picture(int width, int height, byte[][] planes) {
  private static final int COLOURS = 3;
  private static final int WHITE = 255;

  /** Takes the pixels out of an image; of 16 bits the upper 8. */
  static Picture of(BufferedImage image) {
    return storesGrey(image) ? ofGrey(image) : ofColours(image);
  }

  /**
   * Returns whether there are grey samples: getRGB would take them for linear light and brighten.
   */
  private static boolean storesGrey(BufferedImage image) {
    return image.getColorModel().getColorSpace().getType() == ColorSpace.TYPE_GRAY
        && !(image.getColorModel() instanceof IndexColorModel);
  }

  private static Picture ofGrey(BufferedImage image) {
    int width = image.getWidth();
    int height = image.getHeight();
    byte[] plane = new byte[width * height];
    Raster raster = image.getRaster();
    int cut = Math.max(image.getSampleModel().getSampleSize(0) - 8, 0);
    boolean alpha = image.getColorModel().hasAlpha();
    int[] row = new int[width * raster.getNumBands()];
    for (int y = 0; y < height; y++) {
      raster.getPixels(0, y, width, 1, row);
      for (int x = 0; x < width; x++) {
        int at = x * raster.getNumBands();
        int value = row[at] >> cut;
        plane[y * width + x] = (byte) (alpha ? onWhite(value, row[at + 1] >> cut) : value);
      }
    }
    return new Picture(width, height, new byte[][] {plane});
  }

  private static Picture ofColours(BufferedImage image) {
    int width = image.getWidth();
    int height = image.getHeight();
    byte[][] planes = new byte[COLOURS][width * height];
    int[] row = new int[width];
    for (int y = 0; y < height; y++) {
      image.getRGB(0, y, width, 1, row, 0, width);
      for (int x = 0; x < width; x++) {
        int alpha = row[x] >>> 24;
        for (int c = 0; c < COLOURS; c++) {
          planes[c][y * width + x] = (byte) onWhite(row[x] >> (16 - 8 * c) & 0xff, alpha);
        }
      }
    }
    return new Picture(width, height, planes);
  }

  private static int onWhite(int value, int alpha) {
    return alpha == WHITE ? value : (value * alpha + WHITE * (WHITE - alpha) + WHITE / 2) / WHITE;
  }

  /**
   * Makes colours of the inks of print, by {@code light = paper not covered by ink · black}.
   *
   * @param adobe the transform of Adobe's programs: they write inks inverted, 2 as luma and chroma;
   *     -1 for inks that are not inverted
   */
  static Picture ofInks(Raster inks, int adobe) {
    int width = inks.getWidth();
    int height = inks.getHeight();
    byte[][] planes = new byte[COLOURS][width * height];
    int[] row = new int[width * (COLOURS + 1)];
    int[] light = new int[COLOURS];
    for (int y = 0; y < height; y++) {
      inks.getPixels(0, y, width, 1, row);
      for (int x = 0; x < width; x++) {
        int at = x * (COLOURS + 1);
        System.arraycopy(row, at, light, 0, COLOURS);
        if (adobe == 2) {
          toInks(light);
        }
        int black = row[at + COLOURS];
        for (int c = 0; c < COLOURS; c++) {
          int product = adobe >= 0 ? light[c] * black : (WHITE - light[c]) * (WHITE - black);
          planes[c][y * width + x] = (byte) ((product + WHITE / 2) / WHITE);
        }
      }
    }
    return new Picture(width, height, planes);
  }

  /** Luma and chroma to what red, green and blue, as JFIF defines them, lack of white. */
  private static void toInks(int[] of) {
    double luma = of[0];
    double blue = of[1] - 128.0;
    double red = of[2] - 128.0;
    of[0] = WHITE - toByte(luma + 1.402 * red);
    of[1] = WHITE - toByte(luma - 0.344136 * blue - 0.714136 * red);
    of[2] = WHITE - toByte(luma + 1.772 * blue);
  }

  private static int toByte(double value) {
    return Math.clamp(Math.round(value), 0, WHITE);
  }

  /**
   * Turns a picture as its orientation says.
   *
   * @param orientation 1 to 8 as Exif has it: which sides the first row and column are
   */
  Picture turned(int orientation) {
    if (orientation == 1) {
      return this;
    }
    boolean swapped = orientation >= 5;
    int newWidth = swapped ? height : width;
    int newHeight = swapped ? width : height;
    byte[][] turned = new byte[planes.length][width * height];
    for (int y = 0; y < newHeight; y++) {
      for (int x = 0; x < newWidth; x++) {
        int column = swapped ? y : x;
        int row = swapped ? x : y;
        if (orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8) {
          column = width - 1 - column;
        }
        if (orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7) {
          row = height - 1 - row;
        }
        for (int c = 0; c < planes.length; c++) {
          turned[c][y * newWidth + x] = planes[c][row * width + column];
        }
      }
    }
    return new Picture(newWidth, newHeight, turned);
  }

  /** Returns grey: colours by the weights 0.299, 0.587 and 0.114. */
  byte[] grey() {
    if (planes.length == 1) {
      return planes[0];
    }
    byte[] grey = new byte[planes[0].length];
    for (int i = 0; i < grey.length; i++) {
      int weighted =
          299 * (planes[0][i] & 0xff) + 587 * (planes[1][i] & 0xff) + 114 * (planes[2][i] & 0xff);
      grey[i] = (byte) ((weighted + 500) / 1000);
    }
    return grey;
  }

  /** Returns red, green or blue, by the number 0 to 2; of a grey picture all are the same. */
  byte[] colour(int c) {
    return planes[planes.length == 1 ? 0 : c];
  }
}
