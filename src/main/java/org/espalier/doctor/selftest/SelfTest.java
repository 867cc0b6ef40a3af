package org.espalier.doctor.selftest;

import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Compares the kernels of one family with their specification, bit for bit.
 *
 * @param family what the kernels are for, a word or two
 * @param specification the scalar kernels
 * @param kernels the kernels that are tested
 * @param draw draws operands and adds a call of every kernel
 */
public record SelfTest<K>(String family, K specification, K kernels, Consumer<Cases<K>> draw) {
  /** Rounds after which a kernel that each calls a few times is compiled by C2. */
  private static final int ROUNDS = 400;

  /**
   * What a self-test found.
   *
   * @param comparisons how many results were compared
   * @param difference the first result that was not the specification's, or null
   */
  public record Result(String family, int comparisons, @Nullable String difference) {
    /** Returns whether every result was the specification's. */
    public boolean passed() {
      return difference == null;
    }
  }

  /**
   * Runs the test on a few hundred rounds of seeded inputs: enough for the JVM to compile the
   * kernels, so that what is compared is what will run.
   */
  public Result run() {
    int comparisons = 0;
    try {
      for (int round = 0; round < ROUNDS; round++) {
        var random = new SplittableRandom(round);
        // any tail, at times many vectors
        int length = random.nextInt(4) == 0 ? random.nextInt(300) : random.nextInt(1, 40);
        Cases<K> cases = cases(random, length);
        comparisons += cases.calls().size();
        String difference = cases.difference(specification, kernels);
        if (difference != null) {
          return new Result(family, comparisons, difference);
        }
      }
    } catch (RuntimeException e) {
      return new Result(family, comparisons, "it failed: " + e);
    }
    return new Result(family, comparisons, null);
  }

  /**
   * Draws operands and calls.
   *
   * @param length that of a row, where the family has rows
   */
  public Cases<K> cases(SplittableRandom random, int length) {
    Cases<K> cases = new Cases<>(random, length);
    draw.accept(cases);
    return cases;
  }
}
