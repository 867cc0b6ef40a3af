package org.espalier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * A switch over one of our sealed types names all kinds there are, so that a new kind is an error
 * of the compiler wherever it must be thought of: no {@code default}, and no pattern that takes
 * whatever is left.
 */
class SealedSwitchTest {
  private static final Path SOURCES = Path.of("src/main/java");

  private static final Pattern NOT_CODE =
      Pattern.compile(
          "/\\*.*?\\*/|//[^\\n]*|\"\"\".*?\"\"\"|\"(\\\\.|[^\"\\\\])*\"|'(\\\\.|[^'\\\\])+'",
          Pattern.DOTALL);

  private static final Pattern SEALED =
      Pattern.compile("\\bsealed\\s+(?:interface|(?:abstract\\s+)?class)\\s+(\\w+)");

  private static final Pattern SWITCH = Pattern.compile("\\bswitch\\s*\\(");

  private static final Pattern LABEL =
      Pattern.compile("\\bcase\\s+([^;{}]*?)\\s*->|(\\bdefault)\\s*->");

  @Test
  void noSwitchOverASealedTypeTakesWhateverIsLeft() throws IOException {
    List<String> sources = new ArrayList<>();
    List<Path> files = new ArrayList<>();
    try (Stream<Path> tree = Files.walk(SOURCES)) {
      for (Path file : tree.filter(f -> f.toString().endsWith(".java")).sorted().toList()) {
        files.add(file);
        sources.add(code(Files.readString(file)));
      }
    }
    Set<String> sealed = new HashSet<>();
    sources.forEach(source -> sealed.addAll(sealedTypes(source)));
    assertTrue(sealed.contains("Operator"), "there must be something to look for: " + sealed);
    List<String> wrong = new ArrayList<>();
    for (int i = 0; i < sources.size(); i++) {
      for (String label : openLabels(sources.get(i), sealed)) {
        wrong.add(files.get(i) + ": " + label);
      }
    }
    assertEquals(List.of(), wrong);
  }

  @Test
  void suchASwitchIsFound() {
    String open =
        """
        sealed interface Tree { record Leaf() implements Tree {} }
        sealed interface Bush extends Tree {}
        int a(Tree t) { return switch (t) { case Tree.Leaf _ -> 1; default -> { yield 0; } }; }
        int b(Tree t) { return switch (t) { case Tree.Leaf _ -> 1; case Tree other -> 2; }; }
        int c(Tree t) { switch (t) { case Tree.Leaf(int n) -> { } case null, default -> { } } }
        int d(Tree t) { return switch (t) { case Tree.Leaf _ -> switch (n) { case 1 -> 1; default -> 0; }; }; }
        int e(Tree t) { return switch (t) { case Tree.Leaf _, Tree.Node _ -> 1; case null -> 2; }; }
        int g(Tree t) { return switch (t) { case Tree.Leaf _ -> 1; case Bush bush -> 2; }; }
        int f(int n) { return switch (n) { case 1 -> 1; default -> 0; }; }
        """;
    assertEquals(
        List.of("default", "Tree other", "null, default"),
        openLabels(code(open), sealedTypes(open)));
  }

  private static String code(String source) {
    return NOT_CODE.matcher(source).replaceAll("");
  }

  private static Set<String> sealedTypes(String source) {
    Set<String> names = new HashSet<>();
    SEALED.matcher(source).results().map(found -> found.group(1)).forEach(names::add);
    return names;
  }

  /** Returns the labels that take whatever is left, of switches over a sealed type. */
  private static List<String> openLabels(String source, Set<String> sealed) {
    List<String> open = new ArrayList<>();
    Matcher switches = SWITCH.matcher(source);
    while (switches.find()) {
      List<String> labels = labels(source, source.indexOf('{', switches.end()) + 1);
      Set<String> over =
          labels.stream()
              .filter(label -> label.contains("."))
              .map(SealedSwitchTest::root)
              .filter(sealed::contains)
              .collect(Collectors.toSet());
      for (String label : labels) {
        // A sealed type of its own, of whose kinds none is named, is one kind among the others.
        boolean takesTheRest = !label.contains(".") && over.contains(root(label));
        if (takesTheRest || (!over.isEmpty() && label.endsWith("default"))) {
          open.add(label);
        }
      }
    }
    return open;
  }

  private static String root(String label) {
    return label.split("[^\\w]", 2)[0];
  }

  /** Returns the labels of the switch whose block begins at an index, not those of inner ones. */
  private static List<String> labels(String source, int begin) {
    List<String> labels = new ArrayList<>();
    for (MatchResult label : LABEL.matcher(source).results().toList()) {
      if (label.start() >= begin && depth(source, begin, label.start()) == 0) {
        labels.add(label.group(1) == null ? label.group(2) : label.group(1));
      }
    }
    return labels;
  }

  /** Returns how many blocks lie around an index within a block, or −1 behind its end. */
  private static int depth(String source, int begin, int index) {
    int depth = 0;
    for (int i = begin; i < index && depth >= 0; i++) {
      depth += source.charAt(i) == '{' ? 1 : source.charAt(i) == '}' ? -1 : 0;
    }
    return depth;
  }
}
