package org.espalier.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.espalier.kernel.scalar.ScalarSelect;
import org.espalier.kernel.simd.SimdSelect;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Selection against sorting, and the vector kernels against the specification bit for bit. */
class SelectKernelsTest {
  private static final SelectKernels SCALAR = new ScalarSelect();
  private static final SelectKernels SIMD = new SimdSelect();
  private static final long GUARD = 0x5a5a5a5a5a5a5a5aL;

  enum Distribution {
    RANDOM,
    GAUSSIAN,
    CONSTANT,
    SORTED,
    REVERSE,
    FEW_VALUES,
    MOSTLY_ZERO,
    LARGEST_AT_END,
    PERIODIC,
    EXPONENTIAL,
    HOSTILE;

    private static final float[] SPECIAL = {
      0f, -0f, Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.MIN_VALUE,
      -Float.MIN_VALUE, Float.MAX_VALUE, 1f, -1f, Float.intBitsToFloat(0xffffffff)
    };

    float value(int i, int n, SplittableRandom random) {
      return switch (this) {
        case RANDOM -> (float) random.nextDouble(-1, 1);
        case GAUSSIAN -> (float) new java.util.Random(random.nextLong()).nextGaussian();
        case CONSTANT -> i % 2 == 0 ? 3.5f : -3.5f;
        case SORTED -> i - n / 2f;
        case REVERSE -> n - i;
        case FEW_VALUES -> random.nextInt(5) - 2;
        case MOSTLY_ZERO -> random.nextInt(20) == 0 ? (float) random.nextDouble() : -0f;
        case LARGEST_AT_END -> i == n - 1 ? 1e30f : 1;
        case PERIODIC -> i % 8 == 0 ? 1e6f : i % 97;
        case EXPONENTIAL -> (float) Math.exp(random.nextDouble(-80, 80));
        case HOSTILE -> SPECIAL[random.nextInt(SPECIAL.length)];
      };
    }
  }

  private static float[] values(Distribution distribution, int n, int guard) {
    var random = new SplittableRandom(n + 31L * distribution.ordinal());
    float[] x = new float[n + 2 * guard];
    Arrays.fill(x, 1e-20f); // smaller than most: reading a guard cell would show
    for (int i = 0; i < n; i++) {
      x[guard + i] = distribution.value(i, n, random);
    }
    return x;
  }

  /** The order by sorting places: by key, then by place. */
  private static int[] order(float[] x, int xo, int n) {
    return IntStream.range(0, n)
        .boxed()
        .sorted(
            (a, b) -> {
              int byKey =
                  Integer.compare(
                      Float.floatToRawIntBits(x[xo + a]) & 0x7fffffff,
                      Float.floatToRawIntBits(x[xo + b]) & 0x7fffffff);
              return byKey != 0 ? byKey : Integer.compare(a, b);
            })
        .mapToInt(Integer::intValue)
        .toArray();
  }

  private static IntStream sizes() {
    return IntStream.concat(
        IntStream.rangeClosed(0, 140),
        IntStream.of(191, 192, 193, 255, 256, 257, 300, 511, 784, 1000, 1023, 4097, 20_011));
  }

  @ParameterizedTest
  @EnumSource
  void exactlyTheSmallestAreChosen(Distribution distribution) {
    sizes().forEach(n -> check(distribution, n));
  }

  private static void check(Distribution distribution, int n) {
    int guard = 5;
    float[] x = values(distribution, n, guard);
    int[] order = order(x, guard, n);
    for (int k : IntStream.of(0, 1, n / 4, n / 2, 3 * n / 4, n - 1, n).distinct().toArray()) {
      if (k < 0 || k > n) {
        continue;
      }
      String what = distribution + ", n " + n + ", k " + k;
      int[] chosen = Arrays.copyOf(order, k);
      Arrays.sort(chosen);
      long[] words = new long[n / 64 + 1];
      for (int i = k; i < n; i++) {
        words[order[i] >>> 6] |= 1L << order[i];
      }
      for (SelectKernels kernels : new SelectKernels[] {SCALAR, SIMD}) {
        int[] scratch = new int[kernels.scratchSize(n)];
        long threshold = kernels.threshold(n, x, guard, k, scratch);
        assertEquals(SCALAR.threshold(n, x, guard, k, new int[n]), threshold, what);
        assertMask(words, n, kernels, x, guard, threshold, what);
        int[] indices = new int[n + 2];
        assertEquals(k, kernels.indices(n, x, guard, threshold, indices, 1), what);
        assertArrayEquals(chosen, Arrays.copyOfRange(indices, 1, 1 + k), what);
        if (k > 0) {
          checkBrackets(kernels, x, guard, n, k, threshold, words, what);
        }
      }
    }
  }

  private static void assertMask(
      long[] want, int n, SelectKernels kernels, float[] x, int xo, long threshold, String what) {
    int length = Math.ceilDiv(n, 64);
    long[] got = new long[length + 2];
    Arrays.fill(got, GUARD);
    kernels.keepMask(n, x, xo, threshold, got, 1);
    assertArrayEquals(
        Arrays.copyOf(want, length), Arrays.copyOfRange(got, 1, 1 + length), what);
    assertEquals(GUARD, got[0], what);
    assertEquals(GUARD, got[length + 1], what);
  }

  private static void checkBrackets(
      SelectKernels kernels,
      float[] x,
      int xo,
      int n,
      int k,
      long threshold,
      long[] want,
      String what) {
    int key = (int) (threshold >>> 32);
    int[][] brackets = {
      {0, 0x7fffffff},
      {key, key},
      {Math.max(0, key - 1000), key},
      {key, Math.max(key, key + 1000)},
      {0, Math.max(0, key - 1)},
      {Math.min(0x7fffffff, key + 1 < 0 ? key : key + 1), 0x7fffffff}
    };
    int length = Math.ceilDiv(n, 64);
    for (int[] bracket : brackets) {
      long[] got = new long[length + 1];
      long found =
          kernels.keepMaskWithin(
              n, x, xo, k, bracket[0], bracket[1], got, 0, new int[kernels.scratchSize(n)]);
      boolean hit = key >= bracket[0] && key <= bracket[1];
      assertEquals(hit ? threshold : SelectKernels.MISS, found, what);
      if (hit) {
        assertArrayEquals(Arrays.copyOf(want, length + 1), Arrays.copyOf(got, length + 1), what);
      }
    }
  }

  @Test
  void selectingAllocatesNothing() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    float[] x = values(Distribution.GAUSSIAN, 4097, 0);
    int[] scratch = new int[SIMD.scratchSize(4097)];
    int[] indices = new int[4097];
    long[] words = new long[65];
    long allocated = 0;
    for (int i = 0; i < 6000; i++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      long t = SIMD.threshold(4097, x, 0, 3000, scratch);
      SIMD.keepMask(4097, x, 0, t, words, 0);
      SIMD.indices(4097, x, 0, t, indices, 0);
      int key = (int) (t >>> 32);
      SIMD.keepMaskWithin(4097, x, 0, 3000, key - 100_000, key + 100_000, words, 0, scratch);
      allocated = threads.getCurrentThreadAllocatedBytes() - before;
    }
    assertEquals(0, allocated);
  }
}
