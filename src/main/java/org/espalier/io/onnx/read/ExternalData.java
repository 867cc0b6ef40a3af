package org.espalier.io.onnx.read;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.espalier.InputException;
import org.jspecify.annotations.Nullable;

/**
 * Elements in a file beside the model. The model says which, so it must not lead out of the model's
 * folder: no link is followed, not even one that stays inside.
 */
final class ExternalData {
  private ExternalData() {}

  /**
   * Returns where elements are, by what the model says.
   *
   * @param bytes which the elements take
   */
  static OnnxStorage storage(Object where, Map<String, String> entries, long bytes) {
    String location = entries.getOrDefault("location", "");
    checkLocation(where, location);
    long offset = number(where, entries, "offset", 0);
    long length = number(where, entries, "length", bytes);
    if (length != bytes) {
      throw InputException.expected(where, "external data of " + bytes + " bytes", length);
    }
    return new OnnxStorage.External(location, offset, length);
  }

  private static long number(Object where, Map<String, String> entries, String key, long missing) {
    String text = entries.get(key);
    if (text == null) {
      return missing;
    }
    try {
      long number = Long.parseLong(text);
      if (number >= 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw InputException.expected(where, "external data with a number as " + key, text);
  }

  private static void checkLocation(Object where, String location) {
    List<String> parts = Arrays.asList(location.split("/", -1));
    boolean isPlain =
        parts.stream().noneMatch(p -> p.isEmpty() || p.equals(".") || p.equals(".."))
            && location.chars().noneMatch(c -> c == '\\' || c == ':' || Character.isISOControl(c));
    if (!isPlain) {
      throw InputException.expected(
          where, "external data in a file below the model's folder", "'" + location + "'");
    }
  }

  /**
   * Maps elements.
   *
   * @throws InputException if the file isn't there, is behind a link, is no file or too short
   */
  static ByteBuffer map(OnnxTensor tensor, OnnxStorage.External place) {
    Path file = file(tensor, place.location());
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
      long size = channel.size();
      if (place.offset() > size || place.length() > size - place.offset()) {
        throw InputException.expected(
            file,
            place.length() + " bytes from byte " + place.offset() + " on for " + tensor.where(),
            "a file of " + size);
      }
      if (place.length() > Integer.MAX_VALUE) {
        throw InputException.expected(tensor.where(), "at most 2^31-1 bytes", place.length());
      }
      return channel.map(MapMode.READ_ONLY, place.offset(), place.length());
    } catch (IOException e) {
      throw InputException.reading(file, e);
    }
  }

  /** Goes down from the model's folder, and looks at each step what is there. */
  private static Path file(OnnxTensor tensor, String location) {
    @Nullable Path folder = tensor.source().folder();
    if (folder == null) {
      throw InputException.expected(tensor.where(), "elements in the file", "in " + location);
    }
    Path at = folder;
    String[] parts = location.split("/", -1);
    for (int i = 0; i < parts.length; i++) {
      at = at.resolve(parts[i]);
      boolean isLast = i == parts.length - 1;
      try {
        BasicFileAttributes found =
            Files.readAttributes(at, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (isLast ? !found.isRegularFile() : !found.isDirectory()) {
          throw InputException.expected(
              at, isLast ? "a file with external data" : "a folder", what(found));
        }
      } catch (IOException e) {
        throw InputException.reading(at, e);
      }
    }
    return at;
  }

  private static String what(BasicFileAttributes found) {
    return found.isSymbolicLink()
        ? "a link, which is not followed"
        : found.isDirectory()
            ? "a folder"
            : found.isRegularFile() ? "a file" : "a pipe, socket or device";
  }
}
