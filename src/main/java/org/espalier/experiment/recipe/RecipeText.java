package org.espalier.experiment.recipe;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.espalier.InputException;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;
import tools.jackson.dataformat.yaml.YAMLParser;

/**
 * The text of a recipe: YAML of which everything means what it seems to. One document of plain
 * keys, each once, numbers, words and lists; anchors, aliases, merge keys and tags, which the
 * parser would pass over or take by their names, are refused, and so is what is nested more deeply
 * or has more values than any recipe.
 */
final class RecipeText {
  /** Longest recipe that is read, in bytes. */
  private static final int LONGEST = 1 << 20;

  private static final int DEEPEST = 16;
  private static final int MOST_VALUES = 10_000;

  private final String where;
  private final YAMLParser parser;

  /** The keys of each object that is open, an empty set for a list. */
  private final Deque<Set<String>> open = new ArrayDeque<>();

  private RecipeText(String where, YAMLParser parser) {
    this.where = where;
    this.parser = parser;
  }

  /**
   * Reads a file.
   *
   * @throws InputException if it is no file of a recipe's length
   */
  static byte[] read(Path file) {
    try {
      if (Files.isDirectory(file)) {
        throw InputException.expected(file, "a recipe, a YAML file", "a folder");
      }
      if (!Files.isRegularFile(file)) {
        throw InputException.expected(file, "a recipe, a YAML file", "a pipe or a device");
      }
      if (Files.size(file) > LONGEST) {
        throw InputException.expected(
            file, "a recipe of at most " + LONGEST + " bytes", Files.size(file) + " bytes");
      }
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw InputException.reading(file, e);
    }
  }

  /**
   * Returns what a text says.
   *
   * @param where file or option, for the message
   * @param text in UTF-8
   * @throws InputException if it isn't what this class takes
   */
  static JsonNode parse(YAMLMapper yaml, String where, byte[] text) {
    String decoded = decode(where, text);
    try (YAMLParser parser = (YAMLParser) yaml.createParser(decoded)) {
      new RecipeText(where, parser).check();
      return yaml.readTree(decoded);
    } catch (JacksonException e) {
      throw new InputException(where(where, e) + ": not YAML: " + reason(e), e);
    }
  }

  private static String decode(String where, byte[] text) {
    ByteBuffer bytes = ByteBuffer.wrap(text);
    try {
      String decoded = StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
      return decoded.startsWith("\ufeff") ? decoded.substring(1) : decoded;
    } catch (CharacterCodingException e) {
      int line = 1;
      for (int i = 0; i < bytes.position(); i++) {
        line += text[i] == '\n' ? 1 : 0;
      }
      throw new InputException(
          where + ", line " + line + ": expected text in UTF-8, found other bytes", e);
    }
  }

  private static String where(String where, JacksonException e) {
    return e.getLocation() == null ? where : where + ", line " + e.getLocation().getLineNr();
  }

  private static String reason(JacksonException e) {
    return e.getCause() instanceof MarkedYamlEngineException marked && marked.getProblem() != null
        ? marked.getProblem()
        : e.getOriginalMessage().lines().findFirst().orElse("");
  }

  private void check() {
    int values = 0;
    boolean ended = false;
    for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
      if (ended) {
        throw refused("one document", "another one");
      }
      if (++values > MOST_VALUES) {
        throw refused("at most " + MOST_VALUES + " keys and values", "more");
      }
      checkPlain(token);
      switch (token) {
        case START_OBJECT, START_ARRAY -> open.push(new HashSet<>());
        case END_OBJECT, END_ARRAY -> open.pop();
        case PROPERTY_NAME -> checkKey(parser.currentName());
        case VALUE_NUMBER_FLOAT -> checkFinite(parser.getString());
        default -> {} // a value
      }
      if (open.size() > DEEPEST) {
        throw refused("keys and lists at most " + DEEPEST + " deep", "deeper ones");
      }
      ended = open.isEmpty();
    }
  }

  private void checkPlain(JsonToken token) {
    if (parser.isCurrentAlias()) {
      throw refused("a value", "the alias *" + parser.getString() + ", which recipes don't have");
    }
    if (parser.getObjectId() != null) {
      throw refused(
          "a value", "the anchor &" + parser.getObjectId() + ", which recipes don't have");
    }
    if (parser.getTypeId() != null && token != JsonToken.PROPERTY_NAME) {
      throw refused("a value", "the tag " + parser.getTypeId() + ", which recipes don't have");
    }
  }

  private void checkKey(@Nullable String key) {
    if ("<<".equals(key)) {
      throw refused("a key", "the merge key <<, which recipes don't have");
    }
    if (!open.element().add(String.valueOf(key))) {
      throw refused("each key once", "'" + key + "' again");
    }
  }

  /** YAML has words for infinity and NaN, and exponents that lead there. */
  private void checkFinite(String number) {
    String word = number.toLowerCase(Locale.ROOT);
    if (word.endsWith("inf")
        || word.endsWith("nan")
        || Double.isInfinite(Double.parseDouble(number))) {
      String key = parser.streamReadContext().pathAsPointer().toString().replace('/', '.');
      throw InputException.expected(
          where + (key.isEmpty() ? "" : ": key '" + key.substring(1) + "'"),
          "a finite number",
          number);
    }
  }

  private InputException refused(String expected, String found) {
    return InputException.expected(
        where + ", line " + parser.currentTokenLocation().getLineNr(), expected, found);
  }
}
