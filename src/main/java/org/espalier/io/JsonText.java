package org.espalier.io;

import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.espalier.Internal;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** Writes JSON as a string, the same string for the same content. */
@Internal
public final class JsonText {
  private static final JsonFactory FACTORY = new JsonFactory();

  private JsonText() {}

  /** Returns what {@code content} writes. */
  static String of(Consumer<JsonGenerator> content) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), text)) {
      content.accept(json);
    }
    return text.toString();
  }

  /** Returns an object of strings, sorted by key. */
  static String of(Map<String, String> strings) {
    return of(json -> write(json, strings));
  }

  /** Returns a list of strings. */
  public static String of(List<String> strings) {
    return of(
        json -> {
          json.writeStartArray();
          strings.forEach(json::writeString);
          json.writeEndArray();
        });
  }

  /** Writes an object of strings, sorted by key. */
  static void write(JsonGenerator json, Map<String, String> strings) {
    json.writeStartObject();
    new TreeMap<>(strings).forEach(json::writeStringProperty);
    json.writeEndObject();
  }

  /** Writes a field that is a list of numbers. */
  static void writeNumbers(JsonGenerator json, String key, int... numbers) {
    json.writeName(key);
    json.writeArray(numbers, 0, numbers.length);
  }
}
