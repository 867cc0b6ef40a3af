package org.espalier.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How the cells of a table are written.
 *
 * @param header whether the first row has names; null where that isn't known
 * @param decimal the mark in numbers before their fraction: a point or a comma
 * @param thousands what stands between groups of three digits, or an empty text for nothing
 * @param missing texts that stand for a missing value, beside the usual ones
 */
public record TableFormat(
    @Nullable Boolean header, String decimal, String thousands, List<String> missing) {
  /** Numbers as programs write them. */
  public static final TableFormat PLAIN = new TableFormat(null, ".", "", List.of());

  /** Copies the list and checks the marks. */
  public TableFormat {
    missing = List.copyOf(missing);
    if (!decimal.matches("[.,]") || !thousands.matches("[.,' _]?") || decimal.equals(thousands)) {
      throw new IllegalArgumentException(
          "a table needs . or , as decimal mark and another of . , ' _ and blank between thousands,"
              + " or nothing, got '"
              + decimal
              + "' and '"
              + thousands
              + "'");
    }
  }
}
