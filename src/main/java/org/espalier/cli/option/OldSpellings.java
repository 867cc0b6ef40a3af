package org.espalier.cli.option;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Options and kernels under the names that they had before: they keep working, and a line on the
 * error stream gives the name of today. Arguments are renamed before they are parsed, so that help,
 * errors and the checks of the commands know one name only.
 */
public final class OldSpellings {
  /** By command, from the old name to today's. */
  private static final Map<String, Map<String, String>> NAMES =
      Map.of(
          "bench", Map.of("--against", "--baseline", "--async", "--open-loop"),
          "prune", Map.of("--by", "--granularity"),
          "sweep", Map.of("--by", "--granularity"));

  /** The options whose values are names of kernels, between commas. */
  private static final Set<String> KERNELS = Set.of("--kernel", "--baseline");

  private static final String OLD_KERNEL = "block";
  private static final String KERNEL = "bsr";

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
    renameKernels(renamed, err);
    return renamed;
  }

  private static void renameKernels(String[] args, PrintWriter err) {
    for (int i = 0; i < args.length && !args[i].equals("--"); i++) {
      int end = args[i].indexOf('=');
      String option = end < 0 ? args[i] : args[i].substring(0, end);
      boolean isNext = end < 0 && i + 1 < args.length;
      if (KERNELS.contains(option) && (end >= 0 || isNext)) {
        String given = isNext ? args[i + 1] : args[i].substring(end + 1);
        List<String> names = new ArrayList<>(List.of(given.split(",", -1)));
        if (Collections.replaceAll(names, OLD_KERNEL, KERNEL)) {
          String today = String.join(",", names);
          args[isNext ? i + 1 : i] = isNext ? today : option + "=" + today;
          err.println("espalier: " + option + " " + OLD_KERNEL + " is called " + KERNEL + " now");
        }
      }
    }
  }
}
