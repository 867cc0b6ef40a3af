package org.espalier.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.espalier.InputException;
import org.espalier.tensor.Shape;
import org.espalier.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SafetensorsTest {
  @TempDir Path folder;

  private static RawTensor filled(String name, DType type, int... dims) {
    RawTensor t = RawTensor.zeros(name, type, Shape.of(dims));
    for (int i = 0; i < t.bytes().length; i++) {
      t.bytes()[i] = (byte) (7 * i + name.length());
    }
    return t;
  }

  private static final List<RawTensor> TENSORS =
      List.of(
          filled("bytes", DType.U8, 5),
          filled("shorts", DType.U16, 3),
          filled("floats", DType.F32, 2, 3),
          filled("longs", DType.I64, 1),
          filled("ints", DType.I32, 2, 1, 2),
          filled("empty", DType.F32, 0, 4),
          filled("scalar", DType.F32),
          filled("ключ \"q\"\n", DType.F16, 1));

  @Test
  void isReadByAReaderMadeFromThePublishedDescription() throws IOException {
    Path file = folder.resolve("a.safetensors");
    Safetensors.write(file, Map.of("key", "é\"\\\t\u0001"), TENSORS);
    PublishedFormat read = new PublishedFormat(Files.readAllBytes(file));
    assertEquals("é\"\\\t\u0001", read.metadata.get("key"));
    assertEquals(TENSORS.size(), read.tensors.size());
    for (RawTensor t : TENSORS) {
      PublishedFormat.Entry e = read.tensors.get(t.name());
      assertEquals(t.type().name(), e.dtype());
      assertEquals(HexFormat.of().formatHex(t.bytes()), hex(e.data()));
      assertEquals(t.shape().toString(), e.shape().toString());
      assertEquals(0, (8 + read.headerLength + e.begin()) % t.type().bytes(), "aligned");
    }
    assertEquals(0, (8 + read.headerLength) % 64);
  }

  private static String hex(ByteBuffer data) {
    byte[] bytes = new byte[data.capacity()];
    data.get(0, bytes);
    return HexFormat.of().formatHex(bytes);
  }

  @Test
  void isReadByTheOfficialReader() throws IOException, InterruptedException {
    assumeTrue(
        python("import safetensors.numpy").waitFor() == 0,
        "skipped: no python3 with safetensors and numpy here");
    Path file = folder.resolve("a.safetensors");
    float[] values = {1, -2, 0.5f, -0f, Float.MAX_VALUE, 3};
    Safetensors.write(
        file,
        Map.of("key", "value"),
        List.of(RawTensor.of("w", Tensor.of(Shape.of(2, 3), values)), filled("i", DType.U16, 3)));
    Process check =
        python(
            """
            import sys, safetensors, safetensors.numpy
            t = safetensors.numpy.load_file(sys.argv[1])
            assert t['w'].tolist() == [[1, -2, 0.5], [-0.0, 3.4028234663852886e+38, 3]], t
            assert t['i'].dtype == 'uint16' and t['i'].tolist() == [0x0801, 0x160f, 0x241d], t
            with safetensors.safe_open(sys.argv[1], 'np') as f:
                assert f.metadata()['key'] == 'value'
            """,
            file.toString());
    String output = new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, check.waitFor(), output);
  }

  private static Process python(String script, String... arguments) throws IOException {
    List<String> command = new java.util.ArrayList<>(List.of("python3", "-c", script));
    command.addAll(List.of(arguments));
    try {
      return new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException e) {
      return new ProcessBuilder("false").start(); // no python3
    }
  }

  @Test
  void readsWhatItWrote() {
    Path file = folder.resolve("a.safetensors");
    Safetensors.write(file, Map.of("key", "value"), TENSORS);
    Safetensors read = Safetensors.read(file);
    assertEquals("value", read.metadata("key"));
    for (RawTensor t : TENSORS) {
      RawTensor r = read.tensors().get(t.name());
      assertEquals(t.description(), r.description());
      assertArrayEquals(t.bytes(), r.bytes());
    }
  }

  @Test
  void theDigestIsWhatItsDescriptionSays() throws Exception {
    Path file = folder.resolve("a.safetensors");
    Safetensors.write(file, Map.of("b", "2", "a", "é"), List.of(filled("t", DType.U8, 2, 1)));
    MessageDigest sha = MessageDigest.getInstance("SHA-256");
    sha.update(long8(2));
    for (String s : List.of("a", "é", "b", "2")) {
      byte[] utf8 = s.getBytes(StandardCharsets.UTF_8);
      sha.update(long8(utf8.length));
      sha.update(utf8);
    }
    sha.update(long8(1));
    sha.update(long8(1));
    sha.update((byte) 't');
    sha.update(long8(2));
    sha.update(new byte[] {'U', '8'});
    sha.update(long8(2));
    sha.update(long8(2));
    sha.update(long8(1));
    sha.update(long8(2));
    sha.update(new byte[] {1, 8});
    assertEquals(HexFormat.of().formatHex(sha.digest()), Safetensors.read(file).metadata("digest"));
  }

  private static byte[] long8(long value) {
    return ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void knowsEachTypeByTheNameOfTheFormat(DType type) {
    RawTensor t = filled("t", type, 3);
    assertEquals(3 * type.bytes(), t.bytes().length);
    Safetensors read =
        Safetensors.read(
            "f", file(header("t", type.name(), "[3]", 0, t.bytes().length), t.bytes()));
    assertEquals(type, read.tensors().get("t").type());
  }

  private static String header(String name, String type, String shape, long begin, long end) {
    return "{" + entry(name, type, shape, begin, end) + "}";
  }

  private static String entry(String name, String type, String shape, long begin, long end) {
    return """
    "%s":{"dtype":"%s","shape":%s,"data_offsets":[%s,%s]}"""
        .formatted(name, type, shape, begin, end);
  }

  private static byte[] file(String header, byte... data) {
    byte[] utf8 = header.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(8 + utf8.length + data.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(utf8.length)
        .put(utf8)
        .put(data)
        .array();
  }

  private static String refusal(byte[] content) {
    return assertThrows(InputException.class, () -> Safetensors.read("f", content)).getMessage();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"t":{"dtype":"U8","shape":[3],"data_offsets":[0,2]}} | f, header, t: expected two data_offsets, 3 bytes apart for U8 [3], found [0, 2]
          {"t":{"dtype":"U8","shape":[2],"data_offsets":[2,0]}} | f, header, t: expected two data_offsets, 2 bytes apart for U8 [2], found [2, 0]
          {"t":{"dtype":"U8","shape":[2],"data_offsets":[2]}} | f, header, t: expected two data_offsets, 2 bytes apart for U8 [2], found [2]
          {"t":{"dtype":"Q7","shape":[2],"data_offsets":[0,2]}} | f, header, t: expected one of the types [BOOL, U8, I8, F8_E5M2, F8_E4M3, I16, U16, F16, BF16, I32, U32, F32, I64, U64, F64], found Q7
          {"t":{"dtype":"U8","shape":[65536,65536],"data_offsets":[0,2]}} | f, header, t: expected at most 2^31-1 elements, found [65536, 65536]
          {"t":{"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,0]}} | f, header, t: expected at most 2^31-1 elements, found [4294967296, 4294967296]
          {"t":{"dtype":"F32","shape":[2147483647],"data_offsets":[0,8589934588]}} | f, header, t: expected two data_offsets, 8589934588 bytes apart for F32 [2147483647], found [0, 8589934588]
          {"t":{"dtype":"U8","shape":[-2],"data_offsets":[0,2]}} | f, header, t, shape: expected whole numbers from 0, found -2
          {"t":{"dtype":"U8","shape":[2.0],"data_offsets":[0,2]}} | f, header, t, shape: expected whole numbers from 0, found 2.0
          {"t":{"dtype":"U8","shape":2,"data_offsets":[0,2]}} | f, header, t, shape: expected a list, found 2
          {"t":{"dtype":8,"shape":[2],"data_offsets":[0,2]}} | f, header, t, dtype: expected a string, found 8
          {"t":{"dtype":"U8","data_offsets":[0,2]}} | f, header, t: expected a field shape, found none
          {"t":{"dtype":"U8","shape":[2],"data_offsets":[0,2],"x":1}} | f, header, t: expected no other field than [dtype, shape, data_offsets], found x
          {"t":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"u":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}} | f, header, u: expected data from byte 2 on, where the tensor before ends, found 1
          {"t":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"u":{"dtype":"U8","shape":[0],"data_offsets":[2,2]}} | f, header, u: expected data from byte 1 on, where the tensor before ends, found 2
          {"t":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}} | f: expected 1 bytes of tensors, found 2 (cut short?)
          {"t":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}} | f: expected 3 bytes of tensors, found 2 (cut short?)
          {"__metadata__":{"a":1}} | f, header, __metadata__, a: expected a string, found 1
          {"__metadata__":[]} | f, header, __metadata__: expected an object, found []
          {"t":null} | f, header: expected a JSON value, found VALUE_NULL
          {"t":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}} 7 | f, header: expected nothing behind the JSON value, found 7
          """)
  void refusesHeadersThatLie(String header, String message) {
    assertEquals(message, refusal(file(header, (byte) 1, (byte) 2)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"t":1,"t":2} | Duplicate
          {"a":{"__metadata__":{"a":"b","a":"b"}}} | Duplicate
          {"a":[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]} | nesting depth
          {"a":{"dtype":"U8","shape":[123456789012345678901234567890],"data_offsets":[0,2]}} | out of range
          {"a":NaN} | NaN
          {"a":{"dtype":"U8 | end-of-input
          {] | Unexpected
          """)
  void refusesWhatIsNoGoodJson(String header, String part) {
    String message = refusal(file(header, (byte) 1, (byte) 2));
    assertEquals("f, header: no valid JSON: ", message.substring(0, 26));
    assertEquals(true, message.contains(part), message);
  }

  @Test
  void refusesWhatIsNoSafetensorsFile() {
    assertEquals("f: expected a safetensors file, found 0 bytes", refusal(new byte[0]));
    assertEquals("f: expected a safetensors file, found 7 bytes", refusal(new byte[7]));
    assertEquals(
        "f: expected a safetensors file, whose header has 2 to 2 bytes, found 0",
        refusal(new byte[10]));
    assertEquals("f: expected a safetensors file, found 9 bytes", refusal(new byte[9]));
    byte[] huge = file("{}");
    huge[7] = (byte) 0x80;
    assertEquals(
        "f: expected a safetensors file, whose header has 2 to 2 bytes, found 9223372036854775810",
        refusal(huge));
    huge[7] = 0;
    huge[3] = 0x7f;
    assertEquals(
        "f: expected a safetensors file, whose header has 2 to 2 bytes, found 2130706434",
        refusal(huge));
    assertEquals(
        "f: expected a safetensors header, which starts with {, found byte 32",
        refusal(file(" {}")));
    byte[] latin = file("{\"é\":1}");
    latin[11] = ' ';
    assertEquals("f: expected a header in UTF-8, found other bytes", refusal(latin));
  }

  @Test
  void acceptsFilesOfOthers() {
    // No digest, spaces, another order of fields and of tensors.
    String header =
        """
        { "b": {"shape":[2], "data_offsets":[1,3], "dtype":"U8"},
          "a": {"dtype":"BOOL","shape":[],"data_offsets":[0,1]} }   \
        """;
    Safetensors read = Safetensors.read("f", file(header, (byte) 1, (byte) 2, (byte) 3));
    assertArrayEquals(new byte[] {2, 3}, read.tensors().get("b").bytes());
    assertArrayEquals(new byte[] {1}, read.tensors().get("a").bytes());
    assertEquals(Map.of(), read.metadata());
    assertEquals(
        "f: expected metadata seed, found none",
        assertThrows(InputException.class, () -> read.metadata("seed")).getMessage());
  }

  @Test
  void saysWhichFileIsMissing() {
    Path file = folder.resolve("none");
    assertEquals(
        file + ": can't be read: no such file or folder",
        assertThrows(InputException.class, () -> Safetensors.read(file)).getMessage());
    assertEquals(
        folder + ": expected a file, found a folder",
        assertThrows(InputException.class, () -> Safetensors.read(folder)).getMessage());
  }

  @Test
  void refusesNamesThatCantBeWritten() {
    Path file = folder.resolve("a");
    RawTensor t = filled("t", DType.U8, 1);
    assertThrows(
        IllegalArgumentException.class, () -> Safetensors.write(file, Map.of(), List.of(t, t)));
    RawTensor reserved = filled("__metadata__", DType.U8, 1);
    assertThrows(
        IllegalArgumentException.class, () -> Safetensors.write(file, Map.of(), List.of(reserved)));
  }
}
