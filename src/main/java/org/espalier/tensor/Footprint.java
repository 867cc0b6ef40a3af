package org.espalier.tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.espalier.InputException;
import org.espalier.Internal;

/**
 * What something will take of the heap, part by part, so that it can be refused before anything is
 * allocated. Sizes that no {@code long} holds count as the largest that one does.
 */
@Internal
public final class Footprint {
  /** Floats that an array can have in any JVM. */
  private static final long LONGEST_ARRAY = Integer.MAX_VALUE - 8;

  private static final double MEBI = 1 << 20;

  /** Parts below that, in bytes, aren't worth a word. */
  private static final long WORTH_A_WORD = 1 << 16;

  private final String subject;
  private final List<String> parts = new ArrayList<>();
  private long bytes;

  /**
   * Begins with nothing.
   *
   * @param subject what it is, for the message: a file or a network
   */
  public Footprint(String subject) {
    this.subject = subject;
  }

  /** Returns the product of sizes that are not negative. */
  public static long product(long... sizes) {
    long product = 1;
    for (long size : sizes) {
      if (size == 0) {
        return 0;
      }
      boolean fits = product <= Long.MAX_VALUE / size;
      product = fits ? product * size : Long.MAX_VALUE;
    }
    return product;
  }

  /**
   * Returns the length of an array.
   *
   * @param what it holds, for the message
   * @throws InputException if no array is that long
   */
  public static int arrayLength(Object what, long floats) {
    if (floats > LONGEST_ARRAY) {
      throw InputException.expected(what, "at most " + LONGEST_ARRAY + " floats together", floats);
    }
    return Math.toIntExact(floats);
  }

  /** Adds what a part takes. */
  public Footprint add(String part, long more) {
    if (more >= WORTH_A_WORD) {
      parts.add(part + " " + mebibytes(more));
    }
    bytes = more > Long.MAX_VALUE - bytes ? Long.MAX_VALUE : bytes + more;
    return this;
  }

  /** Adds a part of so many floats. */
  public Footprint addFloats(String part, long floats) {
    return add(part, product(floats, Float.BYTES));
  }

  /** Returns what all parts take. */
  public long bytes() {
    return bytes;
  }

  /**
   * Checks that all of it fits into the heap.
   *
   * @throws InputException if it doesn't: says how much it takes and how much there is
   */
  public void require() {
    require(Runtime.getRuntime().maxMemory());
  }

  /** Checks that all of it fits into so many bytes. */
  void require(long heap) {
    if (bytes > heap) {
      throw new InputException(
          subject
              + ": needs at least "
              + mebibytes(bytes)
              + " of memory ("
              + String.join(", ", parts)
              + "); the JVM takes at most "
              + mebibytes(heap)
              + " (ESPALIER_JAVA_OPTS=-Xmx… sets another limit)");
    }
  }

  private static String mebibytes(long n) {
    return String.format(Locale.ROOT, "%,.1f MiB", n / MEBI);
  }
}
