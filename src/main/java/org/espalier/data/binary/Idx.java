package org.espalier.data.binary;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import org.espalier.InputException;
import org.espalier.Internal;
import org.espalier.data.Gunzip;
import org.espalier.data.Images;
import org.espalier.io.RegularFile;
import org.espalier.tensor.Shape;
import org.jspecify.annotations.Nullable;

/**
 * Reads the IDX format of MNIST and its successors: magic number, extents as big-endian 32-bit
 * numbers, bytes; plain or compressed by gzip, which is told by the content. What a header claims
 * is held against the size of the file, the size of the heap and what is wanted before anything is
 * allocated or decompressed.
 */
@Internal
public final class Idx implements AutoCloseable {
  /** Magic of images: unsigned bytes in three dimensions. */
  static final String IMAGES = "00000803";

  /** Magic of labels: unsigned bytes in one dimension. */
  static final String LABELS = "00000801";

  /** Largest content: what fits an array. */
  private static final int LARGEST = Integer.MAX_VALUE - 8;

  private final String name;
  private final InputStream in;

  /** How long the file is. */
  private final long bytes;

  private final boolean packed;

  private final int[] dims;

  /** Opens what is read from {@code file}, which is so many bytes long, up to the extents. */
  private Idx(String name, InputStream file, long bytes, String magic, int rank)
      throws IOException {
    this.name = name;
    this.bytes = bytes;
    BufferedInputStream buffered = new BufferedInputStream(file, 1 << 16);
    buffered.mark(2);
    packed = Gunzip.isGzip(buffered.readNBytes(2));
    buffered.reset();
    in = packed ? new Gunzip(name, buffered, bytes) : buffered;
    dims = header(magic, rank);
  }

  /** Returns whether a file that starts with these bytes may be IDX images, plain or compressed. */
  public static boolean isImages(byte[] start) {
    return Gunzip.isGzip(start) || HexFormat.of().formatHex(start).startsWith(IMAGES);
  }

  /**
   * Reads a file of images.
   *
   * @param wanted the shape that they must have, or null for any; one that isn't of maps must have
   *     as many elements as an image has pixels
   */
  public static Images images(Path file, @Nullable Shape wanted) {
    try (Idx idx = open(file, IMAGES, 3)) {
      return idx.images(wanted);
    } catch (IOException e) {
      throw InputException.reading(file, e);
    }
  }

  /**
   * Reads a file of images and one of their labels, which are looked at first.
   *
   * @param wanted the shape that the images must have, or null for any
   */
  static Labelled labelled(Path imagesFile, Path labelsFile, @Nullable Shape wanted) {
    int[] labels;
    try (Idx images = open(imagesFile, IMAGES, 3)) {
      images.pixels(wanted);
      try (Idx idx = open(labelsFile, LABELS, 1)) {
        if (images.dims[0] != idx.dims[0]) {
          throw InputException.expected(
              labelsFile,
              images.dims[0] + " labels as there are images in " + imagesFile,
              idx.dims[0]);
        }
        labels = idx.labels();
      } catch (IOException e) {
        throw InputException.reading(labelsFile, e);
      }
      return new Labelled(images.images(wanted), labels);
    } catch (IOException e) {
      throw InputException.reading(imagesFile, e);
    }
  }

  /** Images and the class of each. */
  @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
  record Labelled(Images images, int[] labels) {}

  private static Idx open(Path file, String magic, int rank) throws IOException {
    long bytes = RegularFile.size(file);
    InputStream in = RegularFile.open(file);
    try {
      return new Idx(file.toString(), in, bytes, magic, rank);
    } catch (IOException | RuntimeException e) {
      in.close();
      throw e;
    }
  }

  /** Reads images from a stream of so many bytes and closes it. */
  public static Images images(String name, InputStream in, long bytes) throws IOException {
    try (Idx idx = new Idx(name, in, bytes, IMAGES, 3)) {
      return idx.images(null);
    }
  }

  /** Reads labels from a stream of so many bytes and closes it. */
  static int[] labels(String name, InputStream in, long bytes) throws IOException {
    try (Idx idx = new Idx(name, in, bytes, LABELS, 1)) {
      return idx.labels();
    }
  }

  private Images images(@Nullable Shape wanted) throws IOException {
    byte[] pixels = content(pixels(wanted), whatPixels());
    Shape maps = Shape.of(1, dims[1], dims[2]);
    return new Images(wanted == null || wanted.rank() == 3 ? maps : wanted, pixels);
  }

  /** Checks extents and size of a file of images and returns its pixels, without reading them. */
  private int pixels(@Nullable Shape wanted) {
    if (wanted != null && !fits(wanted)) {
      boolean grey = wanted.rank() == 3 && wanted.dim(0) == 1;
      throw InputException.expected(
          name,
          "images of " + (grey ? wanted.dim(2) + "x" + wanted.dim(1) : wanted),
          grey ? dims[2] + "x" + dims[1] : "grey ones of [1, " + dims[1] + ", " + dims[2] + "]");
    }
    long size = (long) dims[1] * dims[2];
    if (size > LARGEST || size * dims[0] > LARGEST) {
      throw InputException.expected(
          name,
          "at most " + LARGEST + " pixels",
          dims[0] + " images of " + dims[1] + "x" + dims[2]);
    }
    checkSize((int) size * dims[0], whatPixels());
    return (int) size * dims[0];
  }

  /** What isn't maps takes the pixels one by one, in their order. */
  private boolean fits(Shape wanted) {
    return wanted.rank() == 3
        ? Arrays.equals(wanted.dims(), new int[] {1, dims[1], dims[2]})
        : wanted.size() == (long) dims[1] * dims[2];
  }

  private String whatPixels() {
    return "pixels of " + dims[0] + " " + dims[1] + "x" + dims[2];
  }

  private int[] labels() throws IOException {
    checkSize(dims[0], "labels");
    byte[] content = content(dims[0], "labels");
    int[] labels = new int[content.length];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = content[i] & 0xff;
    }
    return labels;
  }

  /** Reads magic and extents; each of them is at least 1. */
  private int[] header(String magic, int rank) throws IOException {
    int length = Integer.BYTES * (1 + rank);
    byte[] header = new byte[length];
    int read = read(header, "the header");
    String found = HexFormat.of().formatHex(header, 0, Math.min(read, Integer.BYTES));
    if (!found.equals(magic)) {
      throw InputException.expected(
          name, "IDX magic " + magic, found.isEmpty() ? "an empty file" : found);
    }
    if (read < length) {
      throw InputException.expected(name, "a header of " + length + " bytes", read);
    }
    int[] extents = new int[rank];
    ByteBuffer.wrap(header, Integer.BYTES, Integer.BYTES * rank).asIntBuffer().get(extents);
    for (int d : extents) {
      if (d <= 0) {
        throw InputException.expected(name, "extents from 1 to 2^31-1", Integer.toUnsignedLong(d));
      }
    }
    return extents;
  }

  private byte[] content(int length, String what) throws IOException {
    byte[] content = new byte[length];
    int read = read(content, what);
    if (read < length) {
      throw InputException.expected(name, length + " bytes (" + what + ")", read);
    }
    if (in.read() >= 0) {
      throw InputException.expected(name, length + " bytes (" + what + ")", "more");
    }
    if (in instanceof Gunzip gunzip) {
      gunzip.checkEnd();
    }
    return content;
  }

  private void checkSize(int length, String what) {
    long header = Integer.BYTES * (1L + dims.length);
    if (!packed && bytes - header != length) {
      throw InputException.expected(
          name,
          length + " bytes (" + what + ")",
          bytes - header < length ? bytes - header : "more");
    }
    if (packed) {
      Gunzip.checkLength(name, bytes, length, what);
    }
    if (length > Runtime.getRuntime().maxMemory() / 4 * 3) {
      throw InputException.expected(
          name,
          "at most " + Runtime.getRuntime().maxMemory() / 4 * 3 + " bytes, which the heap can hold",
          length + " (" + what + ")");
    }
  }

  /** Fills an array, or less of it at the end of a file that isn't compressed. */
  private int read(byte[] to, String what) throws IOException {
    try {
      return in.readNBytes(to, 0, to.length);
    } catch (EOFException e) {
      throw InputException.expected(
          name, to.length + " bytes (" + what + ")", "a compressed stream that ends before them");
    }
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
