package org.espalier.data.csv;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.espalier.InputException;
import org.espalier.data.Dataset;
import org.espalier.data.Features;
import org.espalier.data.Split;
import org.espalier.model.Column;
import org.espalier.model.Preprocessing;
import org.espalier.tensor.Shape;
import org.espalier.tensor.Tensor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CsvDataTest {
  @TempDir Path dir;

  private Path file(String name, String text) throws IOException {
    Path file = dir.resolve(name);
    Files.write(file, text.getBytes(StandardCharsets.UTF_8));
    return file;
  }

  /** Returns all rows of a text as training data. */
  private Dataset all(String text, @Nullable String label) throws IOException {
    Path data = file("data.csv", text);
    return CsvData.read(data, data, CsvOptions.NONE.withLabel(label), _ -> {}).training();
  }

  private static float[] values(Dataset data) {
    return ((Features) data.examples()).values();
  }

  private static List<String> names(Dataset data) {
    return ((Features) data.examples()).names();
  }

  private static int[] labels(Dataset data) {
    return IntStream.range(0, data.size()).map(data::label).toArray();
  }

  @ParameterizedTest
  @ValueSource(strings = {"\n", "\r\n"})
  void quotesMarksAndEitherEndOfLineAreRead(String end) throws IOException {
    String text =
        String.join(
            end,
            "\uFEFFlength,\"wi,d\"\"th\",Label",
            "1.5, -2 ,\"a, b\"",
            "",
            "\"3e2\",.5,é",
            "+4,6.,\"a, b\"",
            "0,0,é");
    Dataset data = all(text, null);
    assertEquals(List.of("length", "wi,d\"th"), names(data));
    assertEquals(Shape.of(2), data.examples().shape());
    assertArrayEquals(new float[] {1.5f, -2, 300, .5f, 4, 6, 0, 0}, values(data));
    assertEquals(List.of("a, b", "é"), data.classes());
    assertArrayEquals(new int[] {0, 1, 0, 1}, labels(data));
  }

  @Test
  void labelsThatAreNumbersAreOrderedAsNumbers() throws IOException {
    Dataset data = all("1,10\n2,9\n3,-1\n4,10\n5,9\n6,-1\n", null);
    assertEquals(List.of("-1", "9", "10"), data.classes());
    assertArrayEquals(new int[] {2, 1, 0, 2, 1, 0}, labels(data));
    assertEquals(List.of("0"), names(data));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "species,x,y\\na,1,2\\na,1,2\\nb,1,2\\nb,1,2|species|x y", // by its name
        "species,x,y\\na,1,2\\na,1,2\\nb,1,2\\nb,1,2|0|x y", // by its index
        "a,1,2\\na,1,2\\nb,1,2\\nb,1,2|0|1 2", // no header
        "x,CLASS,y\\n1,a,2\\n1,a,2\\n1,b,2\\n1,b,2||x y", // by a known name
        "x,y,kind\\n1,2,a\\n1,2,a\\n1,2,b\\n1,2,b||x y", // the last
        "0,1,target\\n1,2,3\\n1,2,3\\n1,2,4\\n1,2,4||0 1", // a header of numbers
      })
  void theLabelIsFound(String text, @Nullable String label, String features) throws IOException {
    Dataset data = all(text.replace("\\n", "\n"), label);
    assertEquals(List.of(features.split(" ")), names(data));
    assertEquals(4, data.size());
    assertArrayEquals(new int[] {0, 0, 1, 1}, labels(data));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "''||: expected rows of cells, found an empty file",
        "x,label||: expected rows of cells, found only a header",
        "x,label\\n1,a\\n1\\n||, line 3: expected 2 cells, found 1",
        "x,label\\n1,a\\n\\n1,a,3\\n||, line 4: expected 2 cells, found 3",
        "x,label\\n1,\"a\\nb\"\\n2.5cm,b\\n||, line 4, column 'x': expected a number, found '2.5cm'; 1 of the column's cells are numbers, 1 text (--missing, --categories and --ignore say what such cells are)",
        "x,label\\n1,a\\n0x1p3,b\\n||, line 3, column 'x': expected a number, found '0x1p3'; 1 of the column's cells are numbers, 1 text (--missing, --categories and --ignore say what such cells are)",
        "x,label\\n1,a\\n1f,b\\n||, line 3, column 'x': expected a number, found '1f'; 1 of the column's cells are numbers, 1 text (--missing, --categories and --ignore say what such cells are)",
        "x,label\\n1,a\\n1e39,b\\n||, line 3, column 'x': expected a number up to 1e38, found 1e39",
        "1,2,a\\n1,-,b\\n||, line 2, column 1: expected a number, found '-'; 1 of the column's cells are numbers, 1 text (--missing, --categories and --ignore say what such cells are)",
        "x,label\\n1,a\\n2,\\n||, line 3, column 'label': expected a label, found an empty cell",
        "x,label\\n1,a\\n2,?\\n||, line 3, column 'label': expected a label, found '?'",
        "x,label\\n1,a\\n2,b|kind|: expected a column 'kind' with the labels, found columns [x, label]",
        "x,Kind\\n1,a\\n2,b|knd|: expected a column 'knd' with the labels (did you mean 'Kind'?), found columns [x, Kind]",
        "1,2\\n1,2|5|: expected a column '5' with the labels, found columns [0, 1]",
        "1.5\\n2.5||: column 0 looks like a regression, not like classes: 2 different numbers, fractions among them, in 2 rows. Networks here classify: name the column of classes by --label, put the numbers into a few classes, or, if they are names, give --categories 0",
        "a\\nb\\na\\nb||: expected columns of numbers or categories in addition to the labels, found one column",
        "n,label\\nu,a\\nv,b\\nw,a\\nx,b||: expected columns of numbers or categories in addition to the labels, found none: n (text, 4 different)",
        "1,a\\n2,a\\n3,a||: expected labels of two classes or more, each for several rows, in column 1, found 1 different in 3 rows",
        "1,5\\n2,6\\n3,7\\n4,8||: expected labels of two classes or more, each for several rows, in column 1, found 4 different in 4 rows",
        "x,label\\n1,\"a||, line 2: no valid CSV: Missing closing quote for value",
      })
  void whatIsWrongIsNamed(String text, @Nullable String label, String message) throws IOException {
    String plain = text.equals("''") ? "" : text.replace("\\n", "\n");
    var e = assertThrows(InputException.class, () -> all(plain, label));
    assertEquals(dir.resolve("data.csv") + message, e.getMessage());
  }

  @Test
  void bytesThatAreNoTextAreNamed() throws IOException {
    Path data = dir.resolve("data.csv");
    Files.write(data, new byte[] {'1', ',', (byte) 0x81, (byte) 0x40, '\n'});
    var e =
        assertThrows(
            InputException.class, () -> CsvData.read(data, null, CsvOptions.NONE, _ -> {}));
    assertTrue(e.getMessage().startsWith(data + ": "), e.getMessage());
    assertTrue(e.getMessage().contains("UTF-8"), e.getMessage());
    var missing =
        assertThrows(
            InputException.class,
            () -> CsvData.read(dir.resolve("none.csv"), null, CsvOptions.NONE, _ -> {}));
    assertTrue(missing.getMessage().contains("no such file"), missing.getMessage());
  }

  @Test
  void aFifthIsHeldOutAlwaysTheSame() throws IOException {
    var text = new StringBuilder();
    for (int i = 0; i < 100; i++) {
      text.append(i).append(',').append(i % 4 == 0 ? "a" : "b").append('\n');
    }
    Path data = file("data.csv", text.toString());
    Split split = CsvData.read(data, null, CsvOptions.NONE, _ -> {});
    assertEquals(80, split.training().size());
    assertArrayEquals(new int[] {5, 15}, split.heldOut().classCounts());
    boolean[] seen = new boolean[100];
    for (Dataset part : List.of(split.training(), split.heldOut())) {
      for (float value : values(part)) {
        seen[(int) value] = true;
      }
    }
    assertTrue(IntStream.range(0, 100).allMatch(i -> seen[i]));
    assertEquals(split.digest(), CsvData.read(data, null, CsvOptions.NONE, _ -> {}).digest());
    var columns = (Preprocessing.Columns) split.training().standardization();
    assertEquals(
        split.digest(),
        CsvData.read(data, null, CsvOptions.NONE, columns, split.training().classes(), _ -> {})
            .digest());
  }

  @Test
  void eachColumnIsStandardisedByItself() throws IOException {
    Dataset data = all("x,y,z,label\n1,7,1000,a\n2,7,3000,b\n1,7,1000,a\n2,7,3000,b\n", null);
    var columns = (Preprocessing.Columns) data.standardization();
    assertEquals(
        List.of(
            new Column.Numbers("x", 1.5f, 0.5f),
            new Column.Numbers("y", 7, 1), // always the same
            new Column.Numbers("z", 2000, 1000),
            new Column.Label("label")),
        columns.columns());
    Tensor x = data.examples().toInput(1, 3, columns);
    assertArrayEquals(new float[] {1, 0, 1, -1, 0, -1}, x.toArray());
    assertThrows(
        IllegalArgumentException.class,
        () -> data.examples().inputs(new Preprocessing.Pixels(0, 1)));
    Dataset flat = all("x,label\n1,a\n1,b\n1,a\n1,b\n", null);
    assertThrows(InputException.class, flat::standardization);
  }

  /** Other columns, another order, no labels, no header: as long as the model finds its columns. */
  @Test
  void rowsAreReadForAModel() throws IOException {
    var columns =
        new Preprocessing.Columns(
            List.of(new Column.Numbers("b", 0, 1), new Column.Numbers("a", 0, 1)));
    List<String> classes = List.of("no", "yes", "perhaps");
    Path mixed = file("mixed.csv", "id,a,answer,b\nr1,1,yes,2\nr2,3,no,4\n");
    assertArrayEquals(
        new float[] {2, 1, 4, 3},
        CsvData.readFeatures(mixed, CsvOptions.NONE, columns, _ -> {}).values());
    Dataset judged =
        CsvData.readAll(mixed, CsvOptions.NONE.withLabel("answer"), columns, classes, _ -> {});
    assertArrayEquals(new float[] {2, 1, 4, 3}, values(judged));
    assertArrayEquals(new int[] {1, 0}, labels(judged));
    assertEquals(classes, judged.classes());
    Path bare = file("bare.csv", "5,6\n7,8\n");
    assertArrayEquals(
        new float[] {5, 6, 7, 8},
        CsvData.readFeatures(bare, CsvOptions.NONE, columns, _ -> {}).values());
    Path labelled = file("labelled.csv", "yes,5,6\nno,7,8\n");
    assertArrayEquals(
        new float[] {5, 6, 7, 8},
        values(
            CsvData.readAll(labelled, CsvOptions.NONE.withLabel("0"), columns, classes, _ -> {})));

    assertFails("lacks.csv", "a,c,label\n1,2,yes\n", columns, "expected a column 'b'");
    assertFails("many.csv", "1,2,3,4,yes\n", columns, "2 columns of numbers as the model takes");
    assertFails(
        "unknown.csv",
        "a,b,label\n1,2,yes\n1,2,never\n",
        columns,
        "line 3, column 'label': expected one of the classes [no, yes, perhaps], found 'never'");
  }

  private void assertFails(String name, String text, Preprocessing.Columns columns, String message)
      throws IOException {
    Path file = file(name, text);
    var e =
        assertThrows(
            InputException.class,
            () ->
                CsvData.readAll(
                    file, CsvOptions.NONE, columns, List.of("no", "yes", "perhaps"), _ -> {}));
    assertTrue(e.getMessage().startsWith(file.toString()), e.getMessage());
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }

  @Test
  void testDataMayComeFromASecondFile() throws IOException {
    Path training = file("train.csv", "x,y,label\n1,2,a\n3,4,b\n1,2,a\n3,4,b\n");
    Path test = file("test.csv", "label,y,x\nb,20,10\n");
    Split split = CsvData.read(training, test, CsvOptions.NONE, _ -> {});
    assertEquals(4, split.training().size());
    assertArrayEquals(new float[] {10, 20}, values(split.heldOut()));
    assertArrayEquals(new int[] {1}, labels(split.heldOut()));
  }

  /** Whatever bytes there are: data, or one line that names the file. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void aDamagedFileIsReadOrRefused(long seed) throws IOException {
    var random = new SplittableRandom(seed);
    byte[] whole =
        "\uFEFFx,\"y \"\"\",label\r\n1,-2.5e3,a\n3,4,\"b, c\"\n5,6,a\n7,.8,\"b, c\"\n"
            .getBytes(StandardCharsets.UTF_8);
    byte[] pieces = "\",\r\n;.-+eE09aN \t\0\uFEFFé靴".getBytes(StandardCharsets.UTF_8);
    Path data = dir.resolve("data.csv");
    int read = 0;
    for (int i = 0; i < 1500; i++) {
      byte[] changed = whole.clone();
      for (int j = random.nextInt(1, 4); j > 0; j--) {
        changed[random.nextInt(changed.length)] =
            random.nextBoolean()
                ? pieces[random.nextInt(pieces.length)]
                : (byte) random.nextInt(256);
      }
      if (random.nextInt(4) == 0) {
        changed = Arrays.copyOf(changed, random.nextInt(changed.length));
      }
      Files.write(data, changed);
      try {
        Split split = CsvData.read(data, null, CsvOptions.NONE, _ -> {});
        assertTrue(split.training().size() + split.heldOut().size() <= 5);
        read++;
      } catch (InputException e) {
        assertTrue(e.getMessage().startsWith(data.toString()), e.getMessage());
        assertEquals(1, e.getMessage().lines().count(), e.getMessage());
      }
    }
    assertTrue(read > 50 && read < 1450, "read " + read);
  }
}
