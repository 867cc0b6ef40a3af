package org.espalier.data.csv;

import it.unimi.dsi.fastutil.objects.Object2IntOpenHashMap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.espalier.InputException;
import org.espalier.data.Features;
import org.espalier.model.Column;
import org.espalier.model.Preprocessing;

/** Makes features of the cells of a table, column by column. */
final class CsvFeatures {
  /** Most values: what fits an array. */
  private static final int LARGEST = Integer.MAX_VALUE - 8;

  /** Most inputs of a network. */
  private static final int MOST_INPUTS = 1 << 24;

  private final CsvTable table;
  private final List<Column> used;
  private final float[] values;
  private final List<String> filled = new ArrayList<>();
  private final List<String> unknown = new ArrayList<>();

  private CsvFeatures(CsvTable table, List<Column> used) {
    if ((long) table.rows() * used.size() > LARGEST) {
      throw InputException.expected(
          table.file(), "at most " + LARGEST + " values", (long) table.rows() * used.size());
    }
    this.table = table;
    this.used = used;
    this.values = new float[table.rows() * used.size()];
  }

  /**
   * Makes the features.
   *
   * @param layout what the columns become
   * @param positions where the columns that are used are in the table
   * @param notes receives a line if there are categories that aren't among those of the layout, and
   *     if missing values are filled in for a layout that is older than the table
   * @param older whether it is
   * @throws InputException if there is a text where a number should be
   */
  static Features of(
      CsvTable table,
      Preprocessing.Columns layout,
      int[] positions,
      boolean older,
      Consumer<String> notes) {
    if (layout.inputs() > MOST_INPUTS) {
      throw InputException.expected(
          table.file(), "at most " + MOST_INPUTS + " inputs", layout.inputs());
    }
    CsvFeatures features = new CsvFeatures(table, layout.used());
    for (int i = 0; i < positions.length; i++) {
      switch (features.used.get(i)) {
        case Column.Numbers n -> features.write(n, positions[i], i);
        case Column.Categories c -> features.write(c, positions[i], i);
        case Column.Label _, Column.Ignored _ -> throw new AssertionError("no input");
      }
    }
    if (older && !features.filled.isEmpty()) {
      notes.accept(
          table.file()
              + ": missing numbers count as the training's mean: "
              + Cells.list(features.filled));
    }
    if (!features.unknown.isEmpty()) {
      notes.accept(
          table.file()
              + ": values that training didn't have count as none of the categories: "
              + Cells.list(features.unknown));
    }
    return new Features(layout, features.values);
  }

  private void write(Column.Numbers numbers, int position, int at) {
    RawColumn cells = table.column(position);
    for (int row = 0; row < cells.size(); row++) {
      String text = cells.text(row);
      if (text != null) {
        throw Cells.isDecimal(text)
            ? InputException.expected(table.where(row, position), "a number up to 1e38", text)
            : InputException.expected(table.where(row, position), "a number", "'" + text + "'");
      }
      float stored = numbers.stored(cells.number(row));
      if (!Float.isFinite(numbers.input(stored))) {
        throw InputException.expected(
            table.where(row, position),
            "a number nearer to the training's, " + numbers.offset() + " + " + numbers.mean(),
            cells.number(row));
      }
      values[row * used.size() + at] = stored;
    }
    if (cells.missing() > 0) {
      filled.add(numbers.name() + " (" + cells.missing() + ")");
    }
  }

  private void write(Column.Categories categories, int position, int at) {
    Object2IntOpenHashMap<String> indices = new Object2IntOpenHashMap<>();
    indices.defaultReturnValue(-1);
    for (String value : categories.values()) {
      indices.put(value, indices.size());
    }
    RawColumn cells = table.column(position);
    int[] ofTexts = new int[cells.texts().size()];
    Arrays.setAll(ofTexts, t -> indices.getInt(cells.texts().get(t)));
    Set<String> strange = new LinkedHashSet<>();
    int count = 0;
    for (int row = 0; row < cells.size(); row++) {
      int text = cells.textIndex(row);
      int index = text >= 0 ? ofTexts[text] : indices.getInt(cells.category(row));
      values[row * used.size() + at] = index;
      if (index < 0) {
        count++;
        if (strange.size() < 3) {
          String value = cells.category(row);
          strange.add(value.isEmpty() ? "missing" : "'" + value + "'");
        }
      }
    }
    if (count > 0) {
      unknown.add(categories.name() + " (" + count + ": " + String.join(", ", strange) + ")");
    }
  }
}
