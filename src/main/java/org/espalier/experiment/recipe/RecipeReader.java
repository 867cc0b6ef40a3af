package org.espalier.experiment.recipe;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.espalier.InputException;
import org.espalier.NearestName;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.exc.InputCoercionException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.exc.InvalidTypeIdException;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.type.LogicalType;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * Reads recipes: the defaults, over them the recipe's file, over it single keys. An unknown key is
 * an error that names the nearest known one.
 */
public final class RecipeReader {
  /** Recipes that come with the program. */
  public static final List<String> NAMES =
      List.of(
          "plain",
          "dropout",
          "targeted-weight",
          "targeted-unit",
          "ramping-weight",
          "resnet20-plain",
          "resnet20-targeted-weight",
          "resnet20-targeted-unit",
          "resnet20-ramping-weight",
          "resnet20-random-mask",
          "paper-resnet32-targeted-weight",
          "paper-resnet32-targeted-unit",
          "paper-resnet32-ramping-weight",
          "paper-vgg16-targeted-weight");

  /** How much of a wrong value a message shows. */
  private static final int LONGEST_FOUND = 100;

  private static final YAMLMapper YAML =
      YAMLMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .withCoercionConfigDefaults(
              c ->
                  c.setCoercion(CoercionInputShape.EmptyString, CoercionAction.Fail)
                      .setCoercion(CoercionInputShape.EmptyArray, CoercionAction.Fail))
          .withCoercionConfig(
              LogicalType.Boolean,
              c ->
                  c.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                      .setCoercion(CoercionInputShape.String, CoercionAction.Fail))
          .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
          .build();

  private RecipeReader() {}

  /**
   * Reads a recipe.
   *
   * @param nameOrFile one of {@link #NAMES} or a YAML file
   * @param settings dotted keys and values that replace those of the recipe, in order
   * @throws InputException if anything is wrong with it
   */
  public static Recipe read(String nameOrFile, Map<String, String> settings) {
    byte[] text =
        NAMES.contains(nameOrFile)
            ? resource("recipes/" + nameOrFile + ".yaml")
            : RecipeText.read(file(nameOrFile));
    return read(nameOrFile, text, settings);
  }

  private static Path file(String name) {
    try {
      Path file = Path.of(name);
      if (Files.exists(file)) {
        return file;
      }
    } catch (InvalidPathException e) {
      // so there is no such file
    }
    throw InputException.expected(
        "recipe", "a YAML file or one of " + NAMES, name + ", which is neither");
  }

  /** Reads a recipe that was written as JSON by {@link #toJson}. */
  public static Recipe fromJson(String where, String json) {
    return read(where, json.getBytes(StandardCharsets.UTF_8), Map.of());
  }

  /** Returns the whole recipe, defaults included, as JSON, which is YAML too. */
  public static String toJson(Recipe recipe) {
    return tools.jackson.databind.json.JsonMapper.shared().writeValueAsString(recipe);
  }

  private static Recipe read(String where, byte[] text, Map<String, String> settings) {
    JsonNode defaults = parse("defaults.yaml", resource("defaults.yaml"));
    ObjectNode recipe = (ObjectNode) defaults.get("recipe");
    merge(recipe, object(where, parse(where, text)));
    settings.forEach((key, value) -> set(recipe, key, value));
    ObjectNode method = object(where + ": method", recipe.get("method"));
    JsonNode kindDefaults = defaults.get("methods").get(method.path("kind").asString(""));
    if (kindDefaults != null) {
      ObjectNode whole = (ObjectNode) kindDefaults.deepCopy();
      merge(whole, method);
      recipe.set("method", whole);
    }
    try {
      Recipe read = YAML.treeToValue(recipe, Recipe.class);
      checkFinite(where, "", read, recipe);
      return read;
    } catch (UnrecognizedPropertyException e) {
      throw new InputException(
          where
              + ": unknown key '"
              + path(e)
              + "'; "
              + nearest(e.getPropertyName(), e.getKnownPropertyIds()),
          e);
    } catch (InvalidTypeIdException e) {
      throw InputException.expected(
          where + ": method.kind",
          "one of " + defaults.get("methods").propertyNames(),
          String.valueOf(e.getTypeId()));
    } catch (JacksonException e) {
      JsonNode found = found(recipe, e);
      throw InputException.expected(
          where + ": key '" + path(e) + "'", wanted(e, found), text(found));
    }
  }

  /** Infinity and NaN, which YAML has words for and a large exponent gives, are no such number. */
  private static void checkFinite(String where, String path, Object value, JsonNode node) {
    for (RecordComponent component : value.getClass().getRecordComponents()) {
      String key = component.getName();
      Object part = valueOf(component, value);
      if (part instanceof Double d && !Double.isFinite(d)) {
        throw InputException.expected(
            where + ": key '" + path + key + "'", "a finite number", text(node.path(key)));
      }
      if (part instanceof Record) {
        checkFinite(where, path + key + ".", part, node.path(key));
      }
    }
  }

  private static Object valueOf(RecordComponent component, Object value) {
    try {
      return component.getAccessor().invoke(value);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("a record's component can't be read", e);
    }
  }

  private static String text(@Nullable JsonNode found) {
    String text = found == null || found.isMissingNode() ? "nothing" : found.toString();
    return text.length() > LONGEST_FOUND ? text.substring(0, LONGEST_FOUND) + "…" : text;
  }

  private static JsonNode found(JsonNode recipe, JacksonException e) {
    JsonNode node = recipe;
    for (JacksonException.Reference r : e.getPath()) {
      node = r.getPropertyName() == null ? node.path(r.getIndex()) : node.path(r.getPropertyName());
    }
    return node;
  }

  /** Returns what a key that could not be read should have been. */
  private static String wanted(JacksonException e, JsonNode found) {
    Class<?> type =
        switch (e) {
          case MismatchedInputException m -> m.getTargetType();
          case InputCoercionException c -> c.getTargetType();
          default -> null;
        };
    if (type == null) {
      return "another value (" + e.getOriginalMessage().lines().findFirst().orElse("") + ")";
    }
    if (type.isEnum()) {
      return "one of " + Arrays.toString(type.getEnumConstants()).toLowerCase(Locale.ROOT);
    }
    return switch (type.getSimpleName()) {
      case "int" ->
          "a whole number"
              + (found.isIntegralNumber()
                  ? " from " + Integer.MIN_VALUE + " to " + Integer.MAX_VALUE
                  : "");
      case "double", "BigDecimal" -> "a number";
      case "boolean" -> "true or false";
      case "String" -> "text";
      case "List", "ArrayList" -> "a list";
      default -> "keys and values";
    };
  }

  private static String path(JacksonException e) {
    return e.getPath().stream()
        .map(r -> r.getPropertyName() == null ? "" + r.getIndex() : r.getPropertyName())
        .collect(Collectors.joining("."));
  }

  private static String nearest(String unknown, Collection<Object> known) {
    List<String> names = known.stream().map(Object::toString).sorted().toList();
    if (names.isEmpty()) {
      return "this method has no keys";
    }
    return NearestName.of(unknown, names).map(name -> "did you mean '" + name + "'? ").orElse("")
        + "known are "
        + names;
  }

  private static void set(ObjectNode recipe, String key, String value) {
    ObjectNode at = recipe;
    String[] parts = key.split("\\.", -1);
    for (int i = 0; i < parts.length - 1; i++) {
      at = at.get(parts[i]) instanceof ObjectNode inner ? inner : at.putObject(parts[i]);
    }
    String last = parts[parts.length - 1];
    JsonNode parsed = parse("--set " + key, value.getBytes(StandardCharsets.UTF_8));
    if (parsed.isMissingNode()) {
      throw InputException.expected("--set " + key, "a value", "nothing");
    }
    if (key.equals("method.kind")) {
      at.removeAll(); // the keys of another kind of method mean nothing for this one
    }
    at.set(last, parsed);
  }

  private static void merge(ObjectNode into, ObjectNode from) {
    for (Map.Entry<String, JsonNode> e : from.properties()) {
      if (into.get(e.getKey()) instanceof ObjectNode a && e.getValue() instanceof ObjectNode b) {
        merge(a, b);
      } else {
        into.set(e.getKey(), e.getValue());
      }
    }
  }

  private static ObjectNode object(String where, JsonNode node) {
    if (node instanceof ObjectNode object) {
      return object;
    }
    throw InputException.expected(where, "keys and values", text(node));
  }

  private static JsonNode parse(String where, byte[] text) {
    return RecipeText.parse(YAML, where, text);
  }

  private static byte[] resource(String name) {
    try (InputStream in = RecipeReader.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("resource " + name + " is missing from the program");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new IllegalStateException("resource " + name + " can't be read", e);
    }
  }
}
