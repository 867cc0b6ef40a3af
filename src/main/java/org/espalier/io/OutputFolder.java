package org.espalier.io;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.espalier.InputException;
import org.espalier.Internal;

/**
 * A folder while a job writes to it: no other does, and what jobs that were killed have left half
 * written is gone. Files in it that this program didn't write are not replaced, and links not
 * followed; the folder itself may be a link.
 */
@Internal
public final class OutputFolder implements AutoCloseable {
  private static final String LOCK = ".espalier-lock";

  private final Path path;
  private final OutputLock lock;

  private OutputFolder(Path path, OutputLock lock) {
    this.path = path;
    this.lock = lock;
  }

  /**
   * Makes a folder, if it isn't there, and takes it.
   *
   * @param warn is told in a line if the file system can't keep others out
   * @throws InputException if another job writes to it, or it can't be written to
   */
  public static OutputFolder open(Path path, Consumer<String> warn) {
    try {
      Files.createDirectories(path);
    } catch (FileAlreadyExistsException e) {
      throw new InputException(path + ": expected a folder, found a file", e);
    } catch (IOException e) {
      throw InputException.writing(path, e);
    }
    OutputLock lock = OutputLock.take(path.resolve(LOCK), path, warn);
    try {
      AtomicFile.removeAbandoned(path);
      return new OutputFolder(path, lock);
    } catch (IOException e) {
      lock.close();
      throw InputException.writing(path, e);
    }
  }

  /** Returns the folder. */
  public Path path() {
    return path;
  }

  /**
   * Returns a file in it, to be written or replaced.
   *
   * @throws InputException if something is there that this program didn't write
   */
  public Path file(String name) {
    Path file = path.resolve(name);
    OwnFile.check(file);
    return file;
  }

  /** Lets others in. */
  @Override
  public void close() {
    lock.close();
  }
}
