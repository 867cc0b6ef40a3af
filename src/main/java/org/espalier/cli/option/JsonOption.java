package org.espalier.cli.option;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.espalier.cli.output.RowStream;
import org.espalier.report.Json;
import org.espalier.report.Table;
import picocli.CommandLine.Option;

/** A table for people, or JSON for programs. */
public final class JsonOption {
  @Option(names = "--json", description = "Print JSON instead of a table.")
  private boolean json;

  /** Prints a table, or the same as JSON: an array with one object for each row. */
  public void print(PrintWriter out, Table table) {
    out.print(json ? Json.pretty(table.objects()) + "\n" : table.toText());
    out.flush();
  }

  /** Prints tables, or the same as JSON: an object with such an array for each table. */
  public void print(PrintWriter out, List<Table> tables) {
    if (json) {
      Map<String, Object> object = new LinkedHashMap<>();
      tables.forEach(table -> object.put(table.key(), table.objects()));
      out.println(Json.pretty(object));
    } else {
      out.print(tables.stream().map(Table::toText).collect(Collectors.joining("\n")));
    }
    out.flush();
  }

  /** Starts to print a table whose rows come one after the other. */
  public RowStream stream(PrintWriter out) {
    return new RowStream(out, json);
  }
}
