package org.espalier.io;

import java.io.BufferedOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.espalier.InputException;
import org.espalier.Internal;
import org.jspecify.annotations.Nullable;

/**
 * Writes a file whole or not at all: beside its place first, then flushed to the disk, then renamed
 * over what was there. Whatever fails, the old content stays and nothing else is left behind; what
 * the end of a process leaves half written, the next who writes there removes.
 */
@Internal
public final class AtomicFile {
  /** What to write. */
  @FunctionalInterface
  public interface Content {
    /** Writes the content; needn't flush or close. */
    void writeTo(OutputStream out) throws IOException;
  }

  /**
   * Names of half-written files: {@code .NAME.}, 16 hexadecimal digits that a process draws once, a
   * number, {@code .espalier-tmp}. Nobody else's file is taken for one.
   */
  private static final Pattern BESIDE =
      Pattern.compile("\\.(.+)\\.[0-9a-f]{16}-\\d+\\.espalier-tmp");

  private static final String PROCESS = HexFormat.of().toHexDigits(new SecureRandom().nextLong());

  private static final AtomicLong WRITES = new AtomicLong();

  /** Files that this process is writing: a process can't ask itself for its own locks. */
  private static final Set<Path> WRITING = ConcurrentHashMap.newKeySet();

  private AtomicFile() {}

  /**
   * Writes a file.
   *
   * @throws InputException if it can't be written: no such folder, permission, full disk, or the
   *     place is taken by something that is no regular file; a symbolic link is none
   */
  public static void write(Path file, Content content) {
    Path target = file.toAbsolutePath();
    try {
      checkPlace(file);
      removeAbandoned(target.resolveSibling(""), target.getFileName().toString());
      Path beside =
          target.resolveSibling(
              "."
                  + target.getFileName()
                  + "."
                  + PROCESS
                  + "-"
                  + WRITES.incrementAndGet()
                  + ".espalier-tmp");
      WRITING.add(beside);
      try {
        writeBeside(beside, target, content);
      } finally {
        WRITING.remove(beside);
      }
      flushFolder(target.resolveSibling(""));
    } catch (IOException e) {
      throw InputException.writing(file, e);
    }
  }

  /** The channel, and with it the lock, is held until the file is in its place. */
  private static void writeBeside(Path beside, Path target, Content content) throws IOException {
    try (FileChannel channel =
        FileChannel.open(beside, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      try {
        deleteOnExit(beside);
        lock(channel);
        OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
        content.writeTo(out);
        out.flush();
        channel.force(true);
        Files.move(
            beside, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(beside);
      }
    }
  }

  /** If the JVM is ended from outside while the file is half written. */
  private static void deleteOnExit(Path file) {
    if (file.getFileSystem().equals(FileSystems.getDefault())) {
      file.toFile().deleteOnExit();
    }
  }

  /** Says to others that the file is being written, where the file system can say so. */
  private static void lock(FileChannel channel) {
    try {
      channel.tryLock();
    } catch (IOException e) {
      return; // then nobody else can lock it either, and who can't doesn't remove it
    }
  }

  /**
   * Checks that a place is free or taken by a regular file.
   *
   * @throws InputException if a folder, a link or a device is there: renaming over it would replace
   *     it, following it would write where nobody said
   */
  static void checkPlace(Path file) {
    if (Files.isSymbolicLink(file)) {
      throw InputException.expected(file, "a regular file to write to", "a symbolic link");
    }
    if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)
        && !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw InputException.expected(
          file,
          "a regular file to write to",
          Files.isDirectory(file) ? "a folder" : "something else");
    }
  }

  /**
   * Removes what processes that were ended have left half written in a folder. What is still being
   * written stays.
   */
  static void removeAbandoned(Path folder) throws IOException {
    removeAbandoned(folder, null);
  }

  private static void removeAbandoned(Path folder, @Nullable String name) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        Matcher m = BESIDE.matcher(file.getFileName().toString());
        if (m.matches() && (name == null || m.group(1).equals(name)) && !WRITING.contains(file)) {
          removeUnlessLocked(file);
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  private static void removeUnlessLocked(Path file) {
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
      if (channel.tryLock() != null) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      return; // no locks here, another user's, or another process was faster
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
