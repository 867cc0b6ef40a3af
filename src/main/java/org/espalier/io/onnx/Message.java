package org.espalier.io.onnx;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.espalier.Internal;

/**
 * A message of Protocol Buffers as it lies on the wire: fields one behind the other, each with its
 * number and its wire type in front. Nested messages and raw bytes are kept by reference, not
 * copied; they must not change afterwards.
 */
@Internal
public final class Message {
  private static final int VARINT = 0;
  private static final int LENGTH_DELIMITED = 2;
  private static final int FIXED32 = 5;

  private final List<byte[]> pieces = new ArrayList<>();
  private long size;

  /** Adds an integer. */
  public Message integer(int field, long value) {
    var bytes = new ByteArrayOutputStream();
    varint(bytes, (long) field << 3 | VARINT);
    varint(bytes, value);
    return add(bytes.toByteArray());
  }

  /** Adds a float. */
  public Message real(int field, float value) {
    var bytes = new ByteArrayOutputStream();
    varint(bytes, (long) field << 3 | FIXED32);
    int bits = Float.floatToRawIntBits(value);
    for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
      bytes.write(bits >>> shift);
    }
    return add(bytes.toByteArray());
  }

  /** Adds a text. */
  public Message text(int field, String value) {
    return bytes(field, value.getBytes(StandardCharsets.UTF_8));
  }

  /** Adds bytes. */
  public Message bytes(int field, byte[] value) {
    return head(field, value.length).add(value);
  }

  /** Adds a message; what is added to that one later does not show here. */
  public Message message(int field, Message value) {
    head(field, value.size);
    value.pieces.forEach(this::add);
    return this;
  }

  private Message head(int field, long length) {
    var bytes = new ByteArrayOutputStream();
    varint(bytes, (long) field << 3 | LENGTH_DELIMITED);
    varint(bytes, length);
    return add(bytes.toByteArray());
  }

  private Message add(byte[] piece) {
    pieces.add(piece);
    size += piece.length;
    return this;
  }

  /** Seven bits a byte, the lowest first; the top bit says that another byte follows. */
  private static void varint(ByteArrayOutputStream out, long value) {
    long left = value;
    for (; (left & ~0x7FL) != 0; left >>>= 7) {
      out.write((int) ((left & 0x7F) | 0x80));
    }
    out.write((int) left);
  }

  /** Returns the length in bytes. */
  public long size() {
    return size;
  }

  /** Writes the message. */
  public void writeTo(OutputStream out) throws IOException {
    for (byte[] piece : pieces) {
      out.write(piece);
    }
  }
}
