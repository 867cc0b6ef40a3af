package org.espalier.boot;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What {@code java -jar} starts. A jar's manifest can't add modules, so this class, compiled for
 * Java 11, starts itself once more on a JDK 25 with {@code --add-modules jdk.incubator.vector},
 * passes on arguments, signals and the exit code, and ends with the child; the child ends when this
 * one is killed. Signals that are ignored, as under {@code nohup}, are ignored by the child, too.
 *
 * <p>The words of the environment variable {@code ESPALIER_JAVA_OPTS}, separated by white space,
 * become options of the JVM.
 */
public final class Launcher {
  private static final String MAIN = "org.espalier.cli.Main";

  /** The child's system property that holds the parent's process id. */
  private static final String PARENT = "espalier.launcher.pid";

  /** Exit code of a wrong environment. */
  private static final int WRONG_ENVIRONMENT = 2;

  /** What a shell says of a process that SIGTERM ended. */
  private static final int TERMINATED = 128 + 15;

  /** Longer than a job that was told to stop takes to keep its checkpoint. */
  private static final long SECONDS_TO_END = 60;

  private Launcher() {}

  /** Runs the program, on another Java if this one doesn't fit. */
  public static void main(String[] args) throws Exception {
    start(Launcher.class, MAIN, args);
  }

  /**
   * Runs a program here if this Java fits, else in a child that enters at {@code self}.
   *
   * @param self class whose {@code main} calls this method
   * @param program class whose {@code main} is the program
   */
  static void start(Class<?> self, String program, String[] args) throws Exception {
    if (Runtime.version().feature() == JdkFinder.FEATURE
        && ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()) {
      endWithParent();
      Class.forName(program)
          .getMethod("main", String[].class)
          .invoke(null, (Object) Locales.restored(args));
      return;
    }
    System.exit(runChild(self, args));
  }

  private static int runChild(Class<?> self, String[] args) throws InterruptedException {
    Process child;
    try {
      Path home =
          JdkFinder.find(
              System.getenv(),
              Paths.get(System.getProperty("java.home")),
              userHome(),
              Paths.get("/"));
      ProcessBuilder builder = new ProcessBuilder(command(home, self, args)).inheritIO();
      if (Locales.isAscii()) {
        Locales.widen(builder.environment());
      }
      child = builder.start();
    } catch (InvalidPathException e) {
      System.err.println(
          "espalier: the locale has no characters for the path "
              + e.getInput()
              + "; LC_ALL=C.UTF-8 sets one that has");
      return WRONG_ENVIRONMENT;
    } catch (JdkFinder.JdkMissing | IOException e) {
      System.err.println("espalier: " + e.getMessage());
      return WRONG_ENVIRONMENT;
    }
    // A signal ends this JVM, which runs the hook; Ctrl-C reaches the child by itself as well.
    Runtime.getRuntime().addShutdownHook(new Thread(() -> end(child)));
    return child.waitFor();
  }

  private static Path userHome() {
    try {
      return Paths.get(System.getProperty("user.home"));
    } catch (InvalidPathException e) {
      return Paths.get("/"); // the locale lacks its characters; no JDK will be looked for there
    }
  }

  private static List<String> command(Path home, Class<?> self, String[] args) {
    List<String> command = new ArrayList<>();
    command.add(JdkFinder.java(home).toString());
    command.add("--add-modules=jdk.incubator.vector");
    command.add("-XX:ObjectAlignmentInBytes=64"); // arrays lie on cache lines, as vectors like it
    command.add("--enable-native-access=ALL-UNNAMED"); // of others' jars, which bench compares with
    String options = System.getenv("ESPALIER_JAVA_OPTS");
    if (options != null && !options.isBlank()) {
      command.addAll(Arrays.asList(options.trim().split("\\s+")));
    }
    if (Locales.isAscii()) {
      command.addAll(Locales.options(args));
    }
    command.add("-D" + PARENT + "=" + ProcessHandle.current().pid());
    command.addAll(Arrays.asList("-cp", System.getProperty("java.class.path"), self.getName()));
    command.addAll(Arrays.asList(args));
    return command;
  }

  private static void end(Process child) {
    child.destroy();
    try {
      if (!child.waitFor(SECONDS_TO_END, TimeUnit.SECONDS)) {
        child.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** In the child: ends as by SIGTERM when the parent is gone, which nothing else would tell. */
  private static void endWithParent() {
    Long pid = Long.getLong(PARENT);
    if (pid == null) {
      return;
    }
    ProcessHandle parent = ProcessHandle.current().parent().orElse(null);
    if (parent == null || parent.pid() != pid) {
      System.exit(TERMINATED); // it was killed before we looked
    } else {
      parent.onExit().thenRun(() -> System.exit(TERMINATED));
    }
  }
}
