package org.espalier.io;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.espalier.InputException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;

/**
 * A JSON object from a file that nobody vouches for. Keys that come twice, nesting without end,
 * nulls and numbers that overflow are refused; asking for a field says what was expected and found.
 */
final class JsonObject {
  private static final int DEEPEST = 16;

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(DEEPEST)
                  .maxNumberLength(100)
                  .maxStringLength(Safetensors.LONGEST_HEADER)
                  .maxNameLength(Safetensors.LONGEST_HEADER)
                  .build())
          .build();

  private final String where;
  private final Map<String, Object> fields;

  private JsonObject(String where, Map<String, Object> fields) {
    this.where = where;
    this.fields = fields;
  }

  /**
   * Parses a text that is one object.
   *
   * @param where names the text in messages
   */
  static JsonObject parse(String where, String text) {
    if (parseValue(where, text) instanceof Map<?, ?> map) {
      return new JsonObject(where, fieldsOf(map));
    }
    throw InputException.expected(where, "a JSON object", text);
  }

  /** Parses a text that is one list of strings. */
  static List<String> parseStrings(String where, String text) {
    if (parseValue(where, text) instanceof List<?> list) {
      return list.stream().map(item -> stringOf(where, item)).toList();
    }
    throw InputException.expected(where, "a JSON list of strings", text);
  }

  /** Returns what this object is called in messages. */
  String where() {
    return where;
  }

  /** Returns the fields in the order of the text. */
  Map<String, Object> fields() {
    return fields;
  }

  /** Returns all fields, each of which must be a string. */
  Map<String, String> strings() {
    Map<String, String> strings = new LinkedHashMap<>();
    fields.forEach((key, value) -> strings.put(key, stringOf(where + ", " + key, value)));
    return strings;
  }

  String string(String key) {
    return stringOf(where + ", " + key, field(key));
  }

  double number(String key) {
    return switch (field(key)) {
      case Double d -> d;
      case Long l -> l;
      case Object other -> throw InputException.expected(where + ", " + key, "a number", other);
    };
  }

  /** Returns a number from 1 to 2^31 − 1. */
  int positive(String key) {
    return positiveOf(where + ", " + key, field(key));
  }

  /** Returns a number from 0 to 2^31 − 1. */
  int natural(String key) {
    if (field(key) instanceof Long l && l >= 0 && l <= Integer.MAX_VALUE) {
      return Math.toIntExact(l);
    }
    throw InputException.expected(
        where + ", " + key, "a whole number from 0 to 2^31-1", field(key));
  }

  /** Returns a number from −2^31 to 2^31 − 1. */
  int whole(String key) {
    return wholeOf(where + ", " + key, field(key));
  }

  /** Returns numbers from −2^31 to 2^31 − 1. */
  List<Integer> wholes(String key) {
    return list(key).stream().map(item -> wholeOf(where + ", " + key, item)).toList();
  }

  /** Returns a float, finite or infinite. */
  float real(String key) {
    return realOf(where + ", " + key, field(key));
  }

  /** Returns floats, finite or infinite. */
  List<Float> reals(String key) {
    return list(key).stream().map(item -> realOf(where + ", " + key, item)).toList();
  }

  /** Returns the constant of an enum that a text names in lower case. */
  <E extends Enum<E>> E choice(String key, Class<E> type) {
    String name = string(key);
    List<String> names = new ArrayList<>();
    for (E constant : type.getEnumConstants()) {
      names.add(JsonText.name(constant));
      if (names.getLast().equals(name)) {
        return constant;
      }
    }
    throw InputException.expected(where + ", " + key, "one of " + names, name);
  }

  /** Returns whether there is a field. */
  boolean has(String key) {
    return fields.containsKey(key);
  }

  /** Returns true or false. */
  boolean bool(String key) {
    if (field(key) instanceof Boolean b) {
      return b;
    }
    throw InputException.expected(where + ", " + key, "true or false", field(key));
  }

  /** Returns numbers from 0 to 2^63 − 1. */
  long[] naturals(String key) {
    return list(key).stream()
        .mapToLong(
            item -> {
              if (item instanceof Long l && l >= 0) {
                return l;
              }
              throw InputException.expected(where + ", " + key, "whole numbers from 0", item);
            })
        .toArray();
  }

  /** Returns numbers from 1 to 2^31 − 1. */
  int[] positives(String key) {
    return list(key).stream().mapToInt(item -> positiveOf(where + ", " + key, item)).toArray();
  }

  /** Returns a field that is a list of strings. */
  List<String> stringList(String key) {
    return list(key).stream().map(item -> stringOf(where + ", " + key, item)).toList();
  }

  /** Returns objects; each is called by the key and its index. */
  List<JsonObject> objects(String key) {
    List<?> list = list(key);
    List<JsonObject> objects = new ArrayList<>(list.size());
    for (Object item : list) {
      objects.add(objectOf(where + ", " + key + " " + objects.size(), item));
    }
    return objects;
  }

  /** Returns a field that is an object. */
  JsonObject object(String key) {
    return objectOf(where + ", " + key, field(key));
  }

  /**
   * Checks that there are no other fields.
   *
   * @throws InputException if there are
   */
  void allow(String... keys) {
    for (String key : fields.keySet()) {
      if (!List.of(keys).contains(key)) {
        throw InputException.expected(where, "no other field than " + List.of(keys), key);
      }
    }
  }

  private Object field(String key) {
    Object value = fields.get(key);
    if (value == null) {
      throw InputException.expected(where, "a field " + key, "none");
    }
    return value;
  }

  private List<?> list(String key) {
    if (field(key) instanceof List<?> list) {
      return list;
    }
    throw InputException.expected(where + ", " + key, "a list", field(key));
  }

  private static String stringOf(String where, Object value) {
    if (value instanceof String s) {
      return s;
    }
    throw InputException.expected(where, "a string", value);
  }

  private static int positiveOf(String where, Object value) {
    if (value instanceof Long l && l >= 1 && l <= Integer.MAX_VALUE) {
      return Math.toIntExact(l);
    }
    throw InputException.expected(where, "a whole number from 1 to 2^31-1", value);
  }

  private static int wholeOf(String where, Object value) {
    if (value instanceof Long l && l == l.intValue()) {
      return l.intValue();
    }
    throw InputException.expected(where, "a whole number from -2^31 to 2^31-1", value);
  }

  private static float realOf(String where, Object value) {
    Float real =
        switch (value) {
          case Double d -> d.floatValue();
          case Long l -> l.floatValue();
          case String s when s.equals(JsonText.INFINITY) -> Float.POSITIVE_INFINITY;
          case String s when s.equals(JsonText.MINUS_INFINITY) -> Float.NEGATIVE_INFINITY;
          default -> null;
        };
    if (real == null || (real.isInfinite() && !(value instanceof String))) {
      throw InputException.expected(
          where,
          "a number that is a float, " + JsonText.INFINITY + " or " + JsonText.MINUS_INFINITY,
          value);
    }
    return real;
  }

  private static JsonObject objectOf(String where, Object value) {
    if (value instanceof Map<?, ?> map) {
      return new JsonObject(where, fieldsOf(map));
    }
    throw InputException.expected(where, "an object", value);
  }

  @SuppressWarnings("unchecked") // every map here was made by readObject
  private static Map<String, Object> fieldsOf(Map<?, ?> map) {
    return (Map<String, Object>) map;
  }

  private static Object parseValue(String where, String text) {
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), text)) {
      Object value = readValue(parser, parser.nextToken(), where);
      if (parser.nextToken() != null) {
        throw InputException.expected(where, "nothing behind the JSON value", parser.getString());
      }
      return value;
    } catch (JacksonException e) {
      throw new InputException(where + ": no valid JSON: " + e.getOriginalMessage(), e);
    }
  }

  private static Object readValue(JsonParser parser, @Nullable JsonToken token, String where) {
    return switch (token) {
      case START_OBJECT -> readObject(parser, where);
      case START_ARRAY -> readList(parser, where);
      case VALUE_STRING -> parser.getString();
      case VALUE_NUMBER_INT -> parser.getLongValue();
      case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case null -> throw InputException.expected(where, "JSON", "nothing");
      default -> throw InputException.expected(where, "a JSON value", token);
    };
  }

  private static Map<String, Object> readObject(JsonParser parser, String where) {
    Map<String, Object> fields = new LinkedHashMap<>();
    for (String key = parser.nextName(); key != null; key = parser.nextName()) {
      fields.put(key, readValue(parser, parser.nextToken(), where));
    }
    return fields;
  }

  private static List<Object> readList(JsonParser parser, String where) {
    List<Object> list = new ArrayList<>();
    for (JsonToken t = parser.nextToken(); t != JsonToken.END_ARRAY; t = parser.nextToken()) {
      list.add(readValue(parser, t, where));
    }
    return list;
  }
}
