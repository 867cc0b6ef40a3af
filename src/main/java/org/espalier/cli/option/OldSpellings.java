package org.espalier.cli.option;

import java.io.PrintWriter;
import java.util.Map;

/**
 * Options under the names that they had before: they keep working, and a line on the error stream
 * gives the name of today. Arguments are renamed before they are parsed, so that help, errors and
 * the checks of the commands know one name only.
 */
public final class OldSpellings {
  /** By command, from the old name to today's. */
  private static final Map<String, Map<String, String>> NAMES =
      Map.of(
          "bench", Map.of("--against", "--baseline", "--async", "--open-loop"),
          "prune", Map.of("--by", "--granularity"),
          "sweep", Map.of("--by", "--granularity"));

  private OldSpellings() {}

  /** Returns the arguments with the names of today. */
  public static String[] renamed(String[] args, PrintWriter err) {
    String[] renamed = args.clone();
    Map<String, String> names = Map.of();
    boolean command = false;
    for (int i = 0; i < args.length && !args[i].equals("--"); i++) {
      if (!command && !args[i].startsWith("-")) {
        command = true;
        names = NAMES.getOrDefault(args[i], Map.of());
      }
      int end = args[i].indexOf('=');
      String name = end < 0 ? args[i] : args[i].substring(0, end);
      String today = names.get(name);
      if (today != null) {
        renamed[i] = today + args[i].substring(name.length());
        err.println("espalier: " + name + " is called " + today + " now");
      }
    }
    return renamed;
  }
}
