package org.espalier.boot;

import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;

/**
 * What {@code java -jar} starts. A jar's manifest can't add modules, so this class, the only one
 * compiled for Java 11, starts the real program on a JDK 25 with {@code --add-modules
 * jdk.incubator.vector}.
 */
public final class Launcher {
  static final int FEATURE = 25;
  static final String MAIN = "org.espalier.cli.Main";

  private Launcher() {}

  public static void main(String[] args) throws Exception {
    if (Runtime.version().feature() == FEATURE
        && ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()) {
      Class.forName(MAIN).getMethod("main", String[].class).invoke(null, (Object) args);
      return;
    }
    Path home = findHome();
    if (home == null) {
      System.err.println(
          "espalier needs a JDK "
              + FEATURE
              + ", but this is Java "
              + Runtime.version()
              + " and none was found: set JAVA_HOME to one, or install one under /usr/lib/jvm, ~/.sdkman or ~/.jdks");
      System.exit(78);
    }
    Path jar =
        Paths.get(Launcher.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    List<String> cmd = new ArrayList<>();
    cmd.add(home.resolve("bin").resolve("java").toString());
    cmd.addAll(Arrays.asList("--add-modules", "jdk.incubator.vector"));
    Path aot = Paths.get(jar.toString().replaceAll("\\.jar$", "") + ".aot");
    if (Files.isReadable(aot)) {
      cmd.add("-XX:AOTCache=" + aot);
      cmd.add("-Xlog:disable"); // a stale cache would otherwise complain on stdout
    }
    String extra = System.getenv("ESPALIER_JAVA_OPTS");
    if (extra != null && !extra.trim().isEmpty()) {
      cmd.addAll(Arrays.asList(extra.trim().split("\\s+")));
    }
    cmd.addAll(Arrays.asList("-cp", jar.toString(), MAIN));
    cmd.addAll(Arrays.asList(args));
    Process child = new ProcessBuilder(cmd).inheritIO().start();
    Thread hook =
        new Thread(
            () -> {
              child.destroy();
              try {
                child.waitFor();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    Runtime.getRuntime().addShutdownHook(hook);
    System.exit(child.waitFor());
  }

  private static Path findHome() {
    List<Path> tries = new ArrayList<>();
    for (String env : new String[] {"ESPALIER_JAVA_HOME", "JAVA25_HOME", "JAVA_HOME"}) {
      if (System.getenv(env) != null) {
        tries.add(Paths.get(System.getenv(env)));
      }
    }
    tries.add(Paths.get(System.getProperty("java.home")));
    String user = System.getProperty("user.home");
    for (String dir :
        new String[] {"/usr/lib/jvm", user + "/.sdkman/candidates/java", user + "/.jdks"}) {
      try (DirectoryStream<Path> s = Files.newDirectoryStream(Paths.get(dir))) {
        s.forEach(tries::add);
      } catch (IOException e) {
        continue; // no such folder
      }
    }
    for (Path home : tries) {
      if (feature(home) == FEATURE
          && Files.isExecutable(home.resolve("bin" + File.separator + "java"))) {
        return home;
      }
    }
    return null;
  }

  private static int feature(Path home) {
    Properties p = new Properties();
    try (java.io.Reader r = Files.newBufferedReader(home.resolve("release"))) {
      p.load(r);
      return Runtime.Version.parse(p.getProperty("JAVA_VERSION", "\"0\"").replace("\"", ""))
          .feature();
    } catch (IOException | IllegalArgumentException e) {
      return -1;
    }
  }
}
