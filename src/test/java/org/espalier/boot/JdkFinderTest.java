package org.espalier.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JdkFinderTest {
  private static final String VECTORS = "java.base jdk.incubator.vector";

  @TempDir Path root;

  private Path java17;

  @BeforeEach
  void thisJavaIsTooOld() throws IOException {
    java17 = jdk("usr/lib/jvm/java-17", "17.0.15", VECTORS);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "usr/lib/jvm/temurin-25-jdk-amd64",
        "opt/jdk",
        "home/.sdkman/candidates/java/25.0.3-tem",
        "home/.jdks/temurin-25.0.3",
        "Library/Java/JavaVirtualMachines/temurin-25.jdk/Contents/Home"
      })
  void findsAJdkInTheUsualPlaces(String place) throws Exception {
    Path expected = jdk(place, "25.0.3", VECTORS);
    assertEquals(expected, find(Map.of()));
  }

  @Test
  void prefersWhatTheVariablesName() throws Exception {
    jdk("usr/lib/jvm/temurin-25", "25", VECTORS);
    Path mine = jdk("mine", "25", VECTORS);
    assertEquals(mine, find(Map.of("JAVA_HOME", mine.toString())));
    assertEquals(
        mine, find(Map.of("JAVA_HOME", java17.toString(), "JAVA25_HOME", mine.toString())));
    assertEquals(mine, find(Map.of("ESPALIER_JAVA_HOME", mine.toString())));
  }

  @Test
  void prefersTheNewestOfAFolder() throws Exception {
    jdk("usr/lib/jvm/jdk-25.0.1", "25.0.1", VECTORS);
    Path newest = jdk("usr/lib/jvm/jdk-25.0.3", "25.0.3", VECTORS);
    jdk("usr/lib/jvm/jdk-26", "26", VECTORS);
    assertEquals(newest, find(Map.of()));
  }

  @Test
  void takesNoJdkThatDoesNotFit() throws Exception {
    jdk("usr/lib/jvm/a-26", "26-ea", VECTORS);
    jdk("usr/lib/jvm/b-25-without-vectors", "25", "java.base");
    jdk("usr/lib/jvm/c-nonsense", "25 or so", VECTORS);
    Files.delete(jdk("usr/lib/jvm/d-25-without-java", "25", VECTORS).resolve("bin/java"));
    Files.createDirectories(root.resolve("usr/lib/jvm/e-empty"));
    String message = assertThrows(JdkFinder.JdkMissing.class, () -> find(Map.of())).getMessage();
    assertTrue(
        message.startsWith("needs a JDK 25, but this is Java " + Runtime.version().feature()),
        message);
    assertTrue(message.contains("package temurin-25-jdk from the Adoptium repository"), message);
    Path silent = jdk("usr/lib/jvm/f-25-silent", "25", "");
    assertEquals(silent, find(Map.of()), "not every JDK lists its modules");
  }

  @Test
  void takesNoOtherThanTheOneThatIsNamed() throws Exception {
    jdk("usr/lib/jvm/temurin-25", "25", VECTORS);
    Path bare = jdk("bare", "25", "java.base");
    assertFound("no such folder", "/no/such/jdk");
    assertFound("Java 17", java17.toString());
    assertFound("Java 25 without it", bare.toString());
  }

  private void assertFound(String found, String home) {
    String message =
        assertThrows(JdkFinder.JdkMissing.class, () -> find(Map.of("ESPALIER_JAVA_HOME", home)))
            .getMessage();
    assertTrue(message.endsWith("found " + found), message);
  }

  private Path find(Map<String, String> environment) throws JdkFinder.JdkMissing {
    return JdkFinder.find(environment, java17, root.resolve("home"), root);
  }

  private Path jdk(String place, String version, String modules) throws IOException {
    Path home = root.resolve(place);
    Files.createDirectories(home.resolve("bin"));
    Path java = Files.createFile(home.resolve("bin/java"));
    assertTrue(java.toFile().setExecutable(true));
    String list = modules.isEmpty() ? "" : "MODULES=\"" + modules + "\"\n";
    Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n" + list);
    return home;
  }
}
