package org.espalier.data.csv;

import java.util.List;
import java.util.stream.Stream;
import org.espalier.model.TableFormat;
import org.jspecify.annotations.Nullable;

/**
 * What a user says about a table. Columns go by their names or, from 0, their indices; what isn't
 * said is found out from the file.
 *
 * @param header whether the first row has names, or null to tell by the content
 * @param separator what cuts the cells, or null to tell by the content
 * @param label the column of the classes, or null for the one called label, class or target, else
 *     the last
 * @param columns the only ones to learn from, or an empty list for all
 * @param ignored columns to leave out
 * @param categories columns whose numbers are names
 * @param format how cells are written; its header is not looked at
 */
public record CsvOptions(
    @Nullable Boolean header,
    @Nullable Separator separator,
    @Nullable String label,
    List<String> columns,
    List<String> ignored,
    List<String> categories,
    TableFormat format) {
  /** Nothing is said. */
  public static final CsvOptions NONE =
      new CsvOptions(null, null, null, List.of(), List.of(), List.of(), TableFormat.PLAIN);

  /** Copies the lists. */
  public CsvOptions {
    columns = List.copyOf(columns);
    ignored = List.copyOf(ignored);
    categories = List.copyOf(categories);
  }

  /** Returns these options with another column of classes. */
  public CsvOptions withLabel(@Nullable String column) {
    return new CsvOptions(header, separator, column, columns, ignored, categories, format);
  }

  /** Returns the columns of the lists, which must be in the file. */
  Stream<String> named() {
    return Stream.of(columns, ignored, categories).flatMap(List::stream);
  }
}
