package org.espalier.data.image;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Semaphore;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.espalier.InputException;
import org.espalier.io.RegularFile;

/**
 * Decodes PNG and JPEG files. What a file claims is held against limits before anything of that
 * size is allocated: pixels, how many of them come out of a byte, how often a decoder goes over
 * them, and what the heap can hold. Images that are decoded at the same time share the heap: one
 * waits for another.
 */
final class ImageDecoder {
  /** Longest file. */
  private static final int MOST_BYTES = 1 << 28;

  /** Most pixels of one image. */
  private static final int MOST_PIXELS = 1 << 26;

  /** An image of more pixels than this isn't all of one colour, unless to exhaust memory. */
  private static final int LARGE = 1 << 24;

  /** Most pixels that a byte of a large image may hold. */
  private static final int DENSEST = 128;

  /** Encoders that are in use make some twenty. */
  private static final int MOST_SCANS = 64;

  /** Most pixels times scans. */
  private static final long MOST_WORK = 1L << 30;

  /** A decoded pixel, with a copy in planes and what the decoder takes. */
  private static final int BYTES_OF_PIXEL = 12;

  /** So many pixels may be decoded at a time, of all images together: half of the heap. */
  private static final int HELD =
      (int) Math.min(Runtime.getRuntime().maxMemory() / 2 / BYTES_OF_PIXEL, MOST_PIXELS);

  private static final Semaphore PIXELS = new Semaphore(HELD);

  private ImageDecoder() {}

  /**
   * Looks at a file without decoding it.
   *
   * @throws InputException if it can't be read, is no PNG or JPEG, is damaged or beyond a limit
   */
  static EncodedImage open(Path path) {
    byte[] file;
    try (InputStream in = RegularFile.open(path)) {
      file = in.readNBytes(MOST_BYTES + 1);
    } catch (IOException e) {
      throw InputException.reading(path, e);
    }
    if (file.length > MOST_BYTES) {
      throw InputException.expected(path, "an image of at most 256 MiB", "a longer file");
    }
    byte[] start = Arrays.copyOf(file, Math.min(file.length, ImageFormat.START));
    EncodedImage image =
        switch (ImageFormat.of(start).orElse(null)) {
          case PNG -> Png.parse(path, file);
          case JPEG -> Jpeg.parse(path, file);
          case null, default ->
              throw InputException.expected(
                  path, "an image (PNG, JPEG, IDX)", ImageFormat.describe(start));
        };
    checkLimits(path, image, file.length);
    return image;
  }

  private static void checkLimits(Path path, EncodedImage image, int bytes) {
    long pixels = (long) image.width() * image.height();
    String size = image.width() + "x" + image.height();
    if (pixels > MOST_PIXELS) {
      throw InputException.expected(path, "an image of at most 2^26 pixels", size);
    }
    if (pixels > LARGE && pixels > (long) DENSEST * bytes) {
      throw InputException.expected(
          path,
          "at most " + DENSEST + " pixels for each byte of a file of more than 2^24 pixels",
          size + " in " + bytes + " bytes");
    }
    if (image.scans() > MOST_SCANS || image.scans() * pixels > MOST_WORK) {
      throw InputException.expected(
          path,
          "at most " + Math.min(MOST_SCANS, MOST_WORK / pixels) + " scans of " + size + " pixels",
          image.scans());
    }
    if (pixels > HELD) {
      throw InputException.expected(
          path, "at most " + HELD + " pixels, which the heap can hold", size);
    }
  }

  /**
   * Decodes what was looked at.
   *
   * @throws InputException if it is damaged
   */
  static Picture decode(Path path, EncodedImage image) {
    int pixels = image.width() * image.height();
    PIXELS.acquireUninterruptibly(pixels);
    try {
      return read(path, image).turned(image.orientation());
    } catch (IOException | RuntimeException e) {
      // The decoders of the JDK answer some damaged files with an index out of bounds and the like.
      throw e instanceof InputException known
          ? known
          : new InputException(path + ": can't be read: the image is damaged", e);
    } finally {
      PIXELS.release(pixels);
    }
  }

  private static Picture read(Path path, EncodedImage image) throws IOException {
    ImageReader reader = ImageIO.getImageReadersByFormatName(image.format().name()).next();
    try (ImageInputStream in =
        new MemoryCacheImageInputStream(new ByteArrayInputStream(image.bytes()))) {
      reader.setInput(in, true, true);
      if (reader.getWidth(0) != image.width() || reader.getHeight(0) != image.height()) {
        throw new InputException(path + ": can't be read: the image is damaged");
      }
      List<String> complaints = new ArrayList<>();
      reader.addIIOReadWarningListener((_, message) -> complaints.add(message));
      Picture picture =
          image.inks()
              ? Picture.ofInks(reader.readRaster(0, null), image.adobe())
              : Picture.of(reader.read(0));
      // A JPEG that was cut off is no error to the decoder, which makes the rest grey.
      if (complaints.stream().anyMatch(message -> message.startsWith("Truncated File"))) {
        throw InputException.expected(path, "a whole image", "one that was cut off");
      }
      return picture;
    } finally {
      reader.dispose();
    }
  }
}
