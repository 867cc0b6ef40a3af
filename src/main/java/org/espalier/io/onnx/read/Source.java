package org.espalier.io.onnx.read;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.espalier.InputException;
import org.espalier.io.FileKind;
import org.espalier.io.RegularFile;
import org.jspecify.annotations.Nullable;

/** A file that is being read: its bytes, and how much more may be made of them. */
final class Source {
  /** Nodes, names, attributes, tensors and so on that a file may have, functions put in. */
  static final int MOST_PARTS = 1 << 20;

  /** Bytes of all names and other texts. */
  static final int MOST_TEXT = 1 << 25;

  private static final String EXPECTED = "an ONNX file";

  private final String file;
  private final ByteBuffer bytes;
  private final @Nullable Path folder;
  private int parts;
  private long text;

  private Source(String file, ByteBuffer bytes, @Nullable Path folder) {
    this.file = file;
    this.bytes = bytes.order(ByteOrder.LITTLE_ENDIAN);
    this.folder = folder;
  }

  /**
   * Maps a file.
   *
   * @throws InputException if it can't be read, is no file, or is longer than the format allows
   */
  static Source map(Path file) {
    try {
      RegularFile.size(file); // asked before it is opened: a pipe would wait
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
        long size = channel.size();
        if (size > Integer.MAX_VALUE) {
          throw InputException.expected(
              file, "at most 2^31-1 bytes, as the format allows (weights may lie beside)", size);
        }
        ByteBuffer map = channel.map(MapMode.READ_ONLY, 0, size);
        return new Source(file.toString(), map, file.toAbsolutePath().getParent());
      }
    } catch (IOException e) {
      throw InputException.reading(file, e);
    }
  }

  /** Returns what is in memory; it has no folder, and so no data beside it. */
  static Source of(String file, byte[] content) {
    return new Source(file, ByteBuffer.wrap(content), null);
  }

  /** Returns the name of the file, for messages. */
  String file() {
    return file;
  }

  /** Returns the content; only for reading at given places. */
  ByteBuffer bytes() {
    return bytes;
  }

  /** Returns where the file lies, if that is known. */
  @Nullable Path folder() {
    return folder;
  }

  /** Returns a reader of the whole file. */
  WireReader reader() {
    return new WireReader(this, 0, bytes.limit(), file);
  }

  /** Returns so many of the bytes, not copied. */
  ByteBuffer slice(int from, int to) {
    return bytes.slice(from, to - from).order(ByteOrder.LITTLE_ENDIAN).asReadOnlyBuffer();
  }

  /** Counts parts. */
  void count(long more) {
    parts = (int) Math.min(MOST_PARTS + 1L, parts + more);
    if (parts > MOST_PARTS) {
      throw InputException.expected(
          file,
          "at most " + MOST_PARTS + " nodes, names, attributes and so on, functions put in",
          "more");
    }
  }

  /** Counts a text. */
  void countText(long length) {
    count(1);
    text += length;
    if (text > MOST_TEXT) {
      throw InputException.expected(file, "at most " + MOST_TEXT + " bytes of names", "more");
    }
  }

  /**
   * Returns what to say of a file that couldn't be read: what it is, if it begins like something
   * else, or what was wrong with it.
   */
  InputException refusal(InputException wrong) {
    byte[] head = new byte[Math.min(FileKind.HEAD, bytes.limit())];
    bytes.get(0, head);
    return FileKind.of(head)
        .filter(kind -> kind != FileKind.ONNX)
        .map(kind -> kind.refusal(file, EXPECTED))
        .or(
            () ->
                FileKind.safetensors(head, bytes.limit())
                    .map(what -> file + ": is " + what + "; expected " + EXPECTED))
        .map(message -> new InputException(message, wrong))
        .orElse(wrong);
  }
}
