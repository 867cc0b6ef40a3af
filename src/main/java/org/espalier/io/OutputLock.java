package org.espalier.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.espalier.InputException;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a second program, or a second job of this one, from writing to the same place. The
 * operating system releases the lock of a process that ends, however it ends; the file that is
 * locked is deleted with the lock's release, and one that a killed process leaves is taken over.
 */
final class OutputLock implements AutoCloseable {
  /** Lies behind the content, which others may read: some systems lock a range against reading. */
  private static final long LOCKED_BYTE = 1 << 30;

  private static final int LONGEST_NOTE = 200;

  private static final Pattern PROCESS = Pattern.compile("process \\d{1,10}");

  /** What this process holds: a process can't ask itself for its own locks. */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path file;
  private final FileChannel channel;

  /**
   * Closing a channel may release the locks of other channels of its file: all close at the end.
   */
  private final @Nullable FileChannel check;

  private OutputLock(Path file, FileChannel channel, @Nullable FileChannel check) {
    this.file = file;
    this.channel = channel;
    this.check = check;
  }

  /**
   * Takes a lock.
   *
   * @param file what is locked: nobody else's, in a folder that is there
   * @param place what is written to, for messages
   * @param warn is told in a line if the file system has no locks; then nobody is kept out
   * @throws InputException if another holds it, or the folder can't be written to
   */
  static OutputLock take(Path file, Path place, Consumer<String> warn) {
    try {
      Path real = file.toAbsolutePath().resolveSibling("").toRealPath().resolve(file.getFileName());
      if (!HELD.add(real)) {
        throw inUse(place, "this process");
      }
      try {
        return lock(real, place, warn);
      } catch (IOException | RuntimeException e) {
        HELD.remove(real);
        throw e;
      }
    } catch (IOException e) {
      throw InputException.writing(place, e);
    }
  }

  private static InputException inUse(Path place, String by) {
    return InputException.expected(place, "a place that nothing else writes to", by + " at work");
  }

  private static OutputLock lock(Path file, Path place, Consumer<String> warn) throws IOException {
    while (true) {
      FileChannel channel =
          FileChannel.open(
              file,
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              LinkOption.NOFOLLOW_LINKS);
      @Nullable OutputLock taken = null;
      try {
        taken = lock(channel, file, place, warn);
      } finally {
        if (taken == null) {
          channel.close();
        }
      }
      if (taken != null) {
        return taken;
      }
    }
  }

  /**
   * Locks a file that has been opened.
   *
   * @return the lock, or null if it is worth nothing: its last holder has deleted the file since it
   *     was opened here, so that another of the same name may be there
   */
  private static @Nullable OutputLock lock(
      FileChannel channel, Path file, Path place, Consumer<String> warn) throws IOException {
    try {
      if (channel.tryLock(LOCKED_BYTE, 1, false) == null) {
        Matcher holder = PROCESS.matcher(read(channel)); // may come from anybody
        throw inUse(place, holder.lookingAt() ? holder.group() : "another process");
      }
    } catch (IOException | UnsupportedOperationException e) {
      warn.accept(
          place
              + ": this file system has no locks ("
              + e.getMessage()
              + "): nothing keeps another program from writing there too");
      return new OutputLock(file, channel, null);
    }
    String note = "process " + ProcessHandle.current().pid() + ", " + UUID.randomUUID();
    try {
      channel.truncate(0).write(ByteBuffer.wrap(note.getBytes(StandardCharsets.UTF_8)), 0);
    } catch (IOException e) {
      Files.deleteIfExists(file);
      throw e;
    }
    FileChannel check;
    try {
      check = FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      return null;
    }
    if (note.equals(read(check))) {
      return new OutputLock(file, channel, check);
    }
    check.close();
    return null;
  }

  private static String read(FileChannel channel) throws IOException {
    ByteBuffer note = ByteBuffer.allocate(LONGEST_NOTE);
    int n = channel.read(note, 0);
    return n <= 0 ? "" : new String(note.array(), 0, n, StandardCharsets.UTF_8);
  }

  /** Deletes the file and releases the lock. */
  @Override
  public void close() {
    try {
      Files.deleteIfExists(file);
      channel.close();
      if (check != null) {
        check.close();
      }
    } catch (IOException e) {
      return; // a file without a holder stays; it keeps nobody out
    } finally {
      HELD.remove(file);
    }
  }
}
