package org.espalier.boot;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * Helps where the locale has no characters but ASCII, as in containers where none is set: there a
 * JVM can name no file {@code café}, and its arguments are damaged before the program starts. So
 * the child gets a locale with UTF-8, and such arguments as the bytes that this process was given.
 */
final class Locales {
  /** The child's system properties that hold arguments, by their index from 0. */
  private static final String ARGUMENT = "espalier.launcher.argument.";

  private Locales() {}

  /** Returns whether file names can have ASCII characters only. */
  static boolean isAscii() {
    String name = System.getProperty("sun.jnu.encoding", "");
    try {
      return Charset.forName(name).equals(StandardCharsets.US_ASCII);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** Sets the locale of a child. */
  static void widen(Map<String, String> environment) {
    environment.put("LC_ALL", "C.UTF-8");
  }

  /** Returns options for the child's JVM that hold the arguments with other characters. */
  static List<String> options(String[] args) {
    if (Arrays.stream(args).allMatch(Locales::isAscii)) {
      return Collections.emptyList();
    }
    List<byte[]> words = commandLine();
    int first = words.size() - args.length;
    List<String> options = new ArrayList<>();
    for (int i = 0; i < args.length && first >= 0; i++) {
      byte[] word = words.get(first + i);
      if (!isAscii(args[i]) && new String(word, StandardCharsets.US_ASCII).equals(args[i])) {
        options.add("-D" + ARGUMENT + i + "=" + Base64.getEncoder().encodeToString(word));
      }
    }
    return options;
  }

  private static boolean isAscii(String arg) {
    return arg.chars().allMatch(c -> c < 128);
  }

  /** Returns the words that this process was started with, none where the system doesn't tell. */
  private static List<byte[]> commandLine() {
    List<byte[]> words = new ArrayList<>();
    try {
      byte[] all = Files.readAllBytes(Paths.get("/proc/self/cmdline"));
      int start = 0;
      for (int i = 0; i < all.length; i++) {
        if (all[i] == 0) {
          words.add(Arrays.copyOfRange(all, start, i));
          start = i + 1;
        }
      }
    } catch (IOException e) {
      words.clear();
    }
    return words;
  }

  /** Returns, in the child, the arguments as they were given to the parent. */
  static String[] restored(String[] args) {
    String[] restored = args.clone();
    for (int i = 0; i < args.length; i++) {
      String bytes = System.getProperty(ARGUMENT + i);
      if (bytes != null) {
        restored[i] = new String(Base64.getDecoder().decode(bytes), StandardCharsets.UTF_8);
      }
    }
    return restored;
  }
}
