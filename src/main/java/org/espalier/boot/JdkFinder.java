package org.espalier.boot;

import java.io.File;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/** Looks for a JDK 25 with the Vector API in the places where JDKs usually lie. */
final class JdkFinder {
  /** The one Java that the program runs on: the Vector API still changes between releases. */
  static final int FEATURE = 25;

  /** Names a JDK 25; when it is set nothing else is tried. */
  static final String HOME_VARIABLE = "ESPALIER_JAVA_HOME";

  private JdkFinder() {}

  /**
   * Returns the home of a JDK 25.
   *
   * @param environment variables, of which {@link #HOME_VARIABLE}, {@code JAVA25_HOME} and {@code
   *     JAVA_HOME} matter
   * @param javaHome home of the Java that asks
   * @param userHome the user's folder
   * @param root what to put before {@code /usr/lib/jvm} and other absolute folders
   * @throws JdkMissing with what to do about it, if there is none
   */
  static Path find(Map<String, String> environment, Path javaHome, Path userHome, Path root)
      throws JdkMissing {
    String named = environment.get(HOME_VARIABLE);
    if (named != null && !named.isEmpty()) {
      Path home = Paths.get(named);
      if (!fits(home)) {
        throw new JdkMissing(
            HOME_VARIABLE
                + "="
                + named
                + ": expected the folder of a JDK "
                + FEATURE
                + " with the module jdk.incubator.vector, found "
                + describe(home));
      }
      return home;
    }
    List<Path> tries = new ArrayList<>();
    for (String variable : new String[] {"JAVA25_HOME", "JAVA_HOME"}) {
      String value = environment.get(variable);
      if (value != null && !value.isEmpty()) {
        tries.add(Paths.get(value));
      }
    }
    tries.add(javaHome);
    addFolders(tries, root.resolve("usr/lib/jvm"), "");
    addFolders(tries, root.resolve("opt"), "");
    addFolders(tries, root.resolve("Library/Java/JavaVirtualMachines"), "Contents/Home");
    addFolders(tries, userHome.resolve(".sdkman/candidates/java"), "");
    addFolders(tries, userHome.resolve(".jdks"), "");
    for (Path home : tries) {
      if (fits(home)) {
        return home;
      }
    }
    throw new JdkMissing(
        "needs a JDK "
            + FEATURE
            + ", but this is Java "
            + Runtime.version().feature()
            + " and no JDK "
            + FEATURE
            + " was found; install one, such as Eclipse Temurin "
            + FEATURE
            + " (package temurin-"
            + FEATURE
            + "-jdk from the Adoptium repository, or an archive unpacked under /usr/lib/jvm,"
            + " ~/.sdkman/candidates/java or ~/.jdks), or set "
            + HOME_VARIABLE
            + " to its folder");
  }

  /** Adds what lies in a folder, newest name first, so that 25.0.3 comes before 25.0.1. */
  private static void addFolders(List<Path> tries, Path folder, String below) {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      entries.forEach(entry -> found.add(entry.resolve(below)));
    } catch (IOException e) {
      return; // no such folder
    }
    found.sort(Collections.reverseOrder());
    tries.addAll(found);
  }

  private static boolean fits(Path home) {
    Properties release = release(home);
    String modules = release.getProperty("MODULES", "");
    return feature(release) == FEATURE
        && (modules.isEmpty() || modules.contains("jdk.incubator.vector"))
        && Files.isExecutable(java(home));
  }

  /** Returns the program that starts the Java of a home. */
  static Path java(Path home) {
    return home.resolve("bin").resolve(File.separatorChar == '\\' ? "java.exe" : "java");
  }

  private static String describe(Path home) {
    if (!Files.isDirectory(home)) {
      return "no such folder";
    }
    int feature = feature(release(home));
    if (feature < 0) {
      return "a folder without a file 'release' that names a Java";
    }
    return feature == FEATURE ? "Java " + FEATURE + " without it" : "Java " + feature;
  }

  private static int feature(Properties release) {
    try {
      String version = release.getProperty("JAVA_VERSION", "").replace("\"", "");
      return Runtime.Version.parse(version).feature();
    } catch (IllegalArgumentException e) {
      return -1;
    }
  }

  /** Reads the file by which every JDK says what it is; empty if there is none. */
  private static Properties release(Path home) {
    Properties release = new Properties();
    try (Reader reader = Files.newBufferedReader(home.resolve("release"))) {
      release.load(reader);
    } catch (IOException | IllegalArgumentException e) {
      release.clear();
    }
    return release;
  }

  /** There is no JDK that fits; the message says what to do. */
  static final class JdkMissing extends Exception {
    private static final long serialVersionUID = 1;

    JdkMissing(String message) {
      super(message);
    }
  }
}
