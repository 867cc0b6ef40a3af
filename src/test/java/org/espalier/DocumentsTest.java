package org.espalier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.espalier.experiment.recipe.RecipeReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** What the documents name is there: files, sections, classes, packages, recipes and their keys. */
class DocumentsTest {
  private static final Path MAIN = Path.of("src/main/java/org/espalier");
  private static final Path RECIPES =
      Path.of("src/main/resources", RecipeReader.class.getPackageName().replace('.', '/'));
  private static final Pattern KEY_ROW = Pattern.compile("(?m)^\\| `([\\w.]+)` \\| `([^`]*)` \\|");

  private static List<Path> documents() {
    return Documents.all();
  }

  private static Set<String> matches(Pattern pattern, String text) {
    return pattern
        .matcher(text)
        .results()
        .map(m -> m.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Stream<Path> files(Path folder) throws IOException {
    try (Stream<Path> walk = Files.walk(folder)) {
      return walk.toList().stream();
    }
  }

  /** Files and sections; other sites are not asked. */
  @ParameterizedTest
  @MethodSource("documents")
  void linksLeadSomewhere(Path document) {
    for (String link : Documents.links(document)) {
      if (link.startsWith("https://")) {
        continue;
      }
      String[] parts = link.split("#", 2);
      Path folder = document.getParent() == null ? Path.of("") : document.getParent();
      Path target = parts[0].isEmpty() ? document : folder.resolve(parts[0]).normalize();
      assertTrue(Files.exists(target), document + " links to " + link);
      if (parts.length == 2) {
        assertTrue(
            Documents.anchors(target).contains(parts[1]),
            document + " links to " + link + "; sections: " + Documents.anchors(target));
      }
    }
  }

  /** Every document can be reached from the README. */
  @Test
  void theReadmeLinksToEveryDocument() {
    Set<String> linked =
        Documents.links(Path.of("README.md")).stream()
            .map(link -> link.split("#", 2)[0])
            .collect(Collectors.toSet());
    for (Path document : Documents.all()) {
      String name = document.toString();
      assertTrue(name.equals("README.md") || linked.contains(name), name);
    }
  }

  /** Their Java is a part of what the build compiles, and tests run. */
  @Test
  void javaOfTheDocumentsIsCompiled() throws IOException {
    Map<Path, String> sources = new LinkedHashMap<>();
    for (Path root : List.of(Path.of("src"), Path.of("jmh"))) {
      for (Path file : files(root).filter(f -> f.toString().endsWith(".java")).toList()) {
        sources.put(file, Documents.read(file).replaceAll("\\s", ""));
      }
    }
    List<Documents.Block> java =
        Documents.blocks().stream().filter(block -> block.language().equals("java")).toList();
    assertTrue(java.size() >= 2, java.size() + " blocks of Java");
    for (Documents.Block block : java) {
      String squeezed = block.text().replaceAll("\\s", "");
      assertTrue(
          sources.values().stream().anyMatch(source -> source.contains(squeezed)),
          block.document() + " shows Java that is in no source:\n" + block.text());
    }
  }

  /** Every key has a row with its default, and no row is of an unknown key. */
  @Test
  void everyKeyOfARecipeIsDocumentedWithItsDefault() throws IOException {
    JsonNode defaults =
        new YAMLMapper().readTree(Files.readString(RECIPES.resolve("defaults.yaml")));
    String text = Documents.text("recipes.md");
    Map<String, String> keys = flat("", defaults.get("recipe"));
    assertEquals(keys, rows(section(text, "## Keys")));
    for (Map.Entry<String, JsonNode> method : defaults.get("methods").properties()) {
      assertEquals(
          flat("", method.getValue()),
          rows(section(text, "### " + method.getKey())),
          method.getKey());
    }
  }

  private static Map<String, String> flat(String prefix, JsonNode node) {
    Map<String, String> keys = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      String key = prefix + entry.getKey();
      if (entry.getValue().isObject()) {
        keys.putAll(flat(key + ".", entry.getValue()));
      } else {
        keys.put(key, entry.getValue().isArray() ? "" + entry.getValue() : plain(entry.getValue()));
      }
    }
    return keys;
  }

  private static String plain(JsonNode value) {
    return value.isNumber()
        ? value.decimalValue().stripTrailingZeros().toPlainString()
        : value.asString();
  }

  private static Map<String, String> rows(String section) {
    Map<String, String> rows = new LinkedHashMap<>();
    for (MatchResult row : KEY_ROW.matcher(section).results().toList()) {
      String value = row.group(2);
      boolean number = value.matches("\\d+(\\.\\d+)?");
      rows.put(
          row.group(1),
          number ? new BigDecimal(value).stripTrailingZeros().toPlainString() : value);
    }
    return rows;
  }

  private static String section(String text, String heading) {
    int from = text.indexOf("\n" + heading + "\n");
    assertTrue(from >= 0, "no section " + heading);
    int to = text.indexOf("\n#", from + 2 + heading.length());
    return text.substring(from, to < 0 ? text.length() : to);
  }

  @Test
  void everyEmbeddedRecipeIsDocumented() throws IOException {
    Set<String> embedded =
        files(RECIPES.resolve("recipes"))
            .map(file -> file.getFileName().toString())
            .filter(name -> name.endsWith(".yaml"))
            .map(name -> name.substring(0, name.length() - ".yaml".length()))
            .collect(Collectors.toCollection(TreeSet::new));
    String rows = section(Documents.text("recipes.md"), "## Embedded recipes");
    assertEquals(embedded, matches(Pattern.compile("`([\\w-]+)`"), rows));
  }

  /** The table of the packages has those of the top level and others that exist. */
  @Test
  void thePackagesOfTheTableAreThoseThatAreThere() throws IOException {
    Set<String> packages =
        files(MAIN)
            .filter(file -> file.endsWith("package-info.java"))
            .map(file -> MAIN.relativize(file.getParent()).toString())
            .filter(name -> !name.isEmpty())
            .collect(Collectors.toCollection(TreeSet::new));
    String table = section(Documents.text("architecture.md"), "## Packages");
    Set<String> named = matches(Pattern.compile("(?m)^\\| `([\\w/]+)/` \\|"), table);
    Set<String> unknown = new TreeSet<>(named);
    unknown.removeAll(packages);
    assertEquals(Set.of(), unknown, "packages that are not there");
    Set<String> missing = new TreeSet<>(packages);
    missing.removeIf(name -> name.contains("/") || named.contains(name));
    assertEquals(Set.of(), missing, "packages that are not named");
  }

  /** Names of classes, packages and files in backticks. */
  @ParameterizedTest
  @MethodSource("documents")
  void whatIsNamedIsThere(Path document) throws IOException {
    if (document.endsWith("changelog.md")) {
      return; // it tells of what was
    }
    Set<String> simple = new TreeSet<>(Set.of("MemorySegment")); // of the JDK
    for (Path root : List.of(Path.of("src"), Path.of("jmh"))) {
      files(root)
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".java"))
          .forEach(name -> simple.add(name.substring(0, name.length() - ".java".length())));
    }
    Predicate<String> isType =
        Pattern.compile("[A-Z][a-z]\\w*[a-z0-9][A-Z]\\w*").asMatchPredicate();
    Predicate<String> isPackage = Pattern.compile("([a-z]+/)+").asMatchPredicate();
    Set<String> missing = new TreeSet<>();
    for (String name : Documents.inline(document)) {
      boolean isThere = true;
      if (isType.test(name)) {
        isThere = simple.contains(name);
      } else if (isPackage.test(name)) {
        isThere = Files.isDirectory(MAIN.resolve(name)) || Files.isDirectory(Path.of(name));
      } else if (name.startsWith("src/") || name.startsWith("jmh/") || name.startsWith(".ci/")) {
        isThere = Files.exists(Path.of(name.split(" ")[0]));
      }
      if (!isThere) {
        missing.add(name);
      }
    }
    assertEquals(Set.of(), missing, document + " names what is not there");
  }

  /** What Maven is told exists in the build. */
  @Test
  void mavenCommandsNameWhatTheBuildHas() throws IOException {
    String pom = Files.readString(Path.of("pom.xml"));
    List<String> commands =
        Documents.blocks().stream()
            .flatMap(block -> block.text().lines())
            .filter(line -> line.startsWith("mvn "))
            .toList();
    assertTrue(commands.size() > 3, commands.toString());
    for (String command : commands) {
      for (String id : matches(Pattern.compile("exec:exec@([\\w-]+)"), command)) {
        assertTrue(pom.contains("<id>" + id + "</id>"), command);
      }
      for (String profile : matches(Pattern.compile(" -P(\\w+)"), command)) {
        assertTrue(pom.contains("<profile><id>" + profile + "</id>"), command);
      }
      for (String main : matches(Pattern.compile("-Djmh.main=([\\w.]+)"), command)) {
        Path source = Path.of("jmh/java", main.replace('.', '/') + ".java");
        assertTrue(Files.exists(source), command);
      }
      for (String benchmark : matches(Pattern.compile("-Djmh.args=(\\w+)"), command)) {
        assertTrue(
            benchmark.endsWith(".csv")
                || Files.exists(Path.of("jmh/java/org/espalier/bench", benchmark + ".java"))
                || command.contains("-Djmh.main"),
            command);
      }
    }
  }

  /** The script that must pass before a change lands runs these two. */
  @Test
  void theFirstBlocksOfTheReadmeAreTheMainJobAndTheTests() {
    List<String> setUp =
        Documents.blocks().stream()
            .filter(block -> block.document().equals(Path.of("README.md")))
            .filter(block -> block.language().equals("sh"))
            .map(block -> block.text().strip())
            .toList();
    assertEquals(List.of("mvn -q process-classes exec:exec@demo", "mvn verify"), setUp);
  }
}
