package org.espalier.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Rows under named columns: the one table that a terminal, Markdown, JSON and the HTML report show.
 * Cells are numbers, {@link Spread}s, strings, booleans, or null for what is missing.
 */
public final class Table implements Block {
  /** What stands for a missing cell. */
  private static final String MISSING = "–";

  private static final String GAP = "  ";

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

    /** Returns the name as a key of JSON: {@code size_kib}. */
    String key() {
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

  /** Returns the columns. */
  public List<Column> columns() {
    return columns;
  }

  /** Returns the rows' cells as people read them. */
  public List<List<String>> formatted() {
    List<List<String>> all = new ArrayList<>();
    for (List<@Nullable Object> row : rows) {
      List<String> texts = new ArrayList<>();
      for (int c = 0; c < columns.size(); c++) {
        texts.add(columns.get(c).format(row.get(c)));
      }
      all.add(texts);
    }
    return all;
  }

  /** Returns an object for each row, with the columns' names in lower case as keys. */
  public List<Map<String, @Nullable Object>> objects() {
    List<Map<String, @Nullable Object>> all = new ArrayList<>();
    for (List<@Nullable Object> row : rows) {
      Map<String, @Nullable Object> object = new LinkedHashMap<>();
      for (int c = 0; c < columns.size(); c++) {
        object.put(columns.get(c).key(), row.get(c));
      }
      all.add(object);
    }
    return all;
  }

  /** Returns the table for a terminal, each line ended by a line feed. */
  public String toText() {
    int[] widths = widths();
    StringBuilder out = new StringBuilder();
    if (!title.isEmpty()) {
      out.append(title).append('\n');
    }
    line(out, heads(), widths, "", GAP, "");
    List<String> rules = Arrays.stream(widths).mapToObj("─"::repeat).toList();
    line(out, rules, widths, "", GAP, "");
    formatted().forEach(row -> line(out, row, widths, "", GAP, ""));
    return out.toString();
  }

  /** Returns the table as Markdown. */
  public String toMarkdown() {
    int[] widths = widths();
    StringBuilder out = new StringBuilder();
    if (!title.isEmpty()) {
      out.append("**").append(title).append("**\n\n");
    }
    markdownLine(out, heads(), widths);
    List<String> rules = new ArrayList<>();
    for (int c = 0; c < widths.length; c++) {
      boolean numeric = columns.get(c).numeric();
      rules.add("-".repeat(Math.max(3, widths[c]) - (numeric ? 1 : 0)) + (numeric ? ":" : ""));
    }
    markdownLine(out, rules, widths);
    formatted().forEach(row -> markdownLine(out, row, widths));
    return out.toString();
  }

  private void markdownLine(StringBuilder out, List<String> cells, int[] widths) {
    List<String> escaped =
        cells.stream().map(cell -> cell.replace("\\", "\\\\").replace("|", "\\|")).toList();
    line(out, escaped, widths, "| ", " | ", " |");
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

  private int[] widths() {
    int[] widths = heads().stream().mapToInt(Table::length).toArray();
    for (List<String> row : formatted()) {
      for (int c = 0; c < widths.length; c++) {
        widths[c] = Math.max(widths[c], length(row.get(c)));
      }
    }
    return widths;
  }

  private static int length(String s) {
    return s.codePointCount(0, s.length());
  }
}
