package org.espalier.data.csv;

import it.unimi.dsi.fastutil.ints.IntArrayList;
import it.unimi.dsi.fastutil.objects.Object2IntOpenHashMap;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.espalier.InputException;
import org.espalier.NearestName;
import org.espalier.model.Column;
import org.espalier.model.Preprocessing;
import org.jspecify.annotations.Nullable;

/**
 * A CSV file as it is: names, the cells of each column, and which column has the labels. Rows of
 * another length are refused, but for empty cells at their ends and for remarks (a {@code #} or
 * {@code %} at the start of a line, and the line above all that isn't a row).
 */
final class CsvTable {
  /** Rows from which header and width are told. */
  private static final int FIRST_ROWS = 200;

  private final Path file;
  private final Separator separator;
  private final boolean header;
  private final int width;
  private final List<String> names;
  private final Object2IntOpenHashMap<String> positions = new Object2IntOpenHashMap<>();
  private final int labelColumn;
  private final List<RawColumn> columns = new ArrayList<>();
  private final IntArrayList lines = new IntArrayList();
  private int remarks;

  private record Row(int line, List<String> cells) {}

  private CsvTable(
      Path file,
      Separator separator,
      List<Row> first,
      CsvOptions options,
      Preprocessing.@Nullable Columns model,
      boolean labelled,
      Consumer<String> notes) {
    this.file = file;
    this.separator = separator;
    Cells cells = new Cells(model == null ? options.format() : model.format());
    this.width = width(first);
    boolean unnamedIndex = isOneNameShort(first, cells);
    first.removeIf(row -> isRemark(row.cells()));
    if (first.isEmpty()) {
      throw InputException.expected(file, "rows of cells", "only remarks");
    }
    if (unnamedIndex) {
      first.getFirst().cells().addFirst("");
    }
    if (!fit(first.getFirst().cells())) {
      throw wrongLength(first.getFirst());
    }
    List<List<String>> rows = first.stream().map(Row::cells).filter(this::fit).toList();
    this.header = unnamedIndex || new CsvHeader(cells, rows).isThere(options, model);
    this.names = header ? named(rows.getFirst(), notes) : indices(width);
    positions.defaultReturnValue(-1);
    for (int c = width - 1; c >= 0; c--) {
      positions.put(names.get(c), c);
    }
    this.labelColumn = labelled ? findLabel(options.label(), model) : -1;
    for (int c = 0; c < width; c++) {
      columns.add(new RawColumn(cells, c == labelColumn));
    }
  }

  /**
   * Reads a file.
   *
   * @param model the columns of the model that the rows are for, or null
   * @param labelled whether there must be labels
   * @param notes receives a line if it isn't in Unicode, and if its header doesn't tell all columns
   *     apart
   * @throws InputException if it can't be read or isn't right
   */
  static CsvTable read(
      Path file,
      CsvOptions options,
      Preprocessing.@Nullable Columns model,
      boolean labelled,
      Consumer<String> notes) {
    try (CsvRows rows = open(file, options.separator(), notes)) {
      Deque<Row> first = new ArrayDeque<>();
      Row row = next(rows);
      for (; row != null && first.size() < FIRST_ROWS; row = next(rows)) {
        first.add(row);
      }
      if (first.isEmpty()) {
        throw InputException.expected(file, "rows of cells", "an empty file");
      }
      CsvTable table =
          new CsvTable(
              file, rows.separator(), new ArrayList<>(first), options, model, labelled, notes);
      boolean names = table.header;
      while (!first.isEmpty()) {
        names = !table.add(first.removeFirst(), names) && names;
      }
      for (; row != null; row = next(rows)) {
        table.add(row, false);
      }
      if (table.rows() == 0) {
        throw InputException.expected(file, "rows of cells", "only a header");
      }
      return table;
    }
  }

  private static CsvRows open(Path file, @Nullable Separator separator, Consumer<String> notes) {
    try {
      return CsvRows.open(file, separator, notes);
    } catch (NoClassDefFoundError e) { // the library leaves the parser to those who have tables
      throw new InputException(
          file
              + ": expected tools.jackson.dataformat:jackson-dataformat-csv on the class path,"
              + " which reads tables, found it missing",
          e);
    }
  }

  private static @Nullable Row next(CsvRows rows) {
    List<String> cells = rows.next();
    return cells == null ? null : new Row(rows.line(), cells);
  }

  /** Returns the cells of most rows, without columns at the end that are empty throughout. */
  private static int width(List<Row> rows) {
    List<Row> counted =
        rows.stream().filter(r -> !CsvRows.isComment(r.cells().getFirst())).toList();
    List<Row> data = counted.size() > 2 ? counted.subList(1, counted.size()) : counted;
    int most = Separator.mostFrequent(data.stream().mapToInt(r -> r.cells().size()).toArray());
    while (most > 1 && isEmptyFrom(counted, most - 1)) {
      most--;
    }
    return Math.max(most, 1);
  }

  private static boolean isEmptyFrom(List<Row> rows, int column) {
    return rows.stream()
        .allMatch(
            row -> {
              List<String> cells = row.cells();
              return cells.size() <= column
                  || cells.subList(column, cells.size()).stream().allMatch(String::isEmpty);
            });
  }

  /** Returns whether the first row names all columns but the first, as R writes them. */
  private boolean isOneNameShort(List<Row> rows, Cells cells) {
    List<String> first = rows.getFirst().cells();
    return rows.size() > 2
        && first.size() == width - 1
        && rows.stream().skip(1).allMatch(row -> row.cells().size() == width)
        && first.stream().allMatch(c -> !cells.isMissing(c) && Double.isNaN(cells.number(c)));
  }

  private boolean isRemark(List<String> cells) {
    String start = cells.getFirst();
    return cells.size() != width
        && (CsvRows.isComment(start) || (lines.isEmpty() && remarks == 0 && start.startsWith("|")));
  }

  /** Cuts off empty cells behind the width and returns whether that is the length then. */
  private boolean fit(List<String> cells) {
    while (cells.size() > width && cells.getLast().isEmpty()) {
      cells.removeLast();
    }
    return cells.size() == width;
  }

  private List<String> named(List<String> cells, Consumer<String> notes) {
    ColumnNames found = ColumnNames.of(cells);
    if (!found.changes().isEmpty()) {
      notes.accept(
          file
              + ": the header doesn't name each column differently; told apart as "
              + Cells.list(found.changes()));
    }
    return found.names();
  }

  private static List<String> indices(int columns) {
    return IntStream.range(0, columns).mapToObj(Integer::toString).toList();
  }

  private int findLabel(@Nullable String wanted, Preprocessing.@Nullable Columns model) {
    if (wanted != null) {
      return position(wanted, "with the labels");
    }
    if (model != null) {
      int known = labelOf(model);
      if (known >= 0) {
        return known;
      }
    }
    if (header) {
      for (String known : CsvHeader.LABEL_NAMES) {
        for (int c = 0; c < width; c++) {
          if (names.get(c).equalsIgnoreCase(known)) {
            return c;
          }
        }
      }
    }
    return width - 1;
  }

  /** Returns where the labels are that a model was trained with, or −1. */
  private int labelOf(Preprocessing.Columns model) {
    for (int c = 0; c < model.columns().size(); c++) {
      if (model.columns().get(c) instanceof Column.Label label) {
        return header ? positions.getInt(label.name()) : model.columns().size() == width ? c : -1;
      }
    }
    return -1;
  }

  /**
   * Returns the index of a column that goes by its name, or else by its index.
   *
   * @param what says in the message which column it is
   * @throws InputException if there is none
   */
  int position(String name, String what) {
    int at = header ? positions.getInt(name) : -1;
    if (at < 0 && Cells.isIndex(name) && Integer.parseInt(name) < width) {
      at = Integer.parseInt(name);
    }
    if (at < 0) {
      throw noColumn(name, what);
    }
    return at;
  }

  /**
   * Returns where the columns are that a model takes: by their names, or where there are no names
   * by their places, with or without the columns that the model leaves out.
   *
   * @throws InputException if there aren't those columns
   */
  int[] positions(Preprocessing.Columns model) {
    List<String> used = model.used().stream().map(Column::name).toList();
    int[] found = used.stream().mapToInt(positions::getInt).toArray();
    List<Column> all = model.columns();
    boolean placed = all.size() == width && all.size() > used.size();
    if (!header && placed) {
      return places(all, 0);
    }
    if (IntStream.of(found).allMatch(at -> at >= 0)) {
      return found;
    }
    if (header) {
      int lost = IntStream.range(0, found.length).filter(i -> found[i] < 0).findFirst().orElse(0);
      throw noColumn(used.get(lost), "that the model takes");
    }
    int[] others = IntStream.range(0, width).filter(c -> c != labelColumn).toArray();
    if (others.length == used.size()) {
      return others;
    }
    long labels = all.stream().filter(c -> c instanceof Column.Label).count();
    if (labelColumn < 0 && labels == 1 && width == all.size() - 1) {
      return places(all, 1);
    }
    throw InputException.expected(
        file,
        "a header, or " + used.size() + " columns of numbers as the model takes",
        others.length);
  }

  /** The nearest name comes first, because the list may be cut. */
  private InputException noColumn(String name, String what) {
    String near =
        header
            ? NearestName.of(name, names).map(n -> " (did you mean '" + n + "'?)").orElse("")
            : "";
    return InputException.expected(
        file, "a column '" + name + "' " + what + near, "columns " + names);
  }

  /** Returns the places of the columns that are used, the label's not counted if it is left out. */
  private static int[] places(List<Column> columns, int withoutLabel) {
    IntArrayList places = new IntArrayList();
    int at = 0;
    for (Column column : columns) {
      if (column.inputs() > 0) {
        places.add(at);
      }
      at += column instanceof Column.Label ? 1 - withoutLabel : 1;
    }
    return places.toIntArray();
  }

  /** Adds a row; returns whether it was one, and not a remark. */
  private boolean add(Row row, boolean hasNames) {
    if (isRemark(row.cells())) {
      remarks++;
      return false;
    }
    if (hasNames) {
      return true;
    }
    if (!fit(row.cells())) {
      throw wrongLength(row);
    }
    for (int c = 0; c < width; c++) {
      columns.get(c).add(row.cells().get(c));
    }
    lines.add(row.line());
    return true;
  }

  private InputException wrongLength(Row row) {
    return InputException.expected(
        file + ", line " + row.line(), width + " cells", row.cells().size());
  }

  /** Returns the file. */
  Path file() {
    return file;
  }

  /** Returns the number of rows, the header not counted. */
  int rows() {
    return lines.size();
  }

  /** Returns whether the first row has names. */
  boolean hasHeader() {
    return header;
  }

  /** Returns what cuts the cells. */
  Separator separator() {
    return separator;
  }

  /** Returns how many lines were taken for remarks. */
  int remarks() {
    return remarks;
  }

  /** Returns the names of the columns; their indices if there is no header. */
  List<String> names() {
    return names;
  }

  /** Returns the column of the labels, or −1. */
  int labelColumn() {
    return labelColumn;
  }

  /** Returns a column. */
  RawColumn column(int c) {
    return columns.get(c);
  }

  /** Returns how a cell is called in messages. */
  String where(int row, int column) {
    return file + ", line " + lines.getInt(row) + ", column " + quoted(column);
  }

  /** Returns how a column is called in messages. */
  String quoted(int column) {
    return header ? "'" + names.get(column) + "'" : names.get(column);
  }
}
