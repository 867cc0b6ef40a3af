package org.espalier.data;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.espalier.InputException;
import org.espalier.Internal;
import org.espalier.io.RegularFile;

/** Files that name the classes, one a line in the order of the labels. */
@Internal
public final class ClassNames {
  /** Longest file, in bytes; labels are bytes, so it has at most 256 lines. */
  private static final int LONGEST = 1 << 16;

  private ClassNames() {}

  /** Reads a file; empty lines may stand at its end. */
  public static List<String> read(Path file) {
    List<String> lines;
    try {
      long bytes = RegularFile.size(file);
      if (bytes > LONGEST) {
        throw InputException.expected(file, "at most " + LONGEST + " bytes", bytes);
      }
      lines = new ArrayList<>(Files.readString(file, StandardCharsets.UTF_8).lines().toList());
    } catch (CharacterCodingException e) {
      throw InputException.expected(file, "names in UTF-8", "other bytes");
    } catch (IOException e) {
      throw InputException.reading(file, e);
    }
    lines.replaceAll(String::strip);
    while (!lines.isEmpty() && lines.getLast().isEmpty()) {
      lines.removeLast();
    }
    if (lines.isEmpty() || lines.size() > 256 || lines.contains("")) {
      throw InputException.expected(
          file, "1 to 256 class names, one a line", lines.size() + " lines, or an empty one");
    }
    if (new HashSet<>(lines).size() < lines.size()) {
      throw InputException.expected(file, "a different name on each line", "a name twice");
    }
    return lines;
  }
}
