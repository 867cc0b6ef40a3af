package org.espalier.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/** Inputs that a fuzz target starts from, and is held against in every run of the tests. */
public final class Seeds {
  private static final int LENGTH = 400;

  /** Where the random ones begin: .ci/run draws it. */
  private static final long FIRST = Long.getLong("espalier.fuzz.seed", 0);

  private Seeds() {}

  /** Returns seeds of files or texts. */
  public static Stream<Arguments> of(Object... seeds) {
    return Stream.of(seeds)
        .map(s -> s instanceof String t ? t.getBytes(StandardCharsets.UTF_8) : s)
        .map(s -> Arguments.of(s));
  }

  /** Returns so many strings of bytes, the same for the same seed. */
  public static Stream<Arguments> random(int count) {
    return IntStream.range(0, count).mapToObj(i -> Arguments.of((Object) bytes(i)));
  }

  /** A fuzz target. */
  @FunctionalInterface
  public interface Target {
    /** Tries one input. */
    void accept(byte[] bytes) throws Exception;
  }

  /** Tries a target with so many strings of bytes, the same for the same seed. */
  public static void tryRandom(int count, Target target) {
    for (int i = 0; i < count; i++) {
      try {
        target.accept(bytes(i));
      } catch (Exception | Error e) {
        throw new AssertionError(
            "random input " + i + " of espalier.fuzz.seed " + FIRST + ": " + e, e);
      }
    }
  }

  private static byte[] bytes(int seed) {
    Random random = new Random(FIRST * 1_000_003 + seed);
    byte[] bytes = new byte[random.nextInt(LENGTH)];
    random.nextBytes(bytes);
    // Every other one is for the most part 0, which decides for the plain thing.
    for (int i = 0; seed % 2 == 0 && i < bytes.length; i++) {
      bytes[i] = random.nextInt(8) == 0 ? bytes[i] : 0;
    }
    return bytes;
  }
}
