package org.espalier.cli.output;

import java.io.PrintWriter;
import java.util.Map;
import org.espalier.report.Json;
import org.espalier.report.Table;
import org.jspecify.annotations.Nullable;

/**
 * Prints a table while its rows come: as text, or as JSON, an array with one object for each row
 * that is whole however the command ends.
 */
public final class RowStream implements AutoCloseable {
  private final PrintWriter out;
  private final boolean json;
  private boolean begun;

  public RowStream(PrintWriter out, boolean json) {
    this.out = out;
    this.json = json;
  }

  /**
   * Prints rows, before the first of them the names of the columns.
   *
   * @param rows rows of the same columns in each call
   * @param layout how wide the columns are
   */
  public void print(Table rows, Table.Layout layout) {
    if (json) {
      for (Map<String, @Nullable Object> object : rows.objects()) {
        out.print((begun ? ", " : "[ ") + Json.pretty(object));
        begun = true;
      }
    } else {
      out.print((begun ? "" : layout.head()) + layout.lines(rows));
      begun = true;
    }
    out.flush();
  }

  /** Ends the array. */
  @Override
  public void close() {
    if (json) {
      out.println(begun ? " ]" : "[ ]");
    }
    out.flush();
  }
}
