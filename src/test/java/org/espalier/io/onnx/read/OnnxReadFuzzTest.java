package org.espalier.io.onnx.read;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import java.util.stream.Stream;
import org.espalier.fuzz.Choices;
import org.espalier.fuzz.ParserLaw;
import org.espalier.fuzz.Seeds;
import org.espalier.io.onnx.Message;
import org.espalier.io.onnx.OnnxFile;
import org.espalier.io.onnx.SampleGraphs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** ONNX files of others. */
class OnnxReadFuzzTest {
  /** Sparse tensors may be that large when they are filled up, and are read twice. */
  private static final long MOST_MEMORY = 512 << 20;

  private static final List<String> NAMES = List.of("x", "y", "a", "b", "w", "", "F", "\n");

  static Stream<Arguments> files() {
    Message function = new Message().text(1, "F").text(4, "a").text(5, "a");
    return Seeds.of(
        Proto.bytes(Proto.model(Proto.graph(Proto.node("Relu", "x", "y")))),
        Proto.bytes(Proto.model(Proto.graph(Proto.node("F", "x", "y"))).message(25, function)),
        Proto.bytes(Proto.tensor("t", ElementType.FLOAT, new byte[4], 1)),
        OnnxFile.bytes(SampleGraphs.everyOperator(), OnnxFile.Form.DYNAMIC_INT8),
        new byte[] {8, 8, 58, -1, -1, -1, -1, 15});
  }

  @MethodSource("files")
  @FuzzTest
  void anyBytes(byte[] file) throws Exception {
    ParserLaw.holds(MOST_MEMORY, () -> ReadAll.model(OnnxModel.read("f", file)));
    ParserLaw.holds(MOST_MEMORY, () -> ReadAll.tensor(OnnxTensor.read("f", file)));
  }

  static Stream<Arguments> choices() {
    return Seeds.random(5);
  }

  /** Models that are right, but for what the bytes decide. */
  @MethodSource("choices")
  @FuzzTest
  void models(byte[] bytes) throws Exception {
    byte[] file = Proto.bytes(model(new Choices(bytes)));
    ParserLaw.holds(MOST_MEMORY, () -> ReadAll.model(OnnxModel.read("f", file)));
  }

  @Test
  void manyModels() {
    Seeds.tryRandom(2000, this::models);
  }

  private static Message model(Choices choose) {
    Message graph = Proto.graph();
    for (int n = choose.below(5); n > 0; n--) {
      switch (choose.below(4)) {
        case 0 -> graph.message(1, node(choose));
        case 1 -> graph.message(5, tensor(choose));
        case 2 -> graph.message(15, sparse(choose));
        default -> graph.bytes(choose.below(20), choose.bytes(choose.below(20)));
      }
    }
    graph.message(1, Proto.node(choose.oneIn(3) ? "F" : "Relu", "x", "y"));
    Message model = Proto.model(graph);
    for (int n = choose.below(3); n > 0; n--) {
      model.message(25, function(choose));
    }
    return model;
  }

  private static Message function(Choices choose) {
    Message function = new Message().text(1, choose.oneIn(4) ? choose.oneOf(NAMES) : "F");
    function.text(4, choose.oneOf(NAMES)).text(5, choose.oneOf("b", "a", "x", "y"));
    for (int n = choose.below(4); n > 0; n--) {
      function.message(7, node(choose));
    }
    return function.message(11, attribute(choose));
  }

  private static Message node(Choices choose) {
    Message node =
        Proto.node(
            choose.oneOf("Op", "F", "", "If"),
            choose.oneOf(NAMES),
            choose.oneOf("b", "a", "w", "", "y"));
    for (int n = choose.below(3); n > 0; n--) {
      node.message(5, attribute(choose));
    }
    return node.text(3, choose.text(3));
  }

  private static Message attribute(Choices choose) {
    Message attribute = new Message().text(1, choose.oneOf(NAMES));
    switch (choose.below(7)) {
      case 0 -> attribute.integer(3, choose.edge());
      case 1 -> attribute.message(5, tensor(choose));
      case 2 -> attribute.message(22, sparse(choose));
      case 3 -> attribute.bytes(8, choose.bytes(choose.below(20)));
      case 4 -> attribute.bytes(7, choose.bytes(choose.below(20)));
      case 5 -> attribute.text(21, choose.oneOf(NAMES));
      default -> attribute.bytes(choose.below(24), choose.bytes(choose.below(20)));
    }
    return choose.oneIn(2) ? attribute.integer(20, choose.mostly(2, 2)) : attribute;
  }

  private static Message tensor(Choices choose) {
    Message tensor = new Message().text(8, choose.oneOf("w", "v", "x", ""));
    for (int n = choose.below(3); n > 0; n--) {
      tensor.integer(1, choose.mostly(2, 3));
    }
    tensor.integer(2, choose.mostly(choose.oneOf(1, 7, 3, 10, 22, 11), 5));
    if (choose.oneIn(8)) {
      tensor.integer(14, 1).message(13, new Message().text(1, "location").text(2, choose.text(8)));
    }
    return tensor.bytes(
        choose.oneOf(9, 9, 4, 5, 7, 10), choose.bytes(choose.oneOf(4, 8, 16, 2, 1, 0, 64)));
  }

  private static Message sparse(Choices choose) {
    int n = choose.below(4);
    long[] indices = new long[n];
    for (int i = 0; i < n; i++) {
      indices[i] = choose.mostly(i, 4);
    }
    Message values = Proto.tensor("s", ElementType.FLOAT, new byte[4 * n], choose.mostly(n, 5));
    Message sparse = new Message().message(1, values);
    sparse.message(2, Proto.tensor("", ElementType.INT64, Proto.longs(indices), n));
    for (int d = choose.below(3) + 1; d > 0; d--) {
      sparse.integer(3, choose.mostly(4, 3));
    }
    return sparse;
  }
}
