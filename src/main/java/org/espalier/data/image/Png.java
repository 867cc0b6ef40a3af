package org.espalier.data.image;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.zip.CRC32;
import org.espalier.InputException;

/** Looks at the chunks of a PNG file, before anything of the size that it claims is allocated. */
final class Png {
  private static final int SIGNATURE = 8;

  /** Length, type and checksum of a chunk. */
  private static final int FRAME = 12;

  private static final int HEADER = 13;

  /** Profiles, texts and times are left out: their packed content may be of any size. */
  private static final Set<String> KEPT = Set.of("IHDR", "PLTE", "tRNS", "IDAT", "IEND");

  /** Deflate packs at most so many bytes into one. */
  private static final int DENSEST = 1032;

  private Png() {}

  /**
   * Looks at a file.
   *
   * @param where names it in messages
   * @throws InputException if it is cut off or damaged
   */
  static EncodedImage parse(Object where, byte[] file) {
    ByteBuffer in = ByteBuffer.wrap(file);
    ByteBuffer bare = ByteBuffer.allocate(file.length);
    bare.put(file, 0, SIGNATURE);
    int at = SIGNATURE;
    long packed = 0;
    String type = "";
    while (!type.equals("IEND")) {
      if (file.length - at < FRAME) {
        throw cutOff(where);
      }
      int length = in.getInt(at);
      if (length < 0 || length > file.length - at - FRAME) {
        throw cutOff(where);
      }
      type = new String(file, at + Integer.BYTES, Integer.BYTES, StandardCharsets.ISO_8859_1);
      if (at == SIGNATURE && !(type.equals("IHDR") && length == HEADER)) {
        throw InputException.expected(where, "a PNG that begins with its header", type);
      }
      if (KEPT.contains(type)) {
        check(where, type, file, at, length);
        bare.put(file, at, length + FRAME);
        packed += type.equals("IDAT") ? length : 0;
      }
      at += length + FRAME;
    }
    int header = SIGNATURE + 2 * Integer.BYTES;
    int width = in.getInt(header);
    int height = in.getInt(header + Integer.BYTES);
    if (width <= 0 || height <= 0) {
      throw InputException.expected(
          where,
          "an image of at least one pixel",
          Integer.toUnsignedString(width) + "x" + Integer.toUnsignedString(height));
    }
    long rowBits = (long) width * bitsOfPixel(file, header + 2 * Integer.BYTES);
    if ((double) (rowBits / Byte.SIZE + 1) * height > (double) DENSEST * packed) {
      throw cutOff(where);
    }
    byte[] kept = new byte[bare.position()];
    bare.flip().get(kept);
    return new EncodedImage(ImageFormat.PNG, width, height, false, -1, 1, 1, kept);
  }

  private static int bitsOfPixel(byte[] file, int at) {
    int channels =
        switch (file[at + 1]) {
          case 2 -> 3;
          case 4 -> 2;
          case 6 -> 4;
          default -> 1;
        };
    return channels * (file[at] & 0xff);
  }

  private static void check(Object where, String type, byte[] file, int at, int length) {
    CRC32 sum = new CRC32();
    sum.update(file, at + Integer.BYTES, Integer.BYTES + length);
    int stored = ByteBuffer.wrap(file).getInt(at + 2 * Integer.BYTES + length);
    if ((int) sum.getValue() != stored) {
      throw new InputException(where + ": the PNG is damaged: wrong checksum of " + type);
    }
  }

  private static InputException cutOff(Object where) {
    return InputException.expected(where, "a whole image", "a PNG that was cut off");
  }
}
