package org.espalier.data.csv;

import it.unimi.dsi.fastutil.objects.Object2IntOpenHashMap;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.espalier.InputException;

/**
 * The classes of a table's rows. Numbers go by their values, so that 1 and 1.0 are one class, which
 * is called as it is written first; other labels go by their texts.
 */
final class ClassLabels {
  /** Classes that may be numbers however few rows they have. */
  private static final int FEW_CLASSES = 100;

  /** Rows of each class, on the average, that make more numbers than those classes. */
  private static final int MANY_ROWS = 100;

  private final CsvTable table;
  private final RawColumn column;
  private final List<String> names;

  /** For each of the column's texts the index of its class, or −1. */
  private final int[] classOf;

  private ClassLabels(CsvTable table, List<String> names, int[] classOf) {
    this.table = table;
    this.column = table.column(table.labelColumn());
    this.names = names;
    this.classOf = classOf;
  }

  /**
   * Returns the classes that occur, in the order of numbers if all are numbers, else of letters.
   *
   * @param named whether numbers are names whatever they are
   * @throws InputException if there are fewer than two, or they look like measurements
   */
  static ClassLabels of(CsvTable table, boolean named) {
    RawColumn column = table.column(table.labelColumn());
    List<String> texts = column.texts();
    checkNoneIsMissing(table, column);
    Map<Object, Integer> groups = new HashMap<>();
    List<String> names = new ArrayList<>();
    int[] group = new int[texts.size()];
    for (int t = 0; t < group.length; t++) {
      Integer known = groups.putIfAbsent(key(texts.get(t)), names.size());
      if (known == null) {
        names.add(texts.get(t));
      }
      group[t] = known == null ? names.size() - 1 : known;
    }
    boolean numeric = names.stream().allMatch(Cells::isDecimal);
    if (numeric && !named) {
      checkNoRegression(table, names);
    }
    if (names.size() < 2 || 2 * names.size() > table.rows() + 1) {
      throw InputException.expected(
          table.file(),
          "labels of two classes or more, each for several rows, in column "
              + table.names().get(table.labelColumn()),
          names.size() + " different in " + table.rows() + " rows");
    }
    Comparator<Integer> order =
        numeric
            ? Comparator.comparing(i -> new BigDecimal(names.get(i)))
            : Comparator.comparing(names::get);
    int[] sorted =
        IntStream.range(0, names.size())
            .boxed()
            .sorted(order)
            .mapToInt(Integer::intValue)
            .toArray();
    int[] place = new int[sorted.length];
    for (int i = 0; i < sorted.length; i++) {
      place[sorted[i]] = i;
    }
    return new ClassLabels(
        table,
        IntStream.of(sorted).mapToObj(names::get).toList(),
        IntStream.of(group).map(g -> place[g]).toArray());
  }

  /**
   * Returns the labels as classes that are known before.
   *
   * @param notes receives a line if labels are known but for a point at their end
   * @throws InputException if a row has another
   */
  static ClassLabels of(CsvTable table, List<String> classes, Consumer<String> notes) {
    RawColumn column = table.column(table.labelColumn());
    Object2IntOpenHashMap<Object> known = new Object2IntOpenHashMap<>();
    known.defaultReturnValue(-1);
    for (int c = 0; c < classes.size(); c++) {
      known.putIfAbsent(key(classes.get(c)), c);
    }
    for (int c = 0; c < classes.size(); c++) {
      known.put(classes.get(c), c); // a model may have 1 and 1.0 as two classes
    }
    List<String> texts = column.texts();
    int[] classOf = new int[texts.size()];
    for (int t = 0; t < classOf.length; t++) {
      String text = texts.get(t);
      int at = known.getInt(text);
      at = at < 0 ? known.getInt(key(text)) : at;
      if (at < 0 && text.endsWith(".")) {
        at = known.getInt(text.substring(0, text.length() - 1));
        if (at >= 0) {
          notes.accept(table.file() + ": label '" + text + "' is taken for " + classes.get(at));
        }
      }
      classOf[t] = at;
    }
    ClassLabels labels = new ClassLabels(table, List.copyOf(classes), classOf);
    labels.checkAllAreKnown();
    return labels;
  }

  /** Returns what is equal for labels of one class. */
  private static Object key(String label) {
    return Cells.isDecimal(label) ? new BigDecimal(label).stripTrailingZeros() : label;
  }

  private static void checkNoneIsMissing(CsvTable table, RawColumn column) {
    for (int t = 0; t < column.texts().size(); t++) {
      String text = column.texts().get(t);
      if (text.isEmpty() || text.equals("?")) {
        throw InputException.expected(
            table.where(firstRow(column, t), table.labelColumn()), "a label", found(text));
      }
    }
  }

  private void checkAllAreKnown() {
    for (int t = 0; t < classOf.length; t++) {
      if (classOf[t] < 0) {
        String text = column.texts().get(t);
        throw InputException.expected(
            table.where(firstRow(column, t), table.labelColumn()),
            text.isEmpty() ? "a label" : "one of the classes " + names,
            found(text));
      }
    }
  }

  private static String found(String text) {
    return text.isEmpty() ? "an empty cell" : "'" + text + "'";
  }

  private static int firstRow(RawColumn column, int text) {
    int row = 0;
    while (column.textIndex(row) != text) {
      row++;
    }
    return row;
  }

  private static void checkNoRegression(CsvTable table, List<String> names) {
    boolean fractions =
        names.stream().anyMatch(name -> new BigDecimal(name).stripTrailingZeros().scale() > 0);
    boolean many = names.size() > FEW_CLASSES && table.rows() / names.size() < MANY_ROWS;
    if (fractions || many) {
      String column = table.quoted(table.labelColumn());
      throw new InputException(
          table.file()
              + ": column "
              + column
              + " looks like a regression, not like classes: "
              + names.size()
              + " different numbers"
              + (fractions ? ", fractions among them," : "")
              + " in "
              + table.rows()
              + " rows. Networks here classify: name the column of classes by --label, put the"
              + " numbers into a few classes, or, if they are names, give --categories "
              + table.names().get(table.labelColumn()));
    }
  }

  /** Returns the classes. */
  List<String> names() {
    return names;
  }

  /** Returns the class of each row. */
  int[] ofRows() {
    return IntStream.range(0, column.size()).map(i -> classOf[column.textIndex(i)]).toArray();
  }
}
