package org.espalier.experiment.recipe;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
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
import java.util.Set;
import java.util.stream.Stream;
import org.espalier.InputException;
import org.espalier.model.Graph;
import org.espalier.model.Node;
import org.espalier.model.Operator;
import org.espalier.sparsify.DropConnect;
import org.espalier.tensor.Shape;
import org.espalier.train.AdamOptions;
import org.espalier.train.OptimizerOptions;
import org.espalier.train.SgdOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

class RecipeReaderTest {
  static final java.util.List<String> NAMES = RecipeReader.NAMES;

  @TempDir Path dir;

  private Recipe read(String yaml) throws IOException {
    Path file = dir.resolve("recipe.yaml");
    Files.writeString(file, yaml);
    return RecipeReader.read(file.toString(), Map.of());
  }

  @ParameterizedTest
  @FieldSource("NAMES")
  void everyRecipeOfTheProgramWorks(String name) {
    Recipe recipe = RecipeReader.read(name, Map.of());
    assertEquals(name, recipe.name());
    boolean perceptron = recipe.network().equals(List.of("lenet-300-100"));
    Shape input = perceptron ? Shape.of(1, 28, 28) : Shape.of(3, 32, 32);
    var graph = recipe.graph(input, 10, 1);
    long parameters =
        switch (recipe.network().getFirst()) {
          case "lenet-300-100" -> 266_610;
          case "resnet20" -> 269_722;
          case "resnet32-paper" -> 1_857_498;
          case "vgg16" -> 14_724_042;
          default -> 0;
        };
    assertEquals(parameters, graph.parameterCount());
    recipe.sparsifier(graph);
    recipe.options(1);
    assertEquals(recipe, RecipeReader.fromJson("json", RecipeReader.toJson(recipe)));
  }

  @Test
  void aFileNeedsToSayOnlyWhatDiffers() throws IOException {
    Recipe recipe = read("network: [64, 32]\nmethod: {kind: targeted-dropout, dropRate: 0.5}\n");
    assertEquals(0.9, recipe.momentum());
    MethodSpec.Targeted method = (MethodSpec.Targeted) recipe.method();
    assertEquals(0.5, method.dropRate());
    assertEquals("0.75", method.targRate().toString());
    assertEquals(64, recipe.graph(Shape.of(9), 3, 1).parameter("fc1.bias").value().size());
  }

  /** The list of layers in its documentation, with a residual block, against the builder. */
  @Test
  void aNetworkCanBeAListOfLayers() throws IOException {
    Recipe recipe =
        read(
            """
            network:
              - conv 8 3 stride 2
              - batch-norm
              - relu
              - conv 8 3 groups 2 bias
              - batch-norm
              - plus relu1
              - relu
              - max-pool 2
              - average-pool 3 stride 1 padding 1
              - global-average-pool
              - flatten
              - linear 5
            """);
    Graph graph = recipe.graph(Shape.of(3, 8, 8), 2, 1);
    assertEquals(
        List.of(
            "conv1",
            "bn1",
            "relu1",
            "conv2",
            "bn2",
            "add1",
            "relu2",
            "pool1",
            "pool2",
            "pool3",
            "flatten1",
            "fc1",
            "logits"),
        graph.nodes().stream().map(Node::name).toList());
    assertEquals(
        new Operator.Conv2d(8, 8, 3, 3, 1, 1, 2, true),
        graph.node("conv2").orElseThrow().operator());
    assertEquals(List.of("bn2", "relu1"), graph.node("add1").orElseThrow().inputs());
    assertEquals(Shape.of(8, 2, 2), graph.node("pool2").orElseThrow().outputShape());
    assertEquals(5, graph.node("fc1").orElseThrow().outputShape().size());
  }

  @Test
  void dropConnectIsAMethod() throws IOException {
    Recipe recipe = read("method: {kind: dropconnect, rate: 0.3}\n");
    assertEquals(
        new DropConnect(0.3, Set.of("fc1", "fc2")),
        recipe.sparsifier(recipe.graph(Shape.of(1, 28, 28), 10, 1)));
  }

  @Test
  void aListOfOneNeedsNoBrackets() throws IOException {
    Recipe recipe = read("network: 64\nmethod: {kind: dropout, layers: fc*}\n");
    assertEquals(List.of("64"), recipe.network());
    assertEquals(List.of("fc*"), ((MethodSpec.Dropping) recipe.method()).layers());
  }

  @Test
  void theOptimizerIsChosenByName() {
    assertInstanceOf(SgdOptions.class, optimizer("sgd"));
    assertEquals(0.9, ((SgdOptions) optimizer("sgd")).momentum());
    AdamOptions adam = (AdamOptions) optimizer("adam");
    assertEquals(0.9, adam.beta1());
    assertEquals(0.999, adam.beta2());
    assertEquals(1e-8, adam.epsilon());
    assertFalse(adam.decoupled());
    assertTrue(((AdamOptions) optimizer("adamw")).decoupled());
  }

  private static OptimizerOptions optimizer(String name) {
    return RecipeReader.read("plain", Map.of("optimizer", name)).options(1).optimizer();
  }

  @Test
  void singleKeysReplaceThoseOfTheRecipe() {
    Recipe recipe =
        RecipeReader.read("targeted-weight", Map.of("epochs", "3", "method.targRate", "0.29"));
    assertEquals(3, recipe.epochs());
    assertEquals("0.29", ((MethodSpec.Targeted) recipe.method()).targRate().toString());
    assertEquals(
        0.1,
        ((MethodSpec.Dropping)
                RecipeReader.read(
                        "targeted-weight",
                        new java.util.TreeMap<>(
                            Map.of("method.kind", "dropout", "method.rate", "0.1")))
                    .method())
            .rate());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "epoch: 3|unknown key 'epoch'; did you mean 'epochs'?",
        "method: {kind: targeted-dropout, dropRat: 0.5}|unknown key 'method.dropRat'; did you mean 'dropRate'?",
        "method: {kind: targetted}|method.kind: expected one of",
        "epochs: many|key 'epochs': expected a whole number, found \"many\"",
        "epochs: 1.5|key 'epochs': expected a whole number, found 1.5",
        "learningRate: fast|key 'learningRate': expected a number, found \"fast\"",
        "nesterov: maybe|key 'nesterov': expected true or false, found \"maybe\"",
        "network: {a: 1}|key 'network': expected text, found {\"a\":1}",
        "method: {kind: targeted-dropout, by: row}|key 'method.by': expected one of [weight, unit, block-4, block-16], found \"row\"",
        "momentum: [|recipe.yaml, line 1: not YAML: expected the node content, but found '<stream end>'",
        "nesterov: 1|key 'nesterov': expected true or false, found 1",
        "nesterov: 'true'|key 'nesterov': expected true or false, found \"true\"",
        "warmUp: [1]|key 'warmUp': expected text, found [1]",
        "just words|expected keys and values",
      })
  void mistakesAreNamed(String yaml, String message) {
    var e = assertThrows(InputException.class, () -> read(yaml));
    assertTrue(e.getMessage().contains(message), e.getMessage());
    assertTrue(e.getMessage().contains("recipe.yaml"), e.getMessage());
    assertTrue(e.getMessage().lines().count() == 1, e.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "method: {kind: targeted-dropout, dropRate: 1.5}|the drop rate lies between 0 and 1, not at 1.5",
        "method: {kind: targeted-dropout, targRate: -0.1}|method.targRate: a share lies between 0 and 1, not at -0.1",
        "method: {kind: targeted-dropout, ramp: soon}|is no span of training",
        "method: {kind: dropout, layers: [conv*]}|expected a pattern that matches one of [fc1, fc2, logits], found conv*",
        "network: lenet-5000|network: expected one of [lenet-300-100, lenet-5, mlp-128-64-32, resnet101,",
        "network: [0]|numbers above 0",
        "network: [linear 0, relu]|network, layer 1 ('linear 0'): a linear layer of 4 inputs and 0 outputs",
        "network: [linear 4, gelu]|network, layer 2 ('gelu'): expected conv, depthwise, batch-norm, relu,",
        "network: [conv 4]|network, layer 1 ('conv 4'): expected the size of the kernel, found nothing",
        "network: [depthwise, relu]|network, layer 1 ('depthwise'): expected the size of the kernel, found nothing",
        "network: [depthwise 3, relu]|feature maps are [channels, height, width], not [4]",
        "network: [conv 4 3]|feature maps are [channels, height, width], not [4]",
        "network: [relu, plus relu7]|network, layer 2 ('plus relu7'): no node relu7; there are [relu1]",
        "network: [linear 4 units]|network, layer 1 ('linear 4 units'): expected nothing more, found units",
        "augment: {pad: -1}|expected",
        "learningRate: 0|the learning rate is a number above 0, not 0.0",
        "batch: 0|batch is a number of at least 1",
        "optimizer: adagrad|optimizer: expected sgd, adam or adamw, found adagrad",
        "{optimizer: adam, beta1: 1}|beta1 lies between 0 and below 1, not at 1.0",
        "{optimizer: adamw, beta2: -0.5}|beta2 lies between 0 and below 1, not at -0.5",
        "{optimizer: adamw, epsilon: 0}|epsilon lies between",
        "{optimizer: adam, weightDecay: 2}|weight decay lies between 0 and 1, not at 2.0",
        "accumulate: 0|accumulate is a number of at least 1, not 0",
        "ema: 1|ema lies between 0 and below 1, not 1.0",
        "decay: linear|decay: expected constant, cosine or steps, found linear",
      })
  void valuesOutOfRangeAreNamed(String yaml, String message) {
    var e =
        assertThrows(
            InputException.class,
            () -> {
              Recipe recipe = read(yaml);
              recipe.sparsifier(recipe.graph(Shape.of(4), 2, 1));
              recipe.options(1);
            });
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }

  @Test
  void aDepthwiseConvolutionIsOneWithAGroupForEachChannel() throws IOException {
    Graph graph =
        read("network: [conv 6 3, depthwise 3 stride 2, depthwise 5 multiplier 2 padding 1 bias]")
            .graph(Shape.of(3, 9, 9), 2, 1);
    assertEquals(
        new Operator.Conv2d(6, 6, 3, 3, 2, 1, 6, false),
        graph.node("dw1").orElseThrow().operator());
    assertEquals(
        new Operator.Conv2d(6, 12, 5, 5, 1, 1, 6, true),
        graph.node("dw2").orElseThrow().operator());
  }

  static Stream<Arguments> whatIsNoNumber() {
    List<String> whole =
        List.of("epochs", "batch", "accumulate", "augment.pad", "augment.cutout", "method.keep");
    List<String> decimal =
        List.of(
            "learningRate",
            "decayBy",
            "momentum",
            "beta1",
            "beta2",
            "epsilon",
            "weightDecay",
            "clipNorm",
            "ema",
            "labelSmoothing",
            "validation",
            "method.dropRate");
    List<String> never =
        List.of(
            "''", "[]", "{}", "null", "x", "NaN", "Infinity", "-Infinity", "true", "1_000", "0x10");
    List<String> notFinite = List.of("1e400", "-1e400", ".nan", ".inf", "-.inf");
    return Stream.of(
            cross(whole, never, "a whole number"),
            cross(whole, notFinite, "a finite number"),
            cross(whole, List.of("1.5", "1e3"), "a whole number"),
            cross(
                whole,
                List.of("2147483648", "-2147483649", "99999999999", "1" + "0".repeat(300)),
                "a whole number from -2147483648 to 2147483647"),
            cross(decimal, never, "number"),
            cross(decimal, notFinite, "a finite number"),
            cross(List.of("method.targRate"), never, "a number"),
            cross(List.of("method.targRate"), notFinite, "a finite number"))
        .flatMap(s -> s);
  }

  private static Stream<Arguments> cross(List<String> keys, List<String> values, String expected) {
    return keys.stream().flatMap(k -> values.stream().map(v -> Arguments.of(k, v, expected)));
  }

  /** Every key that is a number, in a file and as an option. */
  @ParameterizedTest
  @MethodSource("whatIsNoNumber")
  void whatIsNoNumberIsNamed(String key, String value, String expected) throws IOException {
    String yaml =
        key.contains(".")
            ? key.replace(".", ": {kind: targeted-dropout, ")
                    .replace("augment: {kind: targeted-dropout", "augment: {flip: true")
                + ": "
                + value
                + "}"
            : key + ": " + value;
    var inFile = assertThrows(InputException.class, () -> read(yaml));
    var asOption =
        assertThrows(
            InputException.class, () -> RecipeReader.read("targeted-weight", Map.of(key, value)));
    for (String message : List.of(inFile.getMessage(), asOption.getMessage())) {
      boolean option = message.startsWith("--set " + key + ": expected a finite number, found ");
      assertTrue(option || message.contains("key '" + key + "': expected "), message);
      assertTrue(message.contains(expected), message);
      assertTrue(message.matches(".*, found \\S.*"), message);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "epochs: 1¶name: x¶epochs: 2|, line 3: expected each key once, found 'epochs' again",
        "augment: {pad: 1, flip: true, pad: 2}|, line 1: expected each key once, found 'pad' again",
        "epochs: &e 3¶batch: *e|, line 2: expected a value, found the alias *e, which recipes don't have",
        "epochs: *e|, line 1: expected a value, found the alias *e, which recipes don't have",
        "&a epochs: 3|, line 1: expected a value, found the anchor &a,",
        "name: x¶<<: {epochs: 3}|, line 2: expected a key, found the merge key <<, which recipes don't have",
        "name: !!str 3|, line 1: expected a value, found the tag tag:yaml.org,2002:str,",
        "!recipe {epochs: 3}|, line 1: expected a value, found the tag recipe,",
        "epochs: 3¶---¶epochs: 4|, line 3: expected one document, found another one",
        "epochs: 3¶---¶|expected one document, found another one",
        "?_[a]¶:_1|, line 1: not YAML",
        "→epochs: 1|, line 1: not YAML: found character '\\t(TAB)' that cannot start any token",
        "|recipe.yaml: expected keys and values, found nothing",
        "# nothing|recipe.yaml: expected keys and values, found nothing",
        "- epochs|recipe.yaml: expected keys and values",
      })
  void whatYamlWouldReadOtherwiseIsRefused(String yaml, String message) throws IOException {
    String text = yaml == null ? "" : yaml.replace('¶', '\n').replace('→', '\t').replace('_', ' ');
    var e = assertThrows(InputException.class, () -> read(text));
    assertTrue(e.getMessage().contains("recipe.yaml"), e.getMessage());
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "[|200000|keys and lists at most 16 deep",
        "{a:_|100000|keys and lists at most 16 deep",
        "-_|100000|keys and lists at most 16 deep",
        "?_|100000|, line 1: not YAML",
        "[1,_|2|not YAML",
        "'|99999|not YAML",
        "a:_|100000|not YAML",
      })
  void deepTextIsRefused(String part, int count, String message) {
    String text = part.replace('_', ' ').repeat(count);
    var e = assertThrows(InputException.class, () -> read(text));
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }

  @Test
  void aRecipeOfManyKeysIsRefused() {
    StringBuilder yaml = new StringBuilder();
    for (int i = 0; i < 20_000; i++) {
      yaml.append("key").append(i).append(": 1\n");
    }
    var e = assertThrows(InputException.class, () -> read(yaml.toString()));
    assertTrue(e.getMessage().contains("expected at most 10000 keys and values"), e.getMessage());
  }

  @Test
  void onlyATextFileIsARecipe() throws Exception {
    assertRefused(dir, "expected a recipe, a YAML file, found a folder");
    assertRefused(Path.of("/dev/null"), "expected a recipe, a YAML file, found a pipe or a device");
    Path latin = Files.write(dir.resolve("latin.yaml"), "epochs: 1\nname: é".getBytes(ISO_8859_1));
    assertRefused(latin, ", line 2: expected text in UTF-8, found other bytes");
    Path binary = Files.write(dir.resolve("binary.yaml"), new byte[] {0, 1, 2, 3, 'a'});
    assertRefused(binary, ", line 1: not YAML: ");
    Path huge = Files.write(dir.resolve("huge.yaml"), new byte[(1 << 20) + 1]);
    assertRefused(huge, ": expected a recipe of at most 1048576 bytes, found 1048577 bytes");
    Path pipe = dir.resolve("pipe");
    assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
    assertRefused(pipe, "expected a recipe, a YAML file, found a pipe or a device");
    Path marked = Files.writeString(dir.resolve("marked.yaml"), "\ufeffepochs: 7\n");
    assertEquals(7, RecipeReader.read(marked.toString(), Map.of()).epochs());
  }

  private static void assertRefused(Path file, String message) {
    var e = assertThrows(InputException.class, () -> RecipeReader.read(file.toString(), Map.of()));
    assertTrue(e.getMessage().startsWith(file + ""), e.getMessage());
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }

  @Test
  void aMissingRecipeIsNamedWithTheKnownOnes() {
    var e = assertThrows(InputException.class, () -> RecipeReader.read("rampin-weight", Map.of()));
    assertTrue(e.getMessage().contains("rampin-weight"), e.getMessage());
    assertTrue(e.getMessage().contains("ramping-weight"), e.getMessage());
  }
}
