package org.espalier.data;

import it.unimi.dsi.fastutil.floats.FloatArrayList;
import it.unimi.dsi.fastutil.ints.IntArrayList;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.espalier.InputException;
import org.jspecify.annotations.Nullable;

/**
 * A CSV file taken apart into columns of numbers and, where it is asked for, a column of labels.
 * Whether the first row is a header is told by its content: it is one if it names a column that is
 * asked for or one called label, class or target, or if a cell that is no number stands above a
 * number and at most half of its cells are numbers.
 */
final class CsvTable {
  private static final List<String> LABEL_NAMES = List.of("label", "class", "target");

  /** Most values: what fits an array. */
  private static final int LARGEST = Integer.MAX_VALUE - 8;

  private final Path file;
  private final boolean header;
  private final List<String> names;
  private final int labelColumn;
  private final int[] featureColumns;
  private final FloatArrayList values = new FloatArrayList();
  private final IntArrayList labels = new IntArrayList();

  /** The number of each label so far, in the order in which they came or were given. */
  private final Map<String, Integer> numbers = new LinkedHashMap<>();

  /** Whether no other labels may come. */
  private final boolean closed;

  /**
   * What is to be found in a file.
   *
   * @param features names of the columns of numbers in order, or null for all but the label's
   * @param labelled whether there must be labels
   * @param label name or index of their column, or null to find it by its name, else the last
   * @param classes the labels that may occur, or null for any
   */
  record Wanted(
      @Nullable List<String> features,
      boolean labelled,
      @Nullable String label,
      @Nullable List<String> classes) {}

  private record Row(int line, List<String> cells) {}

  private CsvTable(Path file, Wanted wanted, Row first, @Nullable Row second) {
    this.file = file;
    this.header = isHeader(first.cells(), second == null ? List.of() : second.cells(), wanted);
    this.names = header ? first.cells() : indices(first.cells().size());
    if (header) {
      checkNames();
    }
    this.labelColumn = wanted.labelled() ? findLabel(wanted.label()) : -1;
    this.featureColumns = findFeatures(wanted.features());
    this.closed = wanted.classes() != null;
    if (wanted.classes() != null) {
      wanted.classes().forEach(name -> numbers.put(name, numbers.size()));
    }
  }

  /**
   * Reads a file.
   *
   * @throws InputException if it can't be read or is not as wanted
   */
  static CsvTable read(Path file, Wanted wanted) {
    try (CsvRows rows = CsvRows.open(file)) {
      Row first = next(rows);
      if (first == null) {
        throw InputException.expected(file, "rows of numbers", "an empty file");
      }
      Row second = next(rows);
      CsvTable table = new CsvTable(file, wanted, first, second);
      if (!table.header) {
        table.add(first);
      } else if (second == null) {
        throw InputException.expected(file, "rows of numbers", "only a header");
      }
      for (Row row = second; row != null; row = next(rows)) {
        table.add(row);
      }
      return table;
    }
  }

  private static @Nullable Row next(CsvRows rows) {
    List<String> cells = rows.next();
    return cells == null ? null : new Row(rows.line(), cells);
  }

  private static boolean isHeader(List<String> first, List<String> second, Wanted wanted) {
    List<String> named = wanted.features();
    // Names that are indices come from a file without a header; they may stand in a row by chance.
    if (named != null && !named.stream().allMatch(CsvTable::isIndex) && first.containsAll(named)) {
      return true;
    }
    if (wanted.label() != null && !isIndex(wanted.label())) {
      return true;
    }
    if (first.stream().anyMatch(cell -> LABEL_NAMES.contains(cell.toLowerCase(Locale.ROOT)))) {
      return true;
    }
    int numbers = 0;
    boolean above = false;
    for (int c = 0; c < first.size(); c++) {
      boolean number = isNumber(first.get(c));
      numbers += number ? 1 : 0;
      above |= !number && c < second.size() && isNumber(second.get(c));
    }
    return above && 2 * numbers <= first.size();
  }

  private static boolean isIndex(String text) {
    return text.matches("\\d{1,9}");
  }

  private static List<String> indices(int columns) {
    return IntStream.range(0, columns).mapToObj(Integer::toString).toList();
  }

  private void checkNames() {
    Set<String> seen = new HashSet<>();
    for (int c = 0; c < names.size(); c++) {
      String name = names.get(c);
      if (name.isEmpty() || !seen.add(name)) {
        throw InputException.expected(
            file,
            "a header that names each column differently",
            (name.isEmpty() ? "none" : "'" + name + "' again") + " for column " + c);
      }
    }
  }

  private int findLabel(@Nullable String wanted) {
    if (wanted != null) {
      int at = header ? names.indexOf(wanted) : -1;
      if (at < 0 && isIndex(wanted) && Integer.parseInt(wanted) < names.size()) {
        at = Integer.parseInt(wanted);
      }
      if (at < 0) {
        throw InputException.expected(
            file, "a column '" + wanted + "' with the labels", "columns " + names);
      }
      return at;
    }
    if (header) {
      for (String known : LABEL_NAMES) {
        for (int c = 0; c < names.size(); c++) {
          if (names.get(c).equalsIgnoreCase(known)) {
            return c;
          }
        }
      }
    }
    return names.size() - 1;
  }

  private int[] findFeatures(@Nullable List<String> wanted) {
    int[] others = IntStream.range(0, names.size()).filter(c -> c != labelColumn).toArray();
    if (wanted == null) {
      if (others.length == 0) {
        throw InputException.expected(
            file, "columns of numbers beside the labels, cut by commas", "one column");
      }
      return others;
    }
    if (names.containsAll(wanted)) {
      return wanted.stream().mapToInt(names::indexOf).toArray();
    }
    if (!header && others.length == wanted.size()) {
      return others;
    }
    if (!header) {
      throw InputException.expected(
          file,
          "a header, or " + wanted.size() + " columns of numbers as the model takes",
          others.length);
    }
    List<String> missing = new ArrayList<>(wanted);
    missing.removeAll(names);
    throw InputException.expected(
        file, "a column '" + missing.getFirst() + "', which the model takes", "columns " + names);
  }

  private void add(Row row) {
    if (row.cells().size() != names.size()) {
      throw InputException.expected(
          file + ", line " + row.line(), names.size() + " cells", row.cells().size());
    }
    if (values.size() > LARGEST - featureColumns.length) {
      throw InputException.expected(file, "at most " + LARGEST + " numbers", "more");
    }
    for (int c : featureColumns) {
      values.add(number(row, c));
    }
    if (labelColumn >= 0) {
      labels.add(label(row));
    }
  }

  private float number(Row row, int column) {
    String cell = row.cells().get(column);
    if (!isNumber(cell)) {
      throw InputException.expected(
          where(row, column), "a number", cell.isEmpty() ? "an empty cell" : "'" + cell + "'");
    }
    float value = Float.parseFloat(cell);
    if (Float.isInfinite(value)) {
      throw InputException.expected(where(row, column), "a number up to 3.4e38", cell);
    }
    return value;
  }

  /** Decimal numbers; what Java reads beside them (hexadecimal, 1f, NaN) counts as text. */
  private static boolean isNumber(String text) {
    int length = text.length();
    if (length == 0 || length > 100 || "0123456789.".indexOf(text.charAt(length - 1)) < 0) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if ("0123456789.+-eE".indexOf(text.charAt(i)) < 0) {
        return false;
      }
    }
    try {
      Float.parseFloat(text);
      return true;
    } catch (NumberFormatException e) {
      return false;
    }
  }

  private int label(Row row) {
    String cell = row.cells().get(labelColumn);
    if (cell.isEmpty()) {
      throw InputException.expected(where(row, labelColumn), "a label", "an empty cell");
    }
    Integer known = numbers.get(cell);
    if (known != null) {
      return known;
    }
    if (closed) {
      throw InputException.expected(
          where(row, labelColumn), "one of the classes " + numbers.keySet(), "'" + cell + "'");
    }
    numbers.put(cell, numbers.size());
    return numbers.size() - 1;
  }

  private String where(Row row, int column) {
    String name = header ? "'" + names.get(column) + "'" : names.get(column);
    return file + ", line " + row.line() + ", column " + name;
  }

  /** Returns the columns of numbers. */
  Features features() {
    List<String> chosen = Arrays.stream(featureColumns).mapToObj(names::get).toList();
    return Features.ofNumbers(chosen, values.toFloatArray());
  }

  /** Returns the labelled rows. */
  Dataset dataset() {
    if (closed) {
      return dataset(labels.toIntArray(), List.copyOf(numbers.keySet()));
    }
    List<String> seen = List.copyOf(numbers.keySet());
    if (seen.size() < 2 || 2 * seen.size() > labels.size() + 1) {
      throw InputException.expected(
          file,
          "labels of two classes or more, each for several rows, in column "
              + names.get(labelColumn),
          seen.size() + " different in " + labels.size() + " rows");
    }
    boolean numeric = seen.stream().allMatch(CsvTable::isNumber);
    List<String> classes =
        seen.stream()
            .sorted(
                numeric
                    ? Comparator.comparingDouble(Double::parseDouble)
                    : Comparator.naturalOrder())
            .toList();
    int[] sorted = seen.stream().mapToInt(classes::indexOf).toArray();
    return dataset(labels.intStream().map(number -> sorted[number]).toArray(), classes);
  }

  private Dataset dataset(int[] numbered, List<String> classes) {
    return new Dataset(file.toString(), features(), numbered, classes);
  }
}
