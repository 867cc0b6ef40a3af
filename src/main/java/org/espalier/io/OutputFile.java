package org.espalier.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.espalier.InputException;
import org.espalier.Internal;

/**
 * A single file that the user named, while a job makes and writes it: no other writes it, and what
 * is there and wasn't written by this program is not replaced. A link is followed: the user named
 * it.
 */
@Internal
public final class OutputFile implements AutoCloseable {
  private final Path path;
  private final OutputLock lock;

  private OutputFile(Path path, OutputLock lock) {
    this.path = path;
    this.lock = lock;
  }

  /**
   * Takes a place for a file.
   *
   * @param warn is told in a line if the file system can't keep others out
   * @throws InputException if another job writes it, its folder can't be written to, or something
   *     is there that this program didn't write
   */
  public static OutputFile open(Path file, Consumer<String> warn) {
    try {
      Path target = Files.isSymbolicLink(file) ? file.toRealPath() : file;
      OwnFile.check(target);
      Path beside = target.resolveSibling("." + target.getFileName() + ".espalier-lock");
      return new OutputFile(target, OutputLock.take(beside, file, warn));
    } catch (IOException e) {
      throw InputException.writing(file, e);
    }
  }

  /** Returns the file, which is no link. */
  public Path path() {
    return path;
  }

  /** Lets others write it. */
  @Override
  public void close() {
    lock.close();
  }
}
