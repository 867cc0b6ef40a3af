package org.espalier.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the commands make of a table with texts, missing values and an index. */
class TableDataTest {
  @TempDir Path dir;

  private final StringWriter err = new StringWriter();
  private Path table = Path.of("");

  private String run(int code, Object... args) {
    err.getBuffer().setLength(0);
    StringWriter out = new StringWriter();
    String[] words = Arrays.stream(args).map(Object::toString).toArray(String[]::new);
    assertEquals(code, Main.run(new PrintWriter(out), new PrintWriter(err), words), err::toString);
    return out.toString();
  }

  private JsonNode json(Object... args) {
    Object[] all = Arrays.copyOf(args, args.length + 1);
    all[args.length] = "--json";
    return JsonMapper.shared().readTree(run(0, all)).get(0);
  }

  /** The colour alone decides; a third of the sizes, which decide nothing, are missing. */
  @BeforeEach
  void writeTable() throws IOException {
    var random = new SplittableRandom(5);
    var text = new StringBuilder("id;eaten;colour;size\n");
    for (int i = 0; i < 200; i++) {
      String colour = List.of("red", "green", "", "white").get(random.nextInt(4));
      text.append(i)
          .append(colour.equals("red") || colour.isEmpty() ? ";yes;" : ";no;")
          .append(colour)
          .append(';')
          .append(i % 3 == 0 ? "?" : "" + random.nextInt(90))
          .append('\n');
    }
    table = Files.writeString(dir.resolve("fruit.csv"), text);
  }

  private Path train(Object... more) {
    Path folder = dir.resolve("run");
    Object[] args = {
      "train",
      "plain",
      "--set",
      "network=[8]",
      "--set",
      "epochs=30",
      "--set",
      "batch=16",
      "--out",
      folder,
      "--threads",
      "1"
    };
    Object[] all = Arrays.copyOf(args, args.length + more.length);
    System.arraycopy(more, 0, all, args.length, more.length);
    run(0, all);
    return folder.resolve("model.safetensors");
  }

  @Test
  void allCommandsAgreeOnWhatTheColumnsAre() throws IOException {
    Path model = train("--data", table, "--label", "eaten");
    String said = err.toString();
    for (String line :
        List.of(
            "200 rows, cut by semicolon, the first line has names; 2 classes in column 'eaten': no,"
                + " yes",
            "numbers: size\n",
            "categories, an input for each: colour (4)\n",
            "missing, count as the training rows' mean: size (67)\n",
            "ignored: id (an index)\n")) {
      assertTrue(said.contains(line), said);
    }
    // The label's column need not be named again.
    JsonNode judged = json("eval", model, "--data", table);
    assertEquals(100, judged.get("accuracy_percent").asDouble());
    assertEquals(40, judged.get("examples").asInt());
    assertTrue(err.toString().contains("judged by 40 of 200 examples, those that"), "" + err);
    // All rows of another table are new to the model.
    Path other =
        Files.writeString(dir.resolve("other.csv"), Files.readString(table) + "200;no;green;5\n");
    assertEquals(201, json("eval", model, "--data", other).get("examples").asInt());
    assertTrue(err.toString().contains("judged by all 201 examples, since the"), "" + err);
    assertEquals(
        100,
        json("prune", model, "--data", table, "--percent", "0", "--out", dir.resolve("p"))
            .get("accuracy_percent")
            .asDouble());
    String facts = run(0, "inspect", dir.resolve("p/pruned-0.safetensors"));
    assertTrue(facts.contains("4 categories: (missing), green, red, white"), facts);
    assertTrue(facts.contains("ignored: an index"), facts);
    assertTrue(facts.contains("a missing one counts as"), facts);

    Path rows = Files.writeString(dir.resolve("rows.csv"), "size,colour\n50,NA\n,white\n3,blue\n");
    assertEquals("yes", json("predict", model, rows).get("class").asString());
    assertTrue(err.toString().contains("training's mean: size (1)"), err.toString());
    assertTrue(err.toString().contains("none of the categories: colour (1: 'blue')"), "" + err);
    run(2, "eval", model, "--data", table, "--ignore", "id");
    assertTrue(err.toString().contains("--ignore: expected no model"), err.toString());
  }

  /** Compressed, in Windows-1252, with two columns of one name, of which the second decides. */
  @Test
  void aTableAsASpreadsheetWritesItIsReadByAllCommands() throws IOException {
    var random = new SplittableRandom(8);
    var text = new StringBuilder("größe,größe,sorte\n");
    for (int i = 0; i < 200; i++) {
      int decides = random.nextInt(90);
      text.append(random.nextInt(90)).append(',').append(decides);
      text.append(decides < 45 ? ",süß\n" : ",sauer\n");
    }
    Path packed = dir.resolve("fruit.csv.gz");
    try (var out = new GZIPOutputStream(Files.newOutputStream(packed))) {
      out.write(text.toString().getBytes(StandardCharsets.ISO_8859_1));
    }
    String encoding = packed + ": not in UTF-8, so read as windows-1252 (Latin-1)";
    String names = "told apart as 1 'größe.1'";
    Path model = train("--data", packed);
    assertTrue(err.toString().contains(encoding), err.toString());
    assertTrue(err.toString().contains(names), err.toString());
    assertTrue(json("eval", model, "--data", packed).get("accuracy_percent").asDouble() > 90);
    assertTrue(err.toString().contains(encoding), err.toString());

    Path rows = Files.writeString(dir.resolve("rows.csv"), "größe.1,größe\n80,7\n");
    assertEquals("sauer", json("predict", model, rows).get("class").asString());
    String same = "größe,größe\n7,80\n";
    Files.write(rows, same.getBytes(StandardCharsets.ISO_8859_1));
    assertEquals("sauer", json("predict", model, rows).get("class").asString());
    assertTrue(err.toString().contains(names), err.toString());
    run(2, "train", "plain", "--out", dir.resolve("q"), "--data", packed, "--label", "sort");
    assertTrue(err.toString().contains("(did you mean 'sorte'?)"), err.toString());
  }

  /** Two rows fewer, or more, are held out if the first is one. */
  @ParameterizedTest
  @CsvSource({"yes,20", "no,21"})
  void theHeaderIsWhatTheUserSays(String header, int rows) throws IOException {
    var text = new StringBuilder("3,7,1\n");
    for (int i = 0; i < 20; i++) {
      text.append(i % 4).append(',').append(i % 7).append(',').append(i % 2).append('\n');
    }
    Path plain = Files.writeString(dir.resolve("plain.csv"), text);
    Path model = train("--data", plain, "--header", header);
    assertTrue(err.toString().contains(": " + rows + " rows"), err.toString());
    assertEquals(
        rows, json("eval", model, "--test", plain, "--header", header).get("examples").asInt());
    String predictions = run(0, "predict", model, plain, "--header", header);
    assertTrue(predictions.contains("#" + (rows - 1) + " "), predictions);
    assertTrue(!predictions.contains("#" + rows + " "), predictions);
    json(
        "prune",
        model,
        "--data",
        plain,
        "--percent",
        "0",
        "--header",
        header,
        "--out",
        dir.resolve("p"));
    run(2, "predict", model, plain, "--header", "maybe");
    assertTrue(err.toString().contains("expected yes or no, found 'maybe'"), err.toString());
    run(2, "train", "plain", "--out", dir.resolve("q"), "--header", header);
    assertTrue(err.toString().contains("--header: expected --data with a CSV file"), "" + err);
  }
}
