package org.espalier.machine;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A data cache that one core has at hand.
 *
 * @param level 1 for the innermost
 * @param bytes its size; the third level is shared by cores
 */
public record Cache(int level, long bytes) {
  private static final int MAX_ENTRIES = 16;
  private static final Pattern LEVEL = Pattern.compile("\\d");
  private static final Pattern SIZE = Pattern.compile("(\\d{1,9})([KM])");

  /**
   * Returns the data caches of the first processor, innermost first, as Linux tells them; none
   * where it doesn't, as in some virtual machines and on other systems.
   */
  static List<Cache> ofThisMachine() {
    return read(SystemFiles.CACHES);
  }

  /**
   * Reads a directory that has an entry {@code index0}, {@code index1}, … for each cache; an entry
   * of another form is left out.
   */
  static List<Cache> read(Path directory) {
    List<Cache> caches = new ArrayList<>();
    for (int i = 0; i < MAX_ENTRIES; i++) {
      Path entry = directory.resolve("index" + i);
      String level = SystemFiles.text(entry.resolve("level"));
      long bytes = bytes(SystemFiles.text(entry.resolve("size")));
      boolean forCode = SystemFiles.text(entry.resolve("type")).equals("Instruction");
      if (LEVEL.matcher(level).matches() && bytes > 0 && !forCode) {
        caches.add(new Cache(Integer.parseInt(level), bytes));
      }
    }
    return caches;
  }

  /** Returns what a size as "1024K" or "32M" stands for, or 0 if it is not of that form. */
  private static long bytes(String size) {
    Matcher m = SIZE.matcher(size);
    return m.matches() ? Long.parseLong(m.group(1)) << (m.group(2).equals("K") ? 10 : 20) : 0;
  }
}
