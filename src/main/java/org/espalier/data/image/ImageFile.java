package org.espalier.data.image;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.espalier.InputException;
import org.espalier.data.Images;
import org.espalier.data.binary.Idx;
import org.espalier.data.binary.IdxData;
import org.espalier.io.RegularFile;
import org.espalier.tensor.Shape;

/**
 * Images to be classified: one PNG or JPEG file, or an IDX file of many (see {@link IdxData}).
 * Images of 16 bits are cut to their upper 8; what is transparent lies on white; a JPEG is turned
 * as its Exif orientation says; colour profiles are not applied.
 *
 * <p>For a network that takes grey images colours become grey by the weights 0.299, 0.587 and 0.114
 * of red, green and blue as stored, and nothing is resized or inverted: an image must have the size
 * and the background of those that the network was trained with. For one that takes colours grey
 * becomes three equal channels, and an image of another size is treated as in {@link ImageFolder}.
 */
public final class ImageFile {
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
    if (shape.dim(0) == GREY && isIdx(file)) {
      return Idx.images(file, shape);
    }
    EncodedImage encoded = ImageDecoder.open(file);
    if (shape.dim(0) == GREY && !hasSize(encoded, shape)) {
      throw InputException.expected(
          file,
          "images of " + shape.dim(2) + "x" + shape.dim(1),
          encoded.shownWidth() + "x" + encoded.shownHeight());
    }
    Picture picture = ImageDecoder.decode(file, encoded);
    if (shape.dim(0) == GREY) {
      return new Images(shape, picture.grey());
    }
    byte[] pixels = new byte[shape.size()];
    write(picture, shape, pixels, 0);
    return new Images(shape, pixels);
  }

  /**
   * Returns the PNG and JPEG files in a folder and below in the order of their paths, told by the
   * ends of their names as in {@link ClassFolders}. Links to folders are not followed.
   *
   * @throws InputException if there are none
   */
  public static List<Path> below(Path folder) {
    List<Path> found = new ArrayList<>();
    try {
      Path start = folder.toRealPath();
      Files.walkFileTree(
          start,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path inner, BasicFileAttributes attributes) {
              return inner.equals(start) || !ClassFolders.isHidden(inner)
                  ? FileVisitResult.CONTINUE
                  : FileVisitResult.SKIP_SUBTREE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              if (ClassFolders.isImage(file) && !ClassFolders.isHidden(file)) {
                found.add(folder.resolve(start.relativize(file)));
              }
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) {
              throw InputException.reading(file, e);
            }
          });
    } catch (IOException e) {
      throw InputException.reading(folder, e);
    }
    if (found.isEmpty()) {
      throw InputException.expected(
          folder, "a folder with files called .png, .jpg or .jpeg in it or below", "none");
    }
    Collections.sort(found);
    return found;
  }

  /** Returns whether an image has the height and width of a shape as it is. */
  static boolean hasSize(EncodedImage image, Shape shape) {
    return image.shownWidth() == shape.dim(2) && image.shownHeight() == shape.dim(1);
  }

  /**
   * Writes the channels of an image one behind the other.
   *
   * @param shape what the image is brought to: {@code [3, height, width]}
   */
  static void write(Picture image, Shape shape, byte[] to, int offset) {
    for (int c = 0; c < COLOURS; c++) {
      int at = offset + c * shape.dim(1) * shape.dim(2);
      byte[] plane = image.colour(c);
      if (image.width() == shape.dim(2) && image.height() == shape.dim(1)) {
        System.arraycopy(plane, 0, to, at, plane.length);
      } else {
        Resize.plane(plane, image.height(), image.width(), to, at, shape.dim(1), shape.dim(2));
      }
    }
  }

  private static boolean isIdx(Path file) {
    try (InputStream in = RegularFile.open(file)) {
      return Idx.isImages(in.readNBytes(4));
    } catch (IOException e) {
      throw InputException.reading(file, e);
    }
  }
}
