package org.espalier.data.binary;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Set;
import org.espalier.InputException;
import org.espalier.data.Dataset;
import org.espalier.data.Split;

/**
 * Fashion-MNIST (Xiao, Rasul, Vollgraf, "Fashion-MNIST: a novel image dataset for benchmarking
 * machine learning algorithms", 2017; © Zalando SE, MIT licence): grey images of clothing, 28×28,
 * ten classes. A class-balanced part of it is embedded in the program.
 */
public final class FashionMnist {
  /** Names of the classes in the order of the labels. */
  public static final List<String> CLASSES =
      List.of(
          "T-shirt/top",
          "Trouser",
          "Pullover",
          "Dress",
          "Coat",
          "Sandal",
          "Shirt",
          "Sneaker",
          "Bag",
          "Ankle boot");

  /** Digests of the 60,000 training and the 10,000 test examples. */
  private static final Set<String> FULL =
      Set.of(
          "f2e36ab660ad667875923ed73e1d90f96c5c8f8efd6393f6bf9f5a5c9a358f24",
          "bb3d2a0eb1cf5c40cb24a124006d1379fa8bf0a910549be0daa4a461e0cf8e34");

  private static final String FOLDER = "fashion-mnist/";

  private FashionMnist() {}

  /**
   * Returns the embedded part: of each class the first 1,000 training and the first 200 test
   * examples, in the order of the original files.
   *
   * @throws InputException if it isn't on the class path: the program has it, the library hasn't
   */
  public static Split embedded() {
    return new Split(
        embedded("train", "Fashion-MNIST, embedded training part"),
        embedded("t10k", "Fashion-MNIST, embedded test part"));
  }

  /** Returns whether this is one of the two parts of the full set. */
  static boolean isKnown(Dataset data) {
    return FULL.contains(data.digest());
  }

  private static Dataset embedded(String part, String name) {
    String images = FOLDER + part + "-images-idx3-ubyte.gz";
    String labels = FOLDER + part + "-labels-idx1-ubyte.gz";
    byte[] imageBytes = bytes(images);
    byte[] labelBytes = bytes(labels);
    try {
      return new Dataset(
          name,
          Idx.images(images, new ByteArrayInputStream(imageBytes), imageBytes.length),
          Idx.labels(labels, new ByteArrayInputStream(labelBytes), labelBytes.length),
          CLASSES);
    } catch (IOException e) {
      throw new UncheckedIOException("the jar is damaged at " + images, e);
    }
  }

  private static byte[] bytes(String file) {
    try (InputStream in = FashionMnist.class.getResourceAsStream(file)) {
      if (in == null) {
        throw InputException.expected(
            "Fashion-MNIST",
            "the embedded part on the class path, as in the jar with classifier 'all'",
            "the library alone: take that jar, or read the four IDX files of Debian's package"
                + " dataset-fashion-mnist or github.com/zalandoresearch/fashion-mnist");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("the jar is damaged at " + file, e);
    }
  }
}
