package org.espalier.data;

import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;
import org.espalier.InputException;
import org.espalier.Internal;

/**
 * Decompresses a gzip file, and refuses one that holds far more than data do: it is there to
 * exhaust memory.
 */
@Internal
public final class Gunzip extends GZIPInputStream {
  /** Content of more bytes than this isn't all the same, unless to exhaust memory. */
  private static final int LARGE = 1 << 26;

  /** Most bytes that a byte of a large compressed file may hold. */
  private static final int DENSEST = 256;

  /** Most bytes that a byte of any file compressed by deflate can hold. */
  private static final int MOST_DENSE = 1032;

  /** Checksum and length at the end, which the decompressor has not consumed. */
  private static final int TRAILER = 8;

  private final String name;
  private final InputStream file;
  private final long bytes;
  private long content;

  /**
   * Opens a file.
   *
   * @param name says in messages which
   * @param bytes how long it is
   */
  public Gunzip(String name, InputStream file, long bytes) throws IOException {
    super(file, 1 << 16);
    this.name = name;
    this.file = file;
    this.bytes = bytes;
  }

  /** Returns whether a file that begins so is compressed by gzip. */
  public static boolean isGzip(byte[] start) {
    return start.length >= 2 && start[0] == 0x1f && start[1] == (byte) 0x8b;
  }

  /**
   * Checks how much a file claims to hold.
   *
   * @param name says in messages which
   * @param bytes how long it is
   * @param length how many bytes it claims to hold
   * @param what they are, for the message
   */
  public static void checkLength(String name, long bytes, long length, String what) {
    if (length / MOST_DENSE > bytes) {
      throw InputException.expected(
          name, length + " bytes (" + what + ")", "a compressed stream that ends before them");
    }
    if (length > LARGE && length / DENSEST > bytes) {
      throw InputException.expected(
          name,
          "at most " + DENSEST + " bytes (" + what + ") for each compressed one",
          length + " in " + bytes);
    }
  }

  @Override
  public int read(byte[] to, int from, int length) throws IOException {
    int read = super.read(to, from, length);
    content += Math.max(read, 0);
    checkLength(name, bytes, content, "decompressed");
    return read;
  }

  /**
   * Checks, at the end, that nothing follows.
   *
   * @throws InputException if something does that isn't compressed data
   */
  public void checkEnd() throws IOException {
    if (inf.getRemaining() > TRAILER || file.read() >= 0) {
      throw InputException.expected(name, "nothing behind the compressed data", "more bytes");
    }
  }
}
