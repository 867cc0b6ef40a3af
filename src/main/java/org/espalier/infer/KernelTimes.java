package org.espalier.infer;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.espalier.kernel.Kernels;
import org.espalier.kernel.Machine;

/**
 * How long kernels take on this machine: measured when it is first asked for, then remembered, in
 * this process and in a file for the coming ones. The times choose among kernels that give the same
 * bits, so that a wrong one costs time and nothing else.
 *
 * <p>The file is {@code kernel-times-3} in the directory that the system property {@code
 * espalier.cache} names, else in {@code espalier} under the user's cache directory; there is none
 * if the property is empty. A line of it has, between tabs, the machine, the question and the
 * answers. A file that can't be read or written, and lines that make no sense, count as missing:
 * then it is measured once more.
 */
final class KernelTimes {
  /** System property that names the directory of the file. */
  static final String DIRECTORY = "espalier.cache";

  /** The number changes with the kernels. */
  private static final String FILE = "kernel-times-3";

  /** A file beyond this size isn't one of ours. */
  private static final long MAX_BYTES = 4 << 20;

  /** Those of this process. */
  static final KernelTimes HERE = new KernelTimes(file(), machine());

  private final Optional<Path> file;
  private final String machine;
  private final KernelTimer timer = new KernelTimer();
  private final Map<String, Map<String, Double>> known = new HashMap<>();
  private boolean isRead;

  /**
   * Makes an empty memory.
   *
   * @param file to read and to add to, if any
   * @param machine what else the times depend on: lines of others are passed over
   */
  KernelTimes(Optional<Path> file, String machine) {
    this.file = file;
    this.machine = clean(machine);
  }

  private static Optional<Path> file() {
    String directory = System.getProperty(DIRECTORY);
    if (directory == null) {
      String caches = System.getenv("XDG_CACHE_HOME");
      Path home = Path.of(System.getProperty("user.home", ""), ".cache");
      return Optional.of(
          (caches == null || caches.isEmpty() ? home : Path.of(caches))
              .resolve("espalier")
              .resolve(FILE));
    }
    return directory.isEmpty() ? Optional.empty() : Optional.of(Path.of(directory, FILE));
  }

  private static String machine() {
    Machine machine = Machine.detect();
    return String.join(
        "; ",
        machine.cpu(),
        machine.java(),
        machine.flags().toString(),
        Kernels.choice().implementation() + ", " + Kernels.choice().bits() + " bits");
  }

  /**
   * Returns nanoseconds for each of some kernels.
   *
   * @param question names the kernels and all that their times depend on, but for the machine
   * @param names of the kernels
   * @param work the kernels by name; made only if they must be measured
   */
  synchronized Map<String, Double> of(
      String question, Set<String> names, Supplier<Map<String, KernelTimer.Piece>> work) {
    if (!isRead) {
      read();
      isRead = true;
    }
    String key = clean(question);
    Map<String, Double> times = known.get(key);
    if (times == null || !times.keySet().equals(names)) {
      times = timer.time(work.get());
      known.put(key, times);
      write(key, times);
    }
    return times;
  }

  /** Blanks in place of what separates. */
  private static String clean(String text) {
    return text.replaceAll("[\\t\\r\\n]", " ");
  }

  private void read() {
    if (file.isEmpty()) {
      return;
    }
    try {
      if (Files.size(file.get()) <= MAX_BYTES) {
        String text = new String(Files.readAllBytes(file.get()), StandardCharsets.UTF_8);
        text.lines().forEach(this::readLine);
      }
    } catch (IOException | SecurityException e) {
      return; // then there is nothing to remember
    }
  }

  private void readLine(String line) {
    String[] fields = line.split("\t", -1);
    if (fields.length < 4 || fields.length % 2 != 0 || !fields[0].equals(machine)) {
      return;
    }
    Map<String, Double> times = new LinkedHashMap<>();
    for (int i = 2; i < fields.length; i += 2) {
      if (!fields[i + 1].matches("\\d{1,12}")) {
        return;
      }
      times.put(fields[i], Double.valueOf(fields[i + 1]));
    }
    known.put(fields[1], times);
  }

  private void write(String key, Map<String, Double> times) {
    if (file.isEmpty()) {
      return;
    }
    StringBuilder line = new StringBuilder(machine).append('\t').append(key);
    times.forEach((name, time) -> line.append('\t').append(name).append('\t').append(round(time)));
    try {
      Files.createDirectories(file.get().toAbsolutePath().getParent());
      Files.writeString(
          file.get(), // the line break in front ends a line that another left half written
          "\n" + line + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException | SecurityException e) {
      return; // then the next process measures again
    }
  }

  private static long round(double nanos) {
    return Math.max(1, Math.round(nanos));
  }
}
