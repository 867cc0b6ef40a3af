package org.espalier.data.csv;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.espalier.model.Column;
import org.espalier.model.Preprocessing;

/** Says in a few lines what was made of a table. */
final class CsvSummary {
  private final CsvTable table;
  private final Preprocessing.Columns layout;

  CsvSummary(CsvTable table, Preprocessing.Columns layout) {
    this.table = table;
    this.layout = layout;
  }

  /** Says what the rows are and what was decided about each column. */
  void tell(List<String> classes, Consumer<String> notes) {
    notes.accept(
        String.format(
            Locale.ROOT,
            "%s: %,d rows, cut by %s, %s%s; %,d classes in column %s: %s",
            table.file(),
            table.rows(),
            table.separator().name().toLowerCase(Locale.ROOT),
            table.hasHeader() ? "the first line has names" : "no names in the first line",
            table.remarks() == 0 ? "" : ", " + table.remarks() + " remarks skipped",
            classes.size(),
            table.quoted(table.labelColumn()),
            Cells.list(classes)));
    List<String> numbers = new ArrayList<>();
    List<String> categories = new ArrayList<>();
    List<String> missingNumbers = new ArrayList<>();
    List<String> missingCategories = new ArrayList<>();
    for (int c = 0; c < layout.columns().size(); c++) {
      Column column = layout.columns().get(c);
      int missing = table.column(c).missing();
      switch (column) {
        case Column.Numbers n -> {
          numbers.add(n.offset() == 0 ? n.name() : n.name() + " less " + n.offset());
          addMissing(missingNumbers, n, missing);
        }
        case Column.Categories some -> {
          categories.add(some.name() + " (" + some.values().size() + ")");
          addMissing(missingCategories, some, missing);
        }
        case Column.Label _, Column.Ignored _ -> {}
      }
    }
    tell(notes, "numbers", numbers);
    tell(notes, "categories, an input for each", categories);
    tell(notes, "missing, count as the training rows' mean", missingNumbers);
    tell(notes, "missing, count as a category of their own", missingCategories);
    String ignored = ignored(layout.columns());
    if (!ignored.isEmpty()) {
      notes.accept("  ignored: " + ignored);
    }
  }

  private static void addMissing(List<String> list, Column column, int missing) {
    if (missing > 0) {
      list.add(column.name() + " (" + missing + ")");
    }
  }

  private static void tell(Consumer<String> notes, String what, List<String> names) {
    if (!names.isEmpty()) {
      notes.accept("  " + what + ": " + Cells.list(names));
    }
  }

  /** Returns which columns are ignored, and why. */
  static String ignored(List<Column> columns) {
    List<String> found = new ArrayList<>();
    for (Column column : columns) {
      if (column instanceof Column.Ignored i) {
        found.add((i.name().isEmpty() ? "''" : i.name()) + " (" + i.reason() + ")");
      }
    }
    return Cells.list(found);
  }
}
