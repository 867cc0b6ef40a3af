package org.espalier.data.csv;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.espalier.data.Split;
import org.espalier.fuzz.Choices;
import org.espalier.fuzz.ParserLaw;
import org.espalier.fuzz.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Tables, as training data. */
class CsvFuzzTest {
  private static final long MOST_MEMORY = 32 << 20;

  /** Beside that, for each byte of a file: four may make a column. */
  private static final long MOST_GROWTH = ParserLaw.FUZZING ? 2000 : 1000;

  private static final String[] CELLS = {
    "1",
    "0",
    "-1",
    "1.0",
    "2.5",
    "1e38",
    "1e39",
    "1e400",
    "1e-400",
    "1609459200",
    "NaN",
    "Infinity",
    "0x1p3",
    "1f",
    "",
    "?",
    "NA",
    "null",
    "a",
    "é",
    "\"a,b\"",
    "\"a\"\"b\"",
    "\"",
    "\"\n\"",
    " 1 ",
    "1,000",
    "1.000,5",
    "١٢",
    "+1",
    "--1",
    ".",
    "e",
    "1e",
    "true",
    "2147483648",
    "\u0000",
    "\ufeff"
  };

  private static final String[] HEADERS = {
    "", "a", "b", "label", "class", "0", "1", "id", "a", "4"
  };

  @TempDir static Path folder;

  static Stream<Arguments> files() {
    return Seeds.of(
        "1,2,a\n3,4,b\n",
        "x,y,label\n1,2,a\n3,4,b\n",
        "0,1,2,3,4\n1,2,3,4,a\n5,6,7,8,b\n",
        "country,2019,2020\nA,1,2\nB,3,4\n",
        "1;2;a\n3;4;b\n",
        "1609459200,a\n1609459201,b\n",
        "1,1\n2,1.0\n3,0\n",
        "\"a\nb\",1\n",
        "\"never ended",
        ",".repeat(2000) + "\n" + ",".repeat(2000),
        "1,".repeat(3000) + "a\n" + "2,".repeat(3000) + "b\n",
        "0.5;a;".repeat(2400), // one row, whose cells are looked at for each separator
        "\ufeff1,2\n3,4\n",
        "a\n".repeat(3000),
        "1,a\n2," + "b".repeat(5000) + "\n");
  }

  @MethodSource("files")
  @FuzzTest
  void anyBytes(byte[] file) throws Exception {
    read(file, null);
  }

  static Stream<Arguments> choices() {
    return Seeds.random(5);
  }

  /** Rows of numbers with a label behind them, but for what the bytes decide. */
  @MethodSource("choices")
  @FuzzTest
  void tables(byte[] bytes) throws Exception {
    Choices choose = new Choices(bytes);
    String label = choose.oneIn(4) ? choose.oneOf("2", "label", "", "99999999999", "-1") : null;
    read(table(choose).getBytes(StandardCharsets.UTF_8), label);
  }

  @Test
  void manyTables() {
    Seeds.tryRandom(500, this::tables);
  }

  @Test
  void thePlainTableIsTaken() throws Exception {
    assertTrue(read(table(new Choices(new byte[0])).getBytes(StandardCharsets.UTF_8), null));
  }

  private static boolean read(byte[] content, String label) throws Exception {
    Path file = Files.write(folder.resolve("t.csv"), content);
    return ParserLaw.holds(
        MOST_MEMORY + MOST_GROWTH * content.length,
        () -> {
          Split split = CsvData.read(file, null, CsvOptions.NONE.withLabel(label), _ -> {});
          assertTrue(split.training().size() > 0);
          assertTrue(split.heldOut().size() > 0);
          split.training().standardization();
        });
  }

  private static String table(Choices choose) {
    String separator = choose.oneIn(6) ? choose.oneOf(";", "\t", "|", " ", ", ") : ",";
    String end = choose.oneIn(6) ? choose.oneOf("\r\n", "\r", "\n\n", "") : "\n";
    int columns = 1 + choose.oneOf(2, 1, 0, 3, 40);
    int rows = choose.oneOf(8, 1, 2, 0, 60);
    int repeat = choose.oneIn(16) ? 200 : 1;
    StringBuilder text = new StringBuilder();
    if (choose.oneIn(3)) {
      for (int c = 0; c <= columns; c++) {
        text.append(c == 0 ? "" : separator).append(choose.oneOf(HEADERS));
      }
      text.append(end);
    }
    StringBuilder body = new StringBuilder();
    for (int r = 0; r < rows; r++) {
      int cells = Math.clamp(choose.mostly(columns, 32), 0, 300);
      for (int c = 0; c < cells; c++) {
        body.append(choose.oneIn(12) ? cell(choose) : r * 7 % 5 + "." + c).append(separator);
      }
      body.append(choose.oneIn(12) ? cell(choose) : "" + "ab".charAt(r % 2)).append(end);
    }
    return text.append(body.toString().repeat(repeat)).toString();
  }

  private static String cell(Choices choose) {
    return choose.oneIn(4) ? choose.text(12) : choose.oneOf(CELLS);
  }
}
