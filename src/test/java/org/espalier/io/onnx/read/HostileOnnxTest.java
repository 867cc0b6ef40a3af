package org.espalier.io.onnx.read;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.espalier.InputException;
import org.espalier.fuzz.ParserLaw;
import org.espalier.io.onnx.Message;
import org.espalier.io.onnx.OnnxFile;
import org.espalier.io.onnx.SampleGraphs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Files that are no right ONNX models. */
class HostileOnnxTest {
  private static final Message RELU = Proto.node("Relu", "x", "y");

  @TempDir Path folder;

  private static Message tensor(String name) {
    return Proto.tensor(name, ElementType.FLOAT, Proto.floats(1), 1);
  }

  static Stream<Arguments> models() {
    return Stream.of(
        Arguments.of(
            new Message().integer(1, 8), "f: expected an ONNX model, found none (no graph)"),
        Arguments.of(
            new Message().message(7, Proto.graph(RELU)),
            "f: expected an ONNX model, found one without ir_version"),
        Arguments.of(
            Proto.model(Proto.graph(RELU)).message(7, Proto.graph(RELU)),
            "f: expected one graph, found two"),
        Arguments.of(
            Proto.model(Proto.graph(RELU))
                .message(8, new Message().text(1, "ai.onnx").integer(2, 9)),
            "f, opset_import: expected one version of '', found 17 and 9"),
        Arguments.of(
            Proto.model(Proto.graph(new Message().text(1, "x").text(2, "y"))),
            "f, node 0: expected an operator, found none"),
        Arguments.of(
            Proto.model(Proto.graph(RELU, RELU)),
            "f, node Relu y: expected outputs of its own, found y, which is there already"),
        Arguments.of(
            Proto.model(Proto.graph(RELU, Proto.node("Relu", "y", "x"))),
            "f, node Relu x: expected outputs of its own, found x, which is there already"),
        Arguments.of(
            Proto.model(Proto.graph(RELU).message(5, tensor("y"))),
            "f, node Relu y: expected outputs of its own, found y, which is there already"),
        Arguments.of(
            Proto.model(Proto.graph(Proto.node("Relu", "z", "y"))),
            "f, node Relu y: expected inputs that are written somewhere, found z, which is not"),
        Arguments.of(
            Proto.model(Proto.graph(Proto.node("Relu", "x", "z"))),
            "f: expected a value for output y, found none"),
        Arguments.of(
            Proto.model(Proto.graph(Proto.node("Relu", "y", "y").text(3, "self"))),
            "f, node self (Relu): expected inputs that don't depend on its outputs,"
                + " found y, which does"),
        Arguments.of(
            Proto.model(
                Proto.graph(
                    Proto.node("A", "c", "a"),
                    Proto.node("B", "a", "y"),
                    Proto.node("C", "y", "c"))),
            "f, node B y: expected inputs that don't depend on its outputs, found a, which does"),
        Arguments.of(
            Proto.model(Proto.graph(RELU).message(5, tensor("w")).message(5, tensor("w"))),
            "f: expected one initializer w, found two"),
        Arguments.of(
            Proto.model(
                Proto.graph(RELU)
                    .message(5, tensor("w"))
                    .message(
                        15,
                        new Message()
                            .message(1, tensor("w"))
                            .message(2, Proto.tensor("", ElementType.INT64, Proto.longs(0), 1))
                            .integer(3, 1))),
            "f: expected one initializer w, found two"),
        Arguments.of(
            Proto.model(Proto.graph(RELU).message(5, tensor(""))),
            "f, initializer 0: expected a name, found none"),
        Arguments.of(
            Proto.model(Proto.graph(RELU).message(11, Proto.value("x"))),
            "f: expected one input x, found two"),
        Arguments.of(
            Proto.model(Proto.graph(RELU).message(12, Proto.value("y"))),
            "f: expected one output y, found two"),
        Arguments.of(
            Proto.model(Proto.graph(RELU).message(12, new Message())),
            "f, output 1: expected a name, found none"),
        Arguments.of(
            Proto.model(
                Proto.graph(
                    Proto.node("Relu", "x", "y")
                        .message(5, new Message().text(1, "a").integer(3, 1))
                        .message(5, new Message().text(1, "a").integer(3, 1)))),
            "f, node 0: expected one attribute a, found two"),
        Arguments.of(
            Proto.model(
                Proto.graph(
                    Proto.node("Relu", "x", "y")
                        .message(5, new Message().text(1, "a").integer(3, 1).real(2, 1)))),
            "f, node 0, attribute a: expected one value, found INT and FLOAT"),
        Arguments.of(
            Proto.model(
                Proto.graph(
                    Proto.node("Relu", "x", "y")
                        .message(5, Proto.attribute("a", AttributeKind.INTS).integer(3, 1)))),
            "f, node 0, attribute a: expected a value of type INTS, found INT"),
        Arguments.of(
            Proto.model(
                Proto.graph(
                    Proto.node("Relu", "x", "y")
                        .message(5, new Message().text(1, "a").integer(20, 15)))),
            "f, node 0: expected a type from 0 to 14, found 15"),
        Arguments.of(
            Proto.model(
                Proto.graph(
                    Proto.node("Relu", "x", "y")
                        .message(5, Proto.attribute("a", AttributeKind.INT).text(21, "b")))),
            "f, node Relu y, attribute a: expected a value, found a reference to b outside of a"
                + " function"),
        Arguments.of(
            Proto.model(Proto.graph(RELU).integer(1, 3)),
            "f: expected field 1 of wire type 2, found 0"),
        Arguments.of(
            Proto.model(Proto.graph(Proto.node("A\nB\u0085", "z\u2028", "y"))),
            "f, node A?B? y: expected inputs that are written somewhere, found z?, which is not"));
  }

  @ParameterizedTest
  @MethodSource("models")
  void whatIsWrongIsSaid(Message model, String message) {
    assertEquals(message, assertThrows(InputException.class, () -> Proto.read(model)).getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          08 | f: expected the rest of a number, found the end (cut short?)
          3aff | f: expected the rest of a number, found the end (cut short?)
          3a05 | f: expected at most 0 bytes in field 7, found 5 (cut short?)
          3affffffff0f | f: expected at most 0 bytes in field 7, found 4294967295 (cut short?)
          3affffffffffffffffff01 | f: expected at most 0 bytes in field 7, found 18446744073709551615 (cut short?)
          08ffffffffffffffffff02 | f: expected a number of 64 bits before byte 11, found a longer one
          08808080808080808080808001 | f: expected a number of 64 bits before byte 11, found a longer one
          00 | f: expected a field at byte 0, found the number 0
          88808080808080808001 | f: expected a field at byte 0, found the number 9223372036854775816
          0b | f: expected field 1 of wire type 0, found 3
          9b06 | f: expected field 99 of wire type 0, 1, 2 or 5, found 3
          9906000000 | f: expected 8 bytes in field 99, found 3 (cut short?)
          9d06 | f: expected 4 bytes in field 99, found 0 (cut short?)
          0908000000000000 | f: expected field 1 of wire type 0, found 1
          """)
  void wrongFormIsRefused(String hex, String message) {
    byte[] bytes = HexFormat.of().parseHex(hex);
    assertEquals(
        message, assertThrows(InputException.class, () -> OnnxModel.read("f", bytes)).getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          504b03041400000008 | a zip archive
          80027d7100285805000000 | a Python pickle (PyTorch or scikit-learn?)
          894844460d0a1a0a00000000 | an HDF5 file (Keras?)
          1c00000054464c3314002000 | a TensorFlow Lite file
          76657273696f6e2068747470733a2f2f6769742d6c66732e6769746875622e636f6d2f737065632f76310a | a Git LFS pointer, whose content has yet to be fetched (git lfs pull)
          02000000000000007b7d | a safetensors file
          '' | empty
          """)
  void filesOfOthersAreCalledWhatTheyAre(String hex, String kind) throws IOException {
    Path file = folder.resolve("m.onnx");
    Files.write(file, HexFormat.of().parseHex(hex));
    String expected = file + ": is " + kind + "; expected an ONNX file";
    assertEquals(
        expected, assertThrows(InputException.class, () -> OnnxModel.read(file)).getMessage());
    assertEquals(
        expected, assertThrows(InputException.class, () -> OnnxTensor.read(file)).getMessage());
  }

  @Test
  void aModelIsNotTakenForWhatItsNamesLookLike() {
    Message model =
        new Message().integer(1, 8).text(2, "TFL3").message(7, Proto.graph(RELU)); // TFL3 at byte 4
    assertEquals("TFL3", Proto.read(model).producer());
  }

  @Test
  void textIsNoModel() throws IOException {
    Path file = folder.resolve("m.onnx");
    Files.writeString(file, "Hello, world. This is no model.");
    assertThrows(InputException.class, () -> OnnxModel.read(file));
    assertThrows(InputException.class, () -> OnnxModel.read(folder));
    assertThrows(InputException.class, () -> OnnxModel.read(folder.resolve("missing")));
  }

  @Test
  void aFileThatIsCutAnywhereIsRefused() throws Exception {
    byte[] file =
        OnnxFile.bytes(
            SampleGraphs.randomized(SampleGraphs.everyOperator(), 3), OnnxFile.Form.FLOAT);
    // The last message, which names the version of the operators, may be missing as a whole.
    int whole = file.length - Proto.bytes(new Message().message(8, opset())).length;
    for (int length = 0; length < file.length; length++) {
      byte[] cut = Arrays.copyOf(file, length);
      boolean taken = ParserLaw.holds(16 << 20, () -> ReadAll.model(OnnxModel.read("f", cut)));
      assertEquals(length == whole, taken, "cut to " + length + " of " + file.length);
    }
  }

  private static Message opset() {
    return new Message().text(1, "").integer(2, 13);
  }

  @Test
  void messagesInMessagesAreNotFollowed() throws Exception {
    byte[] graph = new byte[0];
    for (int i = 0; i < 2000; i++) { // a graph in an attribute of a node of a graph …
      Message attribute = new Message().text(1, "g").bytes(6, graph);
      Message node = Proto.node("If", "x", "y").message(5, attribute);
      graph = Proto.bytes(Proto.graph(node));
    }
    byte[] model = Proto.bytes(new Message().integer(1, 8).bytes(7, graph));
    assertTrue(ParserLaw.holds(4 << 20, () -> OnnxModel.read("f", model)));
  }

  @Test
  void largeFansTakeTimeInProportion() {
    int n = 20_000;
    Message graph = Proto.graph();
    for (int i = 0; i < n; i++) {
      graph.message(1, Proto.node("Relu", "x", "v" + i));
    }
    List<String> all = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      all.add("v" + i);
    }
    graph.message(1, Proto.node("Sum", all, List.of("y")));
    for (int i = n; i > 0; i--) { // the other way round, each reads from the next
      graph.message(1, Proto.node("Relu", i == 1 ? "y" : "c" + (i - 1), "c" + i));
    }
    byte[] file = Proto.bytes(Proto.model(graph));
    OnnxNetwork read =
        assertTimeoutPreemptively(Duration.ofSeconds(10), () -> OnnxModel.read("f", file).graph());
    assertEquals(2 * n + 1, read.nodes().size());
    assertEquals("Relu c" + n, read.nodes().getLast().name());
  }

  /** Small things in numbers: each kind of part is counted before there are too many. */
  @Test
  void moreThanAFileMayHaveIsRefused() throws Exception {
    int n = Source.MOST_PARTS + 1;
    byte[][] contents = {
      repeat(Proto.bytes(new Message().message(1, new Message().text(4, "O"))), n),
      repeat(Proto.bytes(new Message().message(13, new Message().text(1, "v"))), n),
    };
    for (byte[] graph : contents) {
      byte[] file = Proto.bytes(new Message().integer(1, 8).bytes(7, graph));
      assertFalse(ParserLaw.holds(512 << 20, () -> OnnxModel.read("f", file)));
    }
    byte[] names = "x".repeat(Source.MOST_TEXT + 1).getBytes(StandardCharsets.UTF_8);
    byte[] file = Proto.bytes(new Message().integer(1, 8).bytes(2, names));
    assertFalse(ParserLaw.holds(1 << 20, () -> OnnxModel.read("f", file)));
    byte[] functions = repeat(Proto.bytes(new Message().message(25, new Message())), n);
    assertFalse(ParserLaw.holds(512 << 20, () -> OnnxModel.read("f", functions)));
  }

  private static byte[] repeat(byte[] piece, int n) {
    byte[] all = new byte[piece.length * n];
    for (int i = 0; i < n; i++) {
      System.arraycopy(piece, 0, all, i * piece.length, piece.length);
    }
    return all;
  }
}
