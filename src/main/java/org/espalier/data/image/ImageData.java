package org.espalier.data.image;

import java.nio.file.Path;
import java.util.function.Consumer;
import org.espalier.InputException;
import org.espalier.data.Dataset;
import org.espalier.data.Split;
import org.espalier.data.TrainedOn;
import org.espalier.data.binary.CifarData;
import org.espalier.data.binary.IdxData;
import org.espalier.io.CacheDirectory;
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
   * @param shape what image files are brought to if it has three channels; else, and if it is null,
   *     all must have one size
   * @param share what is held out of image files without a test part, above 0 and below 1, or null
   *     for the usual
   * @param warnings receives a line for each thing that the user should know
   * @throws InputException if a file is missing or wrong
   */
  public static Split read(
      Path path, @Nullable Shape shape, @Nullable Double share, Consumer<String> warnings) {
    for (CifarData cifar : CifarData.FORMATS) {
      if (cifar.isIn(path)) {
        return cifar.read(path);
      }
    }
    return ImageFolder.isIn(path)
        ? folder(path, shape, share, warnings).read()
        : IdxData.read(path);
  }

  private static ImageFolder folder(
      Path path, @Nullable Shape shape, @Nullable Double share, Consumer<String> warnings) {
    boolean colours = shape != null && shape.rank() == 3 && shape.dim(0) == 3;
    return new ImageFolder(path, colours ? shape : null, share, warnings, CacheDirectory.find());
  }

  /**
   * Reads what to judge a model by: the test part alone; of image files without parts what was held
   * out in training, or all if they are other ones; of IDX also any other file of images.
   *
   * @param shape what the model takes: images in files become that, others must be that
   * @param share what is held out and judged of image files without a test part, above 0 and at
   *     most 1, which is all of them; null to tell it by what the model was trained on
   * @throws InputException if a file is missing or wrong
   */
  public static Dataset readTest(
      Path path,
      @Nullable Shape shape,
      @Nullable Double share,
      TrainedOn trained,
      Consumer<String> warnings) {
    for (CifarData cifar : CifarData.FORMATS) {
      if (cifar.isIn(path)) {
        return cifar.readTest(path);
      }
    }
    return ImageFolder.isIn(path)
        ? folder(path, shape, share, warnings).readTest(trained)
        : IdxData.readPart(path, shape);
  }
}
