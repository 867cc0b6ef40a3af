package org.espalier.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Bytes of the caches that one core has at hand. Linux tells them in files; where there are none,
 * or not of the expected form, as in some virtual machines and on other systems, usual sizes stand
 * in. They decide how products are cut, never what comes out.
 *
 * @param second of the second level
 * @param third of the third level, which cores share
 */
record Caches(long second, long third) {
  private static final int MAX_ENTRIES = 16;
  private static final Pattern SIZE = Pattern.compile("(\\d{1,9})([KM])");

  /** What stands in: 1 MB and 16 MB. */
  static final Caches USUAL = new Caches(1 << 20, 16 << 20);

  /** Those of the first processor. */
  static final Caches HERE = read(Path.of("/sys/devices/system/cpu/cpu0/cache"));

  /** Reads a directory that has an entry {@code index0}, {@code index1}, … for each cache. */
  static Caches read(Path directory) {
    long second = USUAL.second;
    long third = USUAL.third;
    for (int i = 0; i < MAX_ENTRIES; i++) {
      Path entry = directory.resolve("index" + i);
      if (!text(entry.resolve("type")).equals("Instruction")) {
        long bytes = bytes(text(entry.resolve("size")));
        switch (text(entry.resolve("level"))) {
          case "2" -> second = bytes > 0 ? bytes : second;
          case "3" -> third = bytes > 0 ? bytes : third;
          default -> {}
        }
      }
    }
    return new Caches(second, third);
  }

  private static String text(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      return "";
    }
  }

  /** Returns what a size as "1024K" or "32M" stands for, or 0 if it is not of that form. */
  private static long bytes(String size) {
    Matcher m = SIZE.matcher(size);
    return m.matches() ? Long.parseLong(m.group(1)) << (m.group(2).equals("K") ? 10 : 20) : 0;
  }
}
