package org.espalier.io.onnx.read;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.stream.Collectors;
import org.espalier.InputException;
import org.espalier.io.onnx.Message;
import org.junit.jupiter.api.Test;

/** Functions of a model are put in the place of their calls. */
class InlinerTest {
  private static Message function(
      String name, List<String> inputs, List<String> outputs, Message... nodes) {
    Message function = new Message().text(1, name).text(10, "own");
    inputs.forEach(input -> function.text(4, input));
    outputs.forEach(output -> function.text(5, output));
    for (Message node : nodes) {
      function.message(7, node);
    }
    return function.message(9, new Message().text(1, "").integer(2, 15));
  }

  private static Message call(String name, List<String> inputs, List<String> outputs) {
    return Proto.node(name, inputs, outputs).text(7, "own");
  }

  private static OnnxNetwork read(Message graph, Message... functions) {
    Message model = Proto.model(graph);
    for (Message function : functions) {
      model.message(25, function);
    }
    return Proto.read(model).graph();
  }

  private static String text(OnnxNetwork graph) {
    return graph.nodes().stream().map(OnnxNode::toString).collect(Collectors.joining("; "));
  }

  @Test
  void callsAreReplacedByNodesWithNamesOfTheirOwn() {
    Message twice =
        function(
            "Twice",
            List.of("a"),
            List.of("b"),
            Proto.node("Relu", "a", "t").text(3, "inner"),
            Proto.node("Add", List.of("t", "t"), List.of("b")));
    OnnxNetwork graph =
        read(
            Proto.graph(
                call("Twice", List.of("x"), List.of("m")).text(3, "one"),
                call("Twice", List.of("m"), List.of("y"))),
            twice);
    assertEquals(
        "Relu[x] -> [one/t]; Add[one/t, one/t] -> [m]; "
            + "Relu[m] -> [Twice y/t]; Add[Twice y/t, Twice y/t] -> [y]",
        text(graph));
    assertEquals(
        List.of("one/inner", "Add m", "Twice y/inner", "Add y"),
        graph.nodes().stream().map(OnnxNode::name).toList());
    assertEquals(15, graph.nodes().getFirst().opset());
  }

  @Test
  void namesKeepClearOfThoseThatAreTaken() {
    Message f =
        function(
            "F", List.of("a"), List.of("b"), Proto.node("P", "a", "t"), Proto.node("Q", "t", "b"));
    Message first = call("F", List.of("x"), List.of("m")).text(3, "c");
    Message second = call("F", List.of("m"), List.of("n")).text(3, "c");
    Message third = Proto.node("R", "n", "c/t");
    OnnxNetwork graph = read(Proto.graph(first, second, third, Proto.node("S", "c/t", "y")), f);
    assertEquals(
        "P[x] -> [c/t_1]; Q[c/t_1] -> [m]; P[m] -> [c/t_2]; Q[c/t_2] -> [n]; "
            + "R[n] -> [c/t]; S[c/t] -> [y]",
        text(graph));
  }

  @Test
  void functionsCallFunctions() {
    Message inner = function("Inner", List.of("a"), List.of("b"), Proto.node("Relu", "a", "b"));
    Message outer =
        function(
            "Outer",
            List.of("a"),
            List.of("b"),
            call("Inner", List.of("a"), List.of("t")).text(3, "i"),
            call("Inner", List.of("t"), List.of("b")).text(3, "i"));
    OnnxNetwork graph =
        read(Proto.graph(call("Outer", List.of("x"), List.of("y")).text(3, "o")), outer, inner);
    assertEquals("Relu[x] -> [o/t]; Relu[o/t] -> [y]", text(graph));
  }

  @Test
  void inputsAndOutputsMayBeLeftOut() {
    Message f =
        function(
            "F",
            List.of("a", "b", "c"),
            List.of("p", "q", "a"),
            Proto.node("Op", List.of("a", "b", "c", ""), List.of("p", "", "q")));
    OnnxNetwork graph = read(Proto.graph(call("F", List.of("x", ""), List.of("", "y"))), f);
    assertEquals("Op[x, , , ] -> [F y/p, , y]", text(graph));
  }

  @Test
  void anOutputMayBeAnInput() {
    Message f = function("F", List.of("a"), List.of("a"));
    assertEquals(
        "Identity[x] -> [y]", text(read(Proto.graph(call("F", List.of("x"), List.of("y"))), f)));
  }

  private static Message refers(String name, AttributeKind kind, String to) {
    return Proto.attribute(name, kind).text(21, to);
  }

  @Test
  void attributesComeFromTheCallOrTheDefaultOrAreMissing() {
    Message body =
        Proto.node("Op", "a", "b")
            .message(5, refers("given", AttributeKind.INT, "p"))
            .message(5, refers("default", AttributeKind.INT, "q"))
            .message(5, refers("missing", AttributeKind.INT, "r"))
            .message(5, Proto.attribute("own", AttributeKind.INT).integer(3, 3));
    Message inner =
        function("Inner", List.of("a"), List.of("b"), body)
            .message(11, Proto.attribute("q", AttributeKind.INT).integer(3, 2))
            .message(11, Proto.attribute("p", AttributeKind.INT).integer(3, 9))
            .text(6, "r");
    Message outer =
        function(
            "Outer",
            List.of("a"),
            List.of("b"),
            call("Inner", List.of("a"), List.of("b"))
                .message(5, refers("p", AttributeKind.INT, "o")));
    Message call =
        call("Outer", List.of("x"), List.of("y"))
            .message(5, Proto.attribute("o", AttributeKind.INT).integer(3, 1));
    OnnxNode node = read(Proto.graph(call), outer, inner).nodes().getFirst();
    assertEquals(1, node.integer("given", 0));
    assertEquals(2, node.integer("default", 0));
    assertFalse(node.has("missing"));
    assertEquals(3, node.integer("own", 0));
  }

  private static String refusal(Message graph, Message... functions) {
    return assertThrows(InputException.class, () -> read(graph, functions)).getMessage();
  }

  @Test
  void whatDoesNotFitIsRefused() {
    Message relu = Proto.node("Relu", "a", "b");
    Message graph = Proto.graph(call("F", List.of("x"), List.of("y")));
    assertEquals(
        "f, node F y: expected a function that doesn't call itself, found own.F",
        refusal(
            graph,
            function("F", List.of("a"), List.of("b"), call("G", List.of("a"), List.of("b"))),
            function("G", List.of("a"), List.of("b"), call("F", List.of("a"), List.of("b")))));
    assertEquals(
        "f: expected one function own.F, found two",
        refusal(
            graph,
            function("F", List.of("a"), List.of("b"), relu),
            function("F", List.of("a"), List.of("b"), relu)));
    assertEquals(
        "f, node F y: expected at most 0 inputs and 1 outputs, found 1 and 1",
        refusal(
            graph,
            function("F", List.of(), List.of("b"), Proto.node("C", List.of(), List.of("b")))));
    assertEquals(
        "f, function own.F: expected a value for output b, found none",
        refusal(graph, function("F", List.of("a"), List.of("b"))));
    assertEquals(
        "f, function own.F, node Relu a: expected outputs of its own, found a, which is there already",
        refusal(
            graph, function("F", List.of("a"), List.of("b"), Proto.node("Relu", "a", "a"), relu)));
    assertEquals(
        "f, function own.F: expected inputs and outputs of different names, found [a, a] and [b]",
        refusal(graph, function("F", List.of("a", "a"), List.of("b"), relu)));
    assertEquals(
        "f, node Relu y: expected inputs that are written somewhere, found F y/?, which is not",
        refusal(graph, function("F", List.of("a"), List.of("b"), Proto.node("Relu", "?", "b"))));
    assertEquals(
        "f, function own.F, node Relu b, attribute k: expected INT, found FLOAT",
        refusal(
            Proto.graph(
                call("F", List.of("x"), List.of("y"))
                    .message(5, Proto.attribute("p", AttributeKind.FLOAT).real(2, 1))),
            function(
                "F",
                List.of("a"),
                List.of("b"),
                Proto.node("Relu", "a", "b").message(5, refers("k", AttributeKind.INT, "p")))));
  }

  /** Each function calls the one before twice: 2⁶⁰ nodes. */
  @Test
  void aSmallFileDoesNotBecomeALargeGraph() {
    for (int inside = 0; inside < 2; inside++) {
      Message model = Proto.model(Proto.graph(call("F60", List.of("x"), List.of("y"))));
      Message[] first = inside == 0 ? new Message[0] : new Message[] {Proto.node("Relu", "a", "t")};
      model.message(25, function("F0", List.of("a"), List.of("a"), first));
      for (int i = 1; i <= 60; i++) {
        String before = "F" + (i - 1);
        model.message(
            25,
            function(
                "F" + i,
                List.of("a"),
                List.of("b"),
                call(before, List.of("a"), List.of("t")),
                call(before, List.of("t"), List.of("b"))));
      }
      String message = assertThrows(InputException.class, () -> Proto.read(model)).getMessage();
      assertEquals("f: expected at most", message.substring(0, 19));
    }
  }

  @Test
  void callsAreNotFollowedForever() {
    Message model = Proto.model(Proto.graph(call("F0", List.of("x"), List.of("y"))));
    for (int i = 0; i < 5000; i++) {
      model.message(
          25,
          function(
              "F" + i,
              List.of("a"),
              List.of("b"),
              call("F" + (i + 1), List.of("a"), List.of("b"))));
    }
    String message = assertThrows(InputException.class, () -> Proto.read(model)).getMessage();
    assertEquals("f, node F100 y: expected at most 100 calls inside, found more", message);
  }

  /**
   * "Aa" and "BB" have the same hash, and so have all names that are made of them: a list of them
   * would take minutes.
   */
  @Test
  void namesOfOneHashAreRead() {
    int letters = 16;
    Message model = Proto.model(Proto.graph(Proto.node("Relu", "x", "y")));
    for (int i = 0; i < 1 << letters; i++) {
      StringBuilder name = new StringBuilder();
      for (int bit = 0; bit < letters; bit++) {
        name.append((i >> bit & 1) == 0 ? "Aa" : "BB");
      }
      model.message(25, new Message().text(1, name.toString()));
    }
    byte[] file = Proto.bytes(model);
    assertEquals(1, OnnxModel.read("f", file).graph().nodes().size());
  }
}
