package org.espalier.io;

import java.io.StringWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.espalier.InputException;
import org.espalier.Internal;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** Writes JSON as a string, the same string for the same content. */
@Internal
public final class JsonText {
  private static final JsonFactory FACTORY = new JsonFactory();

  /** A float that has no digits. */
  static final String INFINITY = "infinity";

  /** The other one. */
  static final String MINUS_INFINITY = "-infinity";

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

  /** Writes a field that is a list of numbers. */
  static void writeNumbers(JsonGenerator json, String key, List<Integer> numbers) {
    writeNumbers(json, key, numbers.stream().mapToInt(i -> i).toArray());
  }

  /** Writes a field that is a float. */
  static void writeReal(JsonGenerator json, String key, float value) {
    json.writeName(key);
    writeReal(json, value);
  }

  /** Writes a field that is a list of floats. */
  static void writeReals(JsonGenerator json, String key, List<Float> values) {
    json.writeArrayPropertyStart(key);
    values.forEach(value -> writeReal(json, value));
    json.writeEndArray();
  }

  /** Writes as a double, whose digits give the same float again however a reader rounds. */
  private static void writeReal(JsonGenerator json, float value) {
    if (Float.isNaN(value)) {
      throw new InputException("a NaN among the numbers of an operator can't be stored");
    }
    if (Float.isInfinite(value)) {
      json.writeString(value > 0 ? INFINITY : MINUS_INFINITY);
    } else {
      json.writeNumber((double) value);
    }
  }

  /** Writes a field that is a list of strings. */
  static void writeStrings(JsonGenerator json, String key, List<String> strings) {
    json.writeArrayPropertyStart(key);
    strings.forEach(json::writeString);
    json.writeEndArray();
  }

  /** Returns the name of a constant in lower case. */
  static String name(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
