package org.espalier.data.binary;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.espalier.InputException;
import org.espalier.data.ClassNames;
import org.espalier.data.Dataset;
import org.espalier.data.Split;
import org.espalier.tensor.Shape;
import org.jspecify.annotations.Nullable;

/**
 * Datasets in IDX files, under the names that MNIST gave them: {@code train-images-idx3-ubyte},
 * {@code train-labels-idx1-ubyte}, {@code t10k-images-idx3-ubyte}, {@code t10k-labels-idx1-ubyte},
 * each with or without {@code .gz}; a dot before {@code idx} is accepted.
 *
 * <p>The classes are named by a file {@code classes.txt} in the same folder, one name a line in the
 * order of the labels. Without one they are Fashion-MNIST's where the data are known to be that,
 * else the digits 0 to 9.
 */
public final class IdxData {
  private static final String TRAIN = "train";
  private static final String TEST = "t10k";
  private static final String CLASSES_FILE = "classes.txt";

  private static final List<String> DIGITS =
      IntStream.range(0, 10).mapToObj(Integer::toString).toList();

  private IdxData() {}

  /**
   * Reads training and test part.
   *
   * @param path a folder with the four files, or one of them
   * @throws InputException if a file is missing or wrong
   */
  public static Split read(Path path) {
    Path folder = path;
    if (!Files.isDirectory(path)) {
      requireExists(path);
      String file = path.getFileName().toString();
      if (!file.startsWith(TRAIN + "-") && !file.startsWith(TEST + "-")) {
        throw InputException.expected(
            path, "a folder with IDX files or one of " + names(TRAIN) + ", " + names(TEST), file);
      }
      folder = path.toAbsolutePath().resolveSibling("");
    }
    Path trainImages = find(folder, TRAIN, "images", "idx3");
    Path trainLabels = find(folder, TRAIN, "labels", "idx1");
    Path testImages = find(folder, TEST, "images", "idx3");
    Path testLabels = find(folder, TEST, "labels", "idx1");
    Dataset training = read(trainImages, trainLabels, null);
    Dataset test = read(testImages, testLabels, null);
    if (!training.examples().shape().equals(test.examples().shape())) {
      throw InputException.expected(
          testImages,
          "images of " + training.examples().shape() + " as in " + trainImages,
          test.examples().shape());
    }
    if (!training.classes().equals(test.classes())) {
      // One part is known as Fashion-MNIST and the other isn't: a mixture, so trust neither.
      training = renamed(training, DIGITS);
      test = renamed(test, DIGITS);
    }
    return new Split(training, test);
  }

  /**
   * Reads one part, to be judged by.
   *
   * @param path a folder, whose test part it is then; or a file of images with the labels beside
   *     it, under the same name but for {@code labels} and {@code idx1}
   * @param wanted the shape that the images must have, or null for any
   * @throws InputException if a file is missing or wrong
   */
  public static Dataset readPart(Path path, @Nullable Shape wanted) {
    if (Files.isDirectory(path)) {
      return read(find(path, TEST, "images", "idx3"), find(path, TEST, "labels", "idx1"), wanted);
    }
    requireExists(path);
    String file = path.getFileName().toString();
    String labels = file.replace("images", "labels").replace("idx3", "idx1");
    if (labels.equals(file)) {
      throw InputException.expected(
          path,
          "a file of images whose name has 'images' in it, and its labels in the same folder",
          file);
    }
    Path beside = path.resolveSibling(labels);
    Path other =
        path.resolveSibling(
            labels.endsWith(".gz") ? labels.substring(0, labels.length() - 3) : labels + ".gz");
    return read(path, !Files.exists(beside) && Files.exists(other) ? other : beside, wanted);
  }

  private static Dataset read(Path imagesFile, Path labelsFile, @Nullable Shape wanted) {
    Idx.Labelled read = Idx.labelled(imagesFile, labelsFile, wanted);
    int[] labels = read.labels();
    Path classesFile = imagesFile.resolveSibling(CLASSES_FILE);
    List<String> named = Files.exists(classesFile) ? ClassNames.read(classesFile) : null;
    List<String> classes = named == null ? DIGITS : named;
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] >= classes.size()) {
        throw InputException.expected(
            labelsFile,
            "labels from 0 to "
                + (classes.size() - 1)
                + (named == null
                    ? " (for more, name the classes in " + classesFile + ")"
                    : " (" + classesFile + " has " + classes.size() + " names)"),
            "label " + labels[i] + " at index " + i);
      }
    }
    Dataset data = new Dataset(imagesFile.toString(), read.images(), labels, classes);
    return named == null && FashionMnist.isKnown(data) ? renamed(data, FashionMnist.CLASSES) : data;
  }

  private static Dataset renamed(Dataset data, List<String> classes) {
    int[] labels = IntStream.range(0, data.size()).map(data::label).toArray();
    return new Dataset(data.name(), data.examples(), labels, classes);
  }

  private static void requireExists(Path path) {
    if (!Files.exists(path)) {
      throw InputException.expected(path, "a folder or file with data", "nothing there");
    }
  }

  /** Returns whether a folder has one of the four files at least. */
  public static boolean isIn(Path folder) {
    return Stream.of(TRAIN, TEST)
        .flatMap(
            part ->
                Stream.of(candidates(part, "images", "idx3"), candidates(part, "labels", "idx1")))
        .flatMap(List::stream)
        .anyMatch(name -> Files.exists(folder.resolve(name)));
  }

  private static Path find(Path folder, String part, String content, String idx) {
    List<String> names = candidates(part, content, idx);
    return names.stream()
        .map(folder::resolve)
        .filter(Files::exists)
        .findFirst()
        .orElseThrow(
            () ->
                InputException.expected(
                    folder, "a file " + names.get(0) + " or " + names.get(1), "none"));
  }

  private static List<String> candidates(String part, String content, String idx) {
    String name = part + "-" + content + "-" + idx + "-ubyte";
    String dotted = part + "-" + content + "." + idx + "-ubyte";
    return List.of(name, name + ".gz", dotted, dotted + ".gz");
  }

  private static String names(String part) {
    return String.format(
        Locale.ROOT, "%s-images-idx3-ubyte[.gz], %s-labels-idx1-ubyte[.gz]", part, part);
  }
}
