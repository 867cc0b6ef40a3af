package org.espalier.experiment.tune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.espalier.fuzz.Choices;
import org.espalier.fuzz.ParserLaw;
import org.espalier.fuzz.Seeds;
import org.espalier.infer.KernelTimes;
import org.espalier.infer.WeightFormat;
import org.espalier.io.CacheDirectory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The file of kernels' times: whatever lies there, what is read of it are times, and few. */
class KernelTimesFuzzTest {
  /** A MiB is read at most; each byte of it may cost so much. */
  private static final long MOST_MEMORY = 256 << 20;

  private static final KernelTimes.Key KEY = new KernelTimes.Key("a layer", WeightFormat.DENSE, 1);

  private static final String[] FIELDS = {
    "a layer",
    "dense",
    "csr",
    "block",
    "auto",
    "1",
    "64",
    "0",
    "-1",
    "99999",
    "١",
    "1e3",
    "120",
    "",
    "\t",
    "\r",
    "#",
    "999999999999",
    "9999999999999",
    "NaN",
    "\u0000",
    "\u2028"
  };

  @TempDir static Path folder;

  static Stream<Arguments> files() {
    return Seeds.of(
        "# kernel times\na layer\tdense\t1\t120\n",
        "a layer\tdense\t1\n",
        "a layer\tdense\t1\t0\n",
        "a layer\tdense\t99999\t1\n",
        "\t\t\t\n",
        "x".repeat(3 << 20),
        "a\tdense\t1\t2\n".repeat(200_000));
  }

  @MethodSource("files")
  @FuzzTest
  void anyBytes(byte[] content) throws Exception {
    read(content);
  }

  static Stream<Arguments> choices() {
    return Seeds.random(5);
  }

  /** Lines of four fields, but for what the bytes decide. */
  @MethodSource("choices")
  @FuzzTest
  void lines(byte[] bytes) throws Exception {
    Choices choose = new Choices(bytes);
    String[] right = {"a layer", "dense", "1", "120"};
    StringBuilder text = new StringBuilder();
    for (int n = choose.below(6); n > 0; n--) {
      int fields = Math.clamp(choose.mostly(4, 8), 0, 9);
      for (int i = 0; i < fields; i++) {
        String field = choose.oneIn(4) ? choose.text(6) : choose.oneOf(FIELDS);
        text.append(i == 0 ? "" : "\t").append(choose.oneIn(4) || i > 3 ? field : right[i]);
      }
      text.append(choose.oneIn(8) ? "\r" : "\n");
    }
    read(text.toString().getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void manyFiles() {
    Seeds.tryRandom(500, this::lines);
  }

  private static void read(byte[] content) throws Exception {
    KernelTimesFile times =
        new KernelTimesFile(
            Optional.of(CacheDirectory.of(folder.resolve("cache"))), List.of("here"));
    Path file = times.file().orElseThrow();
    if (!Files.exists(file)) {
      times.add(Map.of(KEY, 120.0));
    }
    Files.write(file, content);
    assertTrue(
        ParserLaw.holds(
            MOST_MEMORY,
            () ->
                times
                    .read()
                    .nanos()
                    .forEach(
                        (key, nanos) -> {
                          assertTrue(nanos >= 1 && nanos < 1e12, key + ": " + nanos);
                          assertTrue(
                              key.batch() >= 0 && key.kernel() != WeightFormat.AUTO, key + "");
                        })));
    // What is added afterwards can be read again, and only that replaces what was there.
    times.add(Map.of(KEY, 7.0));
    assertEquals(7.0, times.read().nanos().get(KEY));
  }
}
