package org.espalier.io;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.espalier.InputException;
import org.espalier.Internal;
import org.jspecify.annotations.Nullable;

/**
 * The one folder for what is kept only to be faster next time: the directory that the system
 * property {@value #PROPERTY} names, else {@code espalier} in {@code XDG_CACHE_HOME}, else in
 * {@code .cache} in the user's home. There is none if the property is empty or the others name no
 * absolute path.
 *
 * <p>Folders and files are the user's own and closed to others: a folder that belongs to someone
 * else, or that everybody may write to, isn't used. A file appears whole or not at all; a link in
 * its place is neither read nor written through. Who can't read a file from here does without.
 */
@Internal
public final class CacheDirectory {
  /** System property that names the directory; if it is empty nothing is kept. */
  public static final String PROPERTY = "espalier.cache";

  private static final String NAME = "espalier";

  /** A half-written file of this age is nobody's any more. */
  private static final long STALE_MILLIS = TimeUnit.DAYS.toMillis(1);

  private static final String HALF_WRITTEN = ".tmp";

  private final Path folder;

  private CacheDirectory(Path folder) {
    this.folder = folder;
  }

  /** Returns the one at this place, which needn't exist yet. */
  public static CacheDirectory of(Path folder) {
    return new CacheDirectory(folder);
  }

  /** Returns the user's, which needn't exist yet, or empty if there is none. */
  public static Optional<CacheDirectory> find() {
    return find(
        System.getProperty(PROPERTY),
        System.getenv("XDG_CACHE_HOME"),
        System.getProperty("user.home"));
  }

  /**
   * Returns the first that is named.
   *
   * @param property the directory itself, even a relative path; empty for none
   * @param caches the folder of all programs' caches
   * @param home the user's home
   */
  static Optional<CacheDirectory> find(
      @Nullable String property, @Nullable String caches, @Nullable String home) {
    if (property != null) {
      return property.isEmpty() ? Optional.empty() : path(property).map(CacheDirectory::new);
    }
    // By the XDG specification a relative path counts as none; a JVM without a home says "?".
    return path(caches)
        .filter(Path::isAbsolute)
        .or(() -> path(home).filter(Path::isAbsolute).map(p -> p.resolve(".cache")))
        .map(p -> new CacheDirectory(p.resolve(NAME)));
  }

  private static Optional<Path> path(@Nullable String text) {
    try {
      return text == null || text.isEmpty() ? Optional.empty() : Optional.of(Path.of(text));
    } catch (InvalidPathException e) {
      return Optional.empty(); // its characters are none of the file system's, as in LC_ALL=POSIX
    }
  }

  /** Returns where it is. */
  public Path folder() {
    return folder;
  }

  /** Returns the part of it for one kind of files. */
  public CacheDirectory part(String name) {
    return new CacheDirectory(folder.resolve(name));
  }

  /**
   * Opens a file.
   *
   * @return the bytes, or empty if there is no such file, it can't be read or it isn't trusted
   */
  public Optional<InputStream> open(String name) {
    Path file = folder.resolve(name);
    try {
      if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
        check();
        return Optional.of(
            new BufferedInputStream(
                Files.newInputStream(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS),
                1 << 16));
      }
    } catch (IOException | InputException e) {
      return Optional.empty();
    }
    return Optional.empty();
  }

  /** Returns the bytes of a file, or -1 if there is none. */
  public long size(String name) {
    return kept(folder.resolve(name)).map(Kept::bytes).orElse(-1L);
  }

  /**
   * Writes a file, in place of whatever has its name.
   *
   * @throws InputException if that isn't possible
   */
  public void write(String name, AtomicFile.Content content) {
    Path file = folder.resolve(name);
    try {
      Files.createDirectories(folder, closed("rwx------"));
      check();
      Path beside =
          folder.resolve("." + name + "." + Long.toHexString(System.nanoTime()) + HALF_WRITTEN);
      try {
        write(beside, content);
        Files.move(
            beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(beside);
      }
    } catch (FileAlreadyExistsException | NotDirectoryException e) {
      throw InputException.expected(folder, "a folder for what is kept", "something else");
    } catch (IOException e) {
      throw InputException.writing(file, e);
    }
  }

  /** Unlike a result, what is kept here needn't outlive a power cut: it isn't flushed. */
  private void write(Path file, AtomicFile.Content content) throws IOException {
    Set<StandardOpenOption> options =
        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    try (OutputStream out =
        new BufferedOutputStream(
            Channels.newOutputStream(Files.newByteChannel(file, options, closed("rw-------"))),
            1 << 16)) {
      content.writeTo(out);
    }
  }

  /** Marks a file as used now, so that {@link #makeRoom} takes others first. */
  public void touch(String name) {
    try {
      Path file = folder.resolve(name);
      if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
        Files.setLastModifiedTime(file, FileTime.fromMillis(System.currentTimeMillis()));
      }
    } catch (IOException e) {
      return; // then it goes earlier than it should
    }
  }

  /**
   * Deletes files, those first that have not been used for longest, until the rest and a new one
   * are within a limit; and what was left half written a day ago or before.
   *
   * @param bytes size of the new file
   * @param most the limit
   * @return whether the new file is within it by itself, and on a disk with twice the room for it
   */
  public boolean makeRoom(long bytes, long most) {
    try {
      if (bytes > most) {
        return false;
      }
      if (Files.isDirectory(folder)) {
        check();
        long sum = bytes;
        for (Kept kept : newestFirst()) {
          sum = Math.addExact(sum, kept.bytes);
          if (sum > most || kept.isStale()) {
            sum -= kept.bytes;
            Files.deleteIfExists(kept.file);
          }
        }
      }
      Path there = folder.toAbsolutePath();
      while (there != null && !Files.exists(there)) {
        there = there.getParent();
      }
      return there != null && Files.getFileStore(there).getUsableSpace() / 2 >= bytes;
    } catch (IOException | ArithmeticException | InputException e) {
      return false;
    }
  }

  private record Kept(Path file, long bytes, long time) {
    boolean isStale() {
      return file.toString().endsWith(HALF_WRITTEN)
          && time < System.currentTimeMillis() - STALE_MILLIS;
    }
  }

  private List<Kept> newestFirst() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .flatMap(file -> kept(file).stream())
          .sorted(
              Comparator.comparingLong(Kept::time).reversed().thenComparing(k -> k.file.toString()))
          .toList();
    }
  }

  /** Returns what is kept in a file, or empty if it is none or another process deletes it. */
  private static Optional<Kept> kept(Path file) {
    try {
      BasicFileAttributes found = attributes(file);
      return found.isRegularFile()
          ? Optional.of(new Kept(file, found.size(), found.lastModifiedTime().toMillis()))
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static BasicFileAttributes attributes(Path file) throws IOException {
    return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
  }

  /** Checks that the folder is this user's, and the link to it, if it is one, too. */
  private void check() throws IOException {
    if (!isPosix()) {
      return;
    }
    Optional<String> user = ProcessHandle.current().info().user();
    String owner = Files.getOwner(folder).getName();
    String linker = Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS).getName();
    if (user.isPresent() && !(owner.equals(user.get()) && linker.equals(user.get()))) {
      throw InputException.expected(
          folder,
          "a folder of " + user.get() + " for what is kept",
          "one of " + (owner.equals(user.get()) ? linker : owner));
    }
    if (Files.getPosixFilePermissions(folder).contains(PosixFilePermission.OTHERS_WRITE)) {
      throw InputException.expected(
          folder, "a folder that others can't write to", "one that everybody may write to");
    }
  }

  private boolean isPosix() {
    return folder.getFileSystem().supportedFileAttributeViews().contains("posix");
  }

  private FileAttribute<?>[] closed(String permissions) {
    return isPosix()
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
        }
        : new FileAttribute<?>[0];
  }
}
