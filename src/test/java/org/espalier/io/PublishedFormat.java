package org.espalier.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A reader of the safetensors format written from its published description (the README of
 * huggingface/safetensors, section "Format"), sharing no code with the project's. It asserts what
 * the description demands: 8 bytes N, unsigned, little-endian; N bytes of JSON in UTF-8, which
 * begin with "{" and may end in spaces; no key twice; {@code dtype}, {@code shape}, {@code
 * data_offsets} for each tensor; {@code __metadata__} a map from string to string; the byte buffer
 * "entirely indexed" without holes; little-endian, C order.
 */
final class PublishedFormat {
  private static final Map<String, Integer> BYTES =
      Map.ofEntries(
          Map.entry("BOOL", 1),
          Map.entry("U8", 1),
          Map.entry("I8", 1),
          Map.entry("I16", 2),
          Map.entry("U16", 2),
          Map.entry("F16", 2),
          Map.entry("BF16", 2),
          Map.entry("I32", 4),
          Map.entry("U32", 4),
          Map.entry("F32", 4),
          Map.entry("F64", 8),
          Map.entry("I64", 8),
          Map.entry("U64", 8));

  record Entry(String dtype, List<Long> shape, long begin, ByteBuffer data) {}

  final Map<String, String> metadata = new LinkedHashMap<>();
  final Map<String, Entry> tensors = new LinkedHashMap<>();
  final int headerLength;

  private final String text;
  private int at;

  PublishedFormat(byte[] file) {
    ByteBuffer buffer = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    long n = buffer.getLong(0);
    assertTrue(n > 0 && n <= 100_000_000 && n <= file.length - 8, "header length " + n);
    headerLength = (int) n;
    text = new String(file, 8, headerLength, StandardCharsets.UTF_8);
    assertEquals('{', text.charAt(0));
    Map<?, ?> header = (Map<?, ?>) value();
    assertTrue(text.substring(at).matches(" *"), "behind the header: " + text.substring(at));
    for (Map.Entry<?, ?> e : header.entrySet()) {
      Map<?, ?> fields = (Map<?, ?>) e.getValue();
      if (e.getKey().equals("__metadata__")) {
        fields.forEach((key, value) -> metadata.put((String) key, (String) value));
      } else {
        tensors.put((String) e.getKey(), entry(fields, buffer));
      }
    }
    long end = 0;
    List<Entry> byPlace = new ArrayList<>(tensors.values());
    byPlace.sort(Comparator.comparingLong(Entry::begin));
    for (Entry e : byPlace) {
      assertEquals(end, e.begin(), "a hole or an overlap");
      end += e.data().capacity();
    }
    assertEquals(file.length - 8 - headerLength, end, "bytes that no tensor has");
  }

  private Entry entry(Map<?, ?> fields, ByteBuffer file) {
    assertEquals(3, fields.size());
    List<Long> shape = ((List<?>) fields.get("shape")).stream().map(d -> (Long) d).toList();
    List<?> offsets = (List<?>) fields.get("data_offsets");
    assertEquals(2, offsets.size());
    long begin = (Long) offsets.get(0);
    long end = (Long) offsets.get(1);
    String dtype = (String) fields.get("dtype");
    long size = BYTES.get(dtype) * shape.stream().reduce(1L, Math::multiplyExact);
    assertEquals(size, end - begin);
    return new Entry(
        dtype,
        shape,
        begin,
        file.slice(8 + headerLength + (int) begin, (int) size).order(ByteOrder.LITTLE_ENDIAN));
  }

  private Object value() {
    return switch (text.charAt(at)) {
      case '{' -> object();
      case '[' -> list();
      case '"' -> string();
      default -> number();
    };
  }

  private Map<String, Object> object() {
    Map<String, Object> map = new LinkedHashMap<>();
    at++;
    while (text.charAt(at) != '}') {
      String key = string();
      expect(':');
      assertNull(map.put(key, value()), "key twice: " + key);
      if (text.charAt(at) != '}') {
        expect(',');
      }
    }
    at++;
    return map;
  }

  private List<Object> list() {
    List<Object> list = new ArrayList<>();
    at++;
    while (text.charAt(at) != ']') {
      list.add(value());
      if (text.charAt(at) != ']') {
        expect(',');
      }
    }
    at++;
    return list;
  }

  private String string() {
    expect('"');
    StringBuilder s = new StringBuilder();
    while (text.charAt(at) != '"') {
      char c = text.charAt(at++);
      if (c == '\\') {
        char escaped = text.charAt(at++);
        if (escaped == 'u') {
          s.append((char) Integer.parseInt(text, at, at + 4, 16));
          at += 4;
        } else {
          int i = "\"\\/bfnrt".indexOf(escaped);
          s.append("\"\\/\b\f\n\r\t".charAt(i));
        }
      } else {
        s.append(c);
      }
    }
    at++;
    return s.toString();
  }

  private Long number() {
    int from = at;
    while ("0123456789".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
    return Long.valueOf(text.substring(from, at));
  }

  private void expect(char c) {
    assertEquals(c, text.charAt(at++), "at " + at + " of " + text);
  }

  /** Returns the floats of a tensor of type F32 as bits. */
  static int[] bits(Entry e) {
    assertEquals("F32", e.dtype());
    int[] bits = new int[e.data().capacity() / 4];
    Arrays.setAll(bits, i -> e.data().getInt(4 * i));
    return bits;
  }

  /** Returns the elements of a tensor of type U8, U16 or I32. */
  static int[] indices(Entry e) {
    int width = BYTES.get(e.dtype());
    int[] indices = new int[e.data().capacity() / width];
    for (int i = 0; i < indices.length; i++) {
      indices[i] =
          switch (e.dtype()) {
            case "U8" -> e.data().get(i) & 0xff;
            case "U16" -> e.data().getShort(2 * i) & 0xffff;
            case "I32" -> e.data().getInt(4 * i);
            default -> throw new AssertionError(e.dtype());
          };
    }
    return indices;
  }
}
