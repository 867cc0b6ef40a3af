package org.espalier.peers;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;

/**
 * Runs a main class in a JVM of its own, started like this one: nothing that another row left in
 * the compiler's profiles, in memory, in a native library or in a cache counts. The environment is
 * set as the peers want it.
 */
final class Fork {
  /** A machine may set these to make OpenBLAS run kernels for another processor. */
  private static final List<String> UNSET = List.of("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE");

  /** Threads of OpenMP that wait awake would take the processor from us. */
  private static final Map<String, String> SET = Map.of("OMP_WAIT_POLICY", "PASSIVE");

  private static final String EXCEPTION = "Exception in thread";
  private static final int MOST_LINES = 8;

  private Fork() {}

  /** Says what the forks' environment has other than ours. */
  static String environment() {
    return "set "
        + SET
        + ", unset "
        + UNSET
        + " (here: "
        + UNSET.stream().filter(System.getenv()::containsKey).map(v -> v + " was set").toList()
        + ")";
  }

  /**
   * Runs a main class whose first argument is the file that it writes its result to, as JSON.
   *
   * @throws IOException if it fails; what it said stands in the message
   */
  static <T> T run(Class<?> main, Class<T> result, String... args)
      throws IOException, InterruptedException {
    Path json = Files.createTempFile("peers", ".json");
    Path log = Files.createTempFile("peers", ".log");
    Path caches = Files.createTempDirectory("peers");
    try {
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
      command.add("-Despalier.cache=" + caches);
      command.add("-cp");
      command.add(System.getProperty("java.class.path"));
      command.add(main.getName());
      command.add(json.toString());
      command.addAll(List.of(args));
      ProcessBuilder builder =
          new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
      UNSET.forEach(builder.environment()::remove);
      builder.environment().putAll(SET);
      int code = builder.start().waitFor();
      if (code != 0) {
        throw new IOException("exit code " + code + ": " + problem(log));
      }
      return JsonMapper.shared().readValue(Files.readAllBytes(json), result);
    } finally {
      Files.deleteIfExists(json);
      Files.deleteIfExists(log);
      delete(caches);
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /** Returns what was said from the exception on, in one line. */
  private static String problem(Path log) throws IOException {
    try (Stream<String> lines = Files.lines(log)) {
      List<String> said = lines.filter(line -> !line.startsWith("WARNING")).toList();
      return said.stream()
          .dropWhile(
              line ->
                  said.stream().anyMatch(l -> l.startsWith(EXCEPTION))
                      && !line.startsWith(EXCEPTION))
          .limit(MOST_LINES)
          .map(String::strip)
          .collect(Collectors.joining(" | "));
    }
  }

  /** Writes a result where {@link #run} reads it. */
  static void answer(String json, Object result) throws IOException {
    Files.write(Path.of(json), JsonMapper.shared().writeValueAsBytes(result));
  }
}
