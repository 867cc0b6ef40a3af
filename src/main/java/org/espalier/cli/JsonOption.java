package org.espalier.cli;

import java.io.PrintWriter;
import org.espalier.report.Json;
import org.espalier.report.Table;
import picocli.CommandLine.Option;

/** A table for people, or JSON for programs. */
final class JsonOption {
  @Option(names = "--json", description = "Print JSON instead of a table.")
  private boolean json;

  /** Returns whether JSON is wanted. */
  boolean json() {
    return json;
  }

  /** Prints a table, or the same as JSON: an array with one object for each row. */
  void print(PrintWriter out, Table table) {
    if (json) {
      out.println(Json.pretty(table.objects()));
    } else {
      out.print(table.toText());
    }
    out.flush();
  }
}
