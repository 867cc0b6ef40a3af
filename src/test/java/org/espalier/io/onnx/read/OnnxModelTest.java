package org.espalier.io.onnx.read;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.espalier.InputException;
import org.espalier.io.onnx.Message;
import org.espalier.io.onnx.OnnxFile;
import org.espalier.io.onnx.SampleGraphs;
import org.espalier.io.onnx.read.OnnxValue.Extent;
import org.espalier.model.Graph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxModelTest {
  @TempDir Path folder;

  private static OnnxNode node(Message... attributes) {
    Message node = Proto.node("Op", "x", "y");
    for (Message attribute : attributes) {
      node.message(5, attribute);
    }
    return Proto.read(Proto.model(Proto.graph(node))).graph().nodes().getFirst();
  }

  @Test
  void whatAFileSaysOfItself() {
    Message model =
        Proto.model(Proto.graph(Proto.node("Relu", "x", "y")))
            .message(8, new Message().text(1, "com.example").integer(2, 3))
            .message(14, new Message().text(1, "k").text(2, "v"))
            .message(14, new Message().text(1, "a").text(2, ""))
            .message(20, new Message().message(1, new Message())) // training_info
            .bytes(1000, new byte[9])
            .real(1001, 1);
    OnnxModel read = Proto.read(model);
    assertEquals(8, read.irVersion());
    assertEquals("someone 1.0", read.producer());
    assertEquals(Map.of("", 17L, "com.example", 3L), read.opsets());
    assertEquals(Map.of("k", "v", "a", ""), read.metadata());
    assertEquals("g", read.graph().name());
  }

  @Test
  void ourOwnFilesAreRead() throws IOException {
    Graph graph = SampleGraphs.randomized(SampleGraphs.everyOperator(), 3);
    Path file = folder.resolve("m.onnx");
    Files.write(file, OnnxFile.bytes(graph, OnnxFile.Form.FLOAT));
    OnnxNetwork read = OnnxModel.read(file).graph();
    assertEquals(List.of("input"), read.freeInputs().stream().map(OnnxValue::name).toList());
    assertArrayEquals(
        graph.parameter("conv1.weight").value().toArray(),
        read.initializers().get("conv1.weight").floats());
    OnnxNode conv =
        read.nodes().stream().filter(n -> n.name().equals("grouped")).findFirst().orElseThrow();
    assertEquals("Conv", conv.opType());
    assertEquals(13, conv.opset());
    assertEquals(4, conv.integer("group", 1));
    assertArrayEquals(new long[] {1, 1, 1, 1}, conv.integers("pads").orElseThrow());
    assertEquals(
        List.of(
            new Extent.Symbol("batch"),
            new Extent.Fixed(3),
            new Extent.Fixed(13),
            new Extent.Fixed(11)),
        read.inputs().getFirst().shape().orElseThrow());
  }

  @Test
  void oldFilesNameNoVersionOfOperators() {
    Message old = new Message().integer(1, 2).message(7, Proto.graph(Proto.node("Op", "x", "y")));
    assertEquals(1, Proto.read(old).graph().nodes().getFirst().opset());
    Message none = new Message().integer(1, 3).message(7, Proto.graph(Proto.node("Op", "x", "y")));
    assertEquals(0, Proto.read(none).graph().nodes().getFirst().opset());
  }

  @Test
  void aDomainHasTwoNames() {
    Message model =
        new Message()
            .integer(1, 8)
            .message(8, new Message().text(1, "ai.onnx").integer(2, 9))
            .message(7, Proto.graph(Proto.node("Op", "x", "y").text(7, "ai.onnx")));
    OnnxNode node = Proto.read(model).graph().nodes().getFirst();
    assertEquals("", node.domain());
    assertEquals(9, node.opset());
  }

  @Test
  void attributesHaveTheirKinds() {
    OnnxNode node =
        node(
            Proto.attribute("i", AttributeKind.INT).integer(3, -7),
            Proto.attribute("zero", AttributeKind.INT), // as proto3 writes a 0
            Proto.attribute("f", AttributeKind.FLOAT).real(2, 0.5f),
            Proto.attribute("s", AttributeKind.STRING).text(4, "é"),
            Proto.attribute("is", AttributeKind.INTS).bytes(8, Proto.packed(1, -2)).integer(8, 3),
            Proto.attribute("none", AttributeKind.INTS),
            Proto.attribute("fs", AttributeKind.FLOATS).real(7, 1).bytes(7, Proto.floats(2, 3)),
            Proto.attribute("ss", AttributeKind.STRINGS).text(9, "a").text(9, ""),
            Proto.attribute("t", AttributeKind.TENSOR)
                .message(5, Proto.tensor("", ElementType.FLOAT, Proto.floats(4), 1)),
            Proto.attribute("g", AttributeKind.GRAPH).bytes(6, new byte[] {-1, -1}));
    assertEquals(-7, node.integer("i", 1));
    assertEquals(0, node.integer("zero", 1));
    assertEquals(1, node.integer("missing", 1));
    assertEquals(0.5f, node.real("f", 1));
    assertEquals(1, node.real("missing", 1));
    assertEquals("é", node.text("s", ""));
    assertEquals("x", node.text("missing", "x"));
    assertArrayEquals(new long[] {1, -2, 3}, node.integers("is").orElseThrow());
    assertArrayEquals(new long[0], node.integers("none").orElseThrow());
    assertTrue(node.integers("missing").isEmpty());
    assertArrayEquals(new float[] {1, 2, 3}, node.reals("fs").orElseThrow());
    assertEquals(Optional.of(List.of("a", "")), node.texts("ss"));
    assertArrayEquals(new float[] {4}, node.tensor("t").orElseThrow().floats());
    assertEquals(AttributeKind.GRAPH, node.kind("g"));
    assertEquals(AttributeKind.UNDEFINED, node.kind("missing"));
    assertTrue(node.has("g"));
    assertFalse(node.has("missing"));
    assertEquals(
        List.of("i", "zero", "f", "s", "is", "none", "fs", "ss", "t", "g"),
        List.copyOf(node.attributeNames()));
  }

  @Test
  void oldFilesDoNotNameKinds() {
    OnnxNode node =
        node(
            new Message().text(1, "i").integer(3, 5),
            new Message().text(1, "is").integer(8, 5),
            new Message().text(1, "s").text(4, "a"),
            new Message().text(1, "?"));
    assertEquals(5, node.integer("i", 0));
    assertArrayEquals(new long[] {5}, node.integers("is").orElseThrow());
    assertEquals("a", node.text("s", ""));
    assertEquals(
        "f, node Op y, attribute ?: expected INT, found no value",
        assertThrows(InputException.class, () -> node.integer("?", 0)).getMessage());
  }

  @Test
  void askingForAnotherKindIsRefused() {
    Message i = Proto.attribute("i", AttributeKind.INT).integer(3, 5);
    Message node = Proto.node("Conv", "x", "y").text(3, "c").message(5, i);
    OnnxNode read = Proto.read(Proto.model(Proto.graph(node))).graph().nodes().getFirst();
    String where = "f, node c (Conv), attribute i: expected ";
    assertEquals(where + "FLOAT, found INT", refusal(() -> read.real("i", 0)));
    assertEquals(where + "STRING, found INT", refusal(() -> read.text("i", "")));
    assertEquals(where + "INTS, found INT", refusal(() -> read.integers("i")));
    assertEquals(where + "FLOATS, found INT", refusal(() -> read.reals("i")));
    assertEquals(where + "STRINGS, found INT", refusal(() -> read.texts("i")));
    assertEquals(where + "TENSOR, found INT", refusal(() -> read.tensor("i")));
    assertEquals("f, node c (Conv)", read.where());
  }

  private static String refusal(Runnable ask) {
    return assertThrows(InputException.class, ask::run).getMessage();
  }

  @Test
  void extentsAreNumbersNamesOrUnknown() {
    Message dims =
        new Message()
            .message(1, new Message().integer(1, 3))
            .message(1, new Message().text(2, "n"))
            .message(1, new Message())
            .message(1, new Message().text(2, ""))
            .message(1, new Message().integer(1, -1));
    Message tensor = new Message().integer(1, 1).message(2, dims);
    Message graph =
        new Message()
            .message(11, Proto.value("a").message(2, new Message().message(1, tensor)))
            .message(
                11,
                Proto.value("b").message(2, new Message().message(1, new Message().integer(1, 7))))
            .message(11, Proto.value("c").message(2, new Message().message(4, new Message())))
            .message(13, Proto.value("d"));
    OnnxNetwork read = Proto.read(Proto.model(graph)).graph();
    Extent unknown = new Extent.Unknown();
    assertEquals(
        List.of(
            new OnnxValue(
                "a",
                ElementType.FLOAT,
                Optional.of(
                    List.of(
                        new Extent.Fixed(3), new Extent.Symbol("n"), unknown, unknown, unknown))),
            new OnnxValue("b", ElementType.INT64, Optional.empty()),
            new OnnxValue("c", ElementType.UNDEFINED, Optional.empty())),
        read.inputs());
    assertEquals("d", read.valueInfo().get("d").name());
  }

  @Test
  void nodesWithoutANameAreCalledAfterTheirOutput() {
    Message split = Proto.node("Split", List.of("x", ""), List.of("", "y"));
    Message idle = Proto.node("Idle", List.of(), List.of());
    OnnxNetwork read = Proto.read(Proto.model(Proto.graph(split, idle))).graph();
    assertEquals("Split y", read.nodes().get(0).name());
    assertEquals("Idle", read.nodes().get(1).name());
    assertEquals(List.of("x", ""), read.nodes().get(0).inputs());
    assertTrue(read.nodes().getFirst().hasInput(0));
    assertFalse(read.nodes().getFirst().hasInput(1));
    assertFalse(read.nodes().getFirst().hasInput(2));
  }

  @Test
  void nodesAreSortedOnlyWhereTheyMustBe() {
    OnnxNetwork read =
        Proto.read(
                Proto.model(
                    Proto.graph(
                        Proto.node("D", List.of("c", "b"), List.of("y")),
                        Proto.node("B", "a", "b"),
                        Proto.node("A", "x", "a"),
                        Proto.node("C", "x", "c"),
                        Proto.node("E", "x", "e"))))
            .graph();
    assertEquals(
        List.of("C", "A", "B", "D", "E"), read.nodes().stream().map(OnnxNode::opType).toList());
  }

  @Test
  void anInputMayHaveAValueOfItsOwn() {
    Message graph =
        Proto.graph(Proto.node("Add", List.of("x", "w"), List.of("y")))
            .message(11, Proto.value("w"))
            .message(5, Proto.tensor("w", ElementType.FLOAT, Proto.floats(1), 1));
    OnnxNetwork read = Proto.read(Proto.model(graph)).graph();
    assertEquals(2, read.inputs().size());
    assertEquals(List.of("x"), read.freeInputs().stream().map(OnnxValue::name).toList());
    OnnxTensor two = Proto.tensor(Proto.tensor("", ElementType.FLOAT, Proto.floats(2), 1));
    OnnxNetwork bound = read.binding(Map.of("x", two));
    assertEquals(List.of(), bound.freeInputs());
    assertInstanceOf(OnnxStorage.InFile.class, bound.initializers().get("w").storage());
  }
}
