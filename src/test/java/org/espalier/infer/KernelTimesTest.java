package org.espalier.infer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelTimesTest {
  private static final Set<String> NAMES = Set.of("short", "long");

  private final AtomicInteger measurements = new AtomicInteger();
  private Path file;

  @BeforeEach
  void inADirectoryThatIsNotThere(@TempDir Path dir) {
    file = dir.resolve("deep/er/kernel-times");
  }

  private Supplier<Map<String, KernelTimer.Piece>> work() {
    return () -> {
      measurements.incrementAndGet();
      Map<String, KernelTimer.Piece> work = new LinkedHashMap<>();
      work.put("short", new KernelTimer.Piece(() -> spin(20_000), 1e6));
      work.put("long", new KernelTimer.Piece(() -> spin(400_000), 1e6));
      return work;
    };
  }

  private static void spin(long nanos) {
    long start = System.nanoTime();
    while (System.nanoTime() - start < nanos) {
      Thread.onSpinWait();
    }
  }

  private KernelTimes times(String machine) {
    return new KernelTimes(Optional.of(file), machine);
  }

  @Test
  void theTimerSeesWhatTakesLonger() {
    Map<String, Double> times = new KernelTimer().time(work().get());
    assertEquals(List.of("short", "long"), List.copyOf(times.keySet()));
    assertTrue(times.get("short") >= 20_000 && times.get("long") >= 400_000, times.toString());
    assertTrue(times.get("long") > 4 * times.get("short"), times.toString());
  }

  /** A second is longer than any measurement takes of what is compiled. */
  @Test
  void whatCannotHaveBeenCompiledIsWaitedFor() {
    long start = System.nanoTime();
    Runnable late = () -> spin(System.nanoTime() - start < 1_000_000_000 ? 300_000 : 1_000);
    Map<String, Double> times =
        new KernelTimer().time(Map.of("late", new KernelTimer.Piece(late, 1_000)));
    assertTrue(times.get("late") < 100_000, times.toString());
  }

  @Test
  void whatIsKnownIsNotMeasuredAgain() {
    KernelTimes first = times("here");
    Map<String, Double> times = first.of("a question", NAMES, work());
    assertEquals(times, first.of("a question", NAMES, work()));
    assertEquals(1, measurements.get());
    Map<String, Double> again = times("here").of("a question", NAMES, work());
    assertEquals(1, measurements.get());
    assertEquals(times.keySet(), again.keySet());
    times.forEach((name, nanos) -> assertEquals(nanos, again.get(name), 0.5));
    times("here").of("another question", NAMES, work());
    assertEquals(2, measurements.get());
    times("there").of("a question", NAMES, work());
    assertEquals(3, measurements.get());
  }

  @Test
  void aDamagedFileCountsAsMissingAndIsAddedTo() throws IOException {
    Files.createDirectories(file.getParent());
    byte[] garbage =
        "here\tq\tshort\t-5\nhere\tq\tshort\nhere\tq\nhere\n\0\t\t\t\n"
            .getBytes(StandardCharsets.UTF_8);
    garbage[garbage.length - 2] = (byte) 0xff; // not UTF-8 either
    Files.write(file, garbage);
    times("here").of("q", NAMES, work());
    assertEquals(1, measurements.get());
    times("here").of("q", NAMES, work());
    assertEquals(1, measurements.get());
  }

  @Test
  void aHalfWrittenLineSpoilsNoOther() throws IOException {
    times("here").of("q", NAMES, work());
    Files.writeString(file, Files.readString(file).strip() + "\nhere\tr\tshort");
    times("here").of("s", NAMES, work());
    times("here").of("s", NAMES, work());
    times("here").of("q", NAMES, work());
    assertEquals(2, measurements.get());
  }

  @Test
  void timesOfOtherKernelsAreNone() {
    times("here").of("q", NAMES, work());
    times("here")
        .of(
            "q",
            Set.of("short"),
            () -> Map.of("short", new KernelTimer.Piece(() -> spin(1000), 1e6)));
    assertEquals(Set.of("short"), times("here").of("q", Set.of("short"), Map::of).keySet());
  }

  @Test
  void aFileThatCannotBeWrittenFailsNothing() throws IOException {
    Files.createDirectories(file); // a directory in its place
    KernelTimes times = times("here");
    assertEquals(2, times.of("q", NAMES, work()).size());
    times.of("q", NAMES, work());
    assertEquals(1, measurements.get());
  }

  @Test
  void noFileIsNeeded() {
    KernelTimes times = new KernelTimes(Optional.empty(), "here");
    times.of("tabs\tand\nlines", NAMES, work());
    times.of("tabs\tand\nlines", NAMES, work());
    assertEquals(1, measurements.get());
  }
}
