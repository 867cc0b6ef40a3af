package org.espalier.data;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.zip.GZIPInputStream;
import org.espalier.InputException;
import org.espalier.tensor.Shape;

/**
 * Reads the IDX format of MNIST and its successors: magic number, extents as big-endian 32-bit
 * numbers, bytes; plain or compressed by gzip, which is told by the content. What a header claims
 * is never allocated before the bytes are there.
 */
final class Idx {
  /** Magic of images: unsigned bytes in three dimensions. */
  static final String IMAGES = "00000803";

  /** Magic of labels: unsigned bytes in one dimension. */
  static final String LABELS = "00000801";

  /** Largest content: what fits an array. */
  private static final int LARGEST = Integer.MAX_VALUE - 8;

  private final String name;
  private final InputStream in;

  private Idx(String name, InputStream in) {
    this.name = name;
    this.in = in;
  }

  /** Returns whether a file that starts with these bytes may be IDX images, plain or compressed. */
  static boolean isImages(byte[] start) {
    return isGzip(start) || HexFormat.of().formatHex(start).startsWith(IMAGES);
  }

  private static boolean isGzip(byte[] start) {
    return start.length >= 2 && start[0] == 0x1f && start[1] == (byte) 0x8b;
  }

  /** Reads a file of images. */
  static Images images(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return images(file.toString(), in);
    } catch (IOException e) {
      throw InputException.reading(file, e);
    }
  }

  /** Reads a file of labels. */
  static int[] labels(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return labels(file.toString(), in);
    } catch (IOException e) {
      throw InputException.reading(file, e);
    }
  }

  /** Reads images of shape {@code [1, height, width]} and closes the stream. */
  static Images images(String name, InputStream in) throws IOException {
    try (InputStream plain = decompress(in)) {
      Idx idx = new Idx(name, plain);
      int[] dims = idx.header(IMAGES, 3);
      long size = (long) dims[1] * dims[2];
      if (size > LARGEST || size * dims[0] > LARGEST) {
        throw InputException.expected(
            name,
            "at most " + LARGEST + " pixels",
            dims[0] + " images of " + dims[1] + "x" + dims[2]);
      }
      byte[] bytes =
          idx.content((int) size * dims[0], "pixels of " + dims[0] + " " + dims[1] + "x" + dims[2]);
      return new Images(Shape.of(1, dims[1], dims[2]), bytes);
    }
  }

  /** Reads labels and closes the stream. */
  static int[] labels(String name, InputStream in) throws IOException {
    try (InputStream plain = decompress(in)) {
      Idx idx = new Idx(name, plain);
      int[] dims = idx.header(LABELS, 1);
      byte[] bytes = idx.content(dims[0], "labels");
      int[] labels = new int[bytes.length];
      for (int i = 0; i < labels.length; i++) {
        labels[i] = bytes[i] & 0xff;
      }
      return labels;
    }
  }

  private static InputStream decompress(InputStream in) throws IOException {
    BufferedInputStream buffered = new BufferedInputStream(in, 1 << 16);
    buffered.mark(2);
    byte[] start = buffered.readNBytes(2);
    buffered.reset();
    return isGzip(start) ? new GZIPInputStream(buffered, 1 << 16) : buffered;
  }

  /** Reads magic and extents; each of them is at least 1. */
  private int[] header(String magic, int rank) throws IOException {
    byte[] bytes = read(Integer.BYTES * (1 + rank), "the header");
    String found = HexFormat.of().formatHex(bytes, 0, Math.min(bytes.length, Integer.BYTES));
    if (!found.equals(magic)) {
      throw InputException.expected(
          name, "IDX magic " + magic, found.isEmpty() ? "an empty file" : found);
    }
    if (bytes.length < Integer.BYTES * (1 + rank)) {
      throw InputException.expected(
          name, "a header of " + Integer.BYTES * (1 + rank) + " bytes", bytes.length);
    }
    int[] dims = new int[rank];
    ByteBuffer.wrap(bytes, Integer.BYTES, Integer.BYTES * rank).asIntBuffer().get(dims);
    for (int d : dims) {
      if (d <= 0) {
        throw InputException.expected(name, "extents from 1 to 2^31-1", Integer.toUnsignedLong(d));
      }
    }
    return dims;
  }

  private byte[] content(int length, String what) throws IOException {
    byte[] bytes = read(length, what);
    if (bytes.length < length) {
      throw InputException.expected(name, length + " bytes (" + what + ")", bytes.length);
    }
    if (in.read() >= 0) {
      throw InputException.expected(name, length + " bytes (" + what + ")", "more");
    }
    return bytes;
  }

  /** Reads so many bytes, or fewer at the end of a file that isn't compressed. */
  private byte[] read(int length, String what) throws IOException {
    try {
      return in.readNBytes(length); // grows with what is really there
    } catch (EOFException e) {
      throw InputException.expected(
          name, length + " bytes (" + what + ")", "a compressed stream that ends before them");
    }
  }
}
