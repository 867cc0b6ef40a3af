package org.espalier.io;

import java.util.ArrayList;
import java.util.List;
import org.espalier.InputException;
import org.espalier.model.Column;
import org.espalier.model.Preprocessing;
import org.espalier.model.TableFormat;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/**
 * The preprocessing of tables in model files. What is as it always was before there were other
 * columns than plain numbers isn't written, so that models of that time make the same file again.
 */
final class TableJson {
  private static final String COLUMNS = "columns";
  private static final String FORMAT = "format";

  private TableJson() {}

  /** Returns whether an object describes a table. */
  static boolean isIn(JsonObject json) {
    return json.fields().containsKey(COLUMNS);
  }

  /** Writes the fields of a table. */
  static void write(JsonGenerator json, Preprocessing.Columns table) {
    json.writeArrayPropertyStart(COLUMNS);
    for (Column column : table.columns()) {
      json.writeStartObject();
      json.writeStringProperty("name", column.name());
      write(json, column);
      json.writeEndObject();
    }
    json.writeEndArray();
    if (!table.format().equals(TableFormat.PLAIN)) {
      write(json, table.format());
    }
  }

  private static void write(JsonGenerator json, Column column) {
    switch (column) {
      case Column.Numbers n -> {
        if (n.offset() != 0) {
          json.writeNumberProperty("offset", n.offset());
        }
        ModelFile.writeMoments(json, n.mean(), n.deviation());
        if (n.missing() > 0) {
          json.writeNumberProperty("missing", n.missing());
        }
      }
      case Column.Categories c -> JsonText.writeStrings(json, "categories", c.values());
      case Column.Label _ -> json.writeBooleanProperty("label", true);
      case Column.Ignored i -> json.writeStringProperty("ignored", i.reason());
    }
  }

  private static void write(JsonGenerator json, TableFormat format) {
    json.writeObjectPropertyStart(FORMAT);
    if (format.header() != null) {
      json.writeBooleanProperty("header", format.header());
    }
    json.writeStringProperty("decimal", format.decimal());
    json.writeStringProperty("thousands", format.thousands());
    JsonText.writeStrings(json, "missing", format.missing());
    json.writeEndObject();
  }

  /**
   * Reads a table.
   *
   * @throws InputException if it isn't one
   * @throws IllegalArgumentException if its numbers or texts aren't right
   */
  static Preprocessing.Columns read(JsonObject json) {
    json.allow(COLUMNS, FORMAT);
    List<Column> columns = new ArrayList<>();
    for (JsonObject column : json.objects(COLUMNS)) {
      try {
        columns.add(column(column));
      } catch (IllegalArgumentException e) {
        throw new InputException(column.where() + ": " + e.getMessage(), e);
      }
    }
    return json.fields().containsKey(FORMAT)
        ? new Preprocessing.Columns(columns, format(json.object(FORMAT)))
        : new Preprocessing.Columns(columns);
  }

  private static Column column(JsonObject json) {
    String name = json.string("name");
    if (json.fields().containsKey("categories")) {
      json.allow("name", "categories");
      return new Column.Categories(name, json.stringList("categories"));
    }
    if (json.fields().containsKey("ignored")) {
      json.allow("name", "ignored");
      return new Column.Ignored(name, json.string("ignored"));
    }
    if (json.fields().containsKey("label")) {
      json.allow("name", "label");
      if (!json.bool("label")) {
        throw InputException.expected(json.where() + ", label", "true", false);
      }
      return new Column.Label(name);
    }
    json.allow("name", "offset", "mean", "deviation", "missing");
    return new Column.Numbers(
        name,
        json.fields().containsKey("offset") ? json.number("offset") : 0,
        (float) json.number("mean"),
        (float) json.number("deviation"),
        json.fields().containsKey("missing") ? json.natural("missing") : 0);
  }

  private static TableFormat format(JsonObject json) {
    json.allow("header", "decimal", "thousands", "missing");
    @Nullable Boolean header = json.fields().containsKey("header") ? json.bool("header") : null;
    return new TableFormat(
        header, json.string("decimal"), json.string("thousands"), json.stringList("missing"));
  }
}
