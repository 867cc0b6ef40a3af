package org.espalier.io.onnx.translate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.espalier.InputException;
import org.espalier.io.onnx.OnnxFile;
import org.espalier.model.Graph;
import org.espalier.model.Initializer;
import org.espalier.model.Node;
import org.espalier.model.Operator;
import org.espalier.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GiveBackTest {
  @TempDir Path folder;

  private Path written() throws IOException {
    Graph graph =
        Graph.input(Shape.of(2, 5, 5))
            .conv("conv", 3, 3, 1)
            .relu()
            .flatten()
            .linear("fc", 4)
            .build();
    Initializer.HE_NORMAL.initialize(graph, 1);
    Path file = folder.resolve("their.onnx");
    Files.write(file, OnnxFile.bytes(graph, OnnxFile.Form.FLOAT));
    return file;
  }

  @Test
  void onlyTheBytesOfChangedWeightsDiffer() throws IOException {
    Path their = written();
    Graph graph = OnnxImport.read(their, ImportOptions.defaults()).graph();
    String fc = graph.layers().getLast().parameter("weight");
    graph.parameter(fc).value().set(1, 2, 0);
    graph.parameter(fc).value().set(3, 70, 0);
    Path back = folder.resolve("back.onnx");
    assertEquals(1, GiveBack.write(back, their, graph));
    byte[] before = Files.readAllBytes(their);
    byte[] after = Files.readAllBytes(back);
    assertEquals(before.length, after.length);
    int different = 0;
    for (int i = 0; i < before.length; i++) {
      different += before[i] == after[i] ? 0 : 1;
    }
    assertTrue(different > 0 && different <= 2 * Float.BYTES, different + " bytes");
    Graph read = OnnxImport.read(back, ImportOptions.defaults()).graph();
    assertArrayEquals(graph.parameter(fc).value().toArray(), read.parameter(fc).value().toArray());
  }

  @Test
  void unchangedItIsTheSameFile() throws IOException {
    Path their = written();
    Path back = folder.resolve("back.onnx");
    assertEquals(
        0, GiveBack.write(back, their, OnnxImport.read(their, ImportOptions.defaults()).graph()));
    assertArrayEquals(Files.readAllBytes(their), Files.readAllBytes(back));
  }

  @Test
  void anotherNetworkIsRefusedAndNothingWritten() throws IOException {
    Path their = written();
    Graph other = Graph.input(Shape.of(3)).linear("fc", 2).build();
    Path back = folder.resolve("back.onnx");
    assertThrows(InputException.class, () -> GiveBack.write(back, their, other));
    assertTrue(Files.notExists(back));
  }

  /** A layer that has no bias in the file can't get one there. */
  @Test
  void anAddedBiasIsRefused() throws IOException {
    Path their = written();
    Graph read = OnnxImport.read(their, ImportOptions.defaults()).graph();
    Graph.Builder with = Graph.inputs(read.inputs());
    for (Node node : read.nodes()) {
      Operator operator = node.operator();
      with.add(
          node.name(),
          operator instanceof Operator.Layer layer ? layer.withBias() : operator,
          node.inputs());
    }
    Graph added = with.build();
    read.parameters().forEach(p -> added.parameter(p.name()).value().copyFrom(p.value()));
    Path back = folder.resolve("back.onnx");
    String message =
        assertThrows(InputException.class, () -> GiveBack.write(back, their, added)).getMessage();
    String bias = read.layers().getFirst().parameter("bias");
    assertTrue(message.startsWith(their + ": has no place for " + bias), message);
    assertTrue(Files.notExists(back));
  }
}
