package org.espalier.data.image;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.espalier.InputException;
import org.espalier.io.RegularFile;

/**
 * A folder with a folder of image files for each class, called as the class. Images are told by the
 * ends {@code .png}, {@code .jpg} and {@code .jpeg}; others and folders in a class's folder are
 * passed over with a warning, what begins with a dot and what is no image without one. Links are
 * followed.
 */
final class ClassFolders {
  private static final List<String> ENDS = List.of(".png", ".jpg", ".jpeg");

  private final Path part;
  private final SortedMap<String, Path> folders;

  private ClassFolders(Path part, SortedMap<String, Path> folders) {
    this.part = part;
    this.folders = folders;
  }

  /**
   * Lists the classes' folders; the classes are sorted by their names.
   *
   * @throws InputException if there are none, or a name is none for a class
   */
  static ClassFolders in(Path part) {
    SortedMap<String, Path> folders = new TreeMap<>();
    for (Path folder : list(part)) {
      if (Files.isDirectory(folder)) {
        Path other = folders.put(nameOf(folder), folder);
        if (other != null) {
          throw new InputException(folder + ": there is another folder of the same name");
        }
      }
    }
    if (folders.isEmpty()) {
      throw InputException.expected(part, "a folder of PNG or JPEG files for each class", "none");
    }
    return new ClassFolders(part, folders);
  }

  /** Returns whether there are folders that may be classes'. */
  static boolean areIn(Path part) {
    return Files.isDirectory(part) && list(part).stream().anyMatch(Files::isDirectory);
  }

  /** Returns the folder with the classes' folders. */
  Path part() {
    return part;
  }

  /** Returns the classes in the order of their names. */
  List<String> classes() {
    return List.copyOf(folders.keySet());
  }

  /**
   * Returns the image files of a class, in the order of their names.
   *
   * @param warnings receives a line if something is passed over
   * @throws InputException if there are none, though there is something that may have been meant
   */
  List<Path> files(String name, Consumer<String> warnings) {
    Path folder = folders.get(name);
    if (folder == null) {
      return List.of();
    }
    List<Path> images = new ArrayList<>();
    List<Path> others = new ArrayList<>();
    List<Path> inner = new ArrayList<>();
    for (Path file : list(folder)) {
      if (Files.isDirectory(file)) {
        inner.add(file);
      } else if (isImage(file)) {
        images.add(file);
      } else if (format(file).isPresent()) {
        others.add(file);
      }
    }
    if (images.isEmpty() && !(others.isEmpty() && inner.isEmpty())) {
      throw InputException.expected(
          folder,
          "files called .png, .jpg or .jpeg in it",
          others.isEmpty()
              ? "only folders, the first: " + inner.getFirst().getFileName()
              : "none, but " + described(others));
    }
    if (!others.isEmpty()) {
      warnings.accept(
          folder + ": passed over what isn't called .png, .jpg or .jpeg: " + described(others));
    }
    if (!inner.isEmpty()) {
      warnings.accept(
          folder
              + ": passed over "
              + inner.size()
              + (inner.size() == 1 ? " folder" : " folders")
              + " in the class's folder, the first: "
              + inner.getFirst().getFileName());
    }
    return images;
  }

  /** Warns of images that belong to no class. */
  void warnOfStrays(Consumer<String> warnings) {
    List<Path> strays =
        list(part).stream().filter(f -> !Files.isDirectory(f) && isImage(f)).toList();
    if (!strays.isEmpty()) {
      warnings.accept(part + ": passed over what is in no class's folder: " + described(strays));
    }
  }

  private static String described(Collection<Path> files) {
    Path first = files.iterator().next();
    return files.size()
        + (files.size() == 1 ? " image: " : " images, the first: ")
        + first.getFileName()
        + format(first).map(f -> " (" + f + ")").orElse("");
  }

  /** Returns whether a file is passed over without a word. */
  static boolean isHidden(Path file) {
    return file.getFileName().toString().startsWith(".");
  }

  /** Returns whether a file is called as images are. */
  static boolean isImage(Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    return ENDS.stream().anyMatch(name::endsWith);
  }

  private static Optional<ImageFormat> format(Path file) {
    try (InputStream in = RegularFile.open(file)) {
      return ImageFormat.of(in.readNBytes(ImageFormat.START));
    } catch (IOException | InputException e) {
      return Optional.empty();
    }
  }

  /**
   * Returns the name of a folder or file as UTF-8 has it, whatever the locale, composed: systems
   * differ in how they write accents.
   *
   * @throws InputException if it isn't in UTF-8 or has control characters
   */
  static String nameOf(Path path) {
    String escaped = path.getFileName().toUri().getRawPath();
    while (escaped.endsWith("/")) {
      escaped = escaped.substring(0, escaped.length() - 1);
    }
    escaped = escaped.substring(escaped.lastIndexOf('/') + 1);
    ByteBuffer bytes = ByteBuffer.allocate(escaped.length());
    for (int i = 0; i < escaped.length(); i++) {
      char c = escaped.charAt(i);
      if (c == '%') {
        bytes.put((byte) Integer.parseInt(escaped, i + 1, i + 3, 16));
        i += 2;
      } else {
        bytes.put((byte) c);
      }
    }
    try {
      String name = StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString();
      if (name.chars().anyMatch(Character::isISOControl)) {
        throw InputException.expected(path, "a name without control characters", name);
      }
      return Normalizer.normalize(name, Normalizer.Form.NFC);
    } catch (CharacterCodingException e) {
      throw new InputException(path + ": expected a name in UTF-8, found other bytes", e);
    }
  }

  /** Returns what is in a folder in the order of the names, but for what begins with a dot. */
  private static List<Path> list(Path folder) {
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(p -> !isHidden(p))
          .sorted(
              Comparator.comparing((Path p) -> p.getFileName().toString())
                  .thenComparing(Comparator.naturalOrder()))
          .toList();
    } catch (IOException e) {
      throw InputException.reading(folder, e);
    }
  }
}
