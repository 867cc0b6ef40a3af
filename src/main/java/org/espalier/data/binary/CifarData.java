package org.espalier.data.binary;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.espalier.InputException;
import org.espalier.Internal;
import org.espalier.data.ClassNames;
import org.espalier.data.Dataset;
import org.espalier.data.Images;
import org.espalier.data.Split;
import org.espalier.io.RegularFile;
import org.espalier.tensor.Shape;

/**
 * CIFAR-10 and CIFAR-100 in their binary form: a record is a label byte, in CIFAR-100 the coarse
 * and the fine label, of which the fine one is used, and 32x32 pixels of red, of green and of blue.
 * CIFAR-10 are the files {@code data_batch_1.bin} to {@code data_batch_5.bin} and {@code
 * test_batch.bin}, CIFAR-100 {@code train.bin} and {@code test.bin}; each has any number of
 * records.
 *
 * <p>The classes are named by {@code batches.meta.txt} or {@code fine_label_names.txt} beside them.
 * Without one they are those known of CIFAR-10, or the numbers 0 to 99.
 */
@Internal
public final class CifarData {
  private static final Shape SHAPE = Shape.of(3, 32, 32);

  /** Most bytes of pixels: what fits an array. */
  private static final int LARGEST = Integer.MAX_VALUE - 8;

  /** CIFAR-10 and CIFAR-100. */
  public static final List<CifarData> FORMATS =
      List.of(
          new CifarData(
              IntStream.rangeClosed(1, 5).mapToObj(i -> "data_batch_" + i + ".bin").toList(),
              "test_batch.bin",
              1,
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
                  "truck")),
          new CifarData(
              List.of("train.bin"),
              "test.bin",
              2,
              "fine_label_names.txt",
              IntStream.range(0, 100).mapToObj(Integer::toString).toList()));

  private final List<String> trainFiles;
  private final String testFile;
  private final int labelBytes;
  private final String classesFile;
  private final List<String> knownClasses;

  private CifarData(
      List<String> trainFiles,
      String testFile,
      int labelBytes,
      String classesFile,
      List<String> knownClasses) {
    this.trainFiles = trainFiles;
    this.testFile = testFile;
    this.labelBytes = labelBytes;
    this.classesFile = classesFile;
    this.knownClasses = knownClasses;
  }

  /** Returns whether a folder has one of the files at least. */
  public boolean isIn(Path folder) {
    return Files.exists(folder.resolve(testFile))
        || trainFiles.stream().anyMatch(name -> Files.exists(folder.resolve(name)));
  }

  /**
   * Reads training and test part.
   *
   * @throws InputException if a file is missing or wrong
   */
  public Split read(Path folder) {
    return new Split(
        read(folder, trainFiles, folder.resolve(trainFiles.getFirst()).toString()),
        readTest(folder));
  }

  /** Reads the test part alone. */
  public Dataset readTest(Path folder) {
    return read(folder, List.of(testFile), folder.resolve(testFile).toString());
  }

  private Dataset read(Path folder, List<String> names, String dataName) {
    Path namesFile = folder.resolve(classesFile);
    List<String> classes = Files.exists(namesFile) ? ClassNames.read(namesFile) : knownClasses;
    List<Path> files = names.stream().map(folder::resolve).toList();
    for (Path file : files) {
      if (!Files.exists(file)) {
        throw InputException.expected(folder, "a file " + file.getFileName(), "none");
      }
    }
    int[] counts = files.stream().mapToInt(this::records).toArray();
    long count = IntStream.of(counts).asLongStream().sum();
    if (count * SHAPE.size() > LARGEST) {
      throw InputException.expected(folder, "at most " + LARGEST / SHAPE.size() + " images", count);
    }
    byte[] pixels = new byte[(int) count * SHAPE.size()];
    int[] labels = new int[(int) count];
    int done = 0;
    for (int f = 0; f < counts.length; f++) {
      read(files.get(f), counts[f], classes.size(), pixels, labels, done);
      done += counts[f];
    }
    return new Dataset(dataName, new Images(SHAPE, pixels), labels, classes);
  }

  /** Returns how many records a file has by its size. */
  private int records(Path file) {
    int record = labelBytes + SHAPE.size();
    try {
      long size = RegularFile.size(file);
      if (size == 0 || size % record != 0 || size / record > LARGEST) {
        throw InputException.expected(
            file,
            "records of " + record + " bytes (" + labelBytes + " of labels, 3x32x32 pixels)",
            size + " bytes, " + size % record + " behind the last whole one");
      }
      return (int) (size / record);
    } catch (IOException e) {
      throw InputException.reading(file, e);
    }
  }

  private void read(Path file, int count, int classes, byte[] pixels, int[] labels, int done) {
    byte[] label = new byte[labelBytes];
    try (InputStream in = new BufferedInputStream(RegularFile.open(file), 1 << 16)) {
      for (int i = done; i < done + count; i++) {
        if (in.readNBytes(label, 0, labelBytes) < labelBytes
            || in.readNBytes(pixels, i * SHAPE.size(), SHAPE.size()) < SHAPE.size()) {
          throw InputException.expected(file, count + " records", i - done);
        }
        labels[i] = label[labelBytes - 1] & 0xff;
        if (labels[i] >= classes) {
          throw InputException.expected(
              file,
              "labels from 0 to " + (classes - 1),
              "label " + labels[i] + " in record " + (i - done));
        }
      }
    } catch (IOException e) {
      throw InputException.reading(file, e);
    }
  }
}
