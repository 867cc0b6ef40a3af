package org.espalier.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a user does, one command after the other, on images that a line through them tells apart.
 */
class WorkflowTest {
  private static final int SIDE = 6;
  private static final int IMAGES = 240;

  @TempDir Path dir;

  private record Result(int code, String out, String err) {}

  private static Result run(Object... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    String[] words = java.util.Arrays.stream(args).map(Object::toString).toArray(String[]::new);
    int code = Main.run(new PrintWriter(out), new PrintWriter(err), words);
    return new Result(code, out.toString(), err.toString());
  }

  private static String succeed(Object... args) {
    Result result = run(args);
    assertEquals(0, result.code, result.err);
    return result.out;
  }

  private static List<JsonNode> json(Object... args) {
    return JsonMapper.shared().readTree(succeed(args)).valueStream().toList();
  }

  @BeforeEach
  void writeData() throws IOException {
    var random = new SplittableRandom(7);
    for (String part : new String[] {"train", "t10k"}) {
      var images = new ByteArrayOutputStream();
      var labels = new ByteArrayOutputStream();
      var imagesOut = new DataOutputStream(images);
      var labelsOut = new DataOutputStream(labels);
      for (int value : new int[] {0x803, IMAGES, SIDE, SIDE}) {
        imagesOut.writeInt(value);
      }
      labelsOut.writeInt(0x801);
      labelsOut.writeInt(IMAGES);
      for (int i = 0; i < IMAGES; i++) {
        int label = i % 2;
        labelsOut.writeByte(label);
        for (int y = 0; y < SIDE; y++) {
          for (int x = 0; x < SIDE; x++) {
            boolean line = label == 0 ? y == 2 : x == 2;
            imagesOut.writeByte(random.nextInt(60) + (line ? 180 : 0));
          }
        }
      }
      Files.write(dir.resolve(part + "-images-idx3-ubyte"), images.toByteArray());
      Files.write(dir.resolve(part + "-labels-idx1-ubyte"), labels.toByteArray());
    }
    Files.writeString(dir.resolve("classes.txt"), "lying\nstanding\n");
  }

  private String train(Path folder, Object... more) {
    Object[] args = {
      "train",
      "targeted-weight",
      "--set",
      "network=[32,16]",
      "--set",
      "epochs=6",
      "--data",
      dir,
      "--out",
      folder,
      "--threads",
      "1"
    };
    Object[] all = java.util.Arrays.copyOf(args, args.length + more.length);
    System.arraycopy(more, 0, all, args.length, more.length);
    return succeed(all);
  }

  @Test
  void trainsPrunesEvaluatesPredictsAndMeasures() throws IOException {
    Path folder = dir.resolve("run");
    String trained = train(folder);
    assertTrue(trained.startsWith("test accuracy 100.00 %, pruned-forward 100.00 %;"), trained);
    Path model = folder.resolve("model.safetensors");

    JsonNode manifest =
        JsonMapper.shared().readTree(Files.readString(folder.resolve("manifest.json")));
    String command = manifest.get("command").asString();
    assertTrue(command.startsWith("espalier train targeted-weight --set network="), command);

    Path pruned = dir.resolve("pruned");
    List<JsonNode> rows =
        json("prune", model, "--percent", "0,50,87.5", "--data", dir, "--out", pruned, "--json");
    assertEquals(3, rows.size());
    // Of 36 and of 32 inputs floor(0.875·n) go: 31 and 28, of 32 and 16 units.
    double zeros = rows.get(2).get("zeros_pruned_layers_percent").asDouble();
    assertEquals(100.0 * (31 * 32 + 28 * 16) / (36 * 32 + 32 * 16), zeros, 1e-9);
    Path sparse = pruned.resolve("pruned-87.5.safetensors");
    assertTrue(Files.size(sparse) < Files.size(pruned.resolve("pruned-0.safetensors")));

    JsonNode eval = json("eval", sparse, "--data", dir, "--json").getFirst();
    assertEquals(
        rows.get(2).get("accuracy_percent").asDouble(),
        eval.get("accuracy_percent").asDouble(),
        1e-9);

    storesWeightsNarrowly(dir, model, pruned.resolve("pruned-0.safetensors"));

    List<JsonNode> predictions =
        json("predict", model, dir.resolve("t10k-images-idx3-ubyte"), "--json");
    assertEquals(IMAGES, predictions.size());
    for (int i = 0; i < IMAGES; i++) {
      assertEquals(
          i % 2 == 0 ? "lying" : "standing", predictions.get(i).get("class").asString(), "" + i);
    }

    namesWhatItCannotReadAndPredictsTheRest(model);
    measuresLatencies(sparse);
    Path onnx = dir.resolve("net.onnx");
    String exported = succeed("export", sparse, "--out", onnx);
    long withoutZeros = Files.size(onnx);
    assertTrue(
        exported.contains("net.onnx: " + String.format(Locale.ROOT, "%,d", withoutZeros)),
        exported);
    assertTrue(withoutZeros < 36 * 32 * Float.BYTES, exported);
    String whole =
        succeed(
            "export", sparse, "--out", onnx, "--no-sparse-initializers", "--with-preprocessing");
    assertTrue(Files.size(onnx) > 36 * 32 * Float.BYTES, whole);
    assertTrue(whole.contains("% of the weights are 0, which --no-sparse-init"), whole);
    byte[] before = Files.readAllBytes(onnx);
    Result refused = run("export", sparse, "--out", onnx, "--int8", "--weights", "fp16");
    assertEquals(2, refused.code);
    assertTrue(
        refused.err.contains("--int8 computes with bytes, --weights fp16 with floats: take one"),
        refused.err);
    assertArrayEquals(before, Files.readAllBytes(onnx));

    String inspected = succeed("inspect", sparse);
    assertTrue(inspected.contains("lying, standing"), inspected);
    JsonNode parts = JsonMapper.shared().readTree(succeed("inspect", sparse, "--json"));
    assertEquals("fc1.weight", parts.get("parameters").get(0).get("name").asString());
    showsThePlan(sparse);
    for (String kernel : List.of("dense", "csr", "sell", "blocked-csr", "bsr")) {
      assertEquals(
          eval, json("eval", sparse, "--data", dir, "--kernel", kernel, "--json").getFirst());
      assertEquals(
          predictions,
          json(
              "predict",
              model,
              dir.resolve("t10k-images-idx3-ubyte"),
              "--kernel",
              kernel,
              "--json"));
    }
  }

  private void namesWhatItCannotReadAndPredictsTheRest(Path model) throws IOException {
    Path good = dir.resolve("t10k-images-idx3-ubyte");
    Path bad = Files.writeString(dir.resolve("bad.png"), "no picture");
    Path missing = dir.resolve("missing.png");
    for (String format : List.of("--top=1", "--json")) {
      Result result = run("predict", model, good, bad, missing, good, format);
      assertEquals(2, result.code);
      List<String> said = result.err.lines().toList();
      assertEquals(2, said.size(), result.err);
      assertTrue(said.get(0).startsWith("espalier: " + bad + ": "), result.err);
      assertEquals("espalier: " + missing + ": can't be read: no such file or folder", said.get(1));
      assertEquals(
          2 * IMAGES,
          format.equals("--json")
              ? JsonMapper.shared().readTree(result.out).size()
              : result.out.lines().count() - 2,
          result.out);
    }
  }

  private static void showsThePlan(Path model) {
    String auto = succeed("inspect", model, "--plan", "--json");
    String why = JsonMapper.shared().readTree(auto).get("plan").get(0).get("why").asString();
    assertTrue(why.startsWith("density 13.9 %; expected for batch 1: dense "), why);
    JsonNode tables =
        JsonMapper.shared()
            .readTree(succeed("inspect", model, "--plan", "--kernel", "csr", "--json"));
    List<JsonNode> plan = tables.get("plan").valueStream().toList();
    assertEquals(
        List.of("fc1 csr", "fc2 csr", "logits csr", "all "),
        plan.stream()
            .map(row -> row.get("stage").asString() + " " + row.get("kernel").asString())
            .toList());
    // 5 of 36 weights are left of each unit, and units that nobody reads any more are gone.
    int units = plan.get(0).get("flops").asInt() / (2 * 5);
    assertTrue(units > 16 && units <= 32, "" + units);
    assertEquals(2 * 5 * units, plan.get(0).get("flops").asInt());
    assertEquals(2 * 36 * units, plan.get(0).get("flops_dense").asInt());
    assertEquals(
        100,
        plan.subList(0, 3).stream().mapToDouble(row -> row.get("time_percent").asDouble()).sum(),
        1e-6);
    for (String column : List.of("weight_bytes", "flops", "flops_dense")) {
      assertEquals(
          plan.subList(0, 3).stream().mapToInt(row -> row.get(column).asInt()).sum(),
          plan.get(3).get(column).asInt());
    }
    String dense = succeed("inspect", model, "--plan", "--kernel", "dense");
    assertTrue(dense.contains("asked for") && !dense.contains("csr"), dense);
    Result result = run("inspect", model, "--kernel", "csr");
    assertEquals(2, result.code);
    assertEquals("espalier: --kernel: expected --plan, found no --plan\n", result.err);
  }

  private static List<JsonNode> bench(Path model, Object... more) {
    Object[] args = {"bench", model, "--warm-up", "0.02", "--seconds", "0.04", "--json"};
    Object[] all = java.util.Arrays.copyOf(args, args.length + more.length);
    System.arraycopy(more, 0, all, args.length, more.length);
    List<JsonNode> rows = json(all);
    for (JsonNode row : rows) {
      double before = 0;
      for (String field : List.of("p50_us", "p90_us", "p99_us", "p99_9_us")) {
        assertTrue(row.get(field).asDouble() >= before, field + " of " + row);
        before = row.get(field).asDouble();
      }
      assertTrue(row.get("p50_us").asDouble() > 0 && row.get("mean_us").asDouble() > 0, "" + row);
      assertTrue(row.get("requests").asInt() > 0, "" + row);
      // No stream gives more than its requests, one behind the other, allow.
      double most = row.get("streams").asInt() * row.get("batch").asInt() * 1e6;
      double images = row.get("images_per_s").asDouble();
      assertTrue(images > 0 && images <= 1.05 * most / row.get("mean_us").asDouble(), "" + row);
    }
    return rows;
  }

  private static void measuresLatencies(Path model) {
    List<JsonNode> rows = bench(model, "--batch", "1,4");
    assertEquals(
        List.of("auto 1", "dense 1", "auto 4", "dense 4"),
        rows.stream()
            .map(row -> row.get("engine").asString() + " " + row.get("batch").asInt())
            .toList());
    for (int i = 0; i < rows.size(); i += 2) {
      assertTrue(rows.get(i).get("speed_up").isNull(), "" + rows.get(i));
      JsonNode dense = rows.get(i + 1);
      assertEquals(0, dense.get("max_rel_difference_percent").asDouble());
      assertTrue(dense.get("quartile_1").asDouble() > 0, "" + dense);
      double medians = dense.get("p50_us").asDouble() / rows.get(i).get("p50_us").asDouble();
      assertEquals(medians, dense.get("speed_up").asDouble(), 1e-9);
      // Only a few hundredths of a second: whether that can be relied on is the machine's affair.
      boolean contradicted =
          1.1 * medians < dense.get("quartile_1").asDouble()
              || medians > 1.1 * dense.get("quartile_3").asDouble();
      assertTrue(!contradicted || !dense.get("doubts").isEmpty(), "" + dense);
      assertTrue(dense.get("doubts").isArray() && dense.has("others_cpus"), "" + dense);
    }
    assertEquals(
        List.of("dense", "csr", "auto"),
        bench(model, "--batch=3", "--streams=2", "--kernel=dense", "--baseline=csr,auto").stream()
            .map(row -> row.get("engine").asString())
            .toList());
    // 20 blocks of 2 ms, with a request each.
    JsonNode paced = bench(model, "--batch", "1", "--open-loop", "--rate", "500").getFirst();
    assertEquals(20, paced.get("requests").asInt());
  }

  @Test
  void wrongOptionsOfABenchAreOneLine() {
    Path folder = dir.resolve("run");
    train(folder);
    Path model = folder.resolve("model.safetensors");
    assertFails(
        "--rate: expected --open-loop and a number above 0, found no --open-loop",
        model,
        "--rate",
        5);
    assertFails(
        "--rate: expected --open-loop and a number above 0, found -1.0",
        model,
        "--open-loop",
        "--rate=-1");
    assertFails(
        "--seconds: expected a number above 0, up to 3600, found 0.0", model, "--seconds", 0);
    assertFails(
        "--warm-up: expected a number from 0, up to 3600, found NaN", model, "--warm-up=NaN");
    assertFails("--set: means nothing to the bench of a model", model, "--set", "a=b");
    assertFails(
        "--batch: means nothing to the bench of --training", "--training", "plain", "--batch", 1);
  }

  @Test
  void onnxRuntimeMustBeOnTheClassPath() {
    assumeTrue(isMissing("ai.onnxruntime.OrtEnvironment"), "beside native peers the jar is there");
    Path folder = dir.resolve("run");
    train(folder);
    assertFails(
        "ONNX Runtime is not on the class path: java -cp espalier.jar:onnxruntime-1.29.0.jar"
            + " org.espalier.boot.Launcher bench … puts it there"
            + " (Maven Central: com.microsoft.onnxruntime:onnxruntime:1.29.0)",
        folder.resolve("model.safetensors"),
        "--baseline",
        "dense,onnxruntime");
  }

  private static boolean isMissing(String type) {
    try {
      Class.forName(type);
      return false;
    } catch (ClassNotFoundException e) {
      return true;
    }
  }

  private static void assertFails(String line, Object... args) {
    Object[] all = new Object[args.length + 1];
    all[0] = "bench";
    System.arraycopy(args, 0, all, 1, args.length);
    Result result = run(all);
    assertEquals(2, result.code, result.err);
    assertEquals("", result.out);
    assertEquals("espalier: " + line + "\n", result.err);
  }

  @Test
  void theStepsOfATrainingAreMeasuredPlainAndTargeted() {
    JsonNode tables =
        JsonMapper.shared()
            .readTree(
                succeed(
                    "bench",
                    "--training",
                    "targeted-unit",
                    "--set",
                    "network=[30, 20]",
                    "--set",
                    "method.layers=[fc2]",
                    "--threads",
                    "1,2",
                    "--seconds",
                    "0.3",
                    "--json"));
    JsonNode steps = tables.get("training_steps");
    assertEquals(4, steps.size()); // plain and targeted, at each number of threads
    assertEquals("plain", steps.get(0).get("method").asString());
    assertEquals(1.0, steps.get(0).get("relative_to_plain").asDouble());
    assertEquals("targeted-unit", steps.get(1).get("method").asString());
    assertTrue(steps.get(1).get("relative_to_plain").asDouble() > 0);
    JsonNode parts = tables.get("what_a_step_spends_its_time_on");
    for (String phase : new String[] {"forward", "dX", "dW", "selection and drawing", "loss"}) {
      assertTrue(
          parts.valueStream().anyMatch(part -> part.get("phase").asString().equals(phase)), phase);
    }
    parts.forEach(
        part -> {
          JsonNode share = part.get("of_the_peak_percent");
          assertTrue(share.isNull() || share.asDouble() > 0 && share.asDouble() < 110, "" + part);
        });
  }

  @Test
  void unitsAreRemovedAndFineTuned() {
    Path folder = dir.resolve("run");
    train(folder);
    for (String mode : new String[] {"weights", "output"}) {
      Path out = dir.resolve(mode);
      JsonNode row =
          json(
                  "prune",
                  folder.resolve("model.safetensors"),
                  "--granularity",
                  "unit",
                  "--mode",
                  mode,
                  "--percent",
                  "50",
                  "--fine-tune",
                  "1",
                  "--data",
                  dir,
                  "--out",
                  out,
                  "--json")
              .getFirst();
      // 16 of 32 and 8 of 16 units are left: 36→16→8→2 with biases.
      assertEquals(36 * 16 + 16 + 16 * 8 + 8 + 8 * 2 + 2, row.get("parameters_left").asInt(), mode);
    }
  }

  private static void storesWeightsNarrowly(Path dir, Path model, Path wide) throws IOException {
    long larger = Files.size(wide);
    for (String weights : List.of("fp16", "int8")) {
      Path out = dir.resolve(weights);
      JsonNode row =
          json(
                  "prune",
                  model,
                  "--percent",
                  "0",
                  "--weights",
                  weights,
                  "--data",
                  dir,
                  "--out",
                  out,
                  "--json")
              .getFirst();
      Path narrow = out.resolve("pruned-0.safetensors");
      assertEquals(
          row.get("as_stored_percent").asDouble(),
          json("eval", narrow, "--data", dir, "--json")
              .getFirst()
              .get("accuracy_percent")
              .asDouble(),
          1e-9);
      String inspected = succeed("inspect", narrow);
      assertTrue(inspected.contains(" " + weights), inspected);
      assertTrue(Files.size(narrow) < larger, weights);
      larger = Files.size(narrow);
    }
  }

  @Test
  void aTrainingIsNotOverwrittenAndTheSameSeedGivesTheSameFile() throws IOException {
    Path one = dir.resolve("one");
    Path two = dir.resolve("two");
    train(one);
    train(two);
    assertArrayEquals(
        Files.readAllBytes(one.resolve("model.safetensors")),
        Files.readAllBytes(two.resolve("model.safetensors")));
    Result again = run("train", "plain", "--data", dir, "--out", one);
    assertEquals(2, again.code);
    assertTrue(again.err.contains("--resume"), again.err);
    Result other = run("train", "plain", "--data", dir, "--out", one, "--resume");
    assertEquals(2, other.code);
    assertTrue(other.err.contains("can't continue: recipe"), other.err);
  }

  @Test
  void wrongInputLeavesNothingBehind() {
    Path out = dir.resolve("out");
    Result result =
        run("train", "targeted-weight", "--set", "method.dropRate=2", "--data", dir, "--out", out);
    assertEquals(2, result.code);
    assertEquals("espalier: method: the drop rate lies between 0 and 1, not at 2.0\n", result.err);
    assertFalse(Files.exists(out));
  }

  /** Two columns that tell three kinds apart, one that doesn't, in units far from each other. */
  private Path writeTable() throws IOException {
    var random = new SplittableRandom(9);
    var text = new StringBuilder("weight,\"length, mm\",kind,noise\r\n");
    for (int i = 0; i < 300; i++) {
      int kind = i % 3;
      text.append(70 + (kind == 0 ? 30 : 0) + 5 * random.nextGaussian())
          .append(',')
          .append(2000 + (kind == 1 ? 900 : 0) + 100 * random.nextGaussian())
          .append(',')
          .append(new String[] {"plum", "\"date, dried\"", "fig"}[kind])
          .append(',')
          .append(random.nextGaussian())
          .append("\r\n");
    }
    return Files.writeString(dir.resolve("fruit.csv"), text);
  }

  @Test
  void aTableIsTrainedOnPrunedEvaluatedAndPredicted() throws IOException {
    Path table = writeTable();
    Path folder = dir.resolve("fruit");
    String[] on = {"--data", table.toString(), "--label", "kind"};
    String trained =
        succeed(
            "train",
            "targeted-weight",
            "--set",
            "network=[24]",
            "--set",
            "epochs=30",
            "--set",
            "batch=8",
            "--set",
            "accumulate=2",
            "--set",
            "optimizer=adamw",
            "--set",
            "learningRate=0.01",
            "--set",
            "ema=0.9",
            "--out",
            folder,
            on[0],
            on[1],
            on[2],
            on[3]);
    Path model = folder.resolve("model.safetensors");
    JsonNode eval = json("eval", model, "--json", on[0], on[1], on[2], on[3]).getFirst();
    assertEquals(60, eval.get("examples").asInt());
    double accuracy = eval.get("accuracy_percent").asDouble();
    assertTrue(accuracy > 95, "accuracy " + accuracy);
    assertTrue(
        trained.startsWith(String.format(java.util.Locale.ROOT, "test accuracy %.2f", accuracy)),
        trained);

    JsonNode pruned =
        json(
                "prune",
                model,
                "--percent",
                "33",
                "--out",
                dir.resolve("p"),
                "--json",
                on[0],
                on[1],
                on[2],
                on[3])
            .getFirst();
    assertTrue(pruned.get("accuracy_percent").asDouble() > 60, pruned.toString());

    // In another order, without labels and noise's place taken by a column of words.
    Path rows = dir.resolve("rows.csv");
    Files.writeString(
        rows,
        "where,noise,\"length, mm\",weight\nhere,0,2000,100\nthere,0,2900,70\nhere,0.5,2000,70\n");
    List<JsonNode> predictions = json("predict", model, rows, "--json");
    List<String> kinds = predictions.stream().map(p -> p.get("class").asString()).toList();
    assertEquals(List.of("plum", "date, dried", "fig"), kinds);

    String inspected = succeed("inspect", model);
    assertTrue(inspected.contains("column length, mm"), inspected);
    assertTrue(inspected.contains("date, dried, fig, plum"), inspected);

    Result images = run("eval", model);
    assertEquals(2, images.code);
    assertTrue(images.err.contains("expected examples of [3]"), images.err);
    Result other = run("eval", model, "--label", "kind");
    assertEquals(2, other.code);
    assertTrue(other.err.contains("--label: expected --data with a CSV file"), other.err);
    JsonNode whole = json("eval", model, "--test", table, "--label", "kind", "--json").getFirst();
    assertEquals(300, whole.get("examples").asInt());
  }
}
