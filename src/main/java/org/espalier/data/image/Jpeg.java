package org.espalier.data.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.espalier.InputException;

/**
 * Looks at the segments of a JPEG file, before anything of the size that it claims is allocated.
 */
final class Jpeg {
  private static final int SOS = 0xda;
  private static final int EOI = 0xd9;
  private static final int APP0 = 0xe0;
  private static final int APP1 = 0xe1;
  private static final int APP14 = 0xee;
  private static final int APP15 = 0xef;
  private static final int COMMENT = 0xfe;

  /** A block of 8x8 pixels has a bit at least; where components differ in both directions, half. */
  private static final int MOST_PIXELS_OF_A_BYTE = 2 * 8 * 64;

  private final Object where;
  private final byte[] file;
  private final ByteBuffer bare;
  private int width;
  private int height;
  private int components;
  private int scans;
  private int orientation = 1;
  private int adobe = -1;

  private Jpeg(Object where, byte[] file) {
    this.where = where;
    this.file = file;
    bare = ByteBuffer.allocate(file.length);
  }

  /**
   * Looks at a file.
   *
   * @param where names it in messages
   * @throws InputException if it is cut off, damaged or of a kind that isn't read
   */
  static EncodedImage parse(Object where, byte[] file) {
    return new Jpeg(where, file).parse();
  }

  private EncodedImage parse() {
    bare.put(file, 0, 2);
    int at = 2;
    while (true) {
      at = marker(at);
      int code = unsigned(at - 1);
      if (code == EOI) {
        bare.put(file, at - 2, 2);
        return done();
      }
      if (code <= 0x01 || (code >= 0xd0 && code <= 0xd8)) {
        continue; // no segment
      }
      int end = at + length(at);
      segment(code, at, end);
      if (code == SOS) {
        int behind = entropy(end);
        bare.put(file, end, behind - end);
        end = behind;
      }
      at = end;
    }
  }

  private EncodedImage done() {
    if (components == 0 || scans == 0) {
      throw cutOff();
    }
    if ((double) width * height > (double) MOST_PIXELS_OF_A_BYTE * file.length) {
      throw cutOff();
    }
    byte[] kept = new byte[bare.position()];
    bare.flip().get(kept);
    return new EncodedImage(
        ImageFormat.JPEG, width, height, components == 4, adobe, scans, orientation, kept);
  }

  /** Returns where the content of the next segment begins: behind 0xff and a code. */
  private int marker(int from) {
    int at = from;
    // Some writers leave bytes between segments; decoders pass over them.
    while (unsigned(at) != 0xff) {
      at++;
    }
    while (unsigned(at) == 0xff) {
      at++;
    }
    return at + 1;
  }

  private int length(int at) {
    int length = unsigned(at) << 8 | unsigned(at + 1);
    if (length < 2 || length > file.length - at) {
      throw cutOff();
    }
    return length;
  }

  private void segment(int code, int at, int end) {
    boolean keep = true;
    if (code >= 0xc0 && code <= 0xcf && code != 0xc4 && code != 0xc8 && code != 0xcc) {
      frame(code, at, end);
    } else if (code == SOS) {
      scans++;
    } else if (code == APP0) {
      keep = starts(at, end, "JFIF\0");
    } else if (code == APP14) {
      keep = starts(at, end, "Adobe") && end - at >= 14;
      adobe = keep ? unsigned(at + 13) : adobe;
    } else if (code == APP1 && starts(at, end, "Exif\0\0")) {
      orientation = orientation(at + 8, end);
      keep = false;
    } else {
      keep = !((code >= APP0 && code <= APP15) || code == COMMENT);
    }
    if (keep) {
      bare.put((byte) 0xff).put((byte) code).put(file, at, end - at);
    }
  }

  private void frame(int code, int at, int end) {
    if (components != 0 || end - at < 8) {
      throw new InputException(where + ": the JPEG is damaged: its frame header is");
    }
    String kind = code <= 0xc2 ? "" : code == 0xc3 ? "a lossless" : "an arithmetically coded";
    if (code >= 0xc5 && code <= 0xc7) {
      kind = "a hierarchical";
    }
    int bits = unsigned(at + 2);
    if (!kind.isEmpty() || bits != 8) {
      throw InputException.expected(
          where,
          "a baseline or progressive JPEG of 8 bits",
          kind.isEmpty() ? "one of " + bits + " bits" : kind + " one");
    }
    height = unsigned(at + 3) << 8 | unsigned(at + 4);
    width = unsigned(at + 5) << 8 | unsigned(at + 6);
    components = unsigned(at + 7);
    if (width == 0 || height == 0) {
      throw InputException.expected(where, "an image of at least one pixel", width + "x" + height);
    }
    if (components != 1 && components != 3 && components != 4) {
      throw InputException.expected(where, "a JPEG of 1, 3 or 4 components", components);
    }
  }

  /** Returns where the next marker begins that is no part of the coded pixels. */
  private int entropy(int from) {
    for (int at = from; at + 1 < file.length; at++) {
      if (file[at] == (byte) 0xff) {
        int next = unsigned(at + 1);
        if (next != 0 && next != 0xff && (next < 0xd0 || next > 0xd7)) {
          return at;
        }
      }
    }
    throw cutOff();
  }

  /** Returns the orientation in an Exif block, 1 where it has none that makes sense. */
  private int orientation(int from, int end) {
    if (end - from < 8) {
      return 1;
    }
    ByteBuffer tiff = ByteBuffer.wrap(file, from, end - from).slice();
    tiff.order(tiff.get(0) == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    long at = Integer.toUnsignedLong(tiff.getInt(4));
    if (at > tiff.limit() - 2) {
      return 1;
    }
    int entries = Short.toUnsignedInt(tiff.getShort((int) at));
    for (int i = 0; i < entries; i++) {
      int entry = (int) at + 2 + 12 * i;
      if (entry > tiff.limit() - 12) {
        return 1;
      }
      if (tiff.getShort(entry) == 0x112) {
        int value = tiff.getShort(entry + 8);
        return value >= 1 && value <= 8 ? value : 1;
      }
    }
    return 1;
  }

  private boolean starts(int at, int end, String text) {
    byte[] wanted = text.getBytes(StandardCharsets.ISO_8859_1);
    return end - at >= 2 + wanted.length
        && Arrays.equals(file, at + 2, at + 2 + wanted.length, wanted, 0, wanted.length);
  }

  private int unsigned(int at) {
    if (at >= file.length) {
      throw cutOff();
    }
    return file[at] & 0xff;
  }

  private InputException cutOff() {
    return InputException.expected(where, "a whole image", "a JPEG that was cut off");
  }
}
