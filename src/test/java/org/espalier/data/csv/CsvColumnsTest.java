package org.espalier.data.csv;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.espalier.InputException;
import org.espalier.data.Dataset;
import org.espalier.data.Features;
import org.espalier.data.Split;
import org.espalier.model.Column;
import org.espalier.model.Preprocessing;
import org.espalier.model.TableFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables as people have them: what each column becomes, and what is read again for a model. */
class CsvColumnsTest {
  @TempDir Path dir;

  private final List<String> notes = new ArrayList<>();

  private Path file(String name, String text) throws IOException {
    return Files.writeString(dir.resolve(name), text);
  }

  private Dataset all(String text, CsvOptions options) throws IOException {
    Path data = file("data.csv", text);
    return CsvData.read(data, data, options, notes::add).training();
  }

  private Dataset all(String text) throws IOException {
    return all(text, CsvOptions.NONE);
  }

  private static List<Column> columns(Dataset data) {
    return ((Features) data.examples()).layout().columns();
  }

  private static List<String> names(Dataset data) {
    return columns(data).stream().map(Column::name).toList();
  }

  private static float[] inputs(Dataset data, Preprocessing preprocessing) {
    return data.examples().toInput(0, data.size(), preprocessing).toArray();
  }

  private static int[] labels(Dataset data) {
    return IntStream.range(0, data.size()).map(data::label).toArray();
  }

  private static CsvOptions options(
      List<String> columns, List<String> ignored, List<String> categories) {
    return new CsvOptions(null, null, null, columns, ignored, categories, TableFormat.PLAIN);
  }

  private static CsvOptions format(String decimal, String thousands, String... missing) {
    return new CsvOptions(
        null,
        null,
        null,
        List.of(),
        List.of(),
        List.of(),
        new TableFormat(null, decimal, thousands, List.of(missing)));
  }

  private static CsvOptions header(boolean header) {
    return new CsvOptions(header, null, null, List.of(), List.of(), List.of(), TableFormat.PLAIN);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "0,1,2,3,4\\n5,3,1,0,7\\n4,3,1,0,8\\n6,2,4,1,7\\n6,2,5,1,8~true", // pandas' default
        "2,0,1,3\\n5,3,1,7\\n4,3,1,8\\n6,2,4,7\\n6,2,5,8~true", // the same, columns moved
        ",0,1,2\\n0,5,3,1\\n1,4,3,1\\n2,6,2,0\\n3,6,2,0~true", // with its index
        "country,2019,2020,2021\\nNorway,5,7,1\\nSweden,7,5,1\\nChad,1,2,0\\nMali,2,1,0~true",
        "country,2019,2020\\nNorway,5,1\\nSweden,7,1\\nChad,1,0\\nMali,2,0~true",
        "400,410,420\\n0.5,0.25,1\\n0.5,0.25,1\\n0.75,0.5,0\\n0.5,0.75,0~true", // whole above
        // fractions
        "letter,1,2,3\\nT,2,8,1\\nI,5,12,0\\nT,4,11,1\\nI,7,11,0~true",
        "outlook,windy,play\\nsunny,yes,no\\nsunny,no,no\\nrain,yes,yes\\nrain,no,yes~true",
        "sunny,yes,no\\nsunny,no,no\\nrain,yes,yes\\nrain,no,yes~false",
        "39,State,13,a\\n50,Self,13,b\\n38,State,9,a\\n53,Self,7,b~false",
        "T,2,8,3\\nI,5,12,3\\nT,4,11,3\\nI,7,11,4~false",
        "5.1,3.5,1\\n4.9,3.0,1\\n4.7,3.2,0\\n4.6,3.1,0~false",
        "5,3.5,1\\n4.9,3,1\\n4.7,3.2,0\\n4.6,3.1,0~false",
        "0,1,2\\n2,0,1\\n1,0,2\\n0,2,1~false", // ranks: each row is like the first
        "young,?,1,a\\nold,4,2,b\\nyoung,5,3,a\\nold,?,4,b~false", // no name, but missing
      })
  void aHeaderIsToldByItsContent(String text, boolean header) throws IOException {
    Dataset data = all(text.replace("\\n", "\n"));
    assertEquals(header ? 4 : text.split("\\\\n").length, data.size());
    assertEquals(header, ((Features) data.examples()).layout().format().header());
  }

  @Test
  void aHeaderIsWhatTheUserSays() throws IOException {
    String text = "0,1,2\n5,3,1\n4,3,2\n6,2,1\n6,2,2\n";
    assertEquals(4, all(text, header(true)).size());
    assertEquals(5, all(text, header(false)).size());
  }

  /** Numbers by their values, under the name that comes first. */
  @Test
  void labelsOfOneValueAreOneClass() throws IOException {
    Dataset data = all("x,label\n1,1\n2,1.0\n3,0.0\n4,+1e0\n5,0\n6,-0\n");
    assertEquals(List.of("0.0", "1"), data.classes());
    assertArrayEquals(new int[] {1, 1, 0, 1, 0, 0}, labels(data));
    Path training = file("t.csv", "x,label\n1,0.0\n2,1.0\n3,0.0\n4,1.0\n");
    Path test = file("u.csv", "x,label\n1,1\n2,0\n");
    Split split = CsvData.read(training, test, CsvOptions.NONE, notes::add);
    assertArrayEquals(new int[] {1, 0}, labels(split.heldOut()));
    // Beyond 2^53 doubles are equal that are not the same number.
    assertEquals(
        2,
        all("x,label\n1,9007199254740992\n2,9007199254740993\n3,9007199254740992\n"
                + "4,9007199254740993\n")
            .classes()
            .size());
  }

  @Test
  void aModelOfBothSpellingsKeepsThemApart() throws IOException {
    var columns = new Preprocessing.Columns(List.of(new Column.Numbers("x", 0, 1)));
    Path data = file("data.csv", "x,label\n1,1\n2,1.0\n3,01\n");
    assertArrayEquals(
        new int[] {1, 0, 0},
        labels(CsvData.readAll(data, CsvOptions.NONE, columns, List.of("1.0", "1"), notes::add)));
  }

  @Test
  void measurementsAreNoClasses() {
    String fractions =
        IntStream.range(0, 300).mapToObj(i -> i + "," + i / 10.0).collect(Collectors.joining("\n"));
    String message = assertThrows(InputException.class, () -> all(fractions)).getMessage();
    assertTrue(
        message.startsWith(
            dir.resolve("data.csv")
                + ": column 1 looks like a regression, not like classes: 300 different numbers,"
                + " fractions among them, in 300 rows"),
        message);
    String whole =
        IntStream.range(0, 900).mapToObj(i -> i + "," + i / 3).collect(Collectors.joining("\n"));
    message = assertThrows(InputException.class, () -> all(whole)).getMessage();
    assertTrue(message.contains("looks like a regression"), message);
    assertTrue(message.contains("300 different numbers in 900 rows"), message);
  }

  @Test
  void numbersMayBeNamesOfClasses() throws IOException {
    Dataset data =
        all("x,v\n1,0.5\n2,1.5\n3,0.5\n4,1.5\n", options(List.of(), List.of(), List.of("v")));
    assertEquals(List.of("0.5", "1.5"), data.classes());
  }

  @Test
  void textsBecomeCategoriesAndMissingValuesAreFilledByTheRuleOfTheTraining() throws IOException {
    Path training =
        file(
            "training.csv", "x,colour,kind\n1,red,a\n?,blue,b\nNA,red,a\n4,,b\n,blue,a\n7,red,b\n");
    Dataset data = CsvData.read(training, training, CsvOptions.NONE, notes::add).training();
    assertEquals(
        List.of(
            new Column.Numbers("x", 0, 1),
            new Column.Categories("colour", List.of("", "blue", "red")),
            new Column.Label("kind")),
        columns(data));
    var model = (Preprocessing.Columns) data.standardization();
    // Mean 4 and variance (9 + 0 + 9) / 3 of the numbers that are there.
    float one = 3 / (float) Math.sqrt(6);
    assertEquals(
        new Column.Numbers("x", 0, 4, (float) Math.sqrt(6), 3), model.columns().getFirst());
    assertArrayEquals(
        new float[] {
          -one, 0, 0, 1, //
          0, 0, 1, 0, //
          0, 0, 0, 1, //
          0, 1, 0, 0, //
          0, 0, 1, 0, //
          one, 0, 0, 1
        },
        inputs(data, model));
    notes.clear();
    // A value that training didn't have is none; the mean is the training's, not this file's.
    Path rows = file("rows.csv", "colour,x\ngreen,null\nblue,1000004\nN/A,4\n");
    Features read = CsvData.readFeatures(rows, CsvOptions.NONE, model, notes::add);
    float far = (float) (1000000 / Math.sqrt(6));
    float[] x = read.toInput(0, 3, model).toArray();
    assertArrayEquals(new float[] {0, 0, 0, 0, far, 0, 1, 0, 0, 1, 0, 0}, x, 0.1f);
    assertEquals(
        List.of(
            rows + ": missing numbers count as the training's mean: x (1)",
            rows
                + ": values that training didn't have count as none of the categories: colour (1:"
                + " 'green')"),
        notes);
  }

  /** What is in held-out rows alone is strange to the network. */
  @Test
  void categoriesAreThoseOfTheTrainingRows() throws IOException {
    var text = new StringBuilder("c,label\n");
    for (int i = 0; i < 50; i++) {
      text.append(i < 4 ? "rare" + i : i % 2 == 0 ? "x" : "y")
          .append(',')
          .append(i % 2)
          .append('\n');
    }
    Split split = CsvData.read(file("d.csv", text.toString()), null, CsvOptions.NONE, notes::add);
    var categories = (Column.Categories) columns(split.training()).getFirst();
    float[] values = ((Features) split.heldOut().examples()).values();
    long unknown = IntStream.range(0, values.length).filter(i -> values[i] < 0).count();
    assertEquals(6 - categories.values().size(), unknown);
    for (float value : ((Features) split.training().examples()).values()) {
      assertTrue(value >= 0);
    }
  }

  @Test
  void whatWasDecidedIsSaid() throws IOException {
    var text = new StringBuilder("id,name,age,sex,empty,grade\n");
    for (int i = 0; i < 30; i++) {
      text.append(1000 + 7 * i)
          .append(",n" + i + "," + (i % 5 == 0 ? "" : 20 + i) + ",")
          .append(i % 3 == 0 ? "f" : "m")
          .append(",,")
          .append("ab".charAt(i % 2))
          .append('\n');
    }
    Dataset data = all(text.toString());
    Path path = dir.resolve("data.csv");
    assertEquals(
        List.of(
            path
                + ": 30 rows, cut by comma, the first line has names; 2 classes in column 'grade':"
                + " a, b",
            "  numbers: age",
            "  categories, an input for each: sex (2)",
            "  missing, count as the training rows' mean: age (6)",
            "  ignored: id (an index), name (text, 30 different), empty (empty)"),
        notes.subList(0, 5));
    assertEquals(new Column.Ignored("id", "an index"), columns(data).getFirst());
    assertEquals(List.of("id", "name", "age", "sex", "empty", "grade"), names(data));
  }

  @Test
  void columnsAreChosen() throws IOException {
    String text = "a,b,c,label\n1,2,3,x\n2,3,3,y\n1,2,4,x\n2,5,4,y\n";
    Dataset data = all(text, options(List.of(), List.of("b"), List.of("c")));
    assertEquals(List.of("a", "c"), ((Features) data.examples()).names());
    assertEquals(new Column.Categories("c", List.of("3", "4")), columns(data).get(2));
    data = all(text, options(List.of("1"), List.of(), List.of()));
    assertEquals(List.of("b"), ((Features) data.examples()).names());
    var e =
        assertThrows(
            InputException.class, () -> all(text, options(List.of("bb"), List.of(), List.of())));
    assertTrue(e.getMessage().contains("expected a column 'bb' of --columns"), e.getMessage());
    e =
        assertThrows(
            InputException.class, () -> all(text, options(List.of(), List.of("label"), List.of())));
    assertTrue(e.getMessage().contains("other columns than the label's"), e.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '!',
      value = {
        "x;y;label\\n1;2;a\\n3;4;b\\n1;2;a\\n3;4;b!SEMICOLON",
        "x\\ty\\tlabel\\n1\\t2\\ta\\n3\\t4\\tb\\n1\\t2\\ta\\n3\\t4\\tb!TAB",
        "x|y|label\\n1|2|a\\n3|4|b\\n1|2|a\\n3|4|b!PIPE",
        "x, y, label\\n1, 2, a\\n3, 4, b\\n1, 2, a\\n3, 4, b!COMMA",
        " x   y label\\n  1  2\\ta \\n3 4 \"b\"\\n1 2    a\\n3 4 b\\n!BLANKS",
        "1,2,a,\\n3,4,b,\\n1,2,a,\\n3,4,b,!COMMA", // a separator at the end of each row
        "x,y,label\\n1,2,a,\\n3,4,b,\\n1,2,a,\\n3,4,b,!COMMA",
        "# of a survey\\n1,2,a\\n3,4,b\\n# no more\\n1,2,a\\n3,4,b!COMMA",
        "#x,y,label\\n1,2,a\\n3,4,b\\n1,2,a\\n3,4,b!COMMA",
        "|1x3 Cross validator\\n1, 2, a\\n3, 4, b\\n1, 2, a\\n3, 4, b!COMMA",
      })
  void cellsAreCutByWhatCutsThem(String text, Separator separator) throws IOException {
    String plain = text.replace("\\n", "\n").replace("\\t", "\t");
    Dataset data = all(plain);
    assertArrayEquals(new float[] {1, 2, 3, 4, 1, 2, 3, 4}, ((Features) data.examples()).values());
    assertEquals(List.of("a", "b"), data.classes());
    assertEquals(separator, Separator.detect(plain, true));
  }

  /** As R writes them: the first column has no name. */
  @Test
  void aHeaderMayBeOneNameShort() throws IOException {
    Dataset data = all("x y label\n1 5 2 a\n2 6 4 b\n3 5 3 a\n4 7 4 b\n");
    assertEquals(List.of("", "x", "y", "label"), names(data));
    assertEquals(new Column.Ignored("", "an index"), columns(data).getFirst());
  }

  @Test
  void numbersAreWrittenInManyWays() throws IOException {
    Dataset data =
        all("x;y;label\n1.234,5;-;a\n-1.234.567;2,5;b\n7;3;a\n0,25;4;b\n", format(",", ".", "-"));
    float[] values = ((Features) data.examples()).values();
    assertEquals(1234.5f, values[0]);
    assertTrue(Float.isNaN(values[1]));
    assertEquals(-1234567f, values[2]);
    assertEquals(2.5f, values[3]);
    assertEquals(.25f, values[6]);
    var model = (Preprocessing.Columns) data.standardization();
    Path rows = file("rows.csv", "x;y\n2.000;1,5\n-;-\n");
    float[] read = CsvData.readFeatures(rows, CsvOptions.NONE, model, notes::add).values();
    assertArrayEquals(new float[] {2000, 1.5f, Float.NaN, Float.NaN}, read);
    data = all("x,label\n\"1,234.5\",a\n3,b\n\"1,000\",a\n2,b\n", format(".", ","));
    assertArrayEquals(new float[] {1234.5f, 3, 1000, 2}, ((Features) data.examples()).values());
    var e =
        assertThrows(
            InputException.class,
            () -> all("x,label\n\"1,23\",a\n3,b\n\"1,000\",a\n2,b\n", format(".", ",")));
    assertTrue(e.getMessage().contains("line 2, column 'x': expected a number, found '1,23'"));
  }

  /** Else they would be categories, or ignored. */
  @ParameterizedTest
  @ValueSource(strings = {"12,5", "1.234,5", "1'234", "-1,234,567.8"})
  void numbersWrittenOtherwiseAreNoTexts(String number) throws IOException {
    String text = "x;label\n7;a\n" + (number + ";b\n" + number + ";a\n").repeat(10);
    var e = assertThrows(InputException.class, () -> all(text));
    assertEquals(
        dir.resolve("data.csv")
            + ", line 3, column 'x': expected numbers like 1234.5 (--thousands and --decimal say how"
            + " they are written, --categories that they are names), found '"
            + number
            + "'",
        e.getMessage());
    assertEquals(
        new Column.Categories("x", List.of("7", number)),
        columns(all(text, options(List.of(), List.of(), List.of("x")))).getFirst());
  }

  @ParameterizedTest
  @ValueSource(strings = {"01.02.2020", "192.168.0.1", "1.2.3", "12-5"})
  void datesAndVersionsAreTexts(String value) throws IOException {
    String text = "x;label\n" + (value + ";b\n8" + value + ";a\n").repeat(10);
    assertEquals(2, columns(all(text)).getFirst().inputs());
  }

  /** Floats are fine for what instruments measure: the bits of models stay as they were. */
  @Test
  void nothingIsSubtractedFromPlainNumbers() throws IOException {
    var text = new StringBuilder("index,label\n");
    for (int i = 0; i < 100; i++) {
      text.append(1.51 + i * 1e-4).append(',').append(i % 2).append('\n');
    }
    assertEquals(0, ((Column.Numbers) columns(all(text.toString())).getFirst()).offset());
  }

  /** Floats are 128 s apart there; a day's seconds must still be told apart. */
  @Test
  void theTimeOfDayIsLeftOfUnixTimes() throws IOException {
    var text = new StringBuilder("time,label\n");
    for (int i = 0; i < 1000; i++) {
      text.append(1_700_000_000L + i).append(',').append(i < 500 ? "a" : "b").append('\n');
    }
    Dataset data = all(text.toString());
    var column = (Column.Numbers) columns(data).getFirst();
    assertEquals(1_700_000_500.0, column.offset());
    float[] values = ((Features) data.examples()).values();
    for (int i = 0; i < 1000; i++) {
      assertEquals(i - 500, values[i]);
    }
    var model = (Preprocessing.Columns) data.standardization();
    Path rows = file("rows.csv", "time\n1700000123\n");
    assertArrayEquals(
        new float[] {123 - 500},
        CsvData.readFeatures(rows, CsvOptions.NONE, model, notes::add).values());
    assertTrue(notes.stream().noneMatch(note -> note.contains("equal their neighbours")));
    // Plain columns keep their digest and their bits.
    assertEquals(
        0, ((Column.Numbers) columns(all("x,l\n.1,a\n.2,b\n.3,a\n.4,b\n")).getFirst()).offset());
  }

  @Test
  void numbersThatFloatsCannotTellApartAreNamed() throws IOException {
    all("x,label\n1e-40,a\n1e30,b\n0,a\n1e30,b\n3e-46,a\n2e-46,b\n");
    assertTrue(
        notes.getFirst().contains(": column 'x': ") && notes.getFirst().contains("as floats"),
        notes.toString());
    Dataset tiny = all("x,label\n1e-42,a\n2e-42,b\n1e-42,a\n2e-42,b\n");
    String message = assertThrows(InputException.class, tiny::standardization).getMessage();
    assertTrue(message.contains("only numbers that deviate by less than"), message);
    assertFalse(message.contains("the same values"), message);
  }

  /** Without names columns go by their places, with and without those that a model leaves out. */
  @ParameterizedTest
  @ValueSource(strings = {"9,x,5,6", "9,5,6", "5,6"})
  void rowsWithoutNamesFindTheirColumns(String row) throws IOException {
    var model =
        new Preprocessing.Columns(
            List.of(
                new Column.Ignored("0", "an index"),
                new Column.Label("1"),
                new Column.Numbers("2", 0, 1),
                new Column.Numbers("3", 0, 1)),
            new TableFormat(false, ".", "", List.of()));
    Path rows = file("rows.csv", row + "\n");
    assertArrayEquals(
        new float[] {5, 6},
        CsvData.readFeatures(rows, CsvOptions.NONE, model, notes::add).values());
  }

  @Test
  void theLabelOfTheTrainingIsFoundAgain() throws IOException {
    Dataset data = all("kind,x,y\na,1,2\nb,2,3\na,1,4\nb,2,5\n", CsvOptions.NONE.withLabel("kind"));
    var model = (Preprocessing.Columns) data.standardization();
    Path other = file("other.csv", "y,kind,x\n7,b,8\n");
    Dataset read = CsvData.readAll(other, CsvOptions.NONE, model, data.classes(), notes::add);
    assertArrayEquals(new int[] {1}, labels(read));
    assertArrayEquals(new float[] {8, 7}, ((Features) read.examples()).values());
  }

  @ParameterizedTest
  @ValueSource(strings = {"UTF-8", "UTF-16LE", "UTF-16BE"})
  void marksOfUnicodeAreRead(String charset) throws IOException {
    Path data = dir.resolve("data.csv");
    Files.write(data, "\uFEFFé,label\n1,ü\n2,b\n1,ü\n2,b\n".getBytes(Charset.forName(charset)));
    Split split = CsvData.read(data, null, CsvOptions.NONE, notes::add);
    assertEquals(List.of("é", "label"), names(split.training()));
    assertEquals(List.of("b", "ü"), split.training().classes());
  }

  /** What a spreadsheet writes in western Europe; the byte that shows it may come late. */
  @Test
  void whatIsNotInUnicodeIsReadAsWindows1252() throws IOException {
    String text = "x,label\n" + "1,b\n2,c\n".repeat(50_000) + "1,5 €\n2,ü\n1,5 €\n2,ü\n";
    Path data = Files.write(dir.resolve("data.csv"), text.getBytes(Charset.forName("Cp1252")));
    Split split = CsvData.read(data, data, CsvOptions.NONE, notes::add);
    assertEquals(List.of("5 €", "b", "c", "ü"), split.training().classes());
    String note = data + ": not in UTF-8, so read as windows-1252 (Latin-1)";
    assertEquals(2, notes.stream().filter(note::equals).count(), notes::toString);
  }

  @ParameterizedTest
  @CsvSource({
    "81 40,other bytes", // Shift-JIS, which no table of western letters can have
    "c3 a9 00,zero bytes",
    "61 00 2c 00,zero bytes", // UTF-16 without a mark
    "ff fe 00 d8 61 00,other bytes" // half a character of UTF-16
  })
  void whatIsNoTextIsRefused(String bytes, String found) throws IOException {
    Path data = dir.resolve("data.csv");
    Files.write(data, HexFormat.ofDelimiter(" ").parseHex(bytes));
    var e =
        assertThrows(
            InputException.class, () -> CsvData.read(data, null, CsvOptions.NONE, notes::add));
    assertEquals(
        data + ": expected text in UTF-8, in UTF-16 with a mark or in windows-1252, found " + found,
        e.getMessage());
  }

  private static byte[] gzip(byte[] content) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var packed = new GZIPOutputStream(bytes)) {
      packed.write(content);
    }
    return bytes.toByteArray();
  }

  @Test
  void compressedTablesAreRead() throws IOException {
    byte[] packed = gzip("x,label\n1,a\n2,b\n1,a\n2,b\n".getBytes(StandardCharsets.UTF_8));
    Path data = Files.write(dir.resolve("data.csv.gz"), packed);
    assertTrue(CsvData.isCsv(data));
    assertEquals(4, CsvData.read(data, data, CsvOptions.NONE, notes::add).training().size());

    Files.write(data, Arrays.copyOf(packed, packed.length - 9));
    refuses(data, ": can't be read: it ends too early");
    Files.write(data, Arrays.copyOf(packed, packed.length + 30));
    refuses(data, ": expected nothing behind the compressed data, found more bytes");
    packed[packed.length - 5] ^= 1; // the checksum
    Files.write(data, packed);
    refuses(data, ": can't be read: Corrupt GZIP trailer");
    Files.write(data, gzip(new byte[200 << 20]));
    refuses(data, ": expected text in UTF-8, in UTF-16 with a mark or in windows-1252");
  }

  /** A fifth of a megabyte that would fill the heap, row after row. */
  @Test
  void whatHoldsFarMoreThanDataDoIsRefused() throws IOException {
    Path data =
        Files.write(
            dir.resolve("data.csv.gz"),
            gzip("0,0\n".repeat(60 << 20).getBytes(StandardCharsets.UTF_8)));
    refuses(data, ": expected at most 256 bytes (decompressed) for each compressed one, found ");
  }

  private void refuses(Path data, String start) {
    var e =
        assertThrows(
            InputException.class, () -> CsvData.read(data, null, CsvOptions.NONE, notes::add));
    assertTrue(e.getMessage().startsWith(data + start), e.getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "data.csv,true",
    "DATA.CSV.GZ,true",
    "iris.data,true",
    "data,false",
    "csv,false",
    "train-images-idx3-ubyte.gz,false",
    "data.gz,false"
  })
  void tablesAreToldByTheEndsOfTheirNames(String name, boolean csv) {
    assertEquals(csv, CsvData.isCsv(Path.of(name)));
    assertEquals(csv, CsvData.isCsv(dir.resolve(name)));
  }

  @Test
  void aFolderIsNoTable() throws IOException {
    assertFalse(CsvData.isCsv(Files.createDirectory(dir.resolve("faces.data"))));
  }

  /**
   * Of two columns x the second one decides; it is found again under the name that pandas gives.
   */
  @Test
  void columnsOfOneNameAreToldApartAndFoundAgain() throws IOException {
    Dataset data = all("x,x,,label\n5,1,7,a\n5,2,8,b\n6,1,9,a\n6,2,7,b\n");
    assertEquals(List.of("x", "x.1", "Unnamed: 2", "label"), names(data));
    String note =
        dir.resolve("data.csv")
            + ": the header doesn't name each column differently; told apart as 1 'x.1', 2"
            + " 'Unnamed: 2'";
    assertEquals(2, notes.stream().filter(note::equals).count(), notes::toString);

    var model = (Preprocessing.Columns) data.standardization();
    Path same = file("same.csv", "label,x,x,\nb,5,2,3\n");
    Path renamed = file("renamed.csv", "x.1,Unnamed: 2,x\n2,3,5\n");
    // In the first file the column without a name is another one, as it is for pandas.
    var e =
        assertThrows(
            InputException.class,
            () -> CsvData.readFeatures(same, CsvOptions.NONE, model, notes::add));
    assertEquals(
        same
            + ": expected a column 'Unnamed: 2' that the model takes (did you mean 'Unnamed: 3'?),"
            + " found columns [label, x, x.1, Unnamed: 3]",
        e.getMessage());
    assertArrayEquals(
        new float[] {5, 2, 3},
        CsvData.readFeatures(renamed, CsvOptions.NONE, model, notes::add).values());
  }

  /** Most names of the model are repeats, which a header has only once they are told apart. */
  @Test
  void aHeaderOfRepeatedNamesIsKnownAgain() throws IOException {
    Dataset data = all("7,7,7,k\n5,1,2,a\n5,2,8,b\n6,1,9,a\n6,2,7,b\n", header(true));
    var model = (Preprocessing.Columns) data.standardization();
    assertEquals(List.of("7", "7.1", "7.2", "k"), names(data));
    Path rows = file("rows.csv", "7,7,7\n5,1,2\n");
    Features read = CsvData.readFeatures(rows, CsvOptions.NONE, model, notes::add);
    assertArrayEquals(new float[] {5, 1, 2}, read.values());
  }

  @ParameterizedTest
  @CsvSource({"--columns,0", "--ignore,1", "--categories,2"})
  void mistypedNamesAreToldWithTheNearest(String option, int list) {
    List<List<String>> lists = new ArrayList<>(List.of(List.of(), List.of(), List.of()));
    lists.set(list, List.of("heigth"));
    var e =
        assertThrows(
            InputException.class,
            () ->
                all(
                    "weight,height,label\n1,2,a\n3,4,b\n",
                    options(lists.get(0), lists.get(1), lists.get(2))));
    assertEquals(
        dir.resolve("data.csv")
            + ": expected a column 'heigth' of "
            + option
            + " (did you mean 'height'?), found columns [weight, height, label]",
        e.getMessage());
  }

  @Test
  void mistakesAmongNumbersAreNamedNotMadeCategories() {
    var text = new StringBuilder("age,label\n");
    for (int i = 0; i < 50; i++) {
      text.append(i == 20 || i == 30 ? "4O" : "" + i % 30).append(',').append(i % 2).append('\n');
    }
    var e = assertThrows(InputException.class, () -> all(text.toString()));
    assertTrue(
        e.getMessage()
            .startsWith(
                dir.resolve("data.csv")
                    + ", line 22, column 'age': expected a number, found '4O'; 48 of the column's"
                    + " cells are numbers, 2 text"),
        e.getMessage());
  }

  /** Each of these takes hours if a step looks through all columns, or all classes, for each. */
  @Test
  void wideTablesAndManyClassesTakeLinearTime() throws IOException {
    int wide = 200_000;
    String names = IntStream.range(0, wide).mapToObj(i -> "c" + i).collect(Collectors.joining(","));
    String row = "1" + ",2".repeat(wide - 1);
    Dataset data = all(names + ",label\n" + row + ",a\n" + row + ",b\n" + row + ",a\n");
    assertEquals(wide, data.examples().shape().size());
    Path rows = file("rows.csv", names + "\n" + row + "\n");
    Features read =
        CsvData.readFeatures(
            rows, CsvOptions.NONE, ((Features) data.examples()).layout(), notes::add);
    assertEquals(wide, read.shape().size());

    int classes = 200_000;
    var text = new StringBuilder("x,label\n");
    for (int i = 0; i < 2 * classes; i++) {
      text.append(i % 2).append(",c").append(i % classes).append('\n');
    }
    Path many = file("many.csv", text.toString());
    Split split = CsvData.read(many, null, CsvOptions.NONE, notes::add);
    assertEquals(classes, split.training().classes().size());
    assertEquals(classes / 5 * 2, split.heldOut().size());
    assertEquals(
        2 * classes, Arrays.stream(split.training().classCounts()).sum() + split.heldOut().size());
  }
}
