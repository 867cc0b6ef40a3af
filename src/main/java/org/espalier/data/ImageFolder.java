package org.espalier.data;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.espalier.InputException;
import org.espalier.tensor.Shape;
import org.jspecify.annotations.Nullable;

/**
 * Image files sorted into folders: {@code train/CLASS/*} and {@code test/CLASS/*} or {@code
 * val/CLASS/*}, PNG or JPEG by the ends {@code .png}, {@code .jpg}, {@code .jpeg}; others and what
 * begins with a dot are passed over. The classes are the folders' names in their order. Images
 * become three channels, whether they have colours or not.
 *
 * <p>All must have one size, or else the size must be given to which they are brought: scaled by
 * the same factor in both directions so that they just cover it (see {@link Resize}), the middle
 * cut out. Images that can't be read are left out with a warning; more than one in a hundred stop
 * the run.
 *
 * <p>What was decoded is kept beside the parts (see {@link ImageCache}).
 */
final class ImageFolder {
  private static final String TRAIN = "train";
  private static final List<String> TESTS = List.of("test", "val");

  /** Most bytes of pixels: what fits an array. */
  private static final int LARGEST = Integer.MAX_VALUE - 8;

  /** One damaged image in so many is borne. */
  private static final int BORNE = 100;

  /** So many damaged images are named; of the others only the number is said. */
  private static final int NAMED = 20;

  private final Path part;
  private final List<String> classes;
  private final List<Path> files = new ArrayList<>();
  private final List<Integer> labels = new ArrayList<>();

  /** Lists the files of a part. */
  private ImageFolder(Path part, List<String> classes) {
    this.part = part;
    this.classes = classes;
    List<String> unknown = new ArrayList<>(folders(part));
    unknown.removeAll(classes);
    if (!unknown.isEmpty()) {
      throw InputException.expected(
          part, "the folders that " + TRAIN + " has", "also " + unknown.getFirst());
    }
    for (int c = 0; c < classes.size(); c++) {
      Path folder = part.resolve(classes.get(c));
      if (Files.isDirectory(folder)) {
        for (Path file : list(folder, ImageFolder::isImage)) {
          files.add(file);
          labels.add(c);
        }
      }
    }
    if (files.isEmpty()) {
      throw InputException.expected(part, "a folder of PNG or JPEG files for each class", "none");
    }
  }

  /** Returns whether a folder is laid out like this. */
  static boolean isIn(Path folder) {
    return Files.isDirectory(folder.resolve(TRAIN));
  }

  /**
   * Reads training and test part.
   *
   * @param shape what the images are brought to, {@code [3, height, width]}, or null if all must
   *     have one size
   * @param warnings receives a line for each image that is left out
   * @throws InputException if there are none, too many are damaged or they differ in size
   */
  static Split read(Path folder, @Nullable Shape shape, Consumer<String> warnings) {
    List<String> classes = folders(folder.resolve(TRAIN));
    Path testPart = testPart(folder);
    Dataset training = new ImageFolder(folder.resolve(TRAIN), classes).dataset(shape, warnings);
    Dataset test = new ImageFolder(testPart, classes).dataset(shape, warnings);
    if (!test.examples().shape().equals(training.examples().shape())) {
      throw otherSize(
          testPart,
          training.examples().shape(),
          test.examples().shape().dim(2),
          test.examples().shape().dim(1));
    }
    return new Split(training, test);
  }

  /** Reads the test part alone. */
  static Dataset readTest(Path folder, @Nullable Shape shape, Consumer<String> warnings) {
    List<String> classes = folders(folder.resolve(TRAIN));
    return new ImageFolder(testPart(folder), classes).dataset(shape, warnings);
  }

  private static Path testPart(Path folder) {
    return TESTS.stream()
        .map(folder::resolve)
        .filter(Files::isDirectory)
        .findFirst()
        .orElseThrow(
            () ->
                InputException.expected(folder, "a folder test or val beside " + TRAIN, "neither"));
  }

  private static List<String> folders(Path part) {
    return list(part, Files::isDirectory).stream().map(p -> p.getFileName().toString()).toList();
  }

  private static boolean isImage(Path file) {
    String name = file.toString().toLowerCase(Locale.ROOT);
    return name.endsWith(".png") || name.endsWith(".jpg") || name.endsWith(".jpeg");
  }

  /** Returns what is in a folder in the order of the names, but for what begins with a dot. */
  private static List<Path> list(Path folder, Predicate<Path> wanted) {
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(p -> !p.getFileName().toString().startsWith("."))
          .filter(wanted)
          .sorted(Comparator.comparing(p -> p.getFileName().toString()))
          .toList();
    } catch (IOException e) {
      throw InputException.reading(folder, e);
    }
  }

  private Dataset dataset(@Nullable Shape shape, Consumer<String> warnings) {
    ImageCache cache = ImageCache.of(part, shape, classes, files);
    ImageCache.Content content = cache.read();
    if (content == null) {
      content = decode(shape);
      cache.write(content);
    }
    warn(content.damaged(), warnings);
    Images images = new Images(content.shape(), content.pixels());
    return new Dataset(part.toString(), images, content.labels(), classes);
  }

  private void warn(List<String> damaged, Consumer<String> warnings) {
    damaged.stream().limit(NAMED).forEach(message -> warnings.accept("left out: " + message));
    if (!damaged.isEmpty()) {
      warnings.accept(part + ": left out " + damaged.size() + " damaged of " + files.size());
    }
  }

  private ImageCache.Content decode(@Nullable Shape wanted) {
    Shape shape = wanted == null ? sizeOfFirst() : wanted;
    if ((long) files.size() * shape.size() > LARGEST) {
      throw InputException.expected(
          part,
          "at most " + LARGEST / shape.size() + " images of " + shape + ", to fit the memory",
          files.size());
    }
    byte[] pixels = new byte[files.size() * shape.size()];
    List<String> problems =
        IntStream.range(0, files.size())
            .parallel()
            .mapToObj(i -> decode(files.get(i), shape, wanted != null, pixels, i))
            .toList();
    int[] intact =
        IntStream.range(0, files.size()).filter(i -> problems.get(i).isEmpty()).toArray();
    List<String> messages = problems.stream().filter(m -> !m.isEmpty()).toList();
    if (messages.size() * (long) BORNE > files.size()) {
      throw tooMany(messages);
    }
    return new ImageCache.Content(
        shape,
        intact.length == files.size() ? pixels : new Images(shape, pixels).part(intact).bytes(),
        Arrays.stream(intact).map(labels::get).toArray(),
        messages);
  }

  private InputException tooMany(List<String> messages) {
    return InputException.expected(
        part,
        "at most one damaged image in " + BORNE,
        messages.size() + " of " + files.size() + ", the first: " + messages.getFirst());
  }

  /**
   * Decodes one image into its place; returns what is wrong with it, which is empty if nothing is.
   */
  private static String decode(Path file, Shape shape, boolean resize, byte[] pixels, int i) {
    BufferedImage image;
    try {
      image = ImageFile.readColours(file);
    } catch (InputException e) {
      return String.valueOf(e.getMessage());
    }
    if (!resize && (image.getWidth() != shape.dim(2) || image.getHeight() != shape.dim(1))) {
      throw otherSize(file, shape, image.getWidth(), image.getHeight());
    }
    try {
      ImageFile.write(file, image, shape, pixels, i * shape.size());
    } catch (InputException e) {
      return String.valueOf(e.getMessage());
    }
    return "";
  }

  private Shape sizeOfFirst() {
    List<String> damaged = new ArrayList<>();
    for (Path file : files) {
      try {
        BufferedImage image = ImageFile.readColours(file);
        return Shape.of(3, image.getHeight(), image.getWidth());
      } catch (InputException e) {
        damaged.add(String.valueOf(e.getMessage()));
      }
    }
    throw tooMany(damaged);
  }

  private static InputException otherSize(Path where, Shape shape, int width, int height) {
    return InputException.expected(
        where,
        "images that all are "
            + shape.dim(2)
            + "x"
            + shape.dim(1)
            + " as the first, or an image size to bring them to",
        width + "x" + height);
  }
}
