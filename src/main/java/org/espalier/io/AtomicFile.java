package org.espalier.io;

import java.io.BufferedOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.espalier.InputException;

/**
 * Writes a file whole or not at all: beside its place first, then flushed to the disk, then renamed
 * over what was there. Whatever fails, the old content stays and nothing else is left behind.
 */
public final class AtomicFile {
  /** What to write. */
  @FunctionalInterface
  public interface Content {
    /** Writes the content; needn't flush or close. */
    void writeTo(OutputStream out) throws IOException;
  }

  private AtomicFile() {}

  /**
   * Writes a file. A symbolic link is followed.
   *
   * @throws InputException if it can't be written: no such folder, permission, full disk, or the
   *     place is taken by something that is no regular file
   */
  public static void write(Path file, Content content) {
    try {
      Path target = Files.exists(file) ? file.toRealPath() : file.toAbsolutePath();
      if (Files.exists(target) && !Files.isRegularFile(target)) {
        // Renaming over a device would replace the device.
        throw InputException.expected(file, "a regular file to write to", "something else");
      }
      Path beside =
          target.resolveSibling(
              "." + target.getFileName() + "." + Long.toHexString(System.nanoTime()) + ".tmp");
      try {
        writeAndFlush(beside, content);
        Files.move(
            beside, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(beside);
      }
      flushFolder(target.resolveSibling(""));
    } catch (IOException e) {
      throw InputException.writing(file, e);
    }
  }

  private static void writeAndFlush(Path file, Content content) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      // If the JVM is ended from outside while the file is half written.
      file.toFile().deleteOnExit();
      OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
      content.writeTo(out);
      out.flush();
      channel.force(true);
    }
  }

  /** Makes the renaming itself lasting; Windows has no such call and needs none. */
  private static void flushFolder(Path folder) throws IOException {
    if (File.separatorChar == '/') {
      try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }
}
