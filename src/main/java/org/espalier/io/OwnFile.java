package org.espalier.io;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.espalier.InputException;

/** Tells files that this program wrote, and may replace, from others. */
final class OwnFile {
  /** Stands near the beginning of every text and ONNX file that is written here. */
  private static final String MARK = "espalier";

  private static final int BEGINNING = 1 << 16;

  private OwnFile() {}

  /**
   * Checks that nothing would be lost if a file were written to a place.
   *
   * @throws InputException if a folder, a link, a device or a file of another program is there
   */
  static void check(Path file) {
    AtomicFile.checkPlace(file);
    if (Files.exists(file, LinkOption.NOFOLLOW_LINKS) && !isOwn(file)) {
      throw InputException.expected(
          file, "no file, or one that this program wrote", "another, which stays as it is");
    }
  }

  private static boolean isOwn(Path file) {
    if (file.toString().endsWith(".safetensors")) {
      try {
        return Safetensors.read(file).metadata().containsKey(Safetensors.DIGEST);
      } catch (InputException e) {
        return false;
      }
    }
    try (InputStream in = Files.newInputStream(file)) {
      return new String(in.readNBytes(BEGINNING), StandardCharsets.ISO_8859_1).contains(MARK);
    } catch (IOException e) {
      throw InputException.reading(file, e);
    }
  }
}
