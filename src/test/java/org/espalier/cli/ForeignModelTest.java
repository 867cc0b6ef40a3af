package org.espalier.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.espalier.io.ModelFile;
import org.espalier.model.Graph;
import org.espalier.model.Model;
import org.espalier.model.Operator;
import org.espalier.model.Preprocessing;
import org.espalier.model.Reduction;
import org.espalier.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Models that come without preprocessing and without names of classes. */
class ForeignModelTest {
  @TempDir Path dir;

  private final StringWriter err = new StringWriter();

  private String run(int code, Object... args) {
    err.getBuffer().setLength(0);
    StringWriter out = new StringWriter();
    String[] words = Arrays.stream(args).map(Object::toString).toArray(String[]::new);
    assertEquals(code, Main.run(new PrintWriter(out), new PrintWriter(err), words), err::toString);
    return out.toString();
  }

  private Path model(String name, Graph graph) {
    Path file = dir.resolve(name);
    ModelFile.write(file, new Model(graph, new Preprocessing.AsIs(), List.of(), Map.of()));
    return file;
  }

  /** The second output is the first value less 1, the others are 0. */
  private static Graph.Builder firstValue(Graph.Builder net) {
    return net.linear("fc", 3);
  }

  private static Graph filled(Graph.Builder net) {
    Graph graph = net.build();
    graph.parameter("fc.weight").value().set(1, 0, 1);
    graph.parameter("fc.bias").value().set(0, 1, -1);
    return graph;
  }

  private static double probability(double logit) {
    return Math.exp(logit) / (Math.exp(logit) + 2);
  }

  @Test
  void numbersOfATableAreTheInput() throws IOException {
    Path model = model("table", filled(firstValue(Graph.input(Shape.of(2)))));
    Path table = Files.writeString(dir.resolve("t.csv"), "2.5,7\n0.5,-3\n");
    String rows = run(0, "predict", model, table, "--json");
    JsonNode first = JsonMapper.shared().readTree(rows).get(0);
    assertEquals("1", first.get("class").asString());
    assertEquals(probability(1.5), first.get("probability").asDouble(), 1e-4);
  }

  @Test
  void bytesOfAnImageAreTheInput() throws IOException {
    Graph.Builder net = Graph.input(Shape.of(1, 1, 1)).flatten();
    Path model = model("image", filled(firstValue(net)));
    var image = new BufferedImage(1, 1, BufferedImage.TYPE_BYTE_GRAY);
    image.getRaster().setSample(0, 0, 0, 4);
    Path file = dir.resolve("i.png");
    assertTrue(ImageIO.write(image, "png", file.toFile()));
    JsonNode row = JsonMapper.shared().readTree(run(0, "predict", model, file, "--json")).get(0);
    assertEquals("1", row.get("class").asString());
    assertEquals(probability(3), row.get("probability").asDouble(), 1e-4);
  }

  @Test
  void probabilitiesAreNotMadeOfProbabilities() throws IOException {
    Graph.Builder net = firstValue(Graph.input(Shape.of(2)));
    Path model = model("softmax", filled(net.add("p", new Reduction.Softmax(0, false))));
    Path table = Files.writeString(dir.resolve("t.csv"), "2.5,7\n0.5,-3\n");
    JsonNode row = JsonMapper.shared().readTree(run(0, "predict", model, table, "--json")).get(0);
    assertEquals(probability(1.5), row.get("probability").asDouble(), 1e-4);
  }

  @Test
  void classesOfDataAreIndicesOfOutputs() throws IOException {
    Path model = model("table", filled(firstValue(Graph.input(Shape.of(2)))));
    Path table = dir.resolve("t.csv");
    Files.writeString(table, "0,1,label\n2.5,7,1\n0.5,-3,0\n4,1,2\n3,1,1\n");
    String row = run(0, "eval", model, "--test", table, "--json");
    double accuracy = JsonMapper.shared().readTree(row).get(0).get("accuracy_percent").asDouble();
    assertEquals(75, accuracy);
  }

  @Test
  void itIsShownWithoutNamesAndExported() {
    Path model = model("table", filled(firstValue(Graph.input(Shape.of(2)))));
    String shown = run(0, "inspect", model);
    assertTrue(shown.contains("values as they are"), shown);
    assertTrue(shown.contains("without names"), shown);
    Path onnx = dir.resolve("m.onnx");
    run(0, "export", model, "--out", onnx, "--opset", 9, "--with-preprocessing");
    assertTrue(Files.exists(onnx));
    run(2, "export", model, "--out", onnx, "--opset", 22);
    String message = err.toString();
    assertTrue(message.contains("--opset: expected a number from 7 to 21, found 22"), message);
  }

  @Test
  void severalInputsAreRefusedInOneLine() throws IOException {
    Map<String, Shape> inputs = new LinkedHashMap<>();
    inputs.put("left", Shape.of(2));
    inputs.put("right", Shape.of(2));
    Graph graph =
        Graph.inputs(inputs).add("sum", new Operator.Add(), List.of("left", "right")).build();
    Path model = model("two", graph);
    Path table = Files.writeString(dir.resolve("t.csv"), "2.5,7\n0.5,-3\n");
    run(2, "predict", model, table);
    String message = err.toString();
    assertTrue(message.contains("a network of one input"), message);
    String shown = run(0, "inspect", model);
    assertTrue(shown.contains("input left"), shown);
  }

  /** Columns x and −x of which one decides; a share of 0 changes no answer. */
  @Test
  void itIsPrunedByWhatExamplesSay() throws IOException {
    Path model = model("table", filled(firstValue(Graph.input(Shape.of(2)))));
    StringBuilder rows = new StringBuilder("0,1,label\n");
    for (int i = 0; i < 40; i++) {
      rows.append(i % 5).append(',').append(-i % 7).append(',').append(i % 3).append('\n');
    }
    Path table = Files.writeString(dir.resolve("t.csv"), rows.toString());
    String[] calibrated = {"--criterion", "wanda", "--correct", "--layers", "fc", "--samples", "9"};
    List<Object> words = new ArrayList<>(List.of("prune", model, "--data", table));
    words.addAll(List.of(calibrated));
    words.addAll(List.of("--percent", "0", "--out", dir.resolve("p"), "--json"));
    JsonNode row = JsonMapper.shared().readTree(run(0, words.toArray())).get(0);
    assertEquals(100, row.get("agreement_percent").asDouble());
    run(2, "prune", model, "--percent", 0, "--out", dir.resolve("q"), "--samples", 9);
    assertEquals(
        "espalier: --samples: expected --criterion wanda or --correct, found neither",
        err.toString().strip());
    run(
        2,
        "prune",
        model,
        "--percent",
        0,
        "--out",
        dir.resolve("q"),
        "--criterion",
        "wanda",
        "--granularity",
        "block-4");
    assertTrue(err.toString().contains("--criterion wanda: expected --granularity weight"));
    assertTrue(Files.notExists(dir.resolve("q")));
  }

  /** What import is told that means nothing is a mistake. */
  @Test
  void weightsNeedANetworkAndNetworksWeights() throws IOException {
    Path weights = Files.writeString(dir.resolve("w.safetensors"), "x");
    Path out = dir.resolve("m.safetensors");
    run(2, "import", weights, "--out", out);
    assertTrue(err.toString().contains("expected --network, whose weights these are, found none"));
    run(2, "import", weights, "--out", out, "--names", "timm");
    assertTrue(err.toString().contains("--names: expected --network, found no --network"));
    run(2, "import", "their.onnx", "--out", out, "--network", "resnet18");
    assertTrue(
        err.toString().contains("--network: expected weights as safetensors, found their.onnx"));
    run(2, "import", weights, "--out", out, "--network", "resnet18", "--shape", "x=1");
    assertTrue(err.toString().contains("--shape: expected an ONNX file, found --network"));
    run(2, "import", weights, "--out", out, "--network", "lenet-5", "--names", "timm");
    assertTrue(err.toString().contains("--names timm: expected a ResNet or VGG-16"));
    assertTrue(Files.notExists(out));
  }
}
