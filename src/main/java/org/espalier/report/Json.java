package org.espalier.report;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Values as JSON text. */
public final class Json {
  private static final ObjectMapper MAPPER = JsonMapper.builder().build();

  private static final ObjectMapper PRETTY =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private Json() {}

  /** Returns records, maps, lists, numbers and strings as JSON on one line. */
  public static String compact(@Nullable Object value) {
    return MAPPER.writeValueAsString(value);
  }

  /** Returns the same, indented. */
  public static String pretty(@Nullable Object value) {
    return PRETTY.writeValueAsString(value);
  }

  /** Returns the same as a tree. */
  static JsonNode tree(Object value) {
    return MAPPER.valueToTree(value);
  }

  /**
   * Returns JSON that may stand inside a {@code <script>} element. A less-than sign occurs in JSON
   * only inside strings, where its escape means the same, so nothing can end the element.
   */
  static String script(@Nullable Object value) {
    return compact(value).replace("<", "\\u003c");
  }
}
