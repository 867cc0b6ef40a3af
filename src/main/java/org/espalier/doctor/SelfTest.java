package org.espalier.doctor;

import java.util.Arrays;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Function;
import org.espalier.tensor.BitMask;
import org.espalier.tensor.Shape;
import org.espalier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Compares the kernels of one family with their specification, bit for bit, on a few thousand
 * seeded inputs: enough for the JVM to compile them, so that what is compared is what will run.
 *
 * @param family what the kernels are for, a word or two
 * @param specification the scalar kernels
 * @param kernels the kernels that are tested
 * @param check makes inputs and compares results, once for each of the rounds
 */
public record SelfTest<K>(
    String family, K specification, K kernels, Consumer<Comparison<K>> check) {
  /** Rounds after which a kernel that each calls a few times is compiled by C2. */
  private static final int ROUNDS = 400;

  private static final float[] HOSTILE = {
    0f,
    -0f,
    1f,
    Float.MIN_VALUE,
    -Float.MIN_NORMAL,
    Float.MAX_VALUE,
    Float.POSITIVE_INFINITY,
    Float.NaN
  };

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

  /** Runs the test. */
  Result run() {
    Comparison<K> comparison = new Comparison<>(this);
    try {
      for (int round = 0; round < ROUNDS && comparison.difference == null; round++) {
        comparison.random = new SplittableRandom(round);
        check.accept(comparison);
      }
    } catch (RuntimeException e) {
      return new Result(family, comparison.count, "it failed: " + e);
    }
    return new Result(family, comparison.count, comparison.difference);
  }

  /** Draws inputs and compares the results of the two implementations. */
  static final class Comparison<K> {
    private final SelfTest<K> test;
    private SplittableRandom random = new SplittableRandom(0);
    private int count;
    private @Nullable String difference;

    private Comparison(SelfTest<K> test) {
      this.test = test;
    }

    /** Returns the source of random inputs. */
    SplittableRandom random() {
      return random;
    }

    /** Returns the length of a row: any tail, at times many vectors. */
    int length() {
      return random.nextInt(4) == 0 ? random.nextInt(300) : random.nextInt(1, 40);
    }

    /** Returns ordinary values around 0. */
    float[] values(int n) {
      float[] x = new float[n];
      for (int i = 0; i < n; i++) {
        x[i] = (float) random.nextDouble(-2, 2);
      }
      return x;
    }

    /** Returns values of which some are hostile, in one round of four. */
    float[] hostileValues(int n) {
      float[] x = values(n);
      if (random.nextInt(4) == 0) {
        for (int i = 0; i < n; i += random.nextInt(1, 8)) {
          x[i] = HOSTILE[random.nextInt(HOSTILE.length)];
        }
      }
      return x;
    }

    /** Returns a matrix of ordinary values. */
    Tensor matrix(int rows, int cols) {
      return Tensor.of(Shape.of(rows, cols), values(rows * cols));
    }

    /** Returns a mask of which a random share is set. */
    BitMask mask(int rows, int cols) {
      BitMask mask = new BitMask(rows, cols);
      double share = random.nextDouble();
      for (int r = 0; r < rows; r++) {
        for (int c = 0; c < cols; c++) {
          mask.set(r, c, random.nextDouble() < share);
        }
      }
      return mask;
    }

    /** Returns words of random bits. */
    long[] bits(int words) {
      return random.longs(words).toArray();
    }

    /**
     * Compares what a call returns, a primitive or an array, for both implementations; any NaN
     * equals any other. The call must not change its inputs, since it is made twice.
     */
    void same(String kernel, Function<K, Object> call) {
      count++;
      Object want = call.apply(test.specification);
      Object got = call.apply(test.kernels);
      if (difference == null && !Objects.deepEquals(want, got)) {
        difference = kernel + " gave " + show(got) + " instead of " + show(want);
      }
    }

    private static String show(Object result) {
      return switch (result) {
        case float[] x -> Arrays.toString(x);
        case int[] x -> Arrays.toString(x);
        case long[] x -> Arrays.toString(x);
        default -> result.toString();
      };
    }
  }
}
