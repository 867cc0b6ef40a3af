package org.espalier.data.csv;

import it.unimi.dsi.fastutil.doubles.DoubleArrayList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.espalier.InputException;
import org.espalier.model.Column;
import org.espalier.model.Preprocessing;
import org.espalier.model.TableFormat;

/**
 * Decides what is made of each column of a table to train on. Whether it has numbers or texts is
 * told by all rows, everything else by the training rows alone.
 *
 * <ul>
 *   <li>Numbers stay numbers. Where floats would round away what tells them apart, their median is
 *       subtracted in double first.
 *   <li>Texts become categories, if there are at most {@value #MOST_CATEGORIES} different ones that
 *       repeat; others are ignored.
 *   <li>Numbers among which at least every tenth cell is a text are categories too; fewer texts are
 *       mistakes.
 *   <li>Columns without a value, and indices of the rows, are ignored.
 * </ul>
 */
final class CsvLayout {
  /** Most categories of a column, unless the user says that it has categories. */
  private static final int MOST_CATEGORIES = 100;

  /** Most categories of any column. */
  private static final int MOST_ASKED_FOR = 10_000;

  /** So many categories may have fewer than two rows each, on the average. */
  private static final int FEW_CATEGORIES = 20;

  /** Rows that make 0, 1, 2, … in a column without a name an index, and no chance. */
  private static final int INDEX_ROWS = 20;

  /** The largest share of the deviation that rounding to floats may change a number by. */
  private static final double FINE = 0x1p-12;

  /** The share of numbers with other marks that make a column of texts one of numbers. */
  private static final double MOST_OTHERWISE = 0.9;

  private static final Pattern INDEX_NAME =
      Pattern.compile(
          "(?i:unnamed: 0|index|id|row|obs|row[ _.]?(id|names?|numbers?|nr|no|index)|nr|no|#)"
              + "|.+[ _.-](?i:id)|.*[a-z]I[dD]");

  private static final String AN_INDEX = "an index";

  private final CsvTable table;
  private final CsvOptions options;
  private final Set<Integer> only;
  private final Set<Integer> ignored;
  private final Set<Integer> named;

  /**
   * Looks at a table.
   *
   * @throws InputException if a cell looks like a mistake, or there isn't a column that is named
   */
  CsvLayout(CsvTable table, CsvOptions options) {
    this.table = table;
    this.options = options;
    this.only = positions(options.columns(), "of --columns");
    this.ignored = positions(options.ignored(), "of --ignore");
    this.named = positions(options.categories(), "of --categories");
    for (Set<Integer> some : List.of(only, ignored)) {
      if (some.contains(table.labelColumn())) {
        throw InputException.expected(
            table.file(),
            "other columns than the label's for --columns and --ignore",
            table.quoted(table.labelColumn()));
      }
    }
    for (int c = 0; c < table.names().size(); c++) {
      checkCells(c);
    }
  }

  /** A few texts among numbers are mistakes, unless somebody says what they are. */
  private void checkCells(int c) {
    RawColumn cells = table.column(c);
    boolean few =
        cells.textRows() == 1 || 10L * cells.textRows() < cells.numberRows() + cells.textRows();
    if (cells.textRows() > 0
        && cells.numberRows() > 0
        && few
        && c != table.labelColumn()
        && !ignored.contains(c)
        && !named.contains(c)
        && (only.isEmpty() || only.contains(c))) {
      throw mistyped(c, cells);
    }
  }

  private Set<Integer> positions(List<String> names, String what) {
    Set<Integer> found = new HashSet<>();
    names.forEach(name -> found.add(table.position(name, what)));
    return found;
  }

  /**
   * Decides what becomes of the columns.
   *
   * @param training the rows to train on
   * @param notes receives a line for each column whose numbers floats can't tell apart
   * @return columns of numbers without moments
   * @throws InputException if there is nothing to learn from, or there are too many categories
   */
  Preprocessing.Columns decide(int[] training, Consumer<String> notes) {
    List<Column> columns = columns(training, true, notes);
    if (columns.stream().allMatch(c -> c.inputs() == 0)) {
      columns = columns(training, false, notes);
    }
    if (columns.stream().allMatch(c -> c.inputs() == 0)) {
      throw InputException.expected(
          table.file(),
          "columns of numbers or categories in addition to the labels",
          columns.size() == 1 ? "one column" : "none: " + CsvSummary.ignored(columns));
    }
    TableFormat format = options.format();
    return new Preprocessing.Columns(
        columns,
        new TableFormat(table.hasHeader(), format.decimal(), format.thousands(), format.missing()));
  }

  private List<Column> columns(int[] training, boolean withoutIndices, Consumer<String> notes) {
    List<Column> columns = new ArrayList<>(table.names().size());
    for (int c = 0; c < table.names().size(); c++) {
      columns.add(column(c, training, withoutIndices, notes));
    }
    return columns;
  }

  private Column column(int c, int[] training, boolean withoutIndices, Consumer<String> notes) {
    String name = table.names().get(c);
    RawColumn cells = table.column(c);
    if (c == table.labelColumn()) {
      return new Column.Label(name);
    }
    if (ignored.contains(c)) {
      return new Column.Ignored(name, "as asked for");
    }
    if (!only.isEmpty() && !only.contains(c)) {
      return new Column.Ignored(name, "not among --columns");
    }
    if (cells.missing() == cells.size()) {
      return new Column.Ignored(name, "empty");
    }
    if (named.contains(c)) {
      return categories(c, cells, training, MOST_ASKED_FOR);
    }
    if (withoutIndices && !only.contains(c) && isIndex(c, cells)) {
      return new Column.Ignored(name, AN_INDEX);
    }
    return cells.textRows() == 0 ? numbers(c, cells, training, notes) : texts(c, cells, training);
  }

  private InputException mistyped(int c, RawColumn cells) {
    int row = cells.firstText();
    String text = cells.text(row);
    String where = table.where(row, c);
    if (text != null && Cells.isDecimal(text)) {
      return InputException.expected(where, "a number up to 1e38", text);
    }
    return new InputException(
        where
            + ": expected a number, found '"
            + text
            + "'; "
            + cells.numberRows()
            + " of the column's cells are numbers, "
            + cells.textRows()
            + " text (--missing, --categories and --ignore say what such cells are)");
  }

  private boolean isIndex(int c, RawColumn cells) {
    if (cells.missing() > 0 || cells.size() < 2) {
      return false;
    }
    String name = table.names().get(c);
    if (table.hasHeader()) {
      return (name.isEmpty() || INDEX_NAME.matcher(name).matches()) && allDiffer(cells);
    }
    return c == 0 && cells.size() >= INDEX_ROWS && counts(cells);
  }

  private static boolean allDiffer(RawColumn cells) {
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < cells.size(); i++) {
      double number = cells.number(i);
      boolean fraction = number != Math.rint(number) && !Double.isNaN(number);
      if (fraction || !seen.add(cells.category(i))) {
        return false;
      }
    }
    return true;
  }

  /** Returns whether the cells are 0, 1, 2, … or 1, 2, 3, … */
  private static boolean counts(RawColumn cells) {
    double first = cells.number(0);
    return (first == 0 || first == 1)
        && IntStream.range(0, cells.size()).allMatch(i -> cells.number(i) == first + i);
  }

  private Column texts(int c, RawColumn cells, int[] training) {
    int row = cells.firstText();
    if (cells.texts().stream().filter(Cells::isNumberWrittenOtherwise).count()
        > MOST_OTHERWISE * cells.texts().size()) {
      throw InputException.expected(
          table.where(row, c),
          "numbers like 1234.5 (--thousands and --decimal say how they are written, --categories"
              + " that they are names)",
          "'" + cells.text(row) + "'");
    }
    int different = cells.texts().size();
    if (cells.numberRows() > 0) {
      Set<String> all = new HashSet<>();
      IntStream.range(0, cells.size())
          .filter(i -> !cells.isMissing(i))
          .forEach(i -> all.add(cells.category(i)));
      different = all.size();
    }
    int present = cells.size() - cells.missing();
    if (different > MOST_CATEGORIES
        || (different == present && present > 1)
        || (different > FEW_CATEGORIES && 2 * different > present)) {
      return new Column.Ignored(table.names().get(c), "text, " + different + " different");
    }
    return categories(c, cells, training, MOST_CATEGORIES);
  }

  /** Missing ones first, numbers in their order, then texts in that of letters. */
  private Column categories(int c, RawColumn cells, int[] training, int most) {
    Set<String> values =
        new TreeSet<>(
            Comparator.comparing((String value) -> !value.isEmpty())
                .thenComparing(value -> !Cells.isDecimal(value))
                .thenComparingDouble(
                    value -> Cells.isDecimal(value) ? Double.parseDouble(value) : 0)
                .thenComparing(Comparator.naturalOrder()));
    for (int row : training) {
      if (values.add(cells.category(row)) && values.size() > most + 1) {
        throw InputException.expected(
            table.file() + ", column " + table.quoted(c),
            "at most " + most + " categories",
            "more");
      }
    }
    return new Column.Categories(table.names().get(c), List.copyOf(values));
  }

  private Column numbers(int c, RawColumn cells, int[] training, Consumer<String> notes) {
    DoubleArrayList found = new DoubleArrayList();
    for (int row : training) {
      if (!cells.isMissing(row)) {
        found.add(cells.number(row));
      }
    }
    double[] sorted = found.toDoubleArray();
    Arrays.parallelSort(sorted);
    double offset = isFine(sorted) ? 0 : sorted[sorted.length / 2];
    if (offset != 0) {
      int lost = collapsed(sorted, offset);
      if (lost > 0) {
        notes.accept(
            table.file()
                + ": column "
                + table.quoted(c)
                + ": "
                + lost
                + " of its different numbers equal their neighbours as floats, though "
                + offset
                + " is subtracted first");
      }
    }
    return new Column.Numbers(table.names().get(c), offset, 0, 1, 0);
  }

  /** Returns whether floats tell all numbers apart and stand close to them. */
  private static boolean isFine(double[] sorted) {
    double sum = 0;
    double error = 0;
    for (double value : sorted) {
      sum += value;
      error = Math.max(error, Math.abs(value - (float) value));
    }
    if (error == 0) {
      return true;
    }
    double mean = sum / sorted.length;
    double squares = 0;
    for (double value : sorted) {
      squares += (value - mean) * (value - mean);
    }
    return error <= FINE * Math.sqrt(squares / sorted.length) && collapsed(sorted, 0) == 0;
  }

  /** Returns how many numbers differ from the one before, but not once they are floats. */
  private static int collapsed(double[] sorted, double offset) {
    int lost = 0;
    for (int i = 1; i < sorted.length; i++) {
      if (sorted[i] != sorted[i - 1]
          && (float) (sorted[i] - offset) == (float) (sorted[i - 1] - offset)) {
        lost++;
      }
    }
    return lost;
  }
}
