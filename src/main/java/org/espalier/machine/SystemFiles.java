package org.espalier.machine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What Linux tells in files under {@code /proc} and {@code /sys}. Other systems and some containers
 * don't have them: then there is nothing, never an error.
 */
final class SystemFiles {
  static final Path PROC = Path.of("/proc");
  static final Path CPU_INFO = PROC.resolve("cpuinfo");
  static final Path CACHES = Path.of("/sys/devices/system/cpu/cpu0/cache");

  private SystemFiles() {}

  /** Returns the text of a file, without blanks around it, or nothing if it can't be read. */
  static String text(Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.UTF_8).strip();
    } catch (IOException | UncheckedIOException e) {
      return "";
    }
  }

  /** Returns the lines of a file, none if it can't be read. */
  static List<String> lines(Path file) {
    return text(file).lines().toList();
  }
}
