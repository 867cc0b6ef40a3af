package org.espalier.io.onnx.read;

import it.unimi.dsi.fastutil.floats.FloatArrayList;
import it.unimi.dsi.fastutil.longs.LongArrayList;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.espalier.InputException;

/**
 * Reads a message of Protocol Buffers field by field: {@link #next} goes to a field, and then
 * exactly one call takes its value or skips it.
 */
final class WireReader {
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int LENGTH_DELIMITED = 2;
  private static final int FIXED32 = 5;

  private static final int BITS = 7;

  private final Source source;
  private final ByteBuffer bytes;
  private final Object where;
  private final int end;
  private int at;
  private int field;
  private int wire;

  /**
   * Begins to read.
   *
   * @param from the first byte of the message
   * @param end the byte behind it
   * @param where what the message is, for messages of errors
   */
  WireReader(Source source, int from, int end, Object where) {
    this.source = source;
    this.bytes = source.bytes();
    this.where = where;
    this.at = from;
    this.end = end;
  }

  /** Returns what is read from. */
  Source source() {
    return source;
  }

  /** Returns what the message is. */
  Object where() {
    return where;
  }

  /** Returns the byte that is read next. */
  int at() {
    return at;
  }

  /** Returns the byte behind the message. */
  int end() {
    return end;
  }

  /** Returns whether all is read. */
  boolean isEmpty() {
    return at == end;
  }

  /** Goes to the next field and returns its number, or 0 at the end. */
  int next() {
    if (at == end) {
      return 0;
    }
    int start = at;
    long tag = varint();
    field = (int) (tag >>> 3);
    wire = (int) tag & 7;
    if (tag >>> Integer.SIZE != 0 || field == 0) {
      throw InputException.expected(
          where, "a field at byte " + start, "the number " + Long.toUnsignedString(tag));
    }
    return field;
  }

  /** Takes a whole number. */
  long integer() {
    require(VARINT);
    return varint();
  }

  /** Takes a whole number of 32 bits. */
  int int32() {
    long value = integer();
    if (value != (int) value) {
      throw InputException.expected(where, "a number of 32 bits in field " + field, value);
    }
    return (int) value;
  }

  /** Takes a float. */
  float real() {
    require(FIXED32);
    return Float.intBitsToFloat(bytes.getInt(skip(Float.BYTES)));
  }

  /** Takes a text, which counts among those of the file. */
  String text() {
    int before = at;
    skip();
    source.countText(at - before);
    at = before;
    return string();
  }

  /** Takes a text that is read when somebody asks for it, perhaps again and again. */
  String string() {
    WireReader inside = message(where);
    byte[] utf8 = new byte[inside.end - inside.at];
    bytes.get(inside.at, utf8);
    String text = new String(utf8, StandardCharsets.UTF_8);
    if (text.indexOf('\uFFFD') >= 0
        && !Arrays.equals(text.getBytes(StandardCharsets.UTF_8), utf8)) {
      throw InputException.expected(where, "a text in UTF-8 in field " + field, "other bytes");
    }
    return text;
  }

  /** Takes a message, or bytes of any meaning, and returns a reader of it. */
  WireReader message(Object what) {
    require(LENGTH_DELIMITED);
    int length = length();
    int from = skip(length);
    return new WireReader(source, from, from + length, what);
  }

  /**
   * Takes one of a list's whole numbers, or all of them in one piece.
   *
   * @return a reader that stands before the first, for {@link #varint}, and ends behind the last
   */
  WireReader varints() {
    if (wire != VARINT) {
      return message(where);
    }
    int from = at;
    varint();
    return new WireReader(source, from, at, where);
  }

  /** Takes what {@link #varints} does and returns how many there are. */
  int countVarints() {
    WireReader piece = varints();
    int count = 0;
    for (int i = piece.at; i < piece.end; i++) {
      count += bytes.get(i) >= 0 ? 1 : 0;
    }
    if (!piece.isEmpty() && bytes.get(piece.end - 1) < 0) {
      throw InputException.expected(where, "the rest of a number", "the end (cut short?)");
    }
    return count;
  }

  /**
   * Takes one of a list's whole numbers, or all of them in one piece.
   *
   * @param most how many there may be together
   */
  void integers(LongArrayList to, int most) {
    for (WireReader piece = varints(); !piece.isEmpty(); ) {
      if (to.size() == most) {
        throw InputException.expected(
            where, "at most " + most + " numbers in field " + field, "more");
      }
      to.add(piece.varint());
    }
  }

  /**
   * Takes one of a list's numbers of fixed size, or all of them in one piece.
   *
   * @param size of each in bytes, 4 or 8
   * @return a reader that stands before the first and ends behind the last
   */
  WireReader fixed(int size) {
    if (wire == (size == Float.BYTES ? FIXED32 : FIXED64)) {
      int from = skip(size);
      return new WireReader(source, from, from + size, where);
    }
    WireReader inside = message(where);
    if ((inside.end - inside.at) % size != 0) {
      throw InputException.expected(
          where,
          "numbers of " + size + " bytes in field " + field,
          inside.end - inside.at + " bytes");
    }
    return inside;
  }

  /** Takes one of a list's floats, or all of them in one piece, as {@link #integers} does. */
  void reals(FloatArrayList to, int most) {
    WireReader piece = fixed(Float.BYTES);
    int count = (piece.end - piece.at) / Float.BYTES;
    if (count > most - to.size()) {
      throw InputException.expected(
          where, "at most " + most + " numbers in field " + field, "more");
    }
    for (int i = 0; i < count; i++) {
      to.add(bytes.getFloat(piece.at + i * Float.BYTES));
    }
  }

  /** Skips a field. */
  void skip() {
    switch (wire) {
      case VARINT -> varint();
      case FIXED64 -> skip(Long.BYTES);
      case LENGTH_DELIMITED -> skip(length());
      case FIXED32 -> skip(Integer.BYTES);
      default -> throw wrongType("0, 1, 2 or 5");
    }
  }

  private void require(int expected) {
    if (wire != expected) {
      throw wrongType(String.valueOf(expected));
    }
  }

  private InputException wrongType(String expected) {
    return InputException.expected(where, "field " + field + " of wire type " + expected, wire);
  }

  private int length() {
    long length = varint();
    if (length < 0 || length > end - at) {
      throw InputException.expected(
          where,
          "at most " + (end - at) + " bytes in field " + field,
          Long.toUnsignedString(length) + " (cut short?)");
    }
    return (int) length;
  }

  /** Goes over so many bytes and returns where they begin. */
  private int skip(int length) {
    if (length > end - at) {
      throw InputException.expected(
          where, length + " bytes in field " + field, end - at + " (cut short?)");
    }
    int from = at;
    at += length;
    return from;
  }

  /**
   * Takes a number without tag: seven bits a byte, the lowest first; the top bit says that another
   * byte follows.
   */
  long varint() {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += BITS) {
      if (at == end) {
        throw InputException.expected(where, "the rest of a number", "the end (cut short?)");
      }
      byte b = bytes.get(at++);
      value |= (long) (b & 0x7F) << shift;
      if (b >= 0) {
        if (shift == Long.SIZE - 1 && b > 1) {
          break;
        }
        return value;
      }
    }
    throw InputException.expected(where, "a number of 64 bits before byte " + at, "a longer one");
  }
}
