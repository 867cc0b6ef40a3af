package org.espalier.data;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.espalier.InputException;
import org.espalier.tensor.Shape;
import org.jspecify.annotations.Nullable;

/**
 * Images to be classified: one PNG, JPEG, BMP or GIF file, or an IDX file of many (see {@link
 * IdxData}); images of 16 bits are cut to their upper 8.
 *
 * <p>For a network that takes grey images colours become grey by the weights 0.299, 0.587 and 0.114
 * of red, green and blue as stored, and nothing is resized or inverted: an image must have the size
 * and the background of those that the network was trained with. For one that takes colours grey
 * becomes three equal channels, and an image of another size is treated as in {@link ImageFolder}.
 */
public final class ImageFile {
  /** Most pixels of one image, so that a damaged file can't claim all memory. */
  private static final int MOST_PIXELS = 1 << 26;

  private static final int GREY = 1;
  private static final int COLOURS = 3;

  private ImageFile() {}

  /**
   * Reads the images of a file.
   *
   * @param shape what the network takes: {@code [1, height, width]} or {@code [3, height, width]}
   * @throws InputException if the file can't be read or its images have another size
   */
  public static Images read(Path file, Shape shape) {
    if (shape.rank() != 3 || (shape.dim(0) != GREY && shape.dim(0) != COLOURS)) {
      throw InputException.expected(
          file,
          "a network that takes grey images [1, height, width] or colours [3, height, width]",
          "one that takes " + shape);
    }
    if (shape.dim(0) == COLOURS) {
      byte[] pixels = new byte[shape.size()];
      write(file, readOne(file, null), shape, pixels, 0);
      return new Images(shape, pixels);
    }
    Images images =
        isIdx(file) ? Idx.images(file) : new Images(shape, grey(file, readOne(file, shape)));
    if (!images.shape().equals(shape)) {
      throw wrongSize(file, shape, images.shape().dim(2), images.shape().dim(1));
    }
    return images;
  }

  /**
   * Reads one image in colours.
   *
   * @throws InputException if it can't be read or is damaged
   */
  static BufferedImage readColours(Path file) {
    return readOne(file, null);
  }

  /**
   * Writes the channels of an image one behind the other.
   *
   * @param shape what the image is brought to: {@code [3, height, width]}
   * @throws InputException if it has transparent pixels
   */
  static void write(Path file, BufferedImage image, Shape shape, byte[] to, int offset) {
    int width = image.getWidth();
    int height = image.getHeight();
    byte[][] planes = colours(file, image);
    for (int c = 0; c < COLOURS; c++) {
      int at = offset + c * shape.dim(1) * shape.dim(2);
      if (width == shape.dim(2) && height == shape.dim(1)) {
        System.arraycopy(planes[c], 0, to, at, planes[c].length);
      } else {
        Resize.plane(planes[c], height, width, to, at, shape.dim(1), shape.dim(2));
      }
    }
  }

  private static boolean isIdx(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return Idx.isImages(in.readNBytes(4));
    } catch (IOException e) {
      throw InputException.reading(file, e);
    }
  }

  /** Reads an image, which must have the size of a shape unless that is null. */
  private static BufferedImage readOne(Path file, @Nullable Shape shape) {
    try (InputStream bytes = Files.newInputStream(file);
        ImageInputStream in = new MemoryCacheImageInputStream(bytes)) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
      if (!readers.hasNext()) {
        throw InputException.expected(file, "an image (PNG, JPEG, IDX)", "no known image format");
      }
      ImageReader reader = readers.next();
      try {
        reader.setInput(in, true, true);
        // The size is checked before anything of that size is allocated.
        int width = reader.getWidth(0);
        int height = reader.getHeight(0);
        if (shape != null && (width != shape.dim(2) || height != shape.dim(1))) {
          throw wrongSize(file, shape, width, height);
        }
        if ((long) width * height > MOST_PIXELS) {
          throw InputException.expected(
              file, "an image of at most 2^26 pixels", width + "x" + height);
        }
        List<String> complaints = new ArrayList<>();
        reader.addIIOReadWarningListener((_, message) -> complaints.add(message));
        BufferedImage image = reader.read(0);
        // A JPEG that was cut off is no error to the decoder, which makes the rest grey.
        if (complaints.stream().anyMatch(message -> message.startsWith("Truncated File"))) {
          throw InputException.expected(file, "a whole image", "one that was cut off");
        }
        return image;
      } finally {
        reader.dispose();
      }
    } catch (InputException e) {
      throw e;
    } catch (IOException e) {
      throw InputException.reading(file, e);
    } catch (RuntimeException e) {
      // The decoders of the JDK answer some damaged files with an index out of bounds and the like.
      throw new InputException(file + ": can't be read: the image is damaged", e);
    }
  }

  private static byte[] grey(Path file, BufferedImage image) {
    byte[] bytes = new byte[image.getWidth() * image.getHeight()];
    boolean stored = storesGrey(image);
    int cut = stored ? cutBits(image) : 0;
    for (int y = 0, i = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++, i++) {
        int argb = opaque(file, image, x, y);
        bytes[i] = (byte) (stored ? image.getRaster().getSample(x, y, 0) >> cut : luma(argb));
      }
    }
    return bytes;
  }

  /** Returns red, green and blue, each as a plane. */
  private static byte[][] colours(Path file, BufferedImage image) {
    byte[][] planes = new byte[COLOURS][image.getWidth() * image.getHeight()];
    boolean stored = storesGrey(image);
    int cut = stored ? cutBits(image) : 0;
    for (int y = 0, i = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++, i++) {
        int argb = opaque(file, image, x, y);
        if (stored) {
          argb = 0x010101 * (image.getRaster().getSample(x, y, 0) >> cut);
        }
        for (int c = 0; c < COLOURS; c++) {
          planes[c][i] = (byte) (argb >> (16 - 8 * c));
        }
      }
    }
    return planes;
  }

  /**
   * Returns whether there are grey samples: getRGB would take them for linear light and brighten.
   */
  private static boolean storesGrey(BufferedImage image) {
    return image.getColorModel().getColorSpace().getType() == ColorSpace.TYPE_GRAY
        && !(image.getColorModel() instanceof IndexColorModel);
  }

  /** Returns by how many bits a grey sample is longer than a byte. */
  private static int cutBits(BufferedImage image) {
    return Math.max(image.getSampleModel().getSampleSize(0) - 8, 0);
  }

  private static int opaque(Path file, BufferedImage image, int x, int y) {
    int argb = image.getRGB(x, y);
    if (argb >>> 24 != 0xff) {
      throw InputException.expected(
          file, "an opaque image", "a transparent pixel at column " + x + ", row " + y);
    }
    return argb;
  }

  private static int luma(int rgb) {
    return (299 * (rgb >> 16 & 0xff) + 587 * (rgb >> 8 & 0xff) + 114 * (rgb & 0xff) + 500) / 1000;
  }

  private static InputException wrongSize(Path file, Shape shape, int width, int height) {
    return InputException.expected(
        file, "images of " + shape.dim(2) + "x" + shape.dim(1), width + "x" + height);
  }
}
