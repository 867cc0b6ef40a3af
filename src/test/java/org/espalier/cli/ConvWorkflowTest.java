package org.espalier.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.espalier.data.binary.TinyCifar;
import org.espalier.data.image.ImageData;
import org.espalier.experiment.recipe.Recipe;
import org.espalier.experiment.recipe.RecipeReader;
import org.espalier.experiment.run.TrainingRun;
import org.espalier.io.ModelFile;
import org.espalier.io.OutputFolder;
import org.espalier.model.Graph;
import org.espalier.parallel.ThreadPool;
import org.espalier.train.TrainingListener;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A residual network in miniature goes all the way that a large one would. */
class ConvWorkflowTest {
  private static final String RESIDUAL =
      "network=[conv 8 3 stride 2, batch-norm, relu, conv 8 3 stride 2, batch-norm, relu,"
          + " conv 8 3, batch-norm, plus relu2, relu, global-average-pool]";

  @TempDir Path dir;

  private Path data;

  @BeforeEach
  void writeData() throws IOException {
    data = Files.createDirectory(dir.resolve("data"));
    TinyCifar.write(data, 40, 10, 3);
  }

  private List<String> training(String method, Path folder, int threads) {
    return List.of(
        "train",
        method,
        "--set",
        RESIDUAL,
        "--set",
        "epochs=3",
        "--set",
        "batch=25", // a whole group of images and a part of one
        "--data",
        data.toString(),
        "--out",
        folder.toString(),
        "--threads",
        Integer.toString(threads));
  }

  private static String succeed(List<?> args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    String[] words = args.stream().map(Object::toString).toArray(String[]::new);
    assertEquals(0, Main.run(new PrintWriter(out), new PrintWriter(err), words), err::toString);
    return out.toString();
  }

  /** The kernels that are chosen here, with two threads, against the specification with one. */
  @Test
  void trainingGivesTheSpecificationsBits() throws Exception {
    for (String method : List.of("resnet20-targeted-weight", "resnet20-targeted-unit")) {
      Path here = dir.resolve(method);
      Path there = dir.resolve(method + "-scalar");
      String[] judged = {"--set", "validation=0.2"};
      succeed(append(training(method, here, 2), judged));
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(
          List.of(
              "--add-modules=jdk.incubator.vector",
              "-Despalier.kernels=scalar",
              "-cp",
              System.getProperty("java.class.path"),
              "org.espalier.cli.Main"));
      command.addAll(append(training(method, there, 1), judged));
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(dir.resolve("scalar.log").toFile())
              .start();
      assertEquals(0, process.waitFor(), () -> "see " + dir.resolve("scalar.log"));
      for (String file : List.of("model.safetensors", "best.safetensors")) {
        assertArrayEquals(
            Files.readAllBytes(there.resolve(file)), Files.readAllBytes(here.resolve(file)));
      }
    }
  }

  @Test
  void whatIsTrainedIsPrunedRecalibratedAndRun() throws IOException {
    Path folder = dir.resolve("run");
    String shown = succeed(append(training("resnet20-plain", folder, 2), "--dry-run"));
    assertTrue(shown.matches("(?s).*conv3 +Conv2d +relu2 .*"), shown);
    succeed(training("resnet20-plain", folder, 2));
    Path model = folder.resolve("model.safetensors");
    assertTrue(accuracy(succeed(List.of("eval", model, "--data", data, "--json"))) > 50);
    for (String by : List.of("weight", "unit", "block-4")) {
      for (String mode : List.of("weights", "output")) {
        Path pruned = dir.resolve("pruned-" + by + "-" + mode);
        String table =
            succeed(
                List.of(
                    "prune",
                    model,
                    "--granularity",
                    by,
                    "--mode",
                    mode,
                    "--percent",
                    "0,50",
                    "--data",
                    data,
                    "--out",
                    pruned,
                    "--recalibrate",
                    "--json"));
        JsonNode rows = JsonMapper.shared().readTree(table);
        assertEquals(50, rows.get(1).get("zeros_pruned_layers_percent").asDouble(), 1e-6, table);
        double said = rows.get(1).get("recalibrated_percent").asDouble();
        Path half = pruned.resolve("pruned-50.safetensors");
        String judged = succeed(List.of("eval", half, "--data", data, "--json"));
        assertEquals(said, accuracy(judged), 1e-9);
        assertTrue(succeed(List.of("inspect", half)).contains("conv2"));
      }
    }
  }

  /** Channels that only one layer writes are gone from the layers before and behind. */
  @Test
  void prunedChannelsAreGoneFromTheFile() throws IOException {
    Path folder = dir.resolve("run");
    succeed(training("resnet20-targeted-unit", folder, 2));
    Path model = folder.resolve("model.safetensors");
    for (String mode : List.of("weights", "output")) {
      Path out = dir.resolve("pruned-" + mode);
      List<String> command =
          new ArrayList<>(List.of("prune", model.toString(), "--granularity", "unit"));
      command.addAll(List.of("--mode", mode, "--layers", "conv1", "--percent", "0,75"));
      command.addAll(List.of("--data", data.toString(), "--out", out.toString(), "--json"));
      JsonNode rows = JsonMapper.shared().readTree(succeed(command));
      JsonNode small = rows.get(1);
      Path file = out.resolve("pruned-75.safetensors");
      assertEquals(Files.size(file), small.get("file_bytes").asLong());
      Graph graph = ModelFile.read(file).graph();
      int left = graph.parameter("conv1.weight").value().rows();
      assertTrue(mode.equals("output") ? left == 2 : left == 2 || left == 3, mode + " " + left);
      int gone = (8 - left) * (3 * 9 + 2 + 8 * 9); // rows, the normalisation's, columns
      long whole = ModelFile.read(model).graph().parameterCount();
      assertEquals(whole - gone, graph.parameterCount());
      // Nor are running means and variances there any more.
      long saved = rows.get(0).get("file_bytes").asLong() - small.get("file_bytes").asLong();
      assertTrue(saved > 4L * gone, saved + " bytes");
      String judged = succeed(List.of("eval", file, "--data", data, "--json"));
      assertEquals(small.get("accuracy_percent").asDouble(), accuracy(judged), 1e-9);
    }
  }

  /** A run that was interrupted goes on with running statistics and all. */
  @Test
  void resumingGivesTheSameBits() throws IOException {
    Path whole = dir.resolve("whole");
    succeed(training("resnet20-ramping-weight", whole, 1));
    Path parts = dir.resolve("parts");
    List<String> all = training("resnet20-ramping-weight", parts, 2);
    Map<String, String> settings =
        Map.of("network", RESIDUAL.substring("network=".length()), "epochs", "3", "batch", "25");
    try (ThreadPool workers = new ThreadPool(2);
        OutputFolder folder = OutputFolder.open(parts, Assertions::fail)) {
      Recipe recipe = RecipeReader.read("resnet20-ramping-weight", settings);
      var run = new TrainingRun(recipe, ImageData.read(data, null, null, w -> {}), 1, workers);
      var none = TrainingListener.NONE;
      assertTrue(run.run(Optional.of(folder), none, () -> run.step() == 20).isEmpty());
    }
    succeed(append(all, "--resume"));
    assertArrayEquals(
        Files.readAllBytes(whole.resolve("model.safetensors")),
        Files.readAllBytes(parts.resolve("model.safetensors")));
  }

  private static double accuracy(String json) {
    return JsonMapper.shared().readTree(json).get(0).get("accuracy_percent").asDouble();
  }

  private static List<String> append(List<String> args, String... more) {
    List<String> all = new ArrayList<>(args);
    all.addAll(Arrays.asList(more));
    return all;
  }
}
