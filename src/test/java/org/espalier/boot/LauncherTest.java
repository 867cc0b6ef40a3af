package org.espalier.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Real processes: a JVM without the Vector API that starts one with it. */
@EnabledOnOs(OS.LINUX)
class LauncherTest {
  private static final String JAVA_HOME = System.getProperty("java.home");

  private final List<ProcessHandle> started = new ArrayList<>();

  @TempDir Path folder;

  @AfterEach
  void endWhatIsLeft() {
    started.forEach(ProcessHandle::destroyForcibly);
  }

  @Test
  void addsTheVectorApiAndPassesOnArgumentsOptionsAndExitCode() throws Exception {
    Process parent = start(JAVA_HOME, "exit", "7", "two words", "", "*");
    assertEquals(7, exitCode(parent));
    List<String> lines = parent.inputReader().lines().toList();
    assertTrue(lines.contains("args exit|7|two words||*"), lines::toString);
    assertTrue(lines.contains("property a"), lines::toString);
    assertTrue(lines.contains("vectors true"), lines::toString);
    assertFalse(lines.contains("pid " + parent.pid()), "it must be a process of its own");
  }

  @Test
  void inALocaleOfAsciiTheChildGetsTheArgumentsAndFileNamesAsTheyAre() throws Exception {
    ProcessBuilder builder =
        builder(
            JAVA_HOME,
            "sh",
            "-c",
            "exec \"$0\" \"$@\" exit 3 \"$(printf 'caf\\303\\251')\" \"$(printf '\\346\\234\\250 x')\" b");
    builder.environment().put("LC_ALL", "POSIX");
    Process parent = builder.start();
    started.add(parent.toHandle());
    assertEquals(3, exitCode(parent));
    List<String> lines = parent.inputReader(StandardCharsets.UTF_8).lines().toList();
    assertTrue(lines.contains("args exit|3|caf\u00e9|\u6728 x|b"), lines::toString);
    assertTrue(lines.contains("path caf\u00e9"), lines::toString);
  }

  @ParameterizedTest
  @CsvSource({"INT,130", "TERM,143", "HUP,129"})
  void aSignalEndsTheChildFirstAndThenTheParent(String signal, int code) throws Exception {
    Process parent = start(JAVA_HOME, "wait", kept().toString());
    ProcessHandle child = waitUntilItWaits(parent.inputReader());
    signal(signal, parent.pid());
    assertEquals(code, exitCode(parent));
    assertTrue(Files.exists(kept()), "the child had no time to keep its checkpoint");
    assertFalse(child.isAlive(), "the child outlived its parent");
  }

  @Test
  void theChildEndsWhenTheParentIsKilled() throws Exception {
    Process parent = start(JAVA_HOME, "wait", kept().toString());
    ProcessHandle child = waitUntilItWaits(parent.inputReader());
    signal("KILL", parent.pid());
    assertEquals(137, exitCode(parent));
    assertTrue(ends(child), "an orphan is left");
    assertTrue(Files.exists(kept()), "the child had no time to keep its checkpoint");
  }

  @Test
  void theParentSaysWhichSignalEndedTheChild() throws Exception {
    Process parent = start(JAVA_HOME, "wait", kept().toString());
    ProcessHandle child = waitUntilItWaits(parent.inputReader());
    signal("KILL", child.pid());
    assertEquals(137, exitCode(parent));
  }

  @Test
  void withoutAJdkItSaysWhatIsMissing() throws Exception {
    Process parent = start(folder.toString(), "exit", "0");
    assertEquals(2, exitCode(parent));
    List<String> lines = parent.errorReader().lines().toList();
    assertEquals(
        List.of(
            "espalier: ESPALIER_JAVA_HOME="
                + folder
                + ": expected the folder of a JDK 25 with the module jdk.incubator.vector, found a"
                + " folder without a file 'release' that names a Java"),
        lines);
  }

  private Path kept() {
    return folder.resolve("kept");
  }

  /** What nohup and a shell's background jobs ignore, the child ignores, too; SIGTERM ends it. */
  @ParameterizedTest
  @ValueSource(strings = {"HUP", "INT"})
  void aSignalThatIsIgnoredIsIgnoredByTheChild(String ignored) throws Exception {
    ProcessBuilder builder = builder(JAVA_HOME, "env", "--ignore-signal=" + ignored);
    builder.command().addAll(List.of("wait", kept().toString()));
    Process parent = builder.start();
    started.add(parent.toHandle());
    ProcessHandle child = waitUntilItWaits(parent.inputReader());
    signal(ignored, parent.pid());
    signal(ignored, child.pid());
    signal("TERM", parent.pid());
    assertEquals(143, exitCode(parent));
    assertTrue(ends(child));
    assertTrue(Files.exists(kept()), "the child had no time to keep its checkpoint");
  }

  /** With the signals that a terminal gives: nohup and background jobs have some ignored. */
  private Process start(String javaHome, String... args) throws IOException {
    ProcessBuilder builder = builder(javaHome, "env", "--default-signal=HUP,INT,TERM");
    builder.command().addAll(List.of(args));
    Process process = builder.start();
    started.add(process.toHandle());
    return process;
  }

  /** Returns what starts the probe, behind other words. */
  private static ProcessBuilder builder(String javaHome, String... before) {
    List<String> command = new ArrayList<>(List.of(before));
    command.add(Path.of(JAVA_HOME, "bin", "java").toString());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(LauncherProbe.class.getName());
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().keySet().removeIf(name -> name.contains("JAVA"));
    builder.environment().put("ESPALIER_JAVA_HOME", javaHome);
    builder.environment().put("ESPALIER_JAVA_OPTS", " -Xmx64m  -Dprobe=a ");
    return builder;
  }

  private ProcessHandle waitUntilItWaits(BufferedReader out) throws IOException {
    long pid = -1;
    for (String line = out.readLine(); !"waiting".equals(line); line = out.readLine()) {
      assertTrue(line != null, "it ended before it waited");
      if (line.startsWith("pid ")) {
        pid = Long.parseLong(line.substring(4));
      }
    }
    ProcessHandle child = ProcessHandle.of(pid).orElseThrow();
    started.add(child);
    return child;
  }

  private static void signal(String name, long pid) throws Exception {
    assertEquals(0, new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start().waitFor());
  }

  private static int exitCode(Process process) throws InterruptedException {
    assertTrue(process.waitFor(60, TimeUnit.SECONDS), "it didn't end");
    return process.exitValue();
  }

  /** Who isn't our child stays a zombie for a moment, which counts as alive. */
  private static boolean ends(ProcessHandle process) throws Exception {
    try {
      process.onExit().get(60, TimeUnit.SECONDS);
      return true;
    } catch (TimeoutException e) {
      return zombie(process);
    }
  }

  /** Where nobody collects orphans, as in many containers, an ended process stays a zombie. */
  private static boolean zombie(ProcessHandle process) throws IOException {
    String stat = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
    return stat.charAt(stat.lastIndexOf(')') + 2) == 'Z';
  }
}
