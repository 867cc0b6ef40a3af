package org.espalier.experiment.recipe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.espalier.InputException;
import org.espalier.fuzz.Choices;
import org.espalier.fuzz.ParserLaw;
import org.espalier.fuzz.Seeds;
import org.espalier.model.Graph;
import org.espalier.model.Node;
import org.espalier.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Recipes in YAML, keys set over them, spans of training, and networks as lists of layers. */
class RecipeFuzzTest {
  /** Sixty-four MiB: networks are small, see {@link #isLarge}. */
  private static final long MOST_MEMORY = 64 << 20;

  /** Beside that, for each weight that is drawn: itself, and 32 that StrictMath's cosine takes. */
  private static final long BYTES_OF_A_WEIGHT = 40;

  private static final Shape INPUT = Shape.of(3, 8, 8);

  private static final String[] KEYS = {
    "epochs",
    "batch",
    "accumulate",
    "learningRate",
    "warmUp",
    "decay",
    "decayAt",
    "decayBy",
    "optimizer",
    "momentum",
    "nesterov",
    "beta1",
    "beta2",
    "epsilon",
    "weightDecay",
    "clipNorm",
    "ema",
    "labelSmoothing",
    "augment.pad",
    "augment.flip",
    "augment.cutout",
    "validation",
    "method",
    "method.kind",
    "method.targRate",
    "method.dropRate",
    "method.keep",
    "method.ramp",
    "method.layers",
    "method.by",
    "name",
    "initializer",
    "network",
    "epochs.more",
    "",
    ".",
    "no-such"
  };

  private static final String[] VALUES = {
    "1",
    "0",
    "-1",
    "0.5",
    "99999999999",
    "2147483648",
    "1e400",
    "-1e-400",
    ".nan",
    ".inf",
    "0x10",
    "0o17",
    "1_000",
    "true",
    "yes",
    "null",
    "~",
    "\"\"",
    "[]",
    "{}",
    "[1, 2]",
    "{a: 1}",
    "&a 1",
    "*a",
    "!!int 3",
    "!!binary aGk=",
    "!!java.lang.Object {}",
    "500 steps",
    "2 epochs",
    "75 %",
    "1e9 epochs",
    "-1 steps",
    "steps",
    "cosine",
    "steps",
    "adam",
    "targeted-dropout",
    "dropout",
    "l1",
    "[0.5, x]",
    "'*'",
    "['!fc1']",
    "he-normal",
    "2001-01-01",
    "12:30:45",
    "|\n  text",
    "\"\\u0000\"",
    "- 1"
  };

  private static final String[] LAYERS = {
    "conv 8 3",
    "relu",
    "batch-norm",
    "flatten",
    "linear 8",
    "max-pool 2",
    "average-pool 2",
    "global-average-pool",
    "plus relu1",
    "from input",
    "conv 8 3 stride 2 padding 1 groups 2 bias"
  };

  private static final String[] WORDS = {
    "conv",
    "relu",
    "stride",
    "padding",
    "groups",
    "bias",
    "plus",
    "from",
    "input",
    "0",
    "-1",
    "1",
    "9999999",
    "65536",
    "2147483647",
    "99999999999",
    "1.5",
    "",
    "é",
    "conv1"
  };

  @TempDir static Path folder;

  static Stream<Arguments> recipes() {
    return Seeds.of(
        "epochs: 3\n",
        "epochs: 1\nepochs: 2\n",
        "epochs: 99999999999\n",
        "a: &a [x]\nnetwork: *a\n",
        "warmUp: \"" + "1".repeat(5_000) + "x\"\n",
        "warmUp: \"" + " ".repeat(5_000) + "\"\n",
        "[".repeat(2_000),
        "{a: ".repeat(500),
        "- ".repeat(1_000),
        "a:\n" + " b:\n".repeat(300),
        "a: &a [1]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]\n",
        "network: [conv 16 3, plus nothing]\n",
        "network: [flatten, linear 64, relu, linear 64, plus relu1, relu]\n",
        "network: [" + "relu, ".repeat(1_000) + "relu]\n",
        "network: [conv 9999999 9999999]\n",
        "network: [average-pool 65536 padding 32768]\n",
        "network: [2147483647]\n",
        "network: ['" + "9".repeat(100) + "']\n",
        "method: {kind: targeted-dropout, targRate: 1e-999999999}\n",
        "method: {kind: targeted-dropout, targRate: " + "1".repeat(1_500) + "}\n",
        "method: {kind: dropout, layers: ['" + "*".repeat(1_000) + "x']}\n",
        "\ufeffepochs: 1\n",
        "%YAML 9.9\n---\nepochs: 1\n",
        "epochs: 1\n---\nepochs: 2\n",
        "\"\\uD800\": 1\n",
        "name: \"a\\Nb\\Lc\\Pd\"\nx: 1\n",
        "x\\Ny: 1\n");
  }

  @MethodSource("recipes")
  @FuzzTest
  void anyBytes(byte[] text) throws Exception {
    read(text, Map.of());
  }

  @Test
  void aKeyIsSetToAValue() {
    for (String nothing : List.of("", " ", "# 3")) {
      InputException e =
          assertThrows(
              InputException.class, () -> RecipeReader.read("plain", Map.of("no-such", nothing)));
      assertEquals("--set no-such: expected a value, found nothing", e.getMessage());
    }
  }

  static Stream<Arguments> choices() {
    return Seeds.random(5);
  }

  /** Keys that there are, with values that are odd. */
  @MethodSource("choices")
  @FuzzTest
  void keys(byte[] bytes) throws Exception {
    Choices choose = new Choices(bytes);
    StringBuilder text = new StringBuilder();
    if (choose.oneIn(2)) {
      text.append("method:\n  kind: targeted-dropout\n");
    }
    for (int n = choose.below(5); n > 0; n--) {
      text.append(choose.oneOf(KEYS)).append(": ").append(value(choose)).append('\n');
    }
    Map<String, String> settings = new LinkedHashMap<>();
    for (int n = choose.below(4); n > 0; n--) {
      settings.put(choose.oneIn(8) ? choose.text(12) : choose.oneOf(KEYS), value(choose));
    }
    read(text.toString().getBytes(StandardCharsets.UTF_8), settings);
  }

  /** Layers that there are, with numbers that are odd. */
  @MethodSource("choices")
  @FuzzTest
  void networks(byte[] bytes) throws Exception {
    read(network(new Choices(bytes)).getBytes(StandardCharsets.UTF_8), Map.of());
  }

  @Test
  void manyRecipes() {
    Seeds.tryRandom(500, this::keys);
    Seeds.tryRandom(500, this::networks);
  }

  @Test
  void whatIsRightIsTaken() throws Exception {
    assertTrue(read("epochs: 3\n".getBytes(StandardCharsets.UTF_8), Map.of("batch", "7")));
    assertTrue(
        read(network(new Choices(new byte[] {3})).getBytes(StandardCharsets.UTF_8), Map.of()));
  }

  private static String network(Choices choose) {
    StringBuilder text = new StringBuilder("network:\n");
    for (int n = choose.below(10); n > 0; n--) {
      String layer = choose.oneOf(LAYERS);
      if (choose.oneIn(6)) {
        layer += " " + choose.oneOf(WORDS);
      }
      if (choose.oneIn(6)) {
        layer = layer.replaceFirst("\\d+", Long.toString(choose.edge()));
      }
      text.append("  - '").append(layer).append("'\n");
    }
    return text.append("  - relu\n").toString();
  }

  private static String value(Choices choose) {
    return switch (choose.below(8)) {
      case 6 -> Long.toString(choose.edge());
      case 7 -> choose.text(12);
      default -> choose.oneOf(VALUES);
    };
  }

  private static boolean read(byte[] text, Map<String, String> settings) throws Exception {
    Path file = Files.write(folder.resolve("recipe.yaml"), text);
    AtomicReference<Recipe> read = new AtomicReference<>();
    boolean taken =
        ParserLaw.holds(
            MOST_MEMORY,
            () -> {
              Recipe recipe = RecipeReader.read(file.toString(), settings);
              recipe.options(1);
              assertEquals(recipe, RecipeReader.fromJson("again", RecipeReader.toJson(recipe)));
              read.set(recipe);
            });
    Recipe recipe = read.get();
    if (!taken || recipe.network().stream().anyMatch(RecipeFuzzTest::isLarge)) {
      return taken;
    }
    var parameters = new AtomicLong();
    return ParserLaw.holds(
        () -> MOST_MEMORY + BYTES_OF_A_WEIGHT * parameters.get(),
        () -> {
          Graph graph = recipe.graph(INPUT, 3, 1);
          parameters.set(graph.parameterCount());
          assertEquals(Shape.of(3), graph.outputShape());
          assertTrue(graph.multiplyAdds() >= 0);
          for (Node node : graph.nodes()) {
            assertTrue(graph.shapeOf(node.name()).size() > 0, node.toString());
          }
          recipe.sparsifier(graph);
        });
  }

  /**
   * Networks of the zoo and of hundreds of units are right, and large; they cost what they cost.
   */
  private static boolean isLarge(String layer) {
    return layer.matches(
        ".*[a-z]-?[0-9]+.*-.*|(lenet|resnet|vgg|wide).*|\\D*([3-9]\\d{2}|\\d{4,7})(\\D.*)?");
  }
}
