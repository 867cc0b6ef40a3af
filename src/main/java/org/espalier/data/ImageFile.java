package org.espalier.data;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.espalier.InputException;
import org.espalier.tensor.Shape;

/**
 * Images to be classified: one PNG, JPEG, BMP or GIF file, or an IDX file of many (see {@link
 * IdxData}). Colours become grey by the weights 0.299, 0.587 and 0.114 of red, green and blue as
 * stored; images of 16 bits are cut to their upper 8. Nothing is resized or inverted: an image must
 * have the size and the background of those that the network was trained with.
 */
public final class ImageFile {
  private ImageFile() {}

  /**
   * Reads the images of a file.
   *
   * @param shape what the network takes: {@code [1, height, width]}
   * @throws InputException if the file can't be read or its images have another size
   */
  public static Images read(Path file, Shape shape) {
    if (shape.rank() != 3 || shape.dim(0) != 1) {
      throw InputException.expected(
          file, "a network that takes grey images [1, height, width]", "one that takes " + shape);
    }
    Images images = isIdx(file) ? Idx.images(file) : new Images(shape, readOne(file, shape));
    if (!images.shape().equals(shape)) {
      throw wrongSize(file, shape, images.shape().dim(2), images.shape().dim(1));
    }
    return images;
  }

  private static boolean isIdx(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return Idx.isImages(in.readNBytes(4));
    } catch (IOException e) {
      throw InputException.reading(file, e);
    }
  }

  private static byte[] readOne(Path file, Shape shape) {
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
        if (reader.getWidth(0) != shape.dim(2) || reader.getHeight(0) != shape.dim(1)) {
          throw wrongSize(file, shape, reader.getWidth(0), reader.getHeight(0));
        }
        return grey(file, reader.read(0));
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
    // getRGB would take stored grey for linear light and brighten it.
    boolean stored =
        image.getColorModel().getColorSpace().getType() == ColorSpace.TYPE_GRAY
            && !(image.getColorModel() instanceof IndexColorModel);
    int cut = stored ? Math.max(image.getSampleModel().getSampleSize(0) - 8, 0) : 0;
    for (int y = 0, i = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++, i++) {
        int argb = image.getRGB(x, y);
        if (argb >>> 24 != 0xff) {
          throw InputException.expected(
              file, "an opaque image", "a transparent pixel at column " + x + ", row " + y);
        }
        bytes[i] = (byte) (stored ? image.getRaster().getSample(x, y, 0) >> cut : luma(argb));
      }
    }
    return bytes;
  }

  private static int luma(int rgb) {
    return (299 * (rgb >> 16 & 0xff) + 587 * (rgb >> 8 & 0xff) + 114 * (rgb & 0xff) + 500) / 1000;
  }

  private static InputException wrongSize(Path file, Shape shape, int width, int height) {
    return InputException.expected(
        file, "images of " + shape.dim(2) + "x" + shape.dim(1), width + "x" + height);
  }
}
