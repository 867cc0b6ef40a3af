package org.espalier.io;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.espalier.InputException;
import org.espalier.Internal;

/**
 * Opens the files that a user names. What is no file is refused before it is opened: a pipe that
 * nobody writes to would wait for ever, a device might never end.
 */
@Internal
public final class RegularFile {
  private RegularFile() {}

  /**
   * Opens a file; a link is followed.
   *
   * @throws InputException if it is none
   * @throws IOException if it can't be opened
   */
  public static InputStream open(Path file) throws IOException {
    size(file);
    return Files.newInputStream(file);
  }

  /**
   * Returns the bytes that a file has.
   *
   * @throws InputException if it is none
   * @throws IOException if it isn't there or can't be asked
   */
  public static long size(Path file) throws IOException {
    BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
    if (!found.isRegularFile()) {
      throw InputException.expected(
          file, "a file", found.isDirectory() ? "a folder" : "a pipe, socket or device");
    }
    return found.size();
  }
}
