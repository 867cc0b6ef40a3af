package org.espalier.data.image;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.espalier.InputException;
import org.espalier.io.Sha256;

/**
 * Image files and their classes, not read yet.
 *
 * @param name says in messages which they are
 * @param classes names of the classes
 * @param files at least one
 * @param labels class of each
 */
record ImagePart(String name, List<String> classes, List<Path> files, List<Integer> labels) {
  ImagePart {
    classes = List.copyOf(classes);
    files = List.copyOf(files);
    labels = List.copyOf(labels);
  }

  /**
   * Lists the images to learn from.
   *
   * @throws InputException if there is a class without any
   */
  static ImagePart training(ClassFolders folders, Consumer<String> warnings) {
    ImagePart part = of(folders, folders.classes(), warnings);
    Set<Integer> found = new HashSet<>(part.labels);
    for (int c = 0; c < part.classes.size(); c++) {
      if (!found.contains(c)) {
        throw InputException.expected(
            folders.part().resolve(part.classes.get(c)), "PNG or JPEG files in it", "none");
      }
    }
    return part;
  }

  /**
   * Lists the images to judge by; a class may be without any.
   *
   * @param classes those of the training images
   * @throws InputException if there are none or they are of other classes
   */
  static ImagePart test(ClassFolders folders, List<String> classes, Consumer<String> warnings) {
    for (String name : folders.classes()) {
      if (!classes.contains(name)) {
        throw InputException.expected(
            folders.part(), "the folders that the training part has", "also " + name);
      }
    }
    ImagePart part = of(folders, classes, warnings);
    if (part.files.isEmpty()) {
      throw InputException.expected(
          folders.part(), "a folder of PNG or JPEG files for each class", "none");
    }
    return part;
  }

  private static ImagePart of(
      ClassFolders folders, List<String> classes, Consumer<String> warnings) {
    List<Path> files = new ArrayList<>();
    List<Integer> labels = new ArrayList<>();
    for (int c = 0; c < classes.size(); c++) {
      for (Path file : folders.files(classes.get(c), warnings)) {
        files.add(file);
        labels.add(c);
      }
    }
    folders.warnOfStrays(warnings);
    return new ImagePart(folders.part().toString(), classes, files, labels);
  }

  /**
   * Returns which images are held out when a share of them is: of each class as many as its share
   * is, rounded, at least one and not all, those whose names have the least digests. So the order
   * of the files doesn't count, a few more files change little, and of two shares the lesser one is
   * within the greater one.
   */
  Set<Integer> heldOut(double share) {
    Map<Integer, List<Integer>> members = new HashMap<>();
    for (int i = 0; i < labels.size(); i++) {
      members.computeIfAbsent(labels.get(i), _ -> new ArrayList<>()).add(i);
    }
    Set<Integer> held = new HashSet<>();
    for (List<Integer> of : members.values()) {
      List<String> digests = of.stream().map(i -> digest(files.get(i))).toList();
      int count = Math.clamp(Math.round(share * of.size()), 1, Math.max(of.size() - 1, 1));
      IntStream.range(0, of.size())
          .boxed()
          .sorted(Comparator.comparing(digests::get))
          .limit(of.size() < 2 ? 0 : count)
          .forEach(i -> held.add(of.get(i)));
    }
    return held;
  }

  private static String digest(Path file) {
    String name = ClassFolders.nameOf(file);
    return new Sha256().add(name).hex() + name;
  }

  /** Returns some of the images under another name. */
  ImagePart some(String other, int[] chosen) {
    return new ImagePart(
        other,
        classes,
        IntStream.of(chosen).mapToObj(files::get).toList(),
        IntStream.of(chosen).mapToObj(labels::get).toList());
  }

  /** Returns how many images of how many classes there are, for messages. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT, "%s: %d images of %d classes", name, files.size(), classes.size());
  }
}
