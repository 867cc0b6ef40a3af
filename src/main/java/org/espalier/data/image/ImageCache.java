package org.espalier.data.image;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.espalier.InputException;
import org.espalier.io.CacheDirectory;
import org.espalier.io.Sha256;
import org.espalier.tensor.Shape;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the pixels of decoded images in the part {@code images} of the folder of caches. They count
 * only if the names, sizes, times and places on the disk of all image files are those that they
 * were made from and their digest is right. The files of the images are never touched, nor is
 * anything beside them. All together is bounded: what was unused for longest goes first.
 */
final class ImageCache {
  /** Begins every file; another layout or way to decode would need another. */
  private static final String FORMAT = "espalier-images-2";

  /** Most bytes of all files together. */
  private static final long MOST = 4L << 30;

  private final CacheDirectory directory;

  /** Tells the folder, the part and the size apart. */
  private final String name;

  /** Tells whether anything of the images has changed. */
  private final String key;

  private ImageCache(CacheDirectory directory, String name, String key) {
    this.directory = directory;
    this.name = name;
    this.key = key;
  }

  /**
   * What is kept.
   *
   * @param damaged messages about images that are left out
   */
  @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
  record Content(Shape shape, byte[] pixels, int[] labels, List<String> damaged) {
    /** Returns how long it is in a file, but for the little in front. */
    private long bytes() {
      long messages = damaged.stream().mapToLong(m -> 2L + 3L * m.length()).sum();
      return pixels.length + (long) Integer.BYTES * labels.length + messages;
    }

    private String digest() {
      Sha256 sha = new Sha256().add(shape.toString()).add(pixels).add(labels.length);
      for (int label : labels) {
        sha.add(label);
      }
      damaged.forEach(sha::add);
      return sha.hex();
    }
  }

  /**
   * Returns the cache of a part.
   *
   * @param caches the folder of caches
   * @param folder where the images come from
   * @param shape what the images are brought to, null for their own size
   */
  static ImageCache of(CacheDirectory caches, Path folder, ImagePart part, @Nullable Shape shape) {
    String size = shape == null ? "own size" : shape.toString();
    Sha256 key = new Sha256().add(part.classes().size());
    part.classes().forEach(key::add);
    try {
      for (int i = 0; i < part.files().size(); i++) {
        addIdentity(key.add(part.labels().get(i)), part.files().get(i));
      }
      String name =
          new Sha256().add(folder.toRealPath().toUri().toString()).add(part.name()).add(size).hex();
      return new ImageCache(caches.part("images"), name + ".pixels", key.hex());
    } catch (IOException e) {
      throw InputException.reading(folder, e);
    }
  }

  /**
   * Adds what changes with the content of a file. Where the system tells, that is when anything of
   * it was last changed, which no program can set.
   */
  private static void addIdentity(Sha256 key, Path file) throws IOException {
    boolean unix = file.getFileSystem().supportedFileAttributeViews().contains("unix");
    key.add(file.toUri().getRawPath());
    if (!Files.exists(file)) {
      return; // a link to nothing: it will be among the damaged
    }
    for (String attribute :
        unix
            ? List.of("size", "lastModifiedTime", "unix:ctime", "unix:ino")
            : List.of("size", "lastModifiedTime")) {
      key.add(String.valueOf(Files.getAttribute(file, attribute)));
    }
  }

  /** Returns what is kept, or null if there is nothing that counts. */
  @Nullable Content read() {
    InputStream file = directory.open(name).orElse(null);
    if (file == null) {
      return null;
    }
    try (DataInputStream in = new DataInputStream(file)) {
      if (!in.readUTF().equals(FORMAT) || !in.readUTF().equals(key)) {
        return null;
      }
      String digest = in.readUTF();
      Content content = content(in, directory.size(name));
      if (content == null || !content.digest().equals(digest)) {
        return null;
      }
      directory.touch(name);
      return content;
    } catch (IOException e) {
      return null;
    }
  }

  /** Reads the rest; nothing is allocated that the file is too short to hold. */
  private static @Nullable Content content(DataInputStream in, long most) throws IOException {
    int height = in.readInt();
    int width = in.readInt();
    int count = in.readInt();
    int messages = in.readInt();
    if (height < 1 || width < 1 || count < 1 || messages < 0) {
      return null;
    }
    double bytes = 3.0 * height * width * count + 4.0 * count + 2.0 * messages;
    if (bytes > most) {
      return null;
    }
    Shape shape = Shape.of(3, height, width);
    byte[] pixels = new byte[shape.size() * count];
    in.readFully(pixels);
    int[] labels = new int[count];
    for (int i = 0; i < count; i++) {
      labels[i] = in.readInt();
    }
    List<String> damaged = new ArrayList<>();
    for (int i = 0; i < messages; i++) {
      damaged.add(in.readUTF());
    }
    return new Content(shape, pixels, labels, damaged);
  }

  /**
   * Keeps something, if that is possible.
   *
   * @param warnings receives a line if it isn't
   */
  void write(Content content, Consumer<String> warnings) {
    try {
      if (directory.makeRoom(content.bytes(), MOST)) {
        directory.write(name, out -> write(content, out));
      } else {
        warnings.accept(
            directory.folder()
                + ": decoded images are not kept for the next time: no room for "
                + (content.bytes() >> 20)
                + " MiB");
      }
    } catch (InputException e) {
      warnings.accept("decoded images are not kept for the next time: " + e.getMessage());
    }
  }

  private void write(Content content, OutputStream to) throws IOException {
    DataOutputStream out = new DataOutputStream(to);
    out.writeUTF(FORMAT);
    out.writeUTF(key);
    out.writeUTF(content.digest());
    out.writeInt(content.shape().dim(1));
    out.writeInt(content.shape().dim(2));
    out.writeInt(content.labels().length);
    out.writeInt(content.damaged().size());
    out.write(content.pixels());
    for (int label : content.labels()) {
      out.writeInt(label);
    }
    for (String message : content.damaged()) {
      out.writeUTF(message);
    }
    out.flush();
  }
}
