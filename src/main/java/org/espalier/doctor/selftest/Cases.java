package org.espalier.doctor.selftest;

import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.espalier.kernel.contract.Clamp;
import org.espalier.tensor.BitMask;
import org.espalier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Operands that were drawn for the kernels of a family, and calls with them. Outputs begin at odd
 * offsets and have cells behind them; what a call leaves in <em>all</em> the arrays is compared, so
 * that it shows if it writes where it must not.
 *
 * @param <K> the family's kernels
 */
public final class Cases<K> {
  /** Cells behind what is used of an array, and the most before it. */
  private static final int GUARDS = 19;

  private final SplittableRandom random;
  private final int length;
  private final Map<String, Consumer<K>> calls = new LinkedHashMap<>();

  /** All that a call may read or write. */
  private final List<Object> arrays = new ArrayList<>();

  Cases(SplittableRandom random, int length) {
    this.random = random;
    this.length = length;
  }

  /** Adds a call of a kernel. A result that is no array goes to an element of one. */
  void add(String kernel, Consumer<K> call) {
    calls.put(kernel, call);
  }

  /** Returns the calls, by the kernels' names, in the order in which they were added. */
  public Map<String, Consumer<K>> calls() {
    return calls;
  }

  /** Returns the source of random inputs. */
  SplittableRandom random() {
    return random;
  }

  /** Returns no bounds, a rectifier, or bounds that cut something off. */
  Clamp clamp() {
    return RandomInputs.clamp(random);
  }

  /** Returns the length of a row. */
  int length() {
    return length;
  }

  /** Returns where what is used of an array begins. */
  int offset() {
    return random.nextInt(GUARDS);
  }

  /** Returns ordinary values and cells behind them; in one round of four some are hostile. */
  float[] values(int n) {
    boolean isHostile = random.nextInt(4) == 0;
    return keep(
        isHostile
            ? RandomInputs.values(random, n + GUARDS)
            : RandomInputs.tameValues(random, n + GUARDS));
  }

  /** Returns random integers and cells behind them. */
  int[] ints(int n) {
    return keep(random.ints(n + GUARDS).toArray());
  }

  /** Returns words of random bits and cells behind them. */
  long[] bits(int words) {
    return keep(RandomInputs.bits(random, words + GUARDS));
  }

  /** Has an array compared as well, and returns it. */
  <A> A keep(A array) {
    arrays.add(array);
    return array;
  }

  /** Returns a matrix of ordinary values. */
  Tensor matrix(int rows, int cols) {
    return RandomInputs.matrix(random, rows, cols, 0);
  }

  /** Returns a mask of which a random share is set. */
  BitMask mask(int rows, int cols) {
    return RandomInputs.mask(random, rows, cols, random.nextDouble());
  }

  /**
   * Makes every call with both implementations, on the same operands.
   *
   * @return the first result that was not the specification's, or null; any NaN equals any other
   */
  public @Nullable String difference(K specification, K kernels) {
    List<Object> drawn = copies();
    for (Map.Entry<String, Consumer<K>> call : calls.entrySet()) {
      call.getValue().accept(specification);
      List<Object> wanted = copies();
      restore(drawn);
      call.getValue().accept(kernels);
      for (int i = 0; i < arrays.size(); i++) {
        String difference = firstDifference(wanted.get(i), arrays.get(i));
        if (difference != null) {
          return call.getKey() + " gave " + difference;
        }
      }
      restore(drawn);
    }
    return null;
  }

  private static @Nullable String firstDifference(Object want, Object got) {
    int i = switch (want) { // of floats, NaN equals NaN, and +0 doesn't equal −0
          case float[] x -> Arrays.mismatch(x, (float[]) got);
          case int[] x -> Arrays.mismatch(x, (int[]) got);
          case long[] x -> Arrays.mismatch(x, (long[]) got);
          default -> throw new IllegalArgumentException(want.getClass().getName());
        };
    return i < 0 ? null : Array.get(got, i) + " instead of " + Array.get(want, i) + " at " + i;
  }

  private List<Object> copies() {
    return arrays.stream().map(Cases::copy).toList();
  }

  private static Object copy(Object array) {
    return switch (array) {
      case float[] x -> x.clone();
      case int[] x -> x.clone();
      case long[] x -> x.clone();
      default -> throw new IllegalArgumentException(array.getClass().getName());
    };
  }

  private void restore(List<Object> values) {
    for (int i = 0; i < arrays.size(); i++) {
      Object array = arrays.get(i);
      System.arraycopy(values.get(i), 0, array, 0, Array.getLength(array));
    }
  }
}
