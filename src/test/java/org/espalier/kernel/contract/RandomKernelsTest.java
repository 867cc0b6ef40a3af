package org.espalier.kernel.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.espalier.doctor.selftest.RandomInputs;
import org.espalier.kernel.scalar.ScalarRandom;
import org.espalier.kernel.simd.SimdRandom;
import org.espalier.tensor.BitMask;
import org.espalier.tensor.RandomKey;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RandomKernelsTest {
  private static final RandomKernels SCALAR = new ScalarRandom();
  private static final RandomKernels SIMD = new SimdRandom();

  static Stream<Named<RandomKernels>> kernels() {
    return Stream.of(Named.of("scalar", SCALAR), Named.of("simd", SIMD));
  }

  /**
   * The known answers for threefry4x32 with 20 rounds in Random123's {@code tests/kat_vectors} (D.
   * E. Shaw Research, version 1.09 and later): counter, key, result.
   */
  @ParameterizedTest
  @CsvSource({
    "00000000 00000000 00000000 00000000, 00000000 00000000 00000000 00000000,"
        + " 9c6ca96a e17eae66 fc10ecd4 5256a7d8",
    "ffffffff ffffffff ffffffff ffffffff, ffffffff ffffffff ffffffff ffffffff,"
        + " 2a881696 57012287 f6c7446e a16a6732",
    "243f6a88 85a308d3 13198a2e 03707344, a4093822 299f31d0 082efa98 ec4e6c89,"
        + " 59cd1dbb b8879579 86b5d00c ac8b6d84",
  })
  void threefryGivesThePublishedAnswers(String counter, String key, String result) {
    int[] c = hex(counter);
    int[] k = hex(key);
    int[] got = new int[4];
    for (int w = 0; w < 4; w++) {
      got[w] =
          ScalarRandom.threefry(new RandomKey(k[0], k[1], k[2], k[3]), c[0], c[1], c[2], c[3], w);
    }
    assertArrayEquals(hex(result), got);
  }

  /** The first answer is also that of counter 0 in the stream of row 0 at step 0. */
  @ParameterizedTest
  @MethodSource("kernels")
  void aStreamStartsWithThePublishedAnswer(RandomKernels kernels) {
    int[] words = new int[512];
    kernels.words(new RandomKey(0, 0, 0, 0), 0, 0, words.length, words, 0);
    assertArrayEquals(
        hex("9c6ca96a e17eae66 fc10ecd4 5256a7d8"),
        new int[] {words[0], words[16], words[32], words[48]});
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5})
  void wordsFollowTheDefinitionOfTheStream(long seed) {
    var random = new SplittableRandom(seed);
    RandomKey key = key(random);
    long step = random.nextLong();
    int row = random.nextInt();
    int[] words = new int[1000];
    SIMD.words(key, step, row, words.length, words, 0);
    for (int b = 0; 64 * b < words.length; b++) {
      for (int w = 0; w < 4; w++) {
        for (int l = 0; l < 16 && 64 * b + 16 * w + l < words.length; l++) {
          int expected =
              ScalarRandom.threefry(key, 16 * b + l, row, (int) step, (int) (step >>> 32), w);
          assertEquals(expected, words[64 * b + 16 * w + l], "block " + b + " " + w + " " + l);
        }
      }
    }
  }

  /** What the contract says, computed from the words of the stream. */
  @ParameterizedTest
  @MethodSource("kernels")
  void theDrawOfABitIsItsHalfWord(RandomKernels kernels) {
    var random = new SplittableRandom(7);
    int n = 1000;
    int rows = 6;
    for (double rate : new double[] {0, 0x1p-16, 0.25, 0.66, 1 - 0x1p-16, 1}) {
      RandomKey key = key(random);
      BitMask before = RandomInputs.mask(random, rows, n, 0.5);
      BitMask after = new BitMask(rows, n);
      after.copyFrom(before);
      kernels.spare(key, 9, 4, rows, n, rate, after.words(), 0);
      for (int r = 0; r < rows; r++) {
        int[] words = new int[n / 2];
        kernels.words(key, 9, 4 + r, words.length, words, 0);
        for (int i = 0; i < n; i++) {
          int draw = i % 2 == 0 ? words[i / 2] & 0xffff : words[i / 2] >>> 16;
          boolean kept = before.get(r, i) || draw >= Math.round(rate * 65536);
          assertEquals(kept, after.get(r, i), rate + " row " + r + " bit " + i);
        }
        for (int i = n; i < 64 * after.wordsPerRow(); i++) {
          assertFalse(after.get(r, i), "bit behind the last " + i);
        }
      }
    }
  }

  /** Every count here is binomial; six standard deviations are left once in a billion times. */
  @ParameterizedTest
  @ValueSource(doubles = {0.01, 0.1, 0.33, 0.5, 0.66, 0.9, 0.99})
  void dropsTheShareItIsToldIndependently(double rate) {
    int n = 1 << 20;
    double p = Math.round(rate * 65536) / 65536.0;
    RandomKey key = RandomKey.of(42, "test");
    long[] keep = draw(key, 3, 5, rate, n);
    assertBinomial(n, 1 - p, count(keep));
    double agree = p * p + (1 - p) * (1 - p);
    for (int distance : new int[] {1, 2, 8, 16, 32, 64, 128}) {
      assertBinomial(n - distance, agree, n - distance - countDifferent(keep, keep, distance));
    }
    assertBinomial(n, agree, n - countDifferent(keep, draw(key, 4, 5, rate, n), 0));
    assertBinomial(n, agree, n - countDifferent(keep, draw(key, 3 + (1L << 32), 5, rate, n), 0));
    assertBinomial(n, agree, n - countDifferent(keep, draw(key, 3, 6, rate, n), 0));
    RandomKey otherPurpose = RandomKey.of(42, "tesu");
    assertBinomial(n, agree, n - countDifferent(keep, draw(otherPurpose, 3, 5, rate, n), 0));
    RandomKey otherSeed = RandomKey.of(43, "test");
    assertBinomial(n, agree, n - countDifferent(keep, draw(otherSeed, 3, 5, rate, n), 0));
  }

  private static long[] draw(RandomKey key, long step, int row, double rate, int n) {
    long[] keep = new long[n / 64];
    SIMD.spare(key, step, row, 1, n, rate, keep, 0);
    return keep;
  }

  private static long count(long[] bits) {
    return Arrays.stream(bits).map(Long::bitCount).sum();
  }

  /** Counts the i at which bit i of {@code a} and bit i + distance of {@code b} differ. */
  private static long countDifferent(long[] a, long[] b, int distance) {
    long n = 0;
    for (int i = 0; i + distance < 64 * a.length; i++) {
      int j = i + distance;
      n += (a[i >> 6] >>> i ^ b[j >> 6] >>> j) & 1;
    }
    return n;
  }

  private static void assertBinomial(long n, double p, long count) {
    double sigma = Math.sqrt(n * p * (1 - p));
    assertTrue(Math.abs(count - n * p) <= 6 * sigma, count + " of " + n + ", p = " + p);
  }

  @Test
  void everyBitOfAWordIsSetHalfTheTime() {
    int n = 1 << 20;
    int[] words = new int[n];
    SIMD.words(RandomKey.of(1, "bits"), 0, 0, n, words, 0);
    for (int bit = 0; bit < 32; bit++) {
      int b = bit;
      assertBinomial(n, 0.5, Arrays.stream(words).filter(w -> (w >>> b & 1) != 0).count());
    }
  }

  private static RandomKey key(SplittableRandom random) {
    return new RandomKey(random.nextInt(), random.nextInt(), random.nextInt(), random.nextInt());
  }

  private static int[] hex(String words) {
    return Arrays.stream(words.strip().split(" "))
        .mapToInt(w -> Integer.parseUnsignedInt(w, 16))
        .toArray();
  }
}
