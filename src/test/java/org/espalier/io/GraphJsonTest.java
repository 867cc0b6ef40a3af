package org.espalier.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collector;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.espalier.InputException;
import org.espalier.io.onnx.OperatorGraphs;
import org.espalier.model.Elementwise;
import org.espalier.model.Graph;
import org.espalier.model.Model;
import org.espalier.model.Movement;
import org.espalier.model.Node;
import org.espalier.model.Operator;
import org.espalier.model.Preprocessing;
import org.espalier.model.Window;
import org.espalier.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GraphJsonTest {
  private static void assertSame(Graph want, Graph got, String message) {
    assertEquals(want.inputs(), got.inputs(), message);
    assertEquals(List.copyOf(want.inputs().keySet()), List.copyOf(got.inputs().keySet()), message);
    assertEquals(want.outputs(), got.outputs(), message);
    assertEquals(want.nodes(), got.nodes(), message);
  }

  @Test
  void everyOperatorIsReadAsItWasWritten() {
    OperatorGraphs.all()
        .forEach(
            (name, graph) -> {
              String text = GraphJson.write(graph);
              Graph read = GraphJson.parse("f", text).build();
              assertSame(graph, read, name);
              assertEquals(text, GraphJson.write(read), name);
            });
  }

  @Test
  void everyKindOfOperatorIsAmongThem() {
    Set<Class<?>> seen = new HashSet<>();
    OperatorGraphs.all().values().stream()
        .flatMap(graph -> graph.nodes().stream())
        .map(Node::operator)
        .forEach(operator -> seen.add(operator.getClass()));
    assertEquals(Set.of(), kinds(Operator.class).filter(k -> !seen.contains(k)).collect(toSet()));
  }

  private static <T> Collector<T, ?, Set<T>> toSet() {
    return Collectors.toSet();
  }

  private static Stream<Class<?>> kinds(Class<?> type) {
    return type.isSealed()
        ? Stream.of(type.getPermittedSubclasses()).flatMap(GraphJsonTest::kinds)
        : Stream.of(type);
  }

  @Test
  void modelsOfEveryOperatorAreReadBitForBit(@TempDir Path folder) {
    Path file = folder.resolve("m");
    OperatorGraphs.all()
        .forEach(
            (name, graph) -> {
              Model model = new Model(graph, new Preprocessing.AsIs(), List.of(), Map.of());
              ModelFile.write(file, model);
              Model read = ModelFile.read(file);
              assertSame(graph, read.graph(), name);
              SampleModels.assertSame(model, read, name);
            });
  }

  /** As files had it before there were other windows, inputs and outputs. */
  @Test
  void whatThereAlwaysWasIsWrittenAsItAlwaysWas() {
    Graph graph =
        Graph.input(Shape.of(2, 4, 4))
            .conv("c", 4, 3, 1)
            .maxPool(2, 2, 0)
            .averagePool(2, 1, 1)
            .flatten()
            .linear("fc", 3)
            .build();
    assertEquals(
        "{\"input\":[2,4,4],\"nodes\":["
            + "{\"name\":\"c\",\"input\":\"input\",\"operator\":\"conv2d\",\"inputs\":2,"
            + "\"outputs\":4,\"kernelHeight\":3,\"kernelWidth\":3,\"stride\":1,\"padding\":1,"
            + "\"groups\":1,\"bias\":false},"
            + "{\"name\":\"pool1\",\"input\":\"c\",\"operator\":\"max_pool\",\"kernel\":2,"
            + "\"stride\":2,\"padding\":0},"
            + "{\"name\":\"pool2\",\"input\":\"pool1\",\"operator\":\"average_pool\","
            + "\"kernel\":2,\"stride\":1,\"padding\":1},"
            + "{\"name\":\"flatten1\",\"input\":\"pool2\",\"operator\":\"flatten\"},"
            + "{\"name\":\"fc\",\"input\":\"flatten1\",\"operator\":\"linear\",\"inputs\":36,"
            + "\"outputs\":3}]}",
        GraphJson.write(graph));
  }

  @Test
  void whatIsNewHasFieldsOfItsOwn() {
    Map<String, Shape> inputs = new LinkedHashMap<>();
    inputs.put("left", Shape.of(1, 3, 3));
    inputs.put("right", Shape.of());
    Window window = new Window(2, 1, 1, 2, 0, 0, 1, 0, 1, 1);
    Graph.Builder net = Graph.inputs(inputs);
    net.add("p", new Operator.AveragePool(window, true, false), List.of("left"));
    net.add("k", new Movement.Constant(Shape.of(2)), List.of());
    Operator clip =
        new Elementwise.Activation(Elementwise.Function.CLIP, -0f, Float.POSITIVE_INFINITY);
    net.add("c", clip, List.of("k"));
    net.add("w", new Elementwise.Where(), List.of("right", "p", "p"));
    assertEquals(
        "{\"inputs\":[{\"name\":\"left\",\"shape\":[1,3,3]},{\"name\":\"right\",\"shape\":[]}],"
            + "\"outputs\":[\"w\",\"c\"],\"nodes\":["
            + "{\"name\":\"p\",\"input\":\"left\",\"operator\":\"average_pool\",\"window\":{"
            + "\"height\":2,\"width\":1,\"strideY\":1,\"strideX\":2,\"top\":0,\"left\":0,"
            + "\"bottom\":1,\"right\":0,\"dilationY\":1,\"dilationX\":1},\"ceil\":true,"
            + "\"countPadding\":false},"
            + "{\"name\":\"k\",\"operator\":\"constant\",\"shape\":[2]},"
            + "{\"name\":\"c\",\"input\":\"k\",\"operator\":\"activation\",\"function\":\"clip\","
            + "\"a\":-0.0,\"b\":\"infinity\"},"
            + "{\"name\":\"w\",\"inputs\":[\"right\",\"p\",\"p\"],\"operator\":\"where\"}]}",
        GraphJson.write(net.output("w").output("c").build()));
  }

  @Test
  void numbersThatAreNoneAreNotWritten() {
    Operator clip = new Elementwise.Activation(Elementwise.Function.CLIP, 0, Float.NaN);
    Graph graph = Graph.input(Shape.of(2)).add("c", clip).build();
    assertEquals(
        "node c: a NaN among the numbers of an operator can't be stored",
        assertThrows(InputException.class, () -> GraphJson.write(graph)).getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          "operator":"activation","function":"gelux","a":0,"b":0 | f, nodes 0, function: expected one of [leaky_relu, clip,
          "operator":"activation","function":"GELU","a":0,"b":0 | f, nodes 0, function: expected one of [
          "operator":"activation","function":"gelu","a":"NaN","b":0 | f, nodes 0, a: expected a number that is a float, infinity or -infinity, found NaN
          "operator":"activation","function":"gelu","a":1e39,"b":0 | f, nodes 0, a: expected a number that is a float, infinity or -infinity, found 1.0E39
          "operator":"activation","function":"gelu","a":true,"b":0 | f, nodes 0, a: expected a number
          "operator":"activation","function":"gelu","a":0 | f, nodes 0: expected a field b, found none
          "operator":"activation","function":"gelu","a":0,"b":0,"c":0 | f, nodes 0: expected no other field than [name, input, operator, function, a, b], found c
          "operator":"binary","function":"add" | f, nodes 0: expected a field other, found none
          "operator":"relu","other":"input" | f, nodes 0: expected no other field than [name, input, operator], found other
          "operator":"constant","shape":[2] | f, nodes 0: expected no other field than [name, operator, shape], found input
          "operator":"where","inputs":["input"] | f, nodes 0: expected no other field than [name, operator, inputs], found input
          "operator":"slice","axis":-1,"start":0,"step":1,"size":1 | f, nodes 0, axis: expected a whole number from 0
          "operator":"slice","axis":3,"start":0,"step":1,"size":1 | f, node n: axis 3 of [2, 4, 3]
          "operator":"slice","axis":1,"start":0,"step":2147483647,"size":2147483647 | f, node n: 2147483647 elements from 0 by 2147483647 of axis 1 of [2, 4, 3]
          "operator":"slice","axis":1,"start":0,"step":0,"size":2 | f, node n: 2 elements from 0 by 0
          "operator":"slice","axis":1,"start":0,"step":1,"size":0 | f, nodes 0, size: expected a whole number from 1
          "operator":"gather","axis":0,"indices":[0,2] | f, node n: element 2 of axis 0
          "operator":"gather","axis":0,"indices":[-1] | f, node n: element -1 of axis 0
          "operator":"gather","axis":0,"indices":[0.5] | f, nodes 0, indices: expected a whole number from -2^31 to 2^31-1, found 0.5
          "operator":"gather","axis":0,"indices":[] | f, node n: it gives nothing: [0, 4, 3]
          "operator":"pad","padding":"edge","before":[0,0,-1],"after":[0,0,0],"value":0 | f, node n: paddings [0, 0, -1]
          "operator":"pad","padding":"edge","before":[0,0,2147483647],"after":[0,0,1],"value":0 | f, node n: integer overflow
          "operator":"pad","padding":"constant","before":[0,0,2147483640],"after":[0,0,0],"value":0 | f, node n: shape [2, 4, 2147483643] has more than 2^31-1 elements
          "operator":"pad","padding":"reflect","before":[0,0,3],"after":[0,0,0],"value":0 | f, node n: paddings [0, 0, 3]
          "operator":"transpose","axes":[] | f, node n: axes [] of [2, 4, 3]
          "operator":"transpose","axes":[0,1,1] | f, node n: axes [0, 1, 1] of [2, 4, 3]
          "operator":"transpose","axes":[0,1,2,3] | f, node n: axes [0, 1, 2, 3] of [2, 4, 3]
          "operator":"reshape","shape":[5,5] | f, node n: [2, 4, 3] as [5, 5]
          "operator":"reshape","shape":[65536,65536] | f, nodes 0: shape [65536, 65536] has more than 2^31-1 elements
          "operator":"reshape","shape":[-1] | f, nodes 0, shape: expected a whole number from 1 to 2^31-1, found -1
          "operator":"expand","shape":[5,3] | f, node n: shapes that can't be broadcast
          "operator":"expand","shape":[1073741824,1,1,1] | f, node n: shape [1073741824, 2, 4, 3] has more than 2^31-1 elements
          "operator":"reduce","function":"sum","axes":[0,0],"keep":true | f, node n: axes [0, 0] of [2, 4, 3]
          "operator":"reduce","function":"sum","axes":[3],"keep":true | f, node n: axes [3] of [2, 4, 3]
          "operator":"softmax","axis":3,"log":false | f, node n: axes [3] of [2, 4, 3]
          "operator":"standardize","axes":[0],"epsilon":-1 | f, nodes 0, epsilon: expected a finite number from 0, found -1.0
          "operator":"local_response","size":0,"alpha":1,"beta":1,"bias":1 | f, nodes 0, size: expected a whole number from 1
          "operator":"resize","sizes":[2,4],"scales":[1,1,1],"interpolation":"linear","coordinates":"asymmetric","rounding":"floor","cubic":0,"excludeOutside":false | f, node n: sizes [2, 4] for [2, 4, 3]
          "operator":"resize","sizes":[2,4,3],"scales":[1,1,0],"interpolation":"linear","coordinates":"asymmetric","rounding":"floor","cubic":0,"excludeOutside":false | f, nodes 0, scales: expected finite ones above 0, found 0.0
          "operator":"resize","sizes":[2,4,-3],"scales":[1,1,1],"interpolation":"linear","coordinates":"asymmetric","rounding":"floor","cubic":0,"excludeOutside":false | f, node n: negative extent
          "operator":"max_pool","window":{"height":1},"stride":1 | f, nodes 0: expected no other field than
          "operator":"max_pool","window":{"height":1} | f, nodes 0, window: expected a field width, found none
          """)
  void operatorsThatCannotBeAreRefused(String operator, String message) {
    String text =
        "{\"input\":[2,4,3],\"nodes\":[{\"name\":\"n\",\"input\":\"input\"," + operator + "}]}";
    String found =
        assertThrows(InputException.class, () -> GraphJson.parse("f", text).build()).getMessage();
    assertTrue(found.startsWith(message), found);
    assertEquals(1, found.lines().count());
  }

  private static String window(String numbers) {
    String[] n = numbers.split(" ");
    String[] names = {
      "height",
      "width",
      "strideY",
      "strideX",
      "top",
      "left",
      "bottom",
      "right",
      "dilationY",
      "dilationX"
    };
    StringBuilder text = new StringBuilder("{");
    for (int i = 0; i < names.length; i++) {
      text.append(i == 0 ? "" : ",").append('"').append(names[i]).append("\":").append(n[i]);
    }
    return text.append('}').toString();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          1 1 1 1 0 0 0 0 0 1 | f, nodes 0, window, dilationY: expected a whole number from 1
          1 1 1 1 0 -1 0 0 1 1 | f, nodes 0, window, left: expected a whole number from 0
          2 1 1 1 0 0 0 0 2147483647 1 | f, nodes 0: a window of 2 x 1
          1 1 1 1 2 2 2 2 1 1 | f, node n:
          """)
  void transposesWhoseWindowsCannotBeAreRefused(String numbers, String message) {
    String text =
        "{\"input\":[2,3,3],\"nodes\":[{\"name\":\"n\",\"input\":\"input\",\"operator\":"
            + "\"conv_transpose2d\",\"inputs\":2,\"outputs\":2,\"window\":"
            + window(numbers)
            + ",\"moreRows\":0,\"moreColumns\":0,\"groups\":1,\"bias\":true}]}";
    String found =
        assertThrows(InputException.class, () -> GraphJson.parse("f", text).build()).getMessage();
    assertTrue(found.startsWith(message), found);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          "input":[2],"inputs":[] | f: expected no other field than [inputs, outputs, nodes], found input
          "inputs":[] | f, inputs: expected one or more, found none
          "inputs":[{"name":"a","shape":[2]},{"name":"a","shape":[2]}] | f, inputs 1, name: expected a name that no other input has, found 'a'
          "inputs":[{"name":" ","shape":[2]}] | f, inputs 0, name: expected a name that no other input has, found ' '
          "inputs":[{"name":"n","shape":[2]}] | f, node n: node name 'n' is blank, reserved or taken
          "inputs":[{"name":"a","shape":[0]}] | f, inputs 0, shape: expected a whole number from 1
          "inputs":[{"name":"a","shape":[65536,65536]}] | f, inputs 0: shape [65536, 65536] has more than 2^31-1 elements
          "input":[2],"outputs":[] | f, outputs: expected one or more, found none
          "input":[2],"outputs":["n","n"] | f: n is an output already
          "input":[2],"outputs":["m"] | f: no node m
          "input":[2],"outputs":["input"] | f: nobody reads n
          "input":[2],"outputs":"n" | f, outputs: expected a list, found n
          """)
  void inputsAndOutputsThatCannotBeAreRefused(String fields, String message) {
    String input = fields.contains("\"a\"") ? "a" : "input";
    String text =
        "{"
            + fields
            + ",\"nodes\":[{\"name\":\"n\",\"input\":\""
            + input
            + "\",\"operator\":\"relu\"}]}";
    String found =
        assertThrows(InputException.class, () -> GraphJson.parse("f", text).build()).getMessage();
    assertTrue(found.startsWith(message), found);
  }

  @Test
  void aConcatenationReadsAsManyNodesAsItNames() {
    String text =
        "{\"input\":[2],\"nodes\":[{\"name\":\"n\",\"inputs\":[%s],\"operator\":\"concat\","
            + "\"axis\":0}]}";
    String names = "\"input\",\"input\",\"input\"";
    Graph graph = GraphJson.parse("f", text.formatted(names)).build();
    assertEquals(Shape.of(6), graph.outputShape());
    assertEquals(
        "f, nodes 0: a concatenation of 0 inputs",
        assertThrows(InputException.class, () -> GraphJson.parse("f", text.formatted("")))
            .getMessage());
  }
}
