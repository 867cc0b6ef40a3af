package org.espalier.data;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.espalier.InputException;
import org.espalier.tensor.Shape;
import org.jspecify.annotations.Nullable;

/**
 * Datasets in the binary files of CIFAR: records of labels and a colour image of 32×32, 1024 red,
 * 1024 green and 1024 blue bytes. Any number of records will do.
 *
 * <ul>
 *   <li>CIFAR-10: {@code data_batch_1.bin} to {@code data_batch_5.bin} and {@code test_batch.bin},
 *       one label byte a record. The classes are named by {@code batches.meta.txt} beside them,
 *       without it as CIFAR-10 does.
 *   <li>CIFAR-100: {@code train.bin} and {@code test.bin}, two label bytes a record, coarse and
 *       fine, of which the fine is used. The classes are named by {@code fine_label_names.txt},
 *       without it by their numbers.
 * </ul>
 */
public final class CifarData {
  private static final Shape SHAPE = Shape.of(3, 32, 32);

  private static final Kind CIFAR_10 =
      new Kind(
          IntStream.rangeClosed(1, 5).mapToObj(i -> "data_batch_" + i + ".bin").toList(),
          "data_batch_*.bin",
          "test_batch.bin",
          List.of(
              new Level(
                  "label",
                  "batches.meta.txt",
                  List.of(
                      "airplane",
                      "automobile",
                      "bird",
                      "cat",
                      "deer",
                      "dog",
                      "frog",
                      "horse",
                      "ship",
                      "truck"))));

  private static final Kind CIFAR_100 =
      new Kind(
          List.of("train.bin"),
          "train.bin",
          "test.bin",
          List.of(
              new Level("coarse label", "coarse_label_names.txt", ClassNames.numbers(20)),
              new Level("fine label", "fine_label_names.txt", ClassNames.numbers(100))));

  /**
   * One of the two.
   *
   * @param training files of the training part
   * @param trainingName what they are called together
   * @param test file of the test part
   * @param levels the labels of a record, the last of which is used
   */
  private record Kind(List<String> training, String trainingName, String test, List<Level> levels) {
    /** Returns the bytes of a record. */
    int recordSize() {
      return levels.size() + SHAPE.size();
    }

    boolean owns(String file) {
      return training.contains(file) || test.equals(file);
    }

    boolean isIn(Path folder) {
      return Files.exists(folder.resolve(test))
          || training.stream().anyMatch(f -> Files.exists(folder.resolve(f)));
    }
  }

  /**
   * One label of a record.
   *
   * @param what what it is called in messages
   * @param namesFile file with the names of its classes
   * @param names their names without that file
   */
  private record Level(String what, String namesFile, List<String> names) {
    List<String> names(Path folder) {
      Path file = folder.resolve(namesFile);
      return Files.exists(file) ? ClassNames.read(file) : names;
    }
  }

  private CifarData() {}

  /** Returns whether a path is one of these by its name, or a folder that has one in it. */
  public static boolean isCifar(Path path) {
    return kind(path) != null;
  }

  /**
   * Reads training and test part.
   *
   * @param path a folder with the files, or one of them
   * @throws InputException if a file is missing or wrong
   */
  public static Split read(Path path) {
    Kind kind = requireKind(path);
    Path folder = Files.isDirectory(path) ? path : path.toAbsolutePath().resolveSibling("");
    List<Path> training = kind.training().stream().map(folder::resolve).toList();
    return new Split(
        read(kind, folder, training, folder.resolve(kind.trainingName()).toString()),
        readTest(kind, folder));
  }

  /**
   * Reads one part, to be judged by.
   *
   * @param path a folder, whose test part it is then, or one of the files
   * @throws InputException if a file is missing or wrong
   */
  public static Dataset readPart(Path path) {
    Kind kind = requireKind(path);
    return Files.isDirectory(path)
        ? readTest(kind, path)
        : read(kind, path.toAbsolutePath().resolveSibling(""), List.of(path), path.toString());
  }

  private static @Nullable Kind kind(Path path) {
    boolean folder = Files.isDirectory(path);
    for (Kind kind : List.of(CIFAR_10, CIFAR_100)) {
      if (folder ? kind.isIn(path) : kind.owns(String.valueOf(path.getFileName()))) {
        return kind;
      }
    }
    return null;
  }

  private static Kind requireKind(Path path) {
    Kind kind = kind(path);
    if (kind == null) {
      throw InputException.expected(
          path, "CIFAR files (data_batch_1.bin …, or train.bin and test.bin)", "none");
    }
    return kind;
  }

  private static Dataset readTest(Kind kind, Path folder) {
    Path file = folder.resolve(kind.test());
    return read(kind, folder, List.of(file), file.toString());
  }

  private static Dataset read(Kind kind, Path folder, List<Path> files, String name) {
    int[] counts = new int[files.size()];
    long total = 0;
    for (int f = 0; f < counts.length; f++) {
      long records = records(kind, files.get(f));
      total += records;
      if (total * SHAPE.size() > Images.MOST_BYTES) {
        throw InputException.expected(
            files.get(f),
            "at most " + Images.MOST_BYTES / SHAPE.size() + " images in all files",
            total);
      }
      counts[f] = (int) records;
    }
    List<List<String>> names = kind.levels().stream().map(l -> l.names(folder)).toList();
    int[] classes = names.stream().mapToInt(List::size).toArray();
    byte[] pixels = new byte[(int) total * SHAPE.size()];
    int[] labels = new int[(int) total];
    int from = 0;
    for (int f = 0; f < counts.length; f++) {
      readRecords(kind, files.get(f), classes, counts[f], pixels, labels, from);
      from += counts[f];
    }
    return new Dataset(name, new Images(SHAPE, pixels), labels, names.getLast());
  }

  /** Returns how many records a file has by its size. */
  private static long records(Kind kind, Path file) {
    try {
      long size = Files.size(file);
      if (size == 0 || size % kind.recordSize() != 0) {
        throw InputException.expected(
            file,
            "records of " + kind.recordSize() + " bytes",
            size == 0
                ? "an empty file"
                : size + " bytes, the last record of " + size % kind.recordSize());
      }
      return size / kind.recordSize();
    } catch (IOException e) {
      throw InputException.reading(file, e);
    }
  }

  /**
   * Reads all records of a file.
   *
   * @param classes how many classes each level of labels has
   * @param from index of the first record among the examples
   */
  private static void readRecords(
      Kind kind, Path file, int[] classes, int count, byte[] pixels, int[] labels, int from) {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      int size = SHAPE.size();
      for (int i = 0; i < count; i++) {
        for (int l = 0; l < classes.length; l++) {
          int label = in.read();
          if (label >= classes[l]) {
            String what = kind.levels().get(l).what();
            throw InputException.expected(
                file,
                what + "s from 0 to " + (classes[l] - 1),
                what + " " + label + " in record " + i);
          }
          labels[from + i] = label;
        }
        if (in.readNBytes(pixels, (from + i) * size, size) < size) {
          throw new EOFException(); // it has shrunk meanwhile
        }
      }
    } catch (IOException e) {
      throw InputException.reading(file, e);
    }
  }
}
