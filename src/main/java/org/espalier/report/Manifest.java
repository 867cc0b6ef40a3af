package org.espalier.report;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.espalier.machine.Machine;
import tools.jackson.databind.JsonNode;

/**
 * What is needed to do a run again and to believe its numbers.
 *
 * @param build the program
 * @param machine what it ran on
 * @param kernels which kernels ran, at which width and why
 * @param date when
 * @param command the command line
 * @param seed the seed
 * @param threads how many threads computed
 * @param data name of the data
 * @param dataDigest its digest
 * @param recipe the recipe as it was used, defaults included: names to values, maps and lists
 */
public record Manifest(
    Build build,
    Machine machine,
    String kernels,
    Instant date,
    String command,
    long seed,
    int threads,
    String data,
    String dataDigest,
    Map<String, ?> recipe) {
  /** Copies the recipe. */
  public Manifest {
    recipe = Collections.unmodifiableMap(new LinkedHashMap<>(recipe));
  }

  /** Returns the manifest as JSON. */
  public String toJson() {
    return Json.pretty(this);
  }

  /** Returns the manifest as a table of two columns; nested keys are joined by dots. */
  public Table toTable() {
    Table table = new Table("", Table.Column.text("key"), Table.Column.text("value"));
    add(table, "", Json.tree(this));
    return table;
  }

  private static void add(Table table, String key, JsonNode node) {
    if (node.isObject()) {
      node.properties()
          .forEach(
              e -> add(table, key.isEmpty() ? e.getKey() : key + "." + e.getKey(), e.getValue()));
    } else if (node.isArray()) {
      table.row(
          key,
          node.valueStream()
              .map(v -> v.isString() ? v.stringValue() : v.toString())
              .collect(Collectors.joining(" ")));
    } else {
      table.row(key, node.isString() ? node.stringValue() : node.toString());
    }
  }
}
