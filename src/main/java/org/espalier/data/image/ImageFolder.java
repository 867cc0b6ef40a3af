package org.espalier.data.image;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.espalier.InputException;
import org.espalier.data.Dataset;
import org.espalier.data.Images;
import org.espalier.data.Split;
import org.espalier.data.TrainedOn;
import org.espalier.data.binary.IdxData;
import org.espalier.io.CacheDirectory;
import org.espalier.tensor.Shape;
import org.jspecify.annotations.Nullable;

/**
 * Image files in a folder for each class (see {@link ClassFolders}): in {@code train} and {@code
 * test} or {@code val}; or without such parts, then a share of each class is held out (see {@link
 * ImagePart#heldOut}). The classes are the folders' names in their order. Images become three
 * channels, whether they have colours or not.
 *
 * <p>All must have one size, or else the size must be given to which they are brought: scaled by
 * the same factor in both directions so that they just cover it (see {@link Resize}), the middle
 * cut out. Images that can't be read are left out with a warning; more than one in a hundred stop
 * the run.
 *
 * <p>What was decoded is kept for the next time (see {@link ImageCache}).
 */
final class ImageFolder {
  private static final String TRAIN = "train";
  private static final List<String> TESTS = List.of("test", "val");

  /** What is held out of images that are in no parts; the same as of the rows of a table. */
  private static final double USUAL_SHARE = 0.2;

  /** Most bytes of pixels: what fits an array, and in the heap beside the rest. */
  private static final int LARGEST =
      (int) Math.min(Integer.MAX_VALUE - 8, Runtime.getRuntime().maxMemory() / 4 * 3);

  /** One damaged image in so many is borne. */
  private static final int BORNE = 100;

  /** So many damaged images are named; of the others only the number is said. */
  private static final int NAMED = 20;

  private final Path folder;
  private final @Nullable Shape wanted;
  private final @Nullable Double share;
  private final Consumer<String> warnings;
  private final Optional<CacheDirectory> caches;

  /**
   * Makes a reader.
   *
   * @param wanted what the images are brought to, {@code [3, height, width]}, or null if all must
   *     have one size
   * @param share what is held out where there is no test part, above 0 and below 1; null for a
   *     fifth of images that are in no parts
   * @param warnings receives a line for what is left out and how the images are split
   * @param caches where decoded images are kept, if anywhere
   */
  ImageFolder(
      Path folder,
      @Nullable Shape wanted,
      @Nullable Double share,
      Consumer<String> warnings,
      Optional<CacheDirectory> caches) {
    this.folder = folder;
    this.wanted = wanted;
    this.share = share;
    this.warnings = warnings;
    this.caches = caches;
  }

  /** Returns whether a folder is laid out like this. */
  static boolean isIn(Path folder) {
    return Files.isDirectory(folder.resolve(TRAIN))
        || (ClassFolders.areIn(folder) && !IdxData.isIn(folder));
  }

  /**
   * Reads training and test part.
   *
   * @throws InputException if there are none, too many are damaged or they differ in size
   */
  Split read() {
    return isInParts() ? split(parts()) : split(cut());
  }

  private Split split(List<ImagePart> parts) {
    Dataset training = dataset(parts.getFirst());
    Dataset heldOut = dataset(parts.getLast());
    Shape shape = heldOut.examples().shape();
    if (!shape.equals(training.examples().shape())) {
      throw otherSize(
          parts.getLast().name(), training.examples().shape(), shape.dim(2), shape.dim(1));
    }
    return new Split(training, heldOut);
  }

  /**
   * Reads the test part alone. Where there is none and it isn't said which share to judge by, that
   * depends on what the model was trained on.
   */
  Dataset readTest(TrainedOn trained) {
    if (!isInParts()) {
      return share == null ? judged(trained) : dataset(share == 1 ? uncut() : cut().getLast());
    }
    ClassFolders test = ClassFolders.in(testPart().orElseThrow());
    List<String> classes =
        Files.isDirectory(folder.resolve(TRAIN))
            ? ClassFolders.in(folder.resolve(TRAIN)).classes()
            : test.classes();
    return dataset(ImagePart.test(test, classes, warnings));
  }

  private Optional<Path> testPart() {
    return TESTS.stream().map(folder::resolve).filter(Files::isDirectory).findFirst();
  }

  /** Returns whether there is a test part; if not, images are to be held out. */
  private boolean isInParts() {
    boolean train = Files.isDirectory(folder.resolve(TRAIN));
    boolean test =
        testPart().isPresent() && (train || TESTS.containsAll(ClassFolders.in(folder).classes()));
    if (test && share != null) {
      throw InputException.expected(
          "--split", "images without a part to judge by", testPart().orElseThrow());
    }
    if (train && !test && share == null) {
      throw InputException.expected(
          folder,
          "a folder test or val next to " + TRAIN + ", or --split to hold out some of its images",
          "neither");
    }
    return test;
  }

  private List<ImagePart> parts() {
    if (!Files.isDirectory(folder.resolve(TRAIN))) {
      throw InputException.expected(
          folder, "a folder " + TRAIN + " next to " + testPart().orElseThrow(), "none");
    }
    ImagePart training = ImagePart.training(ClassFolders.in(folder.resolve(TRAIN)), warnings);
    ClassFolders test = ClassFolders.in(testPart().orElseThrow());
    return List.of(training, ImagePart.test(test, training.classes(), warnings));
  }

  private ImagePart uncut() {
    Path train = folder.resolve(TRAIN);
    return ImagePart.training(ClassFolders.in(Files.isDirectory(train) ? train : folder), warnings);
  }

  private Dataset judged(TrainedOn trained) {
    ImagePart all = uncut();
    Set<Integer> held = all.heldOut(USUAL_SHARE);
    if (held.isEmpty()) {
      return dataset(all);
    }
    Split split = split(cut(all, held));
    return trained.judged(split, all.name(), () -> joined(all.name(), split), warnings);
  }

  private static Dataset joined(String name, Split split) {
    Dataset first = split.training();
    Dataset second = split.heldOut();
    Shape shape = first.examples().shape();
    checkCount(name, first.size() + second.size(), shape);
    byte[] pixels = ((Images) first.examples()).bytes();
    byte[] others = ((Images) second.examples()).bytes();
    byte[] all = Arrays.copyOf(pixels, pixels.length + others.length);
    System.arraycopy(others, 0, all, pixels.length, others.length);
    int[] labels =
        Stream.of(first, second)
            .flatMapToInt(part -> IntStream.range(0, part.size()).map(part::label))
            .toArray();
    return new Dataset(name, new Images(shape, all), labels, first.classes());
  }

  private List<ImagePart> cut() {
    ImagePart all = uncut();
    double cut = share == null ? USUAL_SHARE : share;
    Set<Integer> held = all.heldOut(cut);
    if (held.isEmpty()) {
      throw InputException.expected(
          all.name(), "two images or more of a class, to hold one out", "one of each");
    }
    warnings.accept(
        String.format(
            Locale.ROOT,
            "%s: of %d images in %d classes %d are held out to judge by (--split %s)",
            all.name(),
            all.files().size(),
            all.classes().size(),
            held.size(),
            cut));
    return cut(all, held);
  }

  private static List<ImagePart> cut(ImagePart all, Set<Integer> held) {
    int count = all.files().size();
    int[] rest = IntStream.range(0, count).filter(i -> !held.contains(i)).toArray();
    int[] chosen = IntStream.range(0, count).filter(held::contains).toArray();
    return List.of(
        all.some(all.name() + ", training images", rest),
        all.some(all.name() + ", held-out images", chosen));
  }

  private Dataset dataset(ImagePart part) {
    Optional<ImageCache> cache = caches.map(c -> ImageCache.of(c, folder, part, wanted));
    ImageCache.Content content = cache.map(ImageCache::read).orElse(null);
    if (content == null) {
      ImageCache.Content decoded = decode(part);
      cache.ifPresent(c -> c.write(decoded, warnings));
      content = decoded;
    }
    List<String> damaged = content.damaged();
    damaged.stream().limit(NAMED).forEach(message -> warnings.accept("left out: " + message));
    if (!damaged.isEmpty()) {
      warnings.accept(
          part.name() + ": left out " + damaged.size() + " damaged of " + part.files().size());
    }
    Images images = new Images(content.shape(), content.pixels());
    return new Dataset(part.name(), images, content.labels(), part.classes());
  }

  private ImageCache.Content decode(ImagePart part) {
    List<Path> files = part.files();
    Shape shape = wanted == null ? sizeOfFirst(part) : wanted;
    checkCount(part.name(), files.size(), shape);
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
      throw tooMany(part, messages);
    }
    return new ImageCache.Content(
        shape,
        intact.length == files.size() ? pixels : new Images(shape, pixels).part(intact).bytes(),
        Arrays.stream(intact).map(part.labels()::get).toArray(),
        messages);
  }

  private static void checkCount(String name, int images, Shape shape) {
    if ((long) images * shape.size() > LARGEST) {
      throw InputException.expected(
          name,
          "at most " + LARGEST / shape.size() + " images of " + shape + ", to fit the memory",
          images);
    }
  }

  private static InputException tooMany(ImagePart part, List<String> messages) {
    return InputException.expected(
        part.name(),
        "at most one damaged image in " + BORNE,
        messages.size() + " of " + part.files().size() + ", the first: " + messages.getFirst());
  }

  /**
   * Decodes one image into its place; returns what is wrong with it, which is empty if nothing is.
   */
  private static String decode(Path file, Shape shape, boolean resize, byte[] pixels, int i) {
    EncodedImage encoded;
    try {
      encoded = ImageDecoder.open(file);
    } catch (InputException e) {
      return String.valueOf(e.getMessage());
    }
    if (!resize && !ImageFile.hasSize(encoded, shape)) {
      throw otherSize(file, shape, encoded.shownWidth(), encoded.shownHeight());
    }
    try {
      ImageFile.write(ImageDecoder.decode(file, encoded), shape, pixels, i * shape.size());
    } catch (InputException e) {
      return String.valueOf(e.getMessage());
    }
    return "";
  }

  private static Shape sizeOfFirst(ImagePart part) {
    List<String> damaged = new ArrayList<>();
    for (Path file : part.files()) {
      try {
        EncodedImage image = ImageDecoder.open(file);
        ImageDecoder.decode(file, image); // a damaged one may claim any size
        return Shape.of(3, image.shownHeight(), image.shownWidth());
      } catch (InputException e) {
        damaged.add(String.valueOf(e.getMessage()));
      }
    }
    throw tooMany(part, damaged);
  }

  private static InputException otherSize(Object where, Shape shape, int width, int height) {
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
