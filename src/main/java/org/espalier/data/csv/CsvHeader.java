package org.espalier.data.csv;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.espalier.model.Column;
import org.espalier.model.Preprocessing;
import org.jspecify.annotations.Nullable;

/**
 * Tells by the first rows of a table whether the first one has the names of the columns. It has if
 *
 * <ul>
 *   <li>it names a column that is asked for, or one called label, class or target;
 *   <li>a text stands above a number and at most half of its cells are numbers;
 *   <li>its numbers are 0 … n−1 in any order, or three or more in a row, or years, and the rows
 *       below aren't like that;
 *   <li>its numbers are whole, all different, and stand above columns of fractions;
 *   <li>it has no numbers but those, and its texts don't occur below, where others repeat.
 * </ul>
 *
 * A text that occurs again in its own column is no name, and neither is a mark for a missing value.
 */
final class CsvHeader {
  /** What the column of the classes is called. */
  static final List<String> LABEL_NAMES = List.of("label", "class", "target");

  private final Cells cells;
  private final List<String> first;
  private final List<List<String>> below;

  /**
   * Looks at a table.
   *
   * @param rows the first ones, as many cells in each
   */
  CsvHeader(Cells cells, List<List<String>> rows) {
    this.cells = cells;
    this.first = rows.getFirst();
    this.below = rows.subList(1, rows.size());
  }

  /** Returns whether the first row has names. */
  boolean isThere(CsvOptions options, Preprocessing.@Nullable Columns model) {
    if (options.header() != null) {
      return options.header();
    }
    Set<String> names = new HashSet<>(ColumnNames.of(first).names());
    if (model != null && namesAreIn(names, model)) {
      return true;
    }
    if (Stream.concat(Stream.ofNullable(options.label()), options.named())
        .anyMatch(name -> !Cells.isIndex(name))) {
      return true;
    }
    if (first.stream().anyMatch(cell -> LABEL_NAMES.contains(cell.toLowerCase(Locale.ROOT)))) {
      return true;
    }
    return isTextAboveNumbers() || (!below.isEmpty() && looksLikeNames());
  }

  /** Names that are indices come from a file without a header, or stand in a row by chance. */
  private static boolean namesAreIn(Set<String> row, Preprocessing.Columns model) {
    List<String> used = model.used().stream().map(Column::name).toList();
    boolean told = Boolean.TRUE.equals(model.format().header());
    if (!told && used.stream().allMatch(Cells::isIndex)) {
      return false;
    }
    long there = used.stream().filter(row::contains).count();
    return told ? 2 * there >= used.size() && there > 0 : there == used.size();
  }

  private boolean isText(String cell) {
    return !cells.isMissing(cell) && !isNumber(cell);
  }

  private boolean isNumber(String cell) {
    return !Double.isNaN(cells.number(cell));
  }

  private boolean isTextAboveNumbers() {
    int numbers = 0;
    boolean above = false;
    for (int c = 0; c < first.size(); c++) {
      numbers += isNumber(first.get(c)) ? 1 : 0;
      above |= isText(first.get(c)) && !below.isEmpty() && isNumber(below.getFirst().get(c));
    }
    return above && 2 * numbers <= first.size() && !textsOccurBelow();
  }

  private boolean textsOccurBelow() {
    return IntStream.range(0, first.size())
        .filter(c -> isText(first.get(c)))
        .anyMatch(c -> below.stream().anyMatch(row -> row.get(c).equals(first.get(c))));
  }

  private boolean looksLikeNames() {
    List<String> named = first.stream().filter(cell -> !cell.isEmpty()).toList();
    if (new HashSet<>(named).size() < named.size()
        || IntStream.range(1, first.size()).anyMatch(c -> isGap(first.get(c)))
        || textsOccurBelow()) {
      return false;
    }
    List<String> numbers = named.stream().filter(this::isNumber).toList();
    if (!numbers.stream().allMatch(Cells::isIndex)) {
      return false;
    }
    return (isRun(numbers) && !belowIsRun()) || isAboveFractions() || othersRepeatBelow();
  }

  /** An empty cell may be a name that nobody gave, but only at an end. */
  private boolean isGap(String cell) {
    return cells.isMissing(cell) && !(cell.isEmpty() && first.getLast().isEmpty());
  }

  /** Returns whether numbers are 0 … n−1 in any order, or follow each other, or are years. */
  private static boolean isRun(List<String> texts) {
    int[] numbers = texts.stream().mapToInt(Integer::parseInt).toArray();
    if (numbers.length < 2) {
      return false;
    }
    int least = IntStream.of(numbers).min().orElseThrow();
    int largest = IntStream.of(numbers).max().orElseThrow();
    boolean years = least >= 1800 && largest <= 2200;
    boolean close = largest - least == numbers.length - 1; // all are different
    boolean ascending =
        IntStream.range(1, numbers.length).allMatch(i -> numbers[i] == numbers[i - 1] + 1);
    return (close && least == 0) || (ascending && numbers.length >= 3) || years;
  }

  private boolean belowIsRun() {
    List<String> numbers = below.getFirst().stream().filter(this::isNumber).toList();
    return numbers.stream().allMatch(Cells::isIndex)
        && new HashSet<>(numbers).size() == numbers.size()
        && isRun(numbers);
  }

  /**
   * Returns whether columns whose name is whole have nothing but fractions, at least one of them.
   */
  private boolean isAboveFractions() {
    return IntStream.range(0, first.size())
        .filter(c -> Cells.isIndex(first.get(c)))
        .anyMatch(
            c ->
                below.stream()
                    .map(row -> row.get(c))
                    .filter(cell -> !cells.isMissing(cell))
                    .allMatch(cell -> isNumber(cell) && !Cells.isWhole(cell)));
  }

  /** Returns whether there are no numbers, and texts that each repeat in their columns. */
  private boolean othersRepeatBelow() {
    if (first.stream().anyMatch(this::isNumber)) {
      return false;
    }
    return IntStream.range(0, first.size())
        .filter(c -> isText(first.get(c)))
        .anyMatch(
            c -> {
              Set<String> different = new HashSet<>();
              below.forEach(row -> different.add(row.get(c)));
              return 2 * different.size() <= below.size();
            });
  }
}
