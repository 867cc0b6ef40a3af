package org.espalier.data.csv;

import it.unimi.dsi.fastutil.ints.Int2IntOpenHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What cuts the cells of a row. */
public enum Separator {
  COMMA(','),
  SEMICOLON(';'),
  TAB('\t'),
  PIPE('|'),
  /** One blank or tab or more; those at the ends of a line cut nothing. */
  BLANKS('\t');

  /** Rows that are looked at. */
  private static final int ROWS = 200;

  /** The share of rows that must have one number of cells. */
  private static final double MOST = 0.9;

  private final char character;

  Separator(char character) {
    this.character = character;
  }

  /** Returns the character; of blanks the one that runs of them are replaced by. */
  char character() {
    return character;
  }

  /**
   * How rows look when they are cut.
   *
   * @param cells the number of cells that most rows have, the first of equals
   * @param share the share of the rows that have it
   * @param leftover whether each row has cells that end in a comma or semicolon
   */
  private record Fit(Separator separator, int cells, double share, boolean leftover) {
    boolean isPossible(double least) {
      return cells > 1 && share >= least && !leftover;
    }
  }

  /**
   * Tells what cuts the rows of a text. Semicolons, tabs and pipes hardly ever stand in every row
   * equally often unless they separate, so they are tried before the comma, which may be a decimal
   * mark; blanks come last, but before tabs if they make more cells.
   *
   * @param text the beginning of a file
   * @param whole whether that is all of it; else the last row doesn't count
   */
  static Separator detect(String text, boolean whole) {
    Fit comma = fit(COMMA, text, whole);
    Fit blanks = fit(BLANKS, text, whole);
    List<Fit> rare =
        List.of(fit(SEMICOLON, text, whole), fit(TAB, text, whole), fit(PIPE, text, whole));
    Fit best = best(rare, 1);
    if (best == null && comma.isPossible(MOST)) {
      return COMMA;
    }
    best = best == null ? best(rare, MOST) : best;
    if (blanks.isPossible(MOST)
        && (best == null || (best.separator() == TAB && blanks.cells() > best.cells()))) {
      return BLANKS;
    }
    return best == null ? COMMA : best.separator();
  }

  private static @Nullable Fit best(List<Fit> fits, double least) {
    Fit best = null;
    for (Fit fit : fits) {
      if (fit.isPossible(least) && (best == null || fit.cells() > best.cells())) {
        best = fit;
      }
    }
    return best;
  }

  private static Fit fit(Separator separator, String text, boolean whole) {
    List<List<String>> rows = CsvRows.beginning(text, separator, ROWS, whole);
    rows.removeIf(row -> CsvRows.isComment(row.getFirst()));
    if (rows.size() > 2) {
      rows.removeFirst(); // a header, or a remark, may have fewer cells
    }
    int[] counts = rows.stream().mapToInt(List::size).toArray();
    int most = mostFrequent(counts);
    int same = 0;
    boolean leftover = separator == TAB || separator == BLANKS;
    for (List<String> row : rows) {
      same += row.size() == most ? 1 : 0;
      leftover &=
          row.stream().limit(row.size() - 1).anyMatch(c -> c.endsWith(",") || c.endsWith(";"));
    }
    return new Fit(separator, most, rows.isEmpty() ? 0 : (double) same / rows.size(), leftover);
  }

  /** Returns the most frequent of some numbers, of equally frequent ones the first; 0 for none. */
  static int mostFrequent(int[] numbers) {
    Int2IntOpenHashMap frequency = new Int2IntOpenHashMap();
    for (int number : numbers) {
      frequency.addTo(number, 1);
    }
    int most = 0;
    for (int number : numbers) {
      if (frequency.get(number) > frequency.get(most)) {
        most = number;
      }
    }
    return most;
  }
}
