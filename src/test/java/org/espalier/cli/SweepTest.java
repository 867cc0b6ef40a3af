package org.espalier.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.espalier.experiment.bench.OnnxRuntimeEngine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class SweepTest {
  private static final List<String> SMALL =
      List.of("sweep", "--untrained", "plain", "--set", "network=[32,16]", "--input", "1x6x6");

  @TempDir Path dir;

  private record Result(int code, String out, String err) {}

  private static Result run(List<String> first, Object... more) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    List<String> words = new ArrayList<>(first);
    Stream.of(more).map(Object::toString).forEach(words::add);
    int code = Main.run(new PrintWriter(out), new PrintWriter(err), words.toArray(String[]::new));
    return new Result(code, out.toString(), err.toString());
  }

  private static JsonNode tables(List<String> first, Object... more) {
    Result result = run(first, more);
    assertEquals(0, result.code, result.err);
    return JsonMapper.shared().readTree(result.out);
  }

  private static double[] column(JsonNode rows, String name) {
    return rows.valueStream().mapToDouble(row -> row.get(name).asDouble()).toArray();
  }

  private static void assertFalls(double[] values) {
    for (int i = 1; i < values.length; i++) {
      assertTrue(values[i] < values[i - 1], values[i - 1] + " then " + values[i]);
    }
  }

  @Test
  void bytesFallWithTheWeightsAndEveryTimeIsThere() throws IOException {
    Path html = dir.resolve("sweep.html");
    JsonNode tables =
        tables(
            SMALL,
            "--percent=90,0,50",
            "--kernel=csr",
            "--break-even=fc*",
            "--seconds=0.01",
            "--out",
            html,
            "--json");
    JsonNode costs = tables.get("costs");
    assertEquals(List.of(0.0, 50.0, 90.0), List.of(boxed(column(costs, "pruned_percent"))));
    assertFalls(column(costs, "file_kib"));
    // 18 of 36 and 16 of 32 weights of each unit are left, all 16·2 of the logits and the biases.
    int all = 32 * 36 + 16 * 32 + 10 * 16 + 32 + 16 + 10;
    double zeros = 100.0 * (32 * 18 + 16 * 16 + 32 + 16 + 10) / all;
    assertEquals(zeros, column(costs, "zeros_percent")[1], 0.2);
    for (double dense : column(costs, "dense_kib")) {
      assertEquals(column(costs, "dense_kib")[0], dense);
      assertTrue(column(costs, "sparse_kib")[2] < dense);
    }
    for (JsonNode row : costs) {
      for (String time : List.of("b1_dense_us", "b1_sparse_us", "b64_dense_us", "b64_sparse_us")) {
        assertTrue(row.get(time).asDouble() > 0, time + " of " + row);
      }
      double medians = row.get("b64_dense_us").asDouble() / row.get("b64_sparse_us").asDouble();
      assertEquals(medians, row.get("b64_speed_up").asDouble(), 1e-9);
      assertTrue(row.get("doubts").isArray() && row.has("others_cpus"), "" + row);
      assertEquals(OnnxRuntimeEngine.isPresent(), row.has("b1_ort_us"), "" + row);
    }
    assertEquals(List.of("fc1: 32 of 36", "fc2: 16 of 32"), kinds(tables));
    String text = Files.readString(html);
    for (String title : List.of("One example a call", "Bytes", "fc2 (16 of 32), batch 64")) {
      assertTrue(text.contains("<figcaption>" + title + "</figcaption>"), title);
    }
    assertEquals(3 + 2 * 2, text.split("<figcaption>", -1).length - 1);
  }

  private static Double[] boxed(double[] values) {
    return java.util.Arrays.stream(values).boxed().toArray(Double[]::new);
  }

  @Test
  void halfOfTheUnitsAreGoneFromMemory() {
    JsonNode costs =
        tables(SMALL, "--granularity=unit", "--percent=0,50", "--seconds=0.01", "--json")
            .get("costs");
    assertFalls(column(costs, "file_kib"));
    assertFalls(column(costs, "sparse_kib"));
    assertEquals(column(costs, "dense_kib")[0], column(costs, "dense_kib")[1]);
  }

  @Test
  void convolutionsOfOneKindAreMeasuredOnce() {
    JsonNode tables =
        tables(
            List.of("sweep", "--untrained=plain", "--input=3x6x6"),
            "--set=network=[conv 4 3, relu, conv 4 3, relu, conv 4 3, relu, global-average-pool]",
            "--percent=80",
            "--break-even=conv*",
            "--seconds=0.01",
            "--json");
    assertEquals(
        List.of("conv1: 4, 3x3 of [3, 6, 6]", "conv2 and 1 like it: 4, 3x3 of [4, 6, 6]"),
        kinds(tables));
  }

  private static List<String> kinds(JsonNode tables) {
    return tables
        .get("break_even")
        .valueStream()
        .map(row -> row.get("layer").asString() + ": " + row.get("outputs_of_inputs").asString())
        .toList();
  }

  @Test
  void wrongOptionsAreOneLine() {
    List<String> model = List.of("sweep", "x.safetensors");
    assertFails("--set: expected --untrained, found a model", model, "--set=a=b");
    assertFails("--input: expected --untrained, found a model", model, "--input=3x4");
    assertFails(
        "--mode: expected --granularity unit, found --granularity weight", SMALL, "--mode=output");
    assertFails(
        "--seconds: expected a number above 0, up to 3600, found 0.0", SMALL, "--seconds=0");
    assertFails("x.safetensors: can't be read: no such file or folder", model);
    assertFails(
        "layers: expected a pattern that matches one of [fc1, fc2, logits], found no",
        SMALL,
        "--break-even=no");
  }

  private static void assertFails(String line, List<String> first, Object... more) {
    Result result = run(first, more);
    assertEquals(2, result.code, result.err);
    assertFalse(result.err.isEmpty());
    assertEquals("espalier: " + line + "\n", result.err);
    assertEquals("", result.out);
  }
}
