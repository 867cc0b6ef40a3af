package org.espalier;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ModifiersTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePathScanner;
import com.sun.source.util.Trees;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.domain.JavaType;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/** The API is what isn't marked {@link Internal}: listed, closed in itself, and documented. */
class ApiTest {
  private static final Path SOURCES = Path.of("src/main/java");

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("org.espalier");

  private static final Pattern ROW =
      Pattern.compile("^\\| `(org\\.espalier[.\\w]*)` \\| (.*) \\|$");
  private static final Pattern NAME = Pattern.compile("`(\\w+)`");
  private static final Pattern EXCLUDED = Pattern.compile("<exclude>([^<]*)</exclude>");

  private static boolean isInternal(JavaPackage room) {
    // What java -jar starts is compiled for older releases than the annotation.
    return room.getName().startsWith("org.espalier.boot")
        || room.isAnnotatedWith(Internal.class)
        || room.getParent().map(ApiTest::isInternal).orElse(false);
  }

  private static boolean isApi(JavaClass type) {
    Optional<JavaClass> around = type.getEnclosingClass();
    return isSeen(type.getModifiers())
        && !type.isAnnotatedWith(Internal.class)
        && (around.isPresent()
            ? isApi(around.get())
            : !isInternal(type.getPackage()) && Files.exists(source(type.getName())));
  }

  private static Path source(String name) {
    return SOURCES.resolve(name.replace('.', '/') + ".java");
  }

  private static boolean isSeen(Set<JavaModifier> modifiers) {
    return modifiers.contains(JavaModifier.PUBLIC) || modifiers.contains(JavaModifier.PROTECTED);
  }

  private static Stream<JavaClass> api() {
    return CLASSES.stream().filter(ApiTest::isApi);
  }

  private static Set<String> topLevelApi() {
    return api()
        .filter(JavaClass::isTopLevelClass)
        .map(JavaClass::getName)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static void assertAreTheApi(Set<String> types, String what) {
    Set<String> surplus = new TreeSet<>(types);
    surplus.removeAll(topLevelApi());
    assertEquals(Set.of(), surplus, what + " what is not public, or marked @Internal");
    Set<String> missing = new TreeSet<>(topLevelApi());
    missing.removeAll(types);
    assertEquals(Set.of(), missing, what + " not all that is public and not marked @Internal");
  }

  @Test
  void theDocumentListsTheApi() throws IOException {
    Set<String> listed = new TreeSet<>();
    for (String line : Files.readAllLines(Path.of("src/docs/api.md"))) {
      Matcher row = ROW.matcher(line);
      if (row.matches()) {
        NAME.matcher(row.group(2))
            .results()
            .forEach(name -> listed.add(row.group(1) + "." + name.group(1)));
      }
    }
    assertAreTheApi(listed, "src/docs/api.md lists");
  }

  @Test
  void signaturesMentionNothingButTheApiAndTheJdk() {
    List<String> wrong = new ArrayList<>();
    api()
        .sorted((a, b) -> a.getName().compareTo(b.getName()))
        .forEach(
            type -> {
              Stream.concat(type.getSuperclass().stream(), type.getInterfaces().stream())
                  .forEach(above -> check(type.getName(), above, wrong));
              for (JavaMember member : type.getMembers()) {
                if (isSeen(member.getModifiers()) && !member.isAnnotatedWith(Internal.class)) {
                  mentioned(member).forEach(used -> check(member.getFullName(), used, wrong));
                }
              }
            });
    assertEquals("", String.join("\n", wrong));
  }

  private static Stream<JavaType> mentioned(JavaMember member) {
    return switch (member) {
      case JavaField field -> Stream.of(field.getType());
      case JavaCodeUnit code ->
          Stream.of(
                  Stream.of(code.getReturnType()),
                  code.getParameterTypes().stream(),
                  code.getExceptionTypes().stream(),
                  code.getTypeParameters().stream())
              .flatMap(types -> types);
      default -> throw new IllegalStateException("a kind of member that is new: " + member);
    };
  }

  private static void check(String where, JavaType mentioned, List<String> wrong) {
    for (JavaClass used : mentioned.getAllInvolvedRawTypes()) {
      JavaClass element = used.getBaseComponentType();
      if (!element.isPrimitive()
          && !element.getPackageName().startsWith("java.")
          && !isApi(element)) {
        wrong.add(where + " mentions " + element.getName());
      }
    }
  }

  @Test
  void javadocIsBuiltForTheApi() throws IOException {
    String pom = Files.readString(Path.of("pom.xml"));
    int from = pom.indexOf("<sourceFileExcludes>");
    String excludes = pom.substring(from, pom.indexOf("</sourceFileExcludes>", from));
    List<String> globs = EXCLUDED.matcher(excludes).results().map(m -> m.group(1)).toList();
    Set<String> documented = new TreeSet<>();
    for (Path file : sources()) {
      if (globs.stream()
          .noneMatch(
              glob -> FileSystems.getDefault().getPathMatcher("glob:" + glob).matches(file))) {
        documented.add(file.toString().replace(".java", "").replace('/', '.'));
      }
    }
    documented.removeIf(
        name -> !CLASSES.contain(name) || !isSeen(CLASSES.get(name).getModifiers()));
    assertAreTheApi(documented, "by pom.xml Javadoc is built for");
  }

  private static List<Path> sources() throws IOException {
    try (Stream<Path> files = Files.walk(SOURCES)) {
      return files
          .filter(file -> file.toString().endsWith(".java"))
          .map(SOURCES::relativize)
          .sorted()
          .toList();
    }
  }

  /** What doclint says of missing comments, without its wish for a tag for every parameter. */
  @Test
  void everythingInTheApiHasAComment() throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    List<String> without = new ArrayList<>();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      List<Path> sources = topLevelApi().stream().map(ApiTest::source).toList();
      JavacTask task =
          (JavacTask)
              compiler.getTask(
                  null, files, null, null, null, files.getJavaFileObjectsFromPaths(sources));
      Trees trees = Trees.instance(task);
      task.parse().forEach(unit -> new Uncommented(trees, without).scan(unit, null));
    }
    assertEquals("", String.join("\n", without));
  }

  private static final class Uncommented extends TreePathScanner<Void, Void> {
    private final Trees trees;
    private final List<String> found;

    Uncommented(Trees trees, List<String> found) {
      this.trees = trees;
      this.found = found;
    }

    @Override
    public Void visitClass(ClassTree type, Void none) {
      return note(type.getModifiers(), type.getSimpleName().toString())
          ? super.visitClass(type, none)
          : null;
    }

    @Override
    public Void visitMethod(MethodTree method, Void none) {
      note(method.getModifiers(), method.getName().toString());
      return null; // classes inside a method are nobody's business
    }

    private boolean note(ModifiersTree modifiers, String name) {
      boolean inInterface =
          getCurrentPath().getParentPath().getLeaf().getKind() == Tree.Kind.INTERFACE
              && !modifiers.getFlags().contains(Modifier.PRIVATE);
      boolean seen =
          inInterface
              || modifiers.getFlags().contains(Modifier.PUBLIC)
              || modifiers.getFlags().contains(Modifier.PROTECTED);
      boolean inherits =
          modifiers.getAnnotations().stream().anyMatch(a -> a.toString().contains("Override"));
      if (seen && !inherits && trees.getDocComment(getCurrentPath()) == null) {
        Path file = Path.of(getCurrentPath().getCompilationUnit().getSourceFile().getName());
        found.add(file.getFileName() + ": " + name);
      }
      return seen;
    }
  }
}
