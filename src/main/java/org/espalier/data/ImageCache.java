package org.espalier.data;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.espalier.InputException;
import org.espalier.io.AtomicFile;
import org.espalier.io.Sha256;
import org.espalier.tensor.Shape;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the pixels of decoded images in a file {@code .espalier-cache-…} beside the folder that
 * they come from. It counts only if the names, sizes and times of all image files are those that it
 * was made from and its digest is right; else, and where it can't be written, it is as if there
 * were none.
 */
final class ImageCache {
  /** Begins every file; another layout would need another. */
  private static final String FORMAT = "espalier-images-1";

  private final Path file;
  private final String key;

  private ImageCache(Path file, String key) {
    this.file = file;
    this.key = key;
  }

  /**
   * What is kept.
   *
   * @param damaged messages about images that are left out
   */
  @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
  record Content(Shape shape, byte[] pixels, int[] labels, List<String> damaged) {
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
   * @param shape what the images are brought to, null for their own size
   */
  static ImageCache of(Path part, @Nullable Shape shape, List<String> classes, List<Path> files) {
    String size = shape == null ? "" : "-" + shape.dim(2) + "x" + shape.dim(1);
    Sha256 sha = new Sha256().add(size).add(classes.size());
    classes.forEach(sha::add);
    try {
      for (Path image : files) {
        sha.add(part.relativize(image).toString())
            .add(Files.size(image))
            .add(Files.getLastModifiedTime(image).toMillis());
      }
    } catch (IOException e) {
      throw InputException.reading(part, e);
    }
    return new ImageCache(
        part.resolveSibling(".espalier-cache-" + part.getFileName() + size), sha.hex());
  }

  /** Returns what is kept, or null if there is nothing that counts. */
  @Nullable Content read() {
    if (!Files.isRegularFile(file)) {
      return null;
    }
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 16))) {
      if (!in.readUTF().equals(FORMAT) || !in.readUTF().equals(key)) {
        return null;
      }
      String digest = in.readUTF();
      Content content = content(in, Files.size(file));
      return content != null && content.digest().equals(digest) ? content : null;
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

  /** Keeps something, if that is possible. */
  void write(Content content) {
    try {
      AtomicFile.write(file, out -> write(content, out));
    } catch (InputException e) {
      // A folder that can't be written to is no reason not to train: it is decoded again next time.
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
