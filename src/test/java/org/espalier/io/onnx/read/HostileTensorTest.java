package org.espalier.io.onnx.read;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.stream.Stream;
import org.espalier.InputException;
import org.espalier.io.onnx.Message;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Tensors that contradict themselves. */
class HostileTensorTest {
  private static final ElementType FLOAT = ElementType.FLOAT;

  private static Message external(String key, String value) {
    return Proto.head("t", FLOAT, 2)
        .integer(14, 1)
        .message(13, new Message().text(1, key).text(2, value));
  }

  static Stream<Arguments> tensors() {
    return Stream.of(
        Arguments.of(
            Proto.tensor("t", FLOAT, new byte[7], 2),
            "f, tensor t: expected 8 bytes for FLOAT [2], found 7"),
        Arguments.of(
            Proto.head("t", FLOAT, 2), "f, tensor t: expected 8 bytes for FLOAT [2], found none"),
        Arguments.of(
            Proto.tensor("t", FLOAT, new byte[8], -2),
            "f, tensor t: expected dimensions that are not negative, found [-2]"),
        Arguments.of(
            Proto.tensor("t", FLOAT, new byte[8], 1L << 62, 4),
            "f, tensor t: expected at most 2147483639 elements, found [4611686018427387904, 4]"),
        Arguments.of(
            Proto.tensor("t", FLOAT, new byte[8], 1L << 32, 1L << 32),
            "f, tensor t: expected at most 2147483639 elements, found [4294967296, 4294967296]"),
        Arguments.of(
            Proto.head("t", FLOAT, 3).bytes(4, new byte[8]),
            "f, tensor t: expected 3 numbers for FLOAT [3], found 2"),
        Arguments.of(
            Proto.head("t", FLOAT, 2).bytes(4, new byte[9]),
            "f: expected numbers of 4 bytes in field 4, found 9 bytes"),
        Arguments.of(
            Proto.head("t", ElementType.INT4, 5).bytes(5, new byte[2]),
            "f, tensor t: expected 3 numbers for INT4 [5], found 2"),
        Arguments.of(
            Proto.head("t", ElementType.INT64, 2).bytes(7, new byte[] {1, -1}),
            "f: expected the rest of a number, found the end (cut short?)"),
        Arguments.of(
            Proto.head("t", FLOAT, 1).integer(7, 3),
            "f, tensor t: expected elements of FLOAT in field 4, found some in 7"),
        Arguments.of(
            Proto.head("t", FLOAT, 2).real(4, 1).integer(7, 3),
            "f: expected elements in one field, found some in 4 and 7"),
        Arguments.of(
            Proto.tensor("t", FLOAT, new byte[4], 1).real(4, 1),
            "f, tensor t: expected elements in one place, found some in two"),
        Arguments.of(
            Proto.head("t", FLOAT).message(3, new Message()),
            "f: expected a whole tensor, found a segment of one"),
        Arguments.of(
            new Message().integer(1, 1).integer(2, 99).bytes(9, new byte[4]),
            "f: expected a type of elements from 0 to 26, found 99"),
        Arguments.of(
            new Message().integer(2, 1L << 40),
            "f: expected a number of 32 bits in field 2, found 1099511627776"),
        Arguments.of(
            new Message().text(8, "t"), "f: expected a tensor with a type of elements, found none"),
        Arguments.of(
            Proto.head("t", FLOAT).integer(9, 3), "f: expected field 9 of wire type 2, found 0"),
        Arguments.of(
            Proto.tensor("t", FLOAT, new byte[0], new long[65]),
            "f: expected at most 64 numbers in field 1, found more"),
        Arguments.of(
            new Message().bytes(8, new byte[] {(byte) 0xc0, 1}),
            "f: expected a text in UTF-8 in field 8, found other bytes"),
        Arguments.of(
            external("location", ""),
            "f, tensor t: expected external data in a file below the model's folder, found ''"),
        Arguments.of(
            external("offset", "1"),
            "f, tensor t: expected external data in a file below the model's folder, found ''"),
        Arguments.of(
            external("location", "w").message(13, new Message().text(1, "offset").text(2, "-1")),
            "f, tensor t: expected external data with a number as offset, found -1"),
        Arguments.of(
            external("location", "w").message(13, new Message().text(1, "length").text(2, "9")),
            "f, tensor t: expected external data of 8 bytes, found 9"));
  }

  @ParameterizedTest
  @MethodSource("tensors")
  void whatContradictsItselfIsRefused(Message tensor, String message) {
    assertEquals(
        message, assertThrows(InputException.class, () -> Proto.tensor(tensor)).getMessage());
  }

  static Stream<Arguments> elements() {
    return Stream.of(
        Arguments.of(ElementType.INT8, Proto.packed(256), "8 bits, found 256"),
        Arguments.of(ElementType.UINT8, Proto.packed(-129), "8 bits, found -129"),
        Arguments.of(ElementType.FLOAT16, Proto.packed(1 << 16), "16 bits, found 65536"),
        Arguments.of(ElementType.INT32, Proto.packed(1L << 32), "32 bits, found 4294967296"));
  }

  @ParameterizedTest
  @MethodSource("elements")
  void elementsFitIntoTheirType(ElementType type, byte[] packed, String message) {
    OnnxTensor t = Proto.tensor(Proto.head("t", type, 1).bytes(type.field(), packed));
    assertEquals(
        "f, tensor t: expected elements of " + message,
        assertThrows(InputException.class, t::floats).getMessage());
  }
}
