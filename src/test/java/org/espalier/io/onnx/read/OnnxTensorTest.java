package org.espalier.io.onnx.read;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.espalier.InputException;
import org.espalier.io.onnx.Message;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class OnnxTensorTest {
  @TempDir Path folder;

  /** Type, elements in raw_data, the same in the field of the type, and what they are. */
  static Stream<Arguments> types() {
    return Stream.of(
        Arguments.of(
            ElementType.FLOAT,
            Proto.floats(1.5f, -0f, Float.NaN),
            Proto.floats(1.5f, -0f, Float.NaN),
            new float[] {1.5f, -0f, Float.NaN}),
        Arguments.of(
            ElementType.DOUBLE,
            doubles(0.1, -2, 1e300),
            doubles(0.1, -2, 1e300),
            new float[] {0.1f, -2, Float.POSITIVE_INFINITY}),
        Arguments.of(
            ElementType.FLOAT16,
            new byte[] {0, 0x3c, 1, 0, 0, (byte) 0xfc},
            Proto.packed(0x3c00, 1, 0xfc00),
            new float[] {1, 0x1p-24f, Float.NEGATIVE_INFINITY}),
        Arguments.of(
            ElementType.BFLOAT16,
            new byte[] {(byte) 0x80, 0x3f, 0, (byte) 0xc0, 0, 0},
            Proto.packed(0x3f80, 0xc000, 0),
            new float[] {1, -2, 0}),
        Arguments.of(
            ElementType.INT8,
            new byte[] {1, -1, -128},
            Proto.packed(1, -1, 128), // some write the bits without sign
            new float[] {1, -1, -128}),
        Arguments.of(
            ElementType.UINT8,
            new byte[] {1, -1, -128},
            Proto.packed(1, 255, 128),
            new float[] {1, 255, 128}),
        Arguments.of(
            ElementType.INT16,
            new byte[] {1, 0, -1, -1, 0, -128},
            Proto.packed(1, -1, -32768),
            new float[] {1, -1, -32768}),
        Arguments.of(
            ElementType.UINT16,
            new byte[] {1, 0, -1, -1, 0, -128},
            Proto.packed(1, 65535, 32768),
            new float[] {1, 65535, 32768}),
        Arguments.of(
            ElementType.INT32,
            new byte[] {1, 0, 0, 0, -1, -1, -1, -1, 0, 0, 0, -128},
            Proto.packed(1, -1, Integer.MIN_VALUE),
            new float[] {1, -1, -0x1p31f}),
        Arguments.of(
            ElementType.UINT32,
            new byte[] {1, 0, 0, 0, -1, -1, -1, -1, 0, 0, 0, -128},
            Proto.packed(1, 0xffff_ffffL, 0x8000_0000L),
            new float[] {1, 0x1p32f, 0x1p31f}),
        Arguments.of(
            ElementType.INT64,
            Proto.longs(1, -1, 1L << 40),
            Proto.packed(1, -1, 1L << 40),
            new float[] {1, -1, 0x1p40f}),
        Arguments.of(
            ElementType.UINT64,
            Proto.longs(1, 5, Long.MAX_VALUE),
            Proto.packed(1, 5, Long.MAX_VALUE),
            new float[] {1, 5, 0x1p63f}),
        Arguments.of(
            ElementType.BOOL, new byte[] {0, 1, 7}, Proto.packed(0, 1, 7), new float[] {0, 1, 1}),
        Arguments.of(
            ElementType.INT4,
            new byte[] {0x7f, 0x08},
            Proto.packed(0x7f, 0x08),
            new float[] {-1, 7, -8}),
        Arguments.of(
            ElementType.UINT4,
            new byte[] {0x7f, 0x08},
            Proto.packed(0x7f, 0x08),
            new float[] {15, 7, 8}));
  }

  private static byte[] doubles(double... values) {
    ByteBuffer bytes = Proto.littleEndian(Double.BYTES * values.length);
    bytes.asDoubleBuffer().put(values);
    return bytes.array();
  }

  @ParameterizedTest
  @MethodSource("types")
  void elementsAreReadFromBothForms(ElementType type, byte[] raw, byte[] field, float[] values) {
    Message inField = Proto.head("t", type, 3).bytes(type.field(), field);
    for (OnnxTensor t :
        List.of(Proto.tensor(Proto.tensor("t", type, raw, 3)), Proto.tensor(inField))) {
      assertEquals(type, t.type());
      assertEquals(3, t.size());
      assertArrayEquals(values, t.floats(), t.storage().toString());
      ByteBuffer bytes = t.bytes();
      assertEquals(ByteBuffer.wrap(raw), bytes);
      if (type.isWhole()) {
        long[] whole = t.integers();
        for (int i = 0; i < 3; i++) {
          assertEquals(values[i], (float) whole[i]);
        }
      } else {
        String message = assertThrows(InputException.class, t::integers).getMessage();
        assertEquals("f, tensor t: expected whole numbers, found " + type, message);
      }
    }
  }

  @Test
  void numbersWithoutSignAreRoundedToTheNearest() {
    long justAbove = (1L << 63) + (1L << 39) + 1; // the middle between two floats, and one more
    byte[] raw = Proto.longs(-1, 1L << 63, justAbove, justAbove - 1);
    OnnxTensor t = Proto.tensor(Proto.tensor("t", ElementType.UINT64, raw, 4));
    assertArrayEquals(new float[] {0x1p64f, 0x1p63f, 0x1.000002p63f, 0x1p63f}, t.floats());
    assertEquals(
        "f, tensor t: expected elements below 2^63, found 18446744073709551615",
        assertThrows(InputException.class, t::integers).getMessage());
  }

  @Test
  void aFieldMayComeInPieces() {
    Message t = Proto.head("t", ElementType.INT64, 5).integer(7, 1).bytes(7, Proto.packed(2, -3));
    assertArrayEquals(
        new long[] {1, 2, -3, 4, 5}, Proto.tensor(t.integer(7, 4).integer(7, 5)).integers());
    Message f = Proto.head("t", ElementType.FLOAT, 3).real(4, 1).bytes(4, Proto.floats(2, 3));
    assertArrayEquals(new float[] {1, 2, 3}, Proto.tensor(f).floats());
  }

  @Test
  void aTensorKnowsWhereItsBytesAre() throws IOException {
    Path file = folder.resolve("t.pb");
    byte[] content =
        Proto.bytes(Proto.tensor("t", ElementType.FLOAT, Proto.floats(3, 4), 1, 2).text(12, "doc"));
    Files.write(file, content);
    var place = assertInstanceOf(OnnxStorage.InFile.class, OnnxTensor.read(file).storage());
    assertEquals(8, place.length());
    System.arraycopy(Proto.floats(5, 6), 0, content, (int) place.offset(), 8);
    Files.write(file, content);
    assertArrayEquals(new float[] {5, 6}, OnnxTensor.read(file).floats());
  }

  @Test
  void scalarsAndEmptyTensorsHaveTheirSizes() {
    OnnxTensor scalar = Proto.tensor(Proto.tensor("", ElementType.FLOAT, Proto.floats(3)));
    assertEquals(1, scalar.size());
    assertArrayEquals(new long[0], scalar.dims());
    OnnxTensor none = Proto.tensor(Proto.head("", ElementType.FLOAT, 4, 0, 1L << 62));
    assertEquals(0, none.size());
    assertArrayEquals(new float[0], none.floats());
    assertEquals("FLOAT [4, 0, 4611686018427387904]", none.toString());
  }

  @ParameterizedTest
  @EnumSource
  void everyTypeIsKnownByNameAndRefusedOnlyWhenValuesAreAskedFor(ElementType type) {
    assertEquals(type, ElementType.of(type.ordinal()));
    if (type == ElementType.UNDEFINED || type.isReadable()) {
      return;
    }
    int bytes = type == ElementType.STRING ? 0 : (int) type.bytes(2);
    OnnxTensor t = Proto.tensor(Proto.tensor("t", type, new byte[bytes], 2));
    String message = assertThrows(InputException.class, t::floats).getMessage();
    assertEquals("f, tensor t: expected elements of another type, found " + type, message);
    assertThrows(InputException.class, t::bytes);
  }

  /** A sparse initialiser of the dimensions [2, 3]. */
  private static OnnxTensor sparse(long[] indexDims, long... indices) {
    int n = (int) indexDims[0];
    Message values = Proto.tensor("s", ElementType.INT8, new byte[] {5, 6, 7}, n);
    Message places = Proto.tensor("", ElementType.INT64, Proto.longs(indices), indexDims);
    Message sparse =
        new Message().message(1, values).message(2, places).integer(3, 2).integer(3, 3);
    Message graph = new Message().message(15, sparse);
    return Proto.read(Proto.model(graph)).graph().initializers().get("s");
  }

  @Test
  void sparseTensorsAreFilledUp() {
    float[] values = {5, 0, 0, 6, 0, 7};
    assertArrayEquals(values, sparse(new long[] {3}, 0, 3, 5).floats());
    OnnxTensor t = sparse(new long[] {3, 2}, 0, 0, 1, 0, 1, 2);
    assertArrayEquals(values, t.floats());
    assertArrayEquals(new long[] {2, 3}, t.dims());
    assertEquals(6, t.size());
    assertInstanceOf(OnnxStorage.Sparse.class, t.storage());
  }

  static Stream<Arguments> wrongIndices() {
    return Stream.of(
        Arguments.of(new long[] {3}, new long[] {0, 3, 6}),
        Arguments.of(new long[] {3}, new long[] {-1, 3, 5}),
        Arguments.of(new long[] {3}, new long[] {0, 0, 5}),
        Arguments.of(new long[] {3}, new long[] {3, 0, 5}),
        Arguments.of(new long[] {3}, new long[] {0, 1, 1L << 32}),
        Arguments.of(new long[] {3, 2}, new long[] {0, 0, 0, 3, 1, 2}),
        Arguments.of(new long[] {3, 2}, new long[] {0, 0, 1, 2, 1, 1}),
        Arguments.of(new long[] {3, 2}, new long[] {0, 0, 1, -1, 1, 1}));
  }

  @ParameterizedTest
  @MethodSource("wrongIndices")
  void indicesAscendAndLieInside(long[] dims, long[] indices) {
    OnnxTensor t = sparse(dims, indices);
    String message = assertThrows(InputException.class, t::floats).getMessage();
    assertTrue(
        message.startsWith(
            "f, tensor s: expected indices that ascend and lie in INT8 [2, 3], found "),
        message);
  }

  @Test
  void aSparseTensorOfNothingTakesNoMemory() {
    Message sparse =
        new Message()
            .message(1, Proto.head("s", ElementType.FLOAT, 0))
            .message(2, Proto.head("", ElementType.INT64, 0))
            .integer(3, 1 << 30);
    OnnxTensor t =
        Proto.read(Proto.model(new Message().message(15, sparse))).graph().initializers().get("s");
    assertEquals(1 << 30, t.size());
    assertEquals(
        "f, tensor s: expected at least one of 256 elements listed, found 0",
        assertThrows(InputException.class, t::floats).getMessage());
  }
}
