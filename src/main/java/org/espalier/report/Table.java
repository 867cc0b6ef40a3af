package org.espalier.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Rows under named columns: the one table that a terminal, Markdown, JSON and the HTML report show.
 * Cells are numbers, {@link Spread}s, strings, booleans, null for what is missing, or lists of
 * {@link Column#doubts doubts}.
 */
public final class Table implements Block {
  /** What stands for a missing cell. */
  private static final String MISSING = "–";

  private static final String GAP = "  ";

  /** What Markdown asks of the rule below the head. */
  private static final int SHORTEST_RULE = 3;

  /**
   * A column. Text stands at its left border, numbers at its right.
   *
   * @param name what the head says, with the unit in parentheses: {@code size (KiB)}
   * @param numeric whether it holds numbers
   * @param decimals digits behind the decimal point; −1 for as many as four significant ones need
   */
  public record Column(String name, boolean numeric, int decimals) {
    /** Returns a column of text. */
    public static Column text(String name) {
      return new Column(name, false, 0);
    }

    /** Returns a column of numbers with a fixed number of decimals. */
    public static Column number(String name, int decimals) {
      return new Column(name, true, decimals);
    }

    /** Returns a column of numbers with four significant digits. */
    public static Column number(String name) {
      return new Column(name, true, -1);
    }

    /**
     * Returns the column for reasons why the numbers of a row should not be believed, whose cells
     * are lists of strings. Where there are any, people read a question mark with a number here and
     * the reasons {@link Table#notes below the table}.
     */
    public static Column doubts() {
      return text("doubts");
    }

    /** Returns the name as a key of JSON: {@code size_kib}. */
    String key() {
      return asKey(name);
    }

    private static String asKey(String name) {
      return name.replace("%", "percent")
          .replace("µ", "u")
          .replace("/", " per ")
          .toLowerCase(Locale.ROOT)
          .replaceAll("[^\\p{L}\\p{N}]+", "_")
          .replaceAll("^_|_$", "");
    }

    private String format(@Nullable Object cell) {
      return switch (cell) {
        case null -> MISSING;
        case Spread(double mean, double deviation) -> number(mean) + " ± " + number(deviation);
        case Double d -> number(d);
        case Float f -> number(f);
        case Number n -> String.format(Locale.ROOT, "%,d", n.longValue());
        default -> cell.toString().replaceAll("\\p{Cntrl}", "?");
      };
    }

    private String number(double value) {
      if (!Double.isFinite(value)) {
        return String.valueOf(value);
      }
      if (decimals >= 0) {
        return String.format(Locale.ROOT, "%,." + decimals + "f", value);
      }
      int before = value == 0 ? 1 : (int) Math.floor(Math.log10(Math.abs(value))) + 1;
      String text = String.format(Locale.ROOT, "%,." + Math.clamp(4L - before, 0, 9) + "f", value);
      return text.contains(".") ? text.replaceAll("\\.?0+$", "") : text;
    }
  }

  private final String title;
  private final List<Column> columns;
  private final List<List<@Nullable Object>> rows = new ArrayList<>();

  /** Makes a table without rows; an empty title is not shown. */
  public Table(String title, Column... columns) {
    this.title = title;
    this.columns = List.of(columns);
  }

  /**
   * Adds a row.
   *
   * @param cells one for each column
   * @return this table
   */
  public Table row(@Nullable Object... cells) {
    if (cells.length != columns.size()) {
      throw new IllegalArgumentException(
          cells.length + " cells for " + columns.size() + " columns");
    }
    rows.add(Collections.unmodifiableList(Arrays.asList(cells.clone())));
    return this;
  }

  /** Returns the title. */
  public String title() {
    return title;
  }

  /** Returns the title as a key of JSON. */
  public String key() {
    return Column.asKey(title);
  }

  /** Returns the columns. */
  public List<Column> columns() {
    return columns;
  }

  /** Returns the rows' cells as people read them. */
  public List<List<String>> formatted() {
    List<String> doubts = doubts();
    List<List<String>> all = new ArrayList<>();
    for (List<@Nullable Object> row : rows) {
      List<String> texts = new ArrayList<>();
      for (int c = 0; c < columns.size(); c++) {
        texts.add(
            row.get(c) instanceof List<?> list
                ? list.isEmpty() ? "" : mark(doubts.indexOf(joined(list)))
                : columns.get(c).format(row.get(c)));
      }
      all.add(texts);
    }
    return all;
  }

  /** Returns what the marks of doubtful rows mean, a line for each. */
  public List<String> notes() {
    List<String> doubts = doubts();
    return IntStream.range(0, doubts.size()).mapToObj(i -> mark(i) + " " + doubts.get(i)).toList();
  }

  private List<String> doubts() {
    return rows.stream()
        .flatMap(List::stream)
        .filter(cell -> cell instanceof List<?> list && !list.isEmpty())
        .map(cell -> joined((List<?>) cell))
        .distinct()
        .toList();
  }

  private static String joined(List<?> doubts) {
    return doubts.stream()
        .map(doubt -> String.valueOf(doubt).replaceAll("\\p{Cntrl}", "?"))
        .collect(Collectors.joining("; "));
  }

  private static String mark(int doubt) {
    return "?" + (doubt + 1);
  }

  /**
   * Returns an object for each row, with the columns' names in lower case as keys. NaN and
   * infinity, for which JSON has no number, are null.
   */
  public List<Map<String, @Nullable Object>> objects() {
    List<Map<String, @Nullable Object>> all = new ArrayList<>();
    for (List<@Nullable Object> row : rows) {
      Map<String, @Nullable Object> object = new LinkedHashMap<>();
      for (int c = 0; c < columns.size(); c++) {
        object.put(columns.get(c).key(), finite(row.get(c)));
      }
      all.add(object);
    }
    return all;
  }

  private static @Nullable Object finite(@Nullable Object cell) {
    return switch (cell) {
      case Double d when !Double.isFinite(d) -> null;
      case Float f when !Float.isFinite(f) -> null;
      case null, default -> cell;
    };
  }

  /** Returns the table for a terminal, each line ended by a line feed. */
  public String toText() {
    Layout layout = layout();
    StringBuilder out = new StringBuilder(title.isEmpty() ? "" : title + "\n");
    out.append(layout.head()).append(layout.lines(this));
    notes().forEach(note -> out.append(note).append('\n'));
    return out.toString();
  }

  /** Returns how wide the columns must be for a terminal. */
  public Layout layout() {
    List<List<String>> lines = new ArrayList<>(List.of(heads()));
    lines.addAll(formatted());
    return new Layout(widths(lines));
  }

  /**
   * How wide columns are on a terminal: of a table that was foreseen, where rows are shown while
   * they come. A cell that is wider still is shown whole and moves what follows it.
   */
  public final class Layout {
    private final int[] widths;

    private Layout(int[] widths) {
      this.widths = widths;
    }

    /** Returns the names of the columns and the rule below, each line ended by a line feed. */
    public String head() {
      StringBuilder out = new StringBuilder();
      line(out, heads(), widths, "", GAP, "");
      line(out, Arrays.stream(widths).mapToObj("─"::repeat).toList(), widths, "", GAP, "");
      return out.toString();
    }

    /** Returns the rows of a table of the same columns, each line ended by a line feed. */
    public String lines(Table table) {
      StringBuilder out = new StringBuilder();
      table.formatted().forEach(cells -> line(out, cells, widths, "", GAP, ""));
      return out.toString();
    }
  }

  /** Returns the table as Markdown. */
  public String toMarkdown() {
    List<List<String>> lines = new ArrayList<>(List.of(heads()));
    lines.addAll(formatted());
    lines.replaceAll(
        cells -> cells.stream().map(c -> c.replace("\\", "\\\\").replace("|", "\\|")).toList());
    int[] widths = widths(lines);
    List<String> rules = new ArrayList<>();
    for (int c = 0; c < widths.length; c++) {
      widths[c] = Math.max(widths[c], SHORTEST_RULE);
      String colon = columns.get(c).numeric() ? ":" : "";
      rules.add("-".repeat(widths[c] - colon.length()) + colon);
    }
    lines.add(1, rules);
    StringBuilder out = new StringBuilder(title.isEmpty() ? "" : "**" + title + "**\n\n");
    lines.forEach(cells -> line(out, cells, widths, "| ", " | ", " |"));
    notes().forEach(note -> out.append('\n').append(note).append('\n'));
    return out.toString();
  }

  private void line(
      StringBuilder out, List<String> cells, int[] widths, String from, String gap, String to) {
    StringBuilder line = new StringBuilder(from);
    for (int c = 0; c < cells.size(); c++) {
      String pad = " ".repeat(Math.max(0, widths[c] - length(cells.get(c))));
      line.append(c == 0 ? "" : gap);
      line.append(columns.get(c).numeric() ? pad + cells.get(c) : cells.get(c) + pad);
    }
    out.append(line.append(to).toString().stripTrailing()).append('\n');
  }

  private List<String> heads() {
    return columns.stream().map(Column::name).toList();
  }

  private int[] widths(List<List<String>> lines) {
    int[] widths = new int[columns.size()];
    for (List<String> cells : lines) {
      for (int c = 0; c < widths.length; c++) {
        widths[c] = Math.max(widths[c], length(cells.get(c)));
      }
    }
    return widths;
  }

  private static int length(String s) {
    return s.codePointCount(0, s.length());
  }
}
