package org.espalier.data;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import org.espalier.InputException;
import org.espalier.io.Sha256;
import org.espalier.kernel.RandomKernels;
import org.espalier.model.Preprocessing;
import org.espalier.tensor.RandomKey;

/** Labelled images. */
public final class Dataset {
  private final String name;
  private final Images images;
  private final int[] labels;
  private final List<String> classes;

  /**
   * Makes a dataset over arrays that are shared with the caller and must not change.
   *
   * @param name says in messages and manifests which data it is
   * @param images at least one
   * @param labels class of each image
   * @param classes names of the classes
   */
  public Dataset(String name, Images images, int[] labels, List<String> classes) {
    if (images.count() == 0 || images.count() != labels.length) {
      throw new IllegalArgumentException(
          name + ": " + images.count() + " images, " + labels.length + " labels");
    }
    for (int label : labels) {
      if (label < 0 || label >= classes.size()) {
        throw new IllegalArgumentException(
            name + ": label " + label + " of " + classes.size() + " classes");
      }
    }
    this.name = name;
    this.images = images;
    this.labels = labels;
    this.classes = List.copyOf(classes);
  }

  /** Returns the name. */
  public String name() {
    return name;
  }

  /** Returns the images. */
  public Images images() {
    return images;
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
    int[] counts = new int[classes.size()];
    for (int label : labels) {
      counts[label]++;
    }
    return counts;
  }

  /**
   * Returns the SHA-256 of shape, images and labels, as 64 hexadecimal digits. The names don't
   * count, nor where or how compressed the data were stored.
   */
  public String digest() {
    Sha256 sha = new Sha256();
    for (int d : images.shape().dims()) {
      sha.add(d);
    }
    sha.add(images.bytes()).add(labels.length);
    for (int label : labels) {
      sha.add(label);
    }
    return sha.hex();
  }

  /**
   * Returns the preprocessing that gives this data mean 0 and standard deviation 1 over all pixels.
   * The sums are exact integers, so the result depends on nothing but the data.
   *
   * @throws InputException if all pixels are equal
   */
  public Preprocessing standardization() {
    long[] histogram = new long[256];
    for (byte b : images.bytes()) {
      histogram[b & 0xff]++;
    }
    long n = images.bytes().length;
    long sum = 0;
    long squares = 0;
    for (int b = 0; b < histogram.length; b++) {
      sum += b * histogram[b];
      squares += (long) b * b * histogram[b];
    }
    // n²·variance; n·Σx² has more than 64 bits from some 10 million pixels on.
    BigInteger spread =
        BigInteger.valueOf(n)
            .multiply(BigInteger.valueOf(squares))
            .subtract(BigInteger.valueOf(sum).pow(2));
    if (spread.signum() == 0) {
      throw InputException.expected(name, "images", "pixels that are all " + sum / n);
    }
    return new Preprocessing(
        (float) (sum / (255.0 * n)), (float) (Math.sqrt(spread.doubleValue()) / (255.0 * n)));
  }

  /**
   * Cuts off a part for validation, drawn at random but with each class's share of it as in the
   * whole (largest remainders are rounded up, ties go to the lower class). Both parts keep the
   * order of the examples.
   *
   * @param count size of the part, above 0 and below {@link #size()}
   * @param seed the run's seed; the same gives the same parts
   */
  public Split holdOut(int count, long seed, RandomKernels random) {
    if (count <= 0 || count >= size()) {
      throw new InputException(
          name + ": can't hold out " + count + " of " + size() + " examples for validation");
    }
    RandomKey key = RandomKey.of(seed, "validation-split");
    int[] quota = quotas(classCounts(), count);
    boolean[] held = new boolean[size()];
    for (int c = 0; c < quota.length; c++) {
      int[] members = membersOf(c);
      new Shuffle(key, members.length, random).shuffle(c, members);
      for (int i = 0; i < quota[c]; i++) {
        held[members[i]] = true;
      }
    }
    return new Split(
        part(name + " without validation part", held, false),
        part(name + " validation part", held, true));
  }

  /** Returns {@code count} split in proportion to {@code sizes}, whose sum is more than it. */
  private static int[] quotas(int[] sizes, int count) {
    long total = Arrays.stream(sizes).asLongStream().sum();
    int[] quota = new int[sizes.length];
    long[] remainder = new long[sizes.length];
    int left = count;
    for (int c = 0; c < sizes.length; c++) {
      quota[c] = (int) ((long) count * sizes[c] / total);
      remainder[c] = (long) count * sizes[c] % total;
      left -= quota[c];
    }
    for (; left > 0; left--) {
      int largest = 0;
      for (int c = 1; c < sizes.length; c++) {
        largest = remainder[c] > remainder[largest] ? c : largest;
      }
      quota[largest]++;
      remainder[largest] = -1;
    }
    return quota;
  }

  private int[] membersOf(int label) {
    int[] members = new int[size()];
    int n = 0;
    for (int i = 0; i < size(); i++) {
      if (labels[i] == label) {
        members[n++] = i;
      }
    }
    return Arrays.copyOf(members, n);
  }

  private Dataset part(String partName, boolean[] held, boolean want) {
    int pixels = images.shape().size();
    byte[] bytes = new byte[images.bytes().length];
    int[] partLabels = new int[size()];
    int n = 0;
    for (int i = 0; i < size(); i++) {
      if (held[i] == want) {
        System.arraycopy(images.bytes(), i * pixels, bytes, n * pixels, pixels);
        partLabels[n++] = labels[i];
      }
    }
    return new Dataset(
        partName,
        new Images(images.shape(), Arrays.copyOf(bytes, n * pixels)),
        Arrays.copyOf(partLabels, n),
        classes);
  }

  /** Returns name, size and shape, for messages. */
  @Override
  public String toString() {
    return name + " (" + size() + " of " + images.shape() + ")";
  }
}
