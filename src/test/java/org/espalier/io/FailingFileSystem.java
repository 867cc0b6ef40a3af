package org.espalier.io;

import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * One folder in memory, of files that a failing machine may lose. Every call that changes something
 * is counted. One of them may fail, or be the last before the power fails; then of the bytes of
 * each file only those are left that were forced to the disk, while names come and go at once or,
 * if the machine is {@link #lazy}, only when the folder is forced. A move that isn't atomic deletes
 * first.
 */
final class FailingFileSystem extends FileSystem {
  /** Thrown where the power fails; nothing that runs afterwards changes anything. */
  static final class PowerFailure extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  /** A file: what programs see, and what the disk has. */
  private static final class Content {
    private byte[] seen = new byte[0];
    private byte[] forced = new byte[0];
  }

  private static final String FOLDER = "/folder";

  private final Provider provider = new Provider();
  private Map<String, Content> names = new TreeMap<>();
  private Map<String, Content> forcedNames = new TreeMap<>();
  private final Set<Content> locked = new HashSet<>();
  private boolean lazy;
  private boolean locks = true;
  private boolean off;
  private long room = Long.MAX_VALUE;
  private int calls;
  private int failing = -1;
  private int last = -1;

  /** Returns a file in the folder. */
  Path file(String name) {
    return new Name(this, Path.of(FOLDER, name));
  }

  /** Returns the folder. */
  Path folder() {
    return new Name(this, Path.of(FOLDER));
  }

  /** Puts a file on the disk. */
  void put(String name, String text) {
    Content content = new Content();
    content.seen = text.getBytes();
    content.forced = content.seen;
    names.put(name, content);
    forcedNames.put(name, content);
  }

  /** Returns what is seen of a file, or null if there is none. */
  String text(String name) {
    Content content = names.get(name);
    return content == null ? null : new String(content.seen);
  }

  /** Returns the names of all files. */
  Set<String> list() {
    return Set.copyOf(names.keySet());
  }

  /** Lets names come and go on the disk only when the folder is forced. */
  void lazy() {
    lazy = true;
  }

  /** Takes the locks away. */
  void withoutLocks() {
    locks = false;
  }

  /** Limits how many bytes all files may have. */
  void room(long bytes) {
    room = bytes;
  }

  /** Lets call {@code k}, counted from 0, fail. */
  void fail(int k) {
    failing = calls + k;
  }

  /** Lets the power fail at call {@code k}, counted from 0: before it is done. */
  void powerFailsAt(int k) {
    last = calls + k;
  }

  /** Starts the machine again, with what the disk has. */
  void restart() {
    off = false;
    last = -1;
    names = new TreeMap<>(lazy ? forcedNames : names);
    names.values().forEach(content -> content.seen = content.forced);
    locked.clear();
  }

  private void call() throws IOException {
    if (calls == last) {
      off = true;
    }
    if (off) {
      throw new PowerFailure();
    }
    if (calls++ == failing) {
      throw new IOException("Input/output error");
    }
  }

  private static String name(Path path) {
    Path file = path.toAbsolutePath().normalize();
    return file.toString().equals(FOLDER) ? "" : file.getFileName().toString();
  }

  /** An open file, or the folder. */
  private final class Channel extends FileChannel {
    private final Content content;
    private final boolean folder;
    private long position;

    Channel(Content content, boolean folder) {
      this.content = content;
      this.folder = folder;
    }

    @Override
    public int read(ByteBuffer to) {
      int n = read(to, position);
      position += Math.max(0, n);
      return n;
    }

    @Override
    public int read(ByteBuffer to, long from) {
      int n = (int) Math.min(to.remaining(), content.seen.length - from);
      if (n <= 0) {
        return -1;
      }
      to.put(content.seen, (int) from, n);
      return n;
    }

    @Override
    public int write(ByteBuffer from) throws IOException {
      int n = write(from, position);
      position += n;
      return n;
    }

    @Override
    public int write(ByteBuffer from, long at) throws IOException {
      call();
      long used = names.values().stream().mapToLong(c -> c.seen.length).sum();
      int n = (int) Math.min(from.remaining(), room - used);
      if (n <= 0) {
        throw new IOException("No space left on device");
      }
      content.seen = Arrays.copyOf(content.seen, Math.max(content.seen.length, (int) at + n));
      from.get(content.seen, (int) at, n);
      return n;
    }

    @Override
    public void force(boolean metadata) throws IOException {
      call();
      if (folder) {
        forcedNames = new TreeMap<>(names);
      } else {
        content.forced = content.seen.clone();
      }
    }

    @Override
    public FileChannel truncate(long size) throws IOException {
      call();
      content.seen = Arrays.copyOf(content.seen, (int) Math.min(size, content.seen.length));
      position = Math.min(position, size);
      return this;
    }

    @Override
    public FileLock tryLock(long from, long size, boolean shared) throws IOException {
      if (!locks) {
        throw new IOException("No locks available");
      }
      if (!locked.add(content)) {
        return null;
      }
      return new FileLock(this, from, size, shared) {
        @Override
        public boolean isValid() {
          return locked.contains(content);
        }

        @Override
        public void release() {
          locked.remove(content);
        }
      };
    }

    @Override
    protected void implCloseChannel() {
      locked.remove(content);
    }

    @Override
    public long position() {
      return position;
    }

    @Override
    public FileChannel position(long to) {
      position = to;
      return this;
    }

    @Override
    public long size() {
      return content.seen.length;
    }

    @Override
    public FileLock lock(long from, long size, boolean shared) throws IOException {
      return tryLock(from, size, shared);
    }

    @Override
    public long read(ByteBuffer[] to, int from, int length) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long write(ByteBuffer[] buffers, int from, int length) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long transferTo(long from, long count, WritableByteChannel to) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long transferFrom(ReadableByteChannel from, long to, long count) {
      throw new UnsupportedOperationException();
    }

    @Override
    public MappedByteBuffer map(MapMode mode, long from, long size) {
      throw new UnsupportedOperationException();
    }
  }

  private final class Provider extends FileSystemProvider {
    @Override
    public FileChannel newFileChannel(
        Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
        throws IOException {
      if (name(path).isEmpty()) {
        return new Channel(new Content(), true);
      }
      Content content = names.get(name(path));
      if (options.contains(StandardOpenOption.CREATE_NEW) && content != null) {
        throw new FileAlreadyExistsException(path.toString());
      }
      if (content == null) {
        if (!options.contains(StandardOpenOption.CREATE_NEW)
            && !options.contains(StandardOpenOption.CREATE)) {
          throw new NoSuchFileException(path.toString());
        }
        call();
        content = new Content();
        names.put(name(path), content);
      }
      return new Channel(content, false);
    }

    @Override
    public SeekableByteChannel newByteChannel(
        Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
        throws IOException {
      return newFileChannel(path, options, attributes);
    }

    @Override
    public DirectoryStream<Path> newDirectoryStream(
        Path folder, DirectoryStream.Filter<? super Path> filter) {
      List<Path> files =
          list().stream()
              .map(name -> (Path) new Name(FailingFileSystem.this, Path.of(FOLDER, name)))
              .toList();
      return new DirectoryStream<>() {
        @Override
        public Iterator<Path> iterator() {
          return files.iterator();
        }

        @Override
        public void close() {}
      };
    }

    @Override
    public void createDirectory(Path folder, FileAttribute<?>... attributes) throws IOException {
      throw new FileAlreadyExistsException(folder.toString());
    }

    @Override
    public void delete(Path path) throws IOException {
      if (!names.containsKey(name(path))) {
        throw new NoSuchFileException(path.toString());
      }
      call();
      names.remove(name(path));
    }

    @Override
    public void move(Path source, Path target, CopyOption... options) throws IOException {
      if (!names.containsKey(name(source))) {
        throw new NoSuchFileException(source.toString());
      }
      if (!List.of(options).contains(StandardCopyOption.ATOMIC_MOVE)
          && names.containsKey(name(target))) {
        if (!List.of(options).contains(StandardCopyOption.REPLACE_EXISTING)) {
          throw new FileAlreadyExistsException(target.toString());
        }
        delete(target);
      }
      call();
      names.put(name(target), names.remove(name(source)));
    }

    @Override
    public void checkAccess(Path path, AccessMode... modes) throws IOException {
      if (!name(path).isEmpty() && !names.containsKey(name(path))) {
        throw new NoSuchFileException(path.toString());
      }
    }

    @Override
    public <A extends BasicFileAttributes> A readAttributes(
        Path path, Class<A> type, LinkOption... options) throws IOException {
      checkAccess(path);
      boolean folder = name(path).isEmpty();
      long size = folder ? 0 : names.get(name(path)).seen.length;
      return type.cast(new Attributes(folder, size));
    }

    @Override
    public Path readSymbolicLink(Path link) throws IOException {
      throw new java.nio.file.NotLinkException(link.toString());
    }

    @Override
    public boolean isSameFile(Path a, Path b) {
      return name(a).equals(name(b));
    }

    @Override
    public boolean isHidden(Path path) {
      return false;
    }

    @Override
    public String getScheme() {
      return "failing";
    }

    @Override
    public FileSystem newFileSystem(URI uri, Map<String, ?> env) {
      throw new UnsupportedOperationException();
    }

    @Override
    public FileSystem getFileSystem(URI uri) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Path getPath(URI uri) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void copy(Path source, Path target, CopyOption... options) {
      throw new UnsupportedOperationException();
    }

    @Override
    public FileStore getFileStore(Path path) {
      throw new UnsupportedOperationException();
    }

    @Override
    public <V extends FileAttributeView> V getFileAttributeView(
        Path path, Class<V> type, LinkOption... options) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Map<String, Object> readAttributes(Path path, String names, LinkOption... options) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void setAttribute(Path path, String name, Object value, LinkOption... options) {
      throw new UnsupportedOperationException();
    }
  }

  private record Attributes(boolean isDirectory, long size) implements BasicFileAttributes {
    @Override
    public boolean isRegularFile() {
      return !isDirectory;
    }

    @Override
    public boolean isSymbolicLink() {
      return false;
    }

    @Override
    public boolean isOther() {
      return false;
    }

    @Override
    public FileTime lastModifiedTime() {
      return FileTime.fromMillis(0);
    }

    @Override
    public FileTime lastAccessTime() {
      return lastModifiedTime();
    }

    @Override
    public FileTime creationTime() {
      return lastModifiedTime();
    }

    @Override
    public Object fileKey() {
      return null;
    }
  }

  /** A path of the default file system that belongs to this one. */
  private record Name(FailingFileSystem fileSystem, Path path) implements Path {
    private Name of(Path other) {
      return other == null ? null : new Name(fileSystem, other);
    }

    private static Path plain(Path other) {
      return other instanceof Name n ? n.path : other;
    }

    @Override
    public FileSystem getFileSystem() {
      return fileSystem;
    }

    @Override
    public boolean isAbsolute() {
      return path.isAbsolute();
    }

    @Override
    public Path getRoot() {
      return of(path.getRoot());
    }

    @Override
    public Path getFileName() {
      return of(path.getFileName());
    }

    @Override
    public Path getParent() {
      return of(path.getParent());
    }

    @Override
    public int getNameCount() {
      return path.getNameCount();
    }

    @Override
    public Path getName(int i) {
      return of(path.getName(i));
    }

    @Override
    public Path subpath(int from, int to) {
      return of(path.subpath(from, to));
    }

    @Override
    public boolean startsWith(Path other) {
      return path.startsWith(plain(other));
    }

    @Override
    public boolean endsWith(Path other) {
      return path.endsWith(plain(other));
    }

    @Override
    public Path normalize() {
      return of(path.normalize());
    }

    @Override
    public Path resolve(Path other) {
      return of(path.resolve(plain(other)));
    }

    @Override
    public Path relativize(Path other) {
      return of(path.relativize(plain(other)));
    }

    @Override
    public URI toUri() {
      return path.toUri();
    }

    @Override
    public Path toAbsolutePath() {
      return of(path.toAbsolutePath());
    }

    @Override
    public Path toRealPath(LinkOption... options) {
      return of(path.toAbsolutePath().normalize());
    }

    @Override
    public WatchKey register(
        WatchService watcher, WatchEvent.Kind<?>[] events, WatchEvent.Modifier... modifiers) {
      throw new UnsupportedOperationException();
    }

    @Override
    public int compareTo(Path other) {
      return path.compareTo(plain(other));
    }

    @Override
    public String toString() {
      return path.toString();
    }
  }

  @Override
  public FileSystemProvider provider() {
    return provider;
  }

  @Override
  public void close() {}

  @Override
  public boolean isOpen() {
    return true;
  }

  @Override
  public boolean isReadOnly() {
    return false;
  }

  @Override
  public String getSeparator() {
    return "/";
  }

  @Override
  public Iterable<Path> getRootDirectories() {
    return List.of(file("").getRoot());
  }

  @Override
  public Iterable<FileStore> getFileStores() {
    return List.of();
  }

  @Override
  public Set<String> supportedFileAttributeViews() {
    return Set.of("basic");
  }

  @Override
  public Path getPath(String first, String... more) {
    return new Name(this, Path.of(first, more));
  }

  @Override
  public PathMatcher getPathMatcher(String pattern) {
    throw new UnsupportedOperationException();
  }

  @Override
  public UserPrincipalLookupService getUserPrincipalLookupService() {
    throw new UnsupportedOperationException();
  }

  @Override
  public WatchService newWatchService() {
    throw new UnsupportedOperationException();
  }
}
