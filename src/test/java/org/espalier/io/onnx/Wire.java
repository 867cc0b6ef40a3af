package org.espalier.io.onnx;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A message of Protocol Buffers, read by the description of the wire format and nothing else.
 *
 * @param fields in the order of the bytes
 */
record Wire(List<Field> fields) {
  /**
   * A field.
   *
   * @param number which
   * @param value a Long, a Float or a byte[]
   */
  record Field(int number, Object value) {}

  static Wire read(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    List<Field> fields = new ArrayList<>();
    while (in.hasRemaining()) {
      long key = varint(in);
      Object value =
          switch ((int) (key & 7)) {
            case 0 -> varint(in);
            case 2 -> {
              byte[] content = new byte[Math.toIntExact(varint(in))];
              in.get(content);
              yield content;
            }
            case 5 -> in.getFloat();
            default -> throw new AssertionError("wire type " + (key & 7));
          };
      fields.add(new Field((int) (key >>> 3), value));
    }
    return new Wire(fields);
  }

  private static long varint(ByteBuffer in) {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte b = in.get();
      value |= (long) (b & 0x7F) << shift;
      if (b >= 0) {
        return value;
      }
    }
  }

  private <T> List<T> all(int number, Class<T> type) {
    return fields.stream().filter(f -> f.number == number).map(f -> type.cast(f.value)).toList();
  }

  List<Wire> messages(int number) {
    return all(number, byte[].class).stream().map(Wire::read).toList();
  }

  Wire message(int number) {
    return messages(number).getFirst();
  }

  List<String> texts(int number) {
    return all(number, byte[].class).stream()
        .map(b -> new String(b, StandardCharsets.UTF_8))
        .toList();
  }

  String text(int number) {
    return texts(number).getFirst();
  }

  List<Long> integers(int number) {
    return all(number, Long.class);
  }

  long integer(int number) {
    return integers(number).getFirst();
  }

  float real(int number) {
    return all(number, Float.class).getFirst();
  }

  ByteBuffer bytes(int number) {
    return ByteBuffer.wrap(all(number, byte[].class).getFirst()).order(ByteOrder.LITTLE_ENDIAN);
  }
}
