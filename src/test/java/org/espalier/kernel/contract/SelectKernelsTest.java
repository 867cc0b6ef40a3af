package org.espalier.kernel.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.espalier.doctor.selftest.RandomInputs;
import org.espalier.kernel.KernelAssertions;
import org.espalier.kernel.scalar.ScalarSelect;
import org.espalier.kernel.simd.select.SimdSelect;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SelectKernelsTest {
  private static final SelectKernels SCALAR = new ScalarSelect();
  private static final SelectKernels SIMD = new SimdSelect();

  /** Cells before and behind an output that nothing may touch. */
  private static final int GUARD = 24;

  /** Orders and values that have misled selections. */
  enum Distribution {
    RANDOM {
      @Override
      float[] values(SplittableRandom random, int n) {
        return RandomInputs.tameValues(random, n);
      }
    },
    HOSTILE {
      @Override
      float[] values(SplittableRandom random, int n) {
        return RandomInputs.values(random, n);
      }
    },
    ANY_BITS {
      @Override
      float[] values(SplittableRandom random, int n) {
        return fill(n, i -> Float.intBitsToFloat(random.nextInt()));
      }
    },
    CONSTANT {
      @Override
      float[] values(SplittableRandom random, int n) {
        float value = random.nextInt(-1, 2);
        return fill(n, i -> value);
      }
    },
    SORTED {
      @Override
      float[] values(SplittableRandom random, int n) {
        return fill(n, i -> i);
      }
    },
    REVERSE {
      @Override
      float[] values(SplittableRandom random, int n) {
        return fill(n, i -> i - n);
      }
    },
    ORGAN_PIPE {
      @Override
      float[] values(SplittableRandom random, int n) {
        return fill(n, i -> Math.min(i, n - i));
      }
    },
    SMALL_RANGE {
      @Override
      float[] values(SplittableRandom random, int n) {
        return fill(n, i -> random.nextInt(-3, 4));
      }
    },
    TWO_VALUES {
      @Override
      float[] values(SplittableRandom random, int n) {
        return fill(n, i -> random.nextBoolean() ? 1 : 2);
      }
    },
    MAX_AT_THE_END {
      @Override
      float[] values(SplittableRandom random, int n) {
        return fill(n, i -> i < n - 1 ? random.nextInt(100) : Float.MAX_VALUE);
      }
    },
    MOSTLY_ZERO {
      @Override
      float[] values(SplittableRandom random, int n) {
        return fill(n, i -> random.nextInt(10) > 0 ? -0f * (i % 2) : (float) random.nextGaussian());
      }
    },
    MOSTLY_NAN {
      @Override
      float[] values(SplittableRandom random, int n) {
        return fill(
            n,
            i ->
                random.nextInt(4) > 0
                    ? Float.intBitsToFloat(random.nextInt() | 0x7fc00000)
                    : random.nextInt(4));
      }
    },
    INFINITE {
      @Override
      float[] values(SplittableRandom random, int n) {
        return fill(
            n, i -> random.nextBoolean() ? Float.NEGATIVE_INFINITY : (float) random.nextGaussian());
      }
    },
    SUBNORMAL {
      @Override
      float[] values(SplittableRandom random, int n) {
        return fill(n, i -> Float.intBitsToFloat(random.nextInt(1 << 20) | random.nextInt() << 31));
      }
    },
    /** What is taken as a sample says nothing of the rest: 64 keys at even distances. */
    MISLEADING_SAMPLE {
      @Override
      float[] values(SplittableRandom random, int n) {
        float[] x = RandomInputs.tameValues(random, n);
        for (int i = 0; i < 64 && n > 0; i++) {
          x[(int) ((long) n * i / 64)] = i % 2 == 0 ? 1e30f + i : 1e-30f;
        }
        return x;
      }
    },
    /** Any bracket of two keys leaves nearly as much as there was. */
    EXPONENTIAL {
      @Override
      float[] values(SplittableRandom random, int n) {
        return fill(n, i -> (float) Math.pow(1.0001, -i % 300_000));
      }
    };

    abstract float[] values(SplittableRandom random, int n);

    interface Value {
      float at(int i);
    }

    static float[] fill(int n, Value value) {
      float[] x = new float[n];
      for (int i = 0; i < n; i++) {
        x[i] = value.at(i);
      }
      return x;
    }
  }

  @ParameterizedTest
  @EnumSource
  void choosesExactlyTheKSmallestOfFewAndTiesByIndex(Distribution distribution) {
    var random = new SplittableRandom(distribution.ordinal());
    for (int n = 0; n <= 300; n++) {
      check(distribution.values(random, n), random);
    }
  }

  @ParameterizedTest
  @EnumSource
  void choosesExactlyTheKSmallestOfManyAndTiesByIndex(Distribution distribution) {
    var random = new SplittableRandom(distribution.ordinal());
    for (int n : new int[] {784, 1000, 4099, 70_001}) {
      check(distribution.values(random, n), random);
    }
  }

  private static void check(float[] x, SplittableRandom random) {
    int n = x.length;
    long[] order = new long[n]; // sorted by key, then by index: the definition
    for (int i = 0; i < n; i++) {
      order[i] = (long) (Float.floatToRawIntBits(x[i]) & 0x7fffffff) << 32 | i;
    }
    Arrays.sort(order);
    int xo = random.nextInt(20);
    float[] row = RandomInputs.values(random, xo + n + 20);
    System.arraycopy(x, 0, row, xo, n);
    IntStream.of(0, 1, n / 4, n / 2, n * 3 / 4, n - 1, n, random.nextInt(n + 1))
        .filter(k -> k >= 0 && k <= n)
        .distinct()
        .forEach(
            k -> {
              check(SCALAR, n, row, xo, k, order, random);
              check(SIMD, n, row, xo, k, order, random);
            });
  }

  private static void check(
      SelectKernels kernels,
      int n,
      float[] x,
      int xo,
      int k,
      long[] order,
      SplittableRandom random) {
    String context = kernels.getClass().getSimpleName() + ", n " + n + ", k " + k;
    int[] scratch = random.ints(kernels.scratchSize(n)).toArray();
    int key = k == 0 ? 0 : (int) (order[k - 1] >>> 32);
    int ties = 0;
    while (ties < k && (int) (order[k - 1 - ties] >>> 32) == key) {
      ties++;
    }
    long threshold = kernels.threshold(n, x, xo, k, scratch);
    assertEquals((long) key << 32 | ties, threshold, context);

    int words = Math.ceilDiv(n, 64);
    long[] noise = random.longs(words + 2 * GUARD).toArray();
    long[] want = noise.clone();
    Arrays.fill(want, GUARD, GUARD + words, 0);
    for (int r = k; r < n; r++) {
      int i = (int) order[r];
      want[GUARD + (i >> 6)] |= 1L << i;
    }
    long[] keep = noise.clone();
    kernels.keepMask(n, x, xo, threshold, keep, GUARD);
    assertArrayEquals(want, keep, context);

    int[] chosen = IntStream.range(0, k).map(r -> (int) order[r]).sorted().toArray();
    int[] indices = new int[k + 2 * GUARD];
    assertEquals(k, kernels.indices(n, x, xo, threshold, indices, GUARD), context);
    assertArrayEquals(chosen, Arrays.copyOfRange(indices, GUARD, GUARD + k), context);
    assertEquals(
        Arrays.stream(chosen).asLongStream().sum(),
        Arrays.stream(indices).asLongStream().sum(),
        context);

    if (k > 0) {
      int width = 1 << random.nextInt(31);
      int[] lows = {0, key, Math.max(0, key - width), Math.min(Integer.MAX_VALUE, key) - key / 9};
      int[] highs = {Integer.MAX_VALUE, key, (int) Math.min(Integer.MAX_VALUE, (long) key + width)};
      for (int lo : lows) {
        for (int hi : highs) {
          keep = noise.clone();
          int within = kernels.keepMaskWithin(n, x, xo, k, lo, hi, keep, GUARD, scratch);
          assertEquals(key, within, context);
          assertArrayEquals(want, keep, context);
        }
      }
      keep = noise.clone();
      if (key > 0) {
        int lo = random.nextInt(key);
        assertMiss(kernels.keepMaskWithin(n, x, xo, k, lo, key - 1, keep, GUARD, scratch), context);
      }
      if (key < Integer.MAX_VALUE) {
        int hi = Integer.MAX_VALUE - random.nextInt(Integer.MAX_VALUE - key);
        assertMiss(kernels.keepMaskWithin(n, x, xo, k, key + 1, hi, keep, GUARD, scratch), context);
      }
      for (int i = 0; i < GUARD; i++) {
        assertEquals(noise[i], keep[i], context);
        assertEquals(noise[keep.length - 1 - i], keep[keep.length - 1 - i], context);
      }
    }
  }

  private static void assertMiss(int key, String context) {
    assertEquals(SelectKernels.MISS, key, context);
  }

  @Test
  void allocatesNothing() {
    float[] x = RandomInputs.tameValues(new SplittableRandom(1), 1000);
    int[] scratch = new int[SIMD.scratchSize(1000)];
    long[] keep = new long[16];
    int[] indices = new int[1000];
    long known = SIMD.threshold(784, x, 100, 588, scratch);
    int key = (int) (known >>> 32);
    KernelAssertions.assertAllocatesNothing(
        () -> {
          long threshold = SIMD.threshold(784, x, 100, 588, scratch);
          SIMD.keepMask(784, x, 100, threshold, keep, 0);
          SIMD.indices(784, x, 100, threshold, indices, 0);
          SIMD.keepMaskWithin(784, x, 100, 588, key - 100_000, key + 100_000, keep, 0, scratch);
          SIMD.keepMaskWithin(784, x, 100, 588, key + 1, key + 100_000, keep, 0, scratch);
        });
  }
}
