package org.espalier.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.espalier.InputException;
import org.espalier.tensor.Shape;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Files of the safetensors format: the length of the header (8 bytes, little-endian), the header
 * (JSON: for each tensor type, shape and place; strings under {@code __metadata__}), the elements,
 * without gaps. A digest among the metadata covers tensors and metadata, so that a corrupted byte
 * is noticed. Nothing that a file says of lengths is believed before it is checked.
 *
 * @param tensors by name
 * @param metadata strings by name, the digest left out
 */
record Safetensors(Map<String, RawTensor> tensors, Map<String, String> metadata) {
  private static final String METADATA = "__metadata__";
  private static final String DIGEST = "digest";
  private static final int LENGTH_BYTES = 8;

  /** The header is padded so that the elements begin at a multiple of this. */
  private static final int ALIGNMENT = 64;

  private static final int MAX_HEADER = 1 << 26;
  private static final int MAX_RANK = 8;

  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(8)
                          .maxStringLength(MAX_HEADER)
                          .build())
                  .build())
          .build();

  /** Writes the file, whole or not at all. */
  void write(Path file) {
    Map<String, RawTensor> ordered = new LinkedHashMap<>();
    // Wide elements first: then each tensor is aligned to its own.
    tensors.entrySet().stream()
        .sorted(
            Comparator.comparingInt(
                    (Map.Entry<String, RawTensor> e) -> -e.getValue().dtype().bytes())
                .thenComparing(Map.Entry.comparingByKey()))
        .forEach(e -> ordered.put(e.getKey(), e.getValue()));
    ObjectNode header = JSON.createObjectNode();
    ObjectNode strings = header.putObject(METADATA);
    new TreeMap<>(metadata).forEach(strings::put);
    strings.put(DIGEST, digest(ordered, metadata));
    long offset = 0;
    ByteBuffer[] parts = new ByteBuffer[ordered.size() + 1];
    int part = 1;
    for (Map.Entry<String, RawTensor> e : ordered.entrySet()) {
      RawTensor t = e.getValue();
      ObjectNode entry = header.putObject(e.getKey());
      entry.put("dtype", t.dtype().name());
      var shape = entry.putArray("shape");
      for (int d : t.shape().dims()) {
        shape.add(d);
      }
      long end = offset + t.data().remaining();
      entry.putArray("data_offsets").add(offset).add(end);
      offset = end;
      parts[part++] = t.data().duplicate();
    }
    byte[] text = JSON.writeValueAsBytes(header);
    int padded = Math.ceilDiv(LENGTH_BYTES + text.length, ALIGNMENT) * ALIGNMENT - LENGTH_BYTES;
    ByteBuffer head = ByteBuffer.allocate(LENGTH_BYTES + padded).order(ByteOrder.LITTLE_ENDIAN);
    head.putLong(padded).put(text);
    while (head.hasRemaining()) {
      head.put((byte) ' ');
    }
    parts[0] = head.flip();
    AtomicFile.write(file, parts);
  }

  /**
   * Reads a file.
   *
   * @throws InputException if it can't be read or isn't what it should be
   */
  static Safetensors read(Path file) {
    ByteBuffer bytes;
    try {
      long size = Files.size(file);
      if (size > Integer.MAX_VALUE - 16) {
        throw InputException.expected(file, "a file below 2 GiB", size + " bytes");
      }
      bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    } catch (IOException e) {
      throw InputException.reading(file, e);
    }
    return new Reader(file, bytes).read();
  }

  private static String digest(Map<String, RawTensor> tensors, Map<String, String> metadata) {
    Sha256 sha = new Sha256();
    new TreeMap<>(metadata).forEach((key, value) -> sha.add(key).add(value));
    new TreeMap<>(tensors)
        .forEach(
            (name, t) -> {
              byte[] data = new byte[t.data().remaining()];
              t.data().duplicate().get(data);
              sha.add(name).add(t.dtype().name()).add(t.shape().toString()).add(data);
            });
    return sha.hex();
  }

  /** One reading of one file. */
  private record Reader(Path file, ByteBuffer bytes) {
    /** Where a tensor lies. */
    private record Place(String name, DType dtype, Shape shape, long from, long to) {}

    Safetensors read() {
      if (bytes.limit() < LENGTH_BYTES) {
        throw wrong("", "a header length of 8 bytes", bytes.limit() + " bytes in all");
      }
      long length = bytes.getLong(0);
      if (length < 2 || length > Math.min(MAX_HEADER, bytes.limit() - LENGTH_BYTES)) {
        throw wrong(
            ": header length",
            "2 to " + Math.min(MAX_HEADER, bytes.limit() - LENGTH_BYTES),
            Long.toUnsignedString(length) + " (is this a safetensors file?)");
      }
      JsonNode header = header((int) length);
      Map<String, String> metadata = metadata(header.get(METADATA));
      List<Place> places = new ArrayList<>();
      for (Map.Entry<String, JsonNode> e : header.properties()) {
        if (!e.getKey().equals(METADATA)) {
          places.add(place(e.getKey(), e.getValue()));
        }
      }
      places.sort(Comparator.comparingLong(Place::from).thenComparingLong(Place::to));
      ByteBuffer data =
          bytes.slice(LENGTH_BYTES + (int) length, bytes.limit() - LENGTH_BYTES - (int) length);
      Map<String, RawTensor> tensors = new LinkedHashMap<>();
      long at = 0;
      for (Place p : places) {
        if (p.from() != at || p.to() > data.limit()) {
          throw wrong(
              ": tensor " + p.name(),
              "bytes from " + at + " on, up to " + data.limit() + " at most",
              p.from() + " to " + p.to());
        }
        at = p.to();
        tensors.put(
            p.name(),
            new RawTensor(
                p.dtype(), p.shape(), data.slice((int) p.from(), (int) (p.to() - p.from()))));
      }
      if (at != data.limit()) {
        throw wrong("", at + " bytes of tensors", data.limit());
      }
      String digest = metadata.remove(DIGEST);
      String actual = digest(tensors, metadata);
      if (!actual.equals(digest)) {
        throw wrong(
            ": digest",
            digest == null ? "one among the metadata" : digest,
            actual + " (the file is damaged, or written by another program)");
      }
      return new Safetensors(tensors, metadata);
    }

    private JsonNode header(int length) {
      byte[] text = new byte[length];
      bytes.get(LENGTH_BYTES, text);
      try {
        JsonNode node = JSON.readTree(new String(text, StandardCharsets.UTF_8));
        if (node instanceof ObjectNode) {
          return node;
        }
        throw wrong(": header", "a JSON object", node.getNodeType());
      } catch (JacksonException e) {
        throw new InputException(
            file
                + ": header: no valid JSON: "
                + e.getOriginalMessage().lines().findFirst().orElse(""),
            e);
      }
    }

    private Map<String, String> metadata(@org.jspecify.annotations.Nullable JsonNode node) {
      Map<String, String> metadata = new LinkedHashMap<>();
      if (node == null) {
        return metadata;
      }
      if (!node.isObject()) {
        throw wrong(": " + METADATA, "strings by name", node.getNodeType());
      }
      for (Map.Entry<String, JsonNode> e : node.properties()) {
        if (!e.getValue().isString()) {
          throw wrong(": " + METADATA + "." + e.getKey(), "a string", e.getValue().getNodeType());
        }
        metadata.put(e.getKey(), e.getValue().stringValue());
      }
      return metadata;
    }

    private Place place(String name, JsonNode node) {
      String where = ": tensor " + name;
      DType dtype = null;
      for (DType t : DType.values()) {
        if (t.name().equals(node.path("dtype").asString(""))) {
          dtype = t;
        }
      }
      if (dtype == null) {
        throw wrong(
            where + ": dtype", "one of " + List.of(DType.values()), node.path("dtype").toString());
      }
      JsonNode dims = node.path("shape");
      JsonNode offsets = node.path("data_offsets");
      if (!dims.isArray() || dims.size() > MAX_RANK || !wholeNumbers(dims)) {
        throw wrong(where + ": shape", "up to " + MAX_RANK + " whole numbers", dims);
      }
      if (!offsets.isArray() || offsets.size() != 2 || !wholeNumbers(offsets)) {
        throw wrong(where + ": data_offsets", "two whole numbers", offsets);
      }
      int[] extents = new int[dims.size()];
      long size = dtype.bytes();
      for (int i = 0; i < extents.length; i++) {
        extents[i] = dims.get(i).intValue();
        size = Math.min(size * extents[i], Long.MAX_VALUE >>> 32);
      }
      long from = offsets.get(0).longValue();
      long to = offsets.get(1).longValue();
      if (to - from != size || size > bytes.limit()) {
        throw wrong(where, size + " bytes for " + dtype + " " + dims, (to - from) + " bytes");
      }
      return new Place(name, dtype, Shape.of(extents), from, to);
    }

    private static boolean wholeNumbers(JsonNode array) {
      for (JsonNode n : array) {
        if (!n.isIntegralNumber() || !n.canConvertToInt() || n.intValue() < 0) {
          return false;
        }
      }
      return true;
    }

    private InputException wrong(String where, String expected, Object found) {
      return InputException.expected(file + where, expected, found);
    }
  }
}
