package org.espalier.data;

import it.unimi.dsi.fastutil.ints.IntArrays;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.espalier.InputException;
import org.espalier.Internal;
import org.espalier.io.Sha256;
import org.espalier.kernel.Kernels;
import org.espalier.kernel.contract.RandomKernels;
import org.espalier.model.Preprocessing;
import org.espalier.tensor.RandomKey;

/** Labelled examples. */
public final class Dataset {
  /** So many classes are named in a message. */
  private static final int NAMED = 12;

  private final String name;
  private final Examples examples;
  private final int[] labels;
  private final List<String> classes;

  /**
   * Makes a dataset over arrays that are shared with the caller and must not change.
   *
   * @param name says in messages and manifests which data it is
   * @param examples at least one
   * @param labels class of each
   * @param classes names of the classes
   */
  public Dataset(String name, Examples examples, int[] labels, List<String> classes) {
    if (examples.count() == 0 || examples.count() != labels.length) {
      throw new IllegalArgumentException(
          name + ": " + examples.count() + " examples, " + labels.length + " labels");
    }
    for (int label : labels) {
      if (label < 0 || label >= classes.size()) {
        throw new IllegalArgumentException(
            name + ": label " + label + " of " + classes.size() + " classes");
      }
    }
    this.name = name;
    this.examples = examples;
    this.labels = labels;
    this.classes = List.copyOf(classes);
  }

  /** Returns the name. */
  public String name() {
    return name;
  }

  /** Returns the examples. */
  public Examples examples() {
    return examples;
  }

  /** Returns the same data under another name. */
  public Dataset named(String other) {
    return new Dataset(other, examples, labels, classes);
  }

  /**
   * Returns the same data with the classes of a model in the model's order, told by their names;
   * the data may lack some of them.
   *
   * @param model the file of the model, for the message
   * @throws InputException if there are examples of a class that the model doesn't know
   */
  public Dataset inClassesOf(Path model, List<String> known) {
    if (known.equals(classes)) {
      return this;
    }
    Map<String, Integer> numbers = new HashMap<>();
    for (int c = 0; c < known.size(); c++) {
      numbers.putIfAbsent(known.get(c), c);
    }
    int[] counts = classCounts();
    List<String> unknown =
        IntStream.range(0, counts.length)
            .filter(c -> counts[c] > 0 && !numbers.containsKey(classes.get(c)))
            .mapToObj(classes::get)
            .toList();
    if (!unknown.isEmpty()) {
      throw InputException.expected(
          name,
          "examples of the classes of " + model + ": " + shortened(known),
          "also " + shortened(unknown));
    }
    int[] renumbered =
        Arrays.stream(labels).map(c -> numbers.getOrDefault(classes.get(c), -1)).toArray();
    return new Dataset(name, examples, renumbered, known);
  }

  private static String shortened(List<String> names) {
    return names.stream().limit(NAMED).collect(Collectors.joining(", "))
        + (names.size() > NAMED ? ", … (" + names.size() + ")" : "");
  }

  /** Returns the number of examples. */
  public int size() {
    return labels.length;
  }

  /** Returns the class of example {@code i}. */
  public int label(int i) {
    return labels[i];
  }

  /** Returns the names of the classes. */
  public List<String> classes() {
    return classes;
  }

  /** Returns how many examples each class has. */
  public int[] classCounts() {
    return counts(labels, classes.size());
  }

  /**
   * Returns the SHA-256 of shape, examples and labels, as 64 hexadecimal digits. The names don't
   * count, nor where or how compressed the data were stored.
   */
  public String digest() {
    Sha256 sha = new Sha256();
    examples.addTo(sha);
    sha.add(labels.length);
    for (int label : labels) {
      sha.add(label);
    }
    return sha.hex();
  }

  /**
   * Returns the preprocessing that gives this data mean 0 and standard deviation 1.
   *
   * @throws InputException if all values are equal
   */
  public Preprocessing standardization() {
    return examples.standardization(name);
  }

  /**
   * Cuts off a part for validation, drawn at random but with each class's share of it as in the
   * whole (largest remainders are rounded up, ties go to the lower class). Both parts keep the
   * order of the examples.
   *
   * @param count size of the part, above 0 and below {@link #size()}
   * @param seed the run's seed; the same gives the same parts
   */
  public Split holdOut(int count, long seed) {
    if (count <= 0 || count >= size()) {
      throw new InputException(
          name + ": can't hold out " + count + " of " + size() + " examples for validation");
    }
    boolean[] held = draw(labels, classes.size(), count, seed, Kernels.random());
    return new Split(
        part(name + " without validation part", held, false),
        part(name + " validation part", held, true));
  }

  /**
   * Draws {@code count} examples with each class's share, as {@link #holdOut} does. Takes time in
   * proportion to examples and classes.
   *
   * @return whether each example is among them
   */
  @Internal
  public static boolean[] draw(
      int[] labels, int classes, int count, long seed, RandomKernels random) {
    RandomKey key = RandomKey.of(seed, "validation-split");
    int[] sizes = counts(labels, classes);
    int[] quota = quotas(sizes, count);
    int[] starts = new int[classes + 1];
    for (int c = 0; c < classes; c++) {
      starts[c + 1] = starts[c] + sizes[c];
    }
    int[] members = new int[labels.length];
    int[] next = starts.clone();
    for (int i = 0; i < labels.length; i++) {
      members[next[labels[i]]++] = i;
    }
    boolean[] drawn = new boolean[labels.length];
    for (int c = 0; c < classes; c++) {
      int[] ofClass = Arrays.copyOfRange(members, starts[c], starts[c + 1]);
      new Shuffle(key, ofClass.length, random).shuffle(c, ofClass);
      for (int i = 0; i < quota[c]; i++) {
        drawn[ofClass[i]] = true;
      }
    }
    return drawn;
  }

  private static int[] counts(int[] labels, int classes) {
    int[] counts = new int[classes];
    for (int label : labels) {
      counts[label]++;
    }
    return counts;
  }

  /** Returns {@code count} split in proportion to {@code sizes}, whose sum is more than it. */
  private static int[] quotas(int[] sizes, int count) {
    long total = Arrays.stream(sizes).asLongStream().sum();
    int[] quota = new int[sizes.length];
    long[] remainder = new long[sizes.length];
    int[] order = new int[sizes.length];
    int left = count;
    for (int c = 0; c < sizes.length; c++) {
      quota[c] = (int) ((long) count * sizes[c] / total);
      remainder[c] = (long) count * sizes[c] % total;
      order[c] = c;
      left -= quota[c];
    }
    // Stable, so that of equal remainders the lower class comes first.
    IntArrays.mergeSort(order, (a, b) -> Long.compare(remainder[b], remainder[a]));
    for (int i = 0; i < left; i++) {
      quota[order[i]]++;
    }
    return quota;
  }

  private Dataset part(String partName, boolean[] held, boolean want) {
    int[] chosen = IntStream.range(0, size()).filter(i -> held[i] == want).toArray();
    int[] partLabels = Arrays.stream(chosen).map(i -> labels[i]).toArray();
    return new Dataset(partName, examples.part(chosen), partLabels, classes);
  }

  /** Returns name, size and shape, for messages. */
  @Override
  public String toString() {
    return name + " (" + size() + " of " + examples.shape() + ")";
  }
}
