package org.espalier.io;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.espalier.InputException;
import org.espalier.tensor.Footprint;
import org.espalier.tensor.Shape;

/**
 * The safetensors format: the length of the header as 8 bytes, little-endian; the header, a JSON
 * object that gives for each tensor its type, shape and place, and strings under {@code
 * __metadata__}; then the tensors' bytes without gaps.
 *
 * <p>What is written here has its header padded with spaces to a multiple of 64 bytes, wider
 * elements first (so that every tensor is aligned to its elements), and among the metadata a digest
 * under {@value #DIGEST}: the SHA-256, as {@link Sha256} frames values, of
 *
 * <ul>
 *   <li>the number of metadata strings but the digest, then each one's key and value, sorted by key
 *   <li>the number of tensors, then for each, sorted by name: its name, its type, its rank, its
 *       extents and its bytes.
 * </ul>
 *
 * It is checked where it is present. (Where tensors lie in the file doesn't matter, so a tool that
 * only moves them leaves it valid.)
 */
final class Safetensors {
  /** Key of the digest among the metadata. */
  static final String DIGEST = "digest";

  /** Longest header that is read, in bytes. The format allows 100 MB; headers have kilobytes. */
  static final int LONGEST_HEADER = 1 << 24;

  private static final String METADATA = "__metadata__";
  private static final int HEADER_UNIT = 64;

  private static final Comparator<RawTensor> WIDEST_FIRST =
      Comparator.comparingInt((RawTensor t) -> -t.type().bytes()).thenComparing(RawTensor::name);

  private final String file;
  private final Map<String, String> metadata;
  private final Map<String, RawTensor> tensors;

  private Safetensors(String file, Map<String, String> metadata, Map<String, RawTensor> tensors) {
    this.file = file;
    this.metadata = metadata;
    this.tensors = tensors;
  }

  /** Returns the name of the file, for messages. */
  String file() {
    return file;
  }

  /** Returns the metadata. */
  Map<String, String> metadata() {
    return metadata;
  }

  /**
   * Returns a metadata string.
   *
   * @throws InputException if there is none under that key
   */
  String metadata(String key) {
    String value = metadata.get(key);
    if (value == null) {
      throw InputException.expected(file, "metadata " + key, "none");
    }
    return value;
  }

  /** Returns the tensors by name. */
  Map<String, RawTensor> tensors() {
    return tensors;
  }

  // Writing

  /** Writes a file whole or not at all, with a digest. */
  static void write(Path file, Map<String, String> metadata, List<RawTensor> tensors) {
    List<RawTensor> sorted = new ArrayList<>(tensors);
    sorted.sort(WIDEST_FIRST);
    byte[] header = header(metadata, sorted);
    AtomicFile.write(
        file,
        out -> {
          out.write(littleEndian(header.length));
          out.write(header);
          for (RawTensor t : sorted) {
            out.write(t.bytes());
          }
        });
  }

  /** Returns how many bytes a file has. */
  static long size(Map<String, String> metadata, List<RawTensor> tensors) {
    long size = (long) Long.BYTES + header(metadata, tensors).length;
    for (RawTensor t : tensors) {
      size += t.bytes().length;
    }
    return size;
  }

  private static byte[] littleEndian(long value) {
    return ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
  }

  private static byte[] header(Map<String, String> metadata, List<RawTensor> tensors) {
    Map<String, RawTensor> byName = new LinkedHashMap<>();
    for (RawTensor t : tensors) {
      if (t.name().equals(METADATA) || byName.put(t.name(), t) != null) {
        throw new IllegalArgumentException("tensor name " + t.name() + " is reserved or taken");
      }
    }
    Map<String, String> sealed = new TreeMap<>(metadata);
    sealed.put(DIGEST, digest(metadata, byName));
    String text =
        JsonText.of(
            json -> {
              json.writeStartObject();
              json.writeName(METADATA);
              JsonText.write(json, sealed);
              long offset = 0;
              for (RawTensor t : tensors) {
                json.writeName(t.name());
                json.writeStartObject();
                json.writeStringProperty("dtype", t.type().name());
                JsonText.writeNumbers(json, "shape", t.shape().dims());
                json.writeName("data_offsets");
                json.writeArray(new long[] {offset, offset + t.bytes().length}, 0, 2);
                json.writeEndObject();
                offset += t.bytes().length;
              }
              json.writeEndObject();
            });
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    int length = Math.ceilDiv(Long.BYTES + utf8.length, HEADER_UNIT) * HEADER_UNIT - Long.BYTES;
    if (length > LONGEST_HEADER) {
      throw new IllegalArgumentException(
          "a header of " + length + " bytes; at most " + LONGEST_HEADER + " can be read again");
    }
    return (text + " ".repeat(length - utf8.length)).getBytes(StandardCharsets.UTF_8);
  }

  /** Returns the digest as the class comment defines it. */
  static String digest(Map<String, String> metadata, Map<String, RawTensor> tensors) {
    Sha256 sha = new Sha256();
    Map<String, String> others = new TreeMap<>(metadata);
    others.remove(DIGEST);
    sha.add(others.size());
    others.forEach((key, value) -> sha.add(key).add(value));
    sha.add(tensors.size());
    for (RawTensor t : new TreeMap<>(tensors).values()) {
      sha.add(t.name()).add(t.type().name()).add(t.shape().rank());
      for (int d : t.shape().dims()) {
        sha.add(d);
      }
      sha.add(t.bytes());
    }
    return sha.hex();
  }

  // Reading

  /**
   * Reads a file.
   *
   * @throws InputException if it can't be read, breaks the format or doesn't fit its digest
   */
  static Safetensors read(Path file) {
    try (InputStream in = RegularFile.open(file)) {
      long size = RegularFile.size(file);
      refuseOthers(file, size);
      return read(file.toString(), size, in);
    } catch (IOException e) {
      throw InputException.reading(file, e);
    }
  }

  /** Calls a file that begins as no safetensors file does what it is, if that is known. */
  private static void refuseOthers(Path file, long size) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] head = in.readNBytes(FileKind.HEAD);
      long length = head.length <= Long.BYTES ? -1 : headerLength(head);
      if (length < 2 || length > size - Long.BYTES || head[Long.BYTES] != '{') {
        FileKind.of(head)
            .ifPresent(
                kind -> {
                  throw new InputException(
                      kind.refusal(file.toString(), "a model file of Espalier (safetensors)"));
                });
      }
    }
  }

  private static long headerLength(byte[] head) {
    return ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).getLong();
  }

  /** Reads a file that is in memory. */
  static Safetensors read(String file, byte[] content) {
    try (InputStream in = new ByteArrayInputStream(content)) {
      return read(file, content.length, in);
    } catch (IOException e) {
      throw new IllegalStateException(e); // an array can always be read
    }
  }

  private static Safetensors read(String file, long size, InputStream in) throws IOException {
    Safetensors read = readUnchecked(file, size, in);
    String stated = read.metadata.get(DIGEST);
    if (stated != null) {
      String found = digest(read.metadata, read.tensors);
      if (!found.equals(stated)) {
        throw InputException.expected(file, "content with digest " + stated, found + " (damaged?)");
      }
    }
    return read;
  }

  /** Reads a file without looking at its digest. */
  static Safetensors readUnchecked(String file, long size, InputStream in) throws IOException {
    byte[] lengthBytes = in.readNBytes(Long.BYTES);
    if (lengthBytes.length < Long.BYTES) {
      throw InputException.expected(file, "a safetensors file", lengthBytes.length + " bytes");
    }
    long length = headerLength(lengthBytes);
    long largest = Math.min(LONGEST_HEADER, size - Long.BYTES);
    if (largest < 2) {
      throw InputException.expected(file, "a safetensors file", size + " bytes");
    }
    if (length < 2 || length > largest) {
      throw InputException.expected(
          file,
          "a safetensors file, whose header has 2 to " + largest + " bytes",
          Long.toUnsignedString(length));
    }
    JsonObject header = JsonObject.parse(file + ", header", text(file, in, (int) length));
    Map<String, String> metadata = Map.of();
    List<Place> places = new ArrayList<>();
    for (String name : header.fields().keySet()) {
      JsonObject entry = header.object(name);
      if (name.equals(METADATA)) {
        metadata = entry.strings();
      } else {
        places.add(place(name, entry));
      }
    }
    return new Safetensors(file, metadata, tensors(file, places, size - Long.BYTES - length, in));
  }

  private static String text(String file, InputStream in, int length) throws IOException {
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw InputException.expected(file, "a header of " + length + " bytes", bytes.length);
    }
    if (bytes[0] != '{') {
      throw InputException.expected(
          file, "a safetensors header, which starts with {", "byte " + (bytes[0] & 0xff));
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new InputException(file + ": expected a header in UTF-8, found other bytes", e);
    }
  }

  /** Where a tensor lies: bytes {@code begin} to {@code end} − 1 behind the header. */
  private record Place(String name, DType type, Shape shape, long begin, long end) {}

  private static Place place(String name, JsonObject entry) {
    entry.allow("dtype", "shape", "data_offsets");
    DType type = DType.named(entry.string("dtype"));
    if (type == null) {
      throw InputException.expected(
          entry.where(), "one of the types " + List.of(DType.values()), entry.string("dtype"));
    }
    long[] dims = entry.naturals("shape");
    Shape shape = shape(entry.where(), dims);
    long[] offsets = entry.naturals("data_offsets");
    if (offsets.length != 2
        || offsets[1] < offsets[0]
        || offsets[1] - offsets[0] != (long) shape.size() * type.bytes()
        || offsets[1] - offsets[0] > Integer.MAX_VALUE - 8) {
      throw InputException.expected(
          entry.where(),
          "two data_offsets, "
              + (long) shape.size() * type.bytes()
              + " bytes apart for "
              + type
              + " "
              + shape,
          Arrays.toString(offsets));
    }
    return new Place(name, type, shape, offsets[0], offsets[1]);
  }

  private static Shape shape(String where, long[] dims) {
    int[] extents = new int[dims.length];
    long size = 1;
    for (int i = 0; i < dims.length; i++) {
      if (dims[i] > Integer.MAX_VALUE || size * dims[i] > Integer.MAX_VALUE) {
        throw InputException.expected(where, "at most 2^31-1 elements", Arrays.toString(dims));
      }
      extents[i] = (int) dims[i];
      size *= dims[i];
    }
    return Shape.of(extents);
  }

  private static Map<String, RawTensor> tensors(
      String file, List<Place> places, long size, InputStream in) throws IOException {
    places.sort(Comparator.comparingLong(Place::begin).thenComparingLong(Place::end));
    long end = 0;
    for (Place p : places) {
      if (p.begin() != end) {
        throw InputException.expected(
            file + ", header, " + p.name(),
            "data from byte " + end + " on, where the tensor before ends",
            p.begin());
      }
      end = p.end();
    }
    if (end != size) {
      throw InputException.expected(file, end + " bytes of tensors", size + " (cut short?)");
    }
    new Footprint(file).add("tensors", size).require();
    Map<String, RawTensor> tensors = new LinkedHashMap<>();
    for (Place p : places) {
      int length = (int) (p.end() - p.begin());
      byte[] bytes = in.readNBytes(length);
      if (bytes.length < length) {
        throw InputException.expected(file, length + " bytes of tensor " + p.name(), bytes.length);
      }
      tensors.put(p.name(), new RawTensor(p.name(), p.type(), p.shape(), bytes));
    }
    return tensors;
  }
}
