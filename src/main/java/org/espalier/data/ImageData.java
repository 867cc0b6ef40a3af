package org.espalier.data;

import java.nio.file.Path;
import java.util.function.Consumer;
import org.espalier.InputException;
import org.espalier.tensor.Shape;
import org.jspecify.annotations.Nullable;

/**
 * Labelled images, in whichever form a folder has them, which is told by the names in it: the
 * binary files of CIFAR-10 or CIFAR-100, image files in a folder for each class ({@link
 * ImageFolder}), or IDX files ({@link IdxData}).
 */
public final class ImageData {
  private ImageData() {}

  /** Returns whether a folder has image files, which may be brought to another size. */
  public static boolean areFiles(Path folder) {
    return CifarData.FORMATS.stream().noneMatch(c -> c.isIn(folder)) && ImageFolder.isIn(folder);
  }

  /**
   * Reads training and test part.
   *
   * @param path a folder; of IDX files also one of them
   * @param shape what image files are brought to, {@code [3, height, width]}, or null if all must
   *     have one size
   * @param warnings receives a line for each thing that the user should know
   * @throws InputException if a file is missing or wrong
   */
  public static Split read(Path path, @Nullable Shape shape, Consumer<String> warnings) {
    for (CifarData cifar : CifarData.FORMATS) {
      if (cifar.isIn(path)) {
        return cifar.read(path);
      }
    }
    return ImageFolder.isIn(path) ? ImageFolder.read(path, shape, warnings) : IdxData.read(path);
  }

  /**
   * Reads the test part alone, to be judged by; of IDX also any other file of images.
   *
   * @throws InputException if a file is missing or wrong
   */
  public static Dataset readTest(Path path, @Nullable Shape shape, Consumer<String> warnings) {
    for (CifarData cifar : CifarData.FORMATS) {
      if (cifar.isIn(path)) {
        return cifar.readTest(path);
      }
    }
    return ImageFolder.isIn(path)
        ? ImageFolder.readTest(path, shape, warnings)
        : IdxData.readPart(path);
  }
}
