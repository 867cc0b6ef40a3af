package org.espalier.data.csv;

import it.unimi.dsi.fastutil.doubles.DoubleArrayList;
import it.unimi.dsi.fastutil.ints.IntArrayList;
import it.unimi.dsi.fastutil.objects.Object2IntOpenHashMap;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The cells of a column as a file has them: numbers, texts and missing ones. */
final class RawColumn {
  private static final int NO_TEXT = -1;

  private final Cells cells;
  private final boolean textsOnly;
  private final DoubleArrayList numbers = new DoubleArrayList();

  /** For each row the index of its text; null as long as there is none. */
  private @Nullable IntArrayList texts;

  private final List<String> different = new ArrayList<>();
  private final Object2IntOpenHashMap<String> indices = new Object2IntOpenHashMap<>();
  private int textRows;
  private int missing;

  /**
   * Makes an empty column.
   *
   * @param textsOnly whether numbers are kept as they are written, and missing values too
   */
  RawColumn(Cells cells, boolean textsOnly) {
    this.cells = cells;
    this.textsOnly = textsOnly;
    indices.defaultReturnValue(NO_TEXT);
  }

  void add(String cell) {
    int known = indices.getInt(cell);
    double number = Double.NaN;
    if (known == NO_TEXT) {
      if (!textsOnly && cells.isMissing(cell)) {
        missing++;
      } else {
        number = textsOnly ? Double.NaN : cells.number(cell);
        if (Double.isNaN(number)) {
          known = different.size();
          different.add(cell);
          indices.put(cell, known);
        }
      }
    }
    if (known != NO_TEXT && texts == null) {
      texts = new IntArrayList();
      for (int i = 0; i < numbers.size(); i++) {
        texts.add(NO_TEXT);
      }
    }
    if (texts != null) {
      texts.add(known);
    }
    textRows += known == NO_TEXT ? 0 : 1;
    numbers.add(number);
  }

  int size() {
    return numbers.size();
  }

  /** Returns the number in a row, or NaN. */
  double number(int row) {
    return numbers.getDouble(row);
  }

  /** Returns the text in a row, or null where there is a number or nothing. */
  @Nullable String text(int row) {
    int index = textIndex(row);
    return index == NO_TEXT ? null : different.get(index);
  }

  /** Returns the index of a row's text in {@link #texts}, or −1. */
  int textIndex(int row) {
    return texts == null ? NO_TEXT : texts.getInt(row);
  }

  /** Returns whether a row has neither number nor text. */
  boolean isMissing(int row) {
    return Double.isNaN(number(row)) && textIndex(row) == NO_TEXT;
  }

  /** Returns the value of a row as a category; of a missing one the empty text. */
  String category(int row) {
    String text = text(row);
    if (text != null) {
      return text;
    }
    return isMissing(row) ? "" : Cells.category(number(row));
  }

  /** Returns the different texts in the order in which they came. */
  List<String> texts() {
    return different;
  }

  /** Returns how many rows have a text. */
  int textRows() {
    return textRows;
  }

  /** Returns how many rows have neither number nor text. */
  int missing() {
    return missing;
  }

  /** Returns how many rows have a number. */
  int numberRows() {
    return size() - textRows - missing;
  }

  /** Returns the first row with a text, or −1. */
  int firstText() {
    for (int i = 0; i < size(); i++) {
      if (textIndex(i) != NO_TEXT) {
        return i;
      }
    }
    return -1;
  }
}
