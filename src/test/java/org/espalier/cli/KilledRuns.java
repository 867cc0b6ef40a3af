package org.espalier.cli;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Kills real processes (SIGKILL) at moments drawn at random, while they train, go on with a
 * training, prune and sweep, and then does the same job to its end. Its files must be bit for bit
 * those of a job that nobody killed, its log must have the same lines, and nothing else may be
 * left. Takes the number of kills, 100 if there is none, and a seed, which is drawn and printed if
 * there is none. Too slow for the tests: {@code mvn -q test-compile exec:exec@killed-runs
 * '-Dkilled.args=100'}.
 */
public final class KilledRuns {
  private static final List<String> JOBS = List.of("train", "resume", "prune", "sweep");

  private final Path dir;
  private final Random random;
  private final Map<String, Long> millis = new LinkedHashMap<>();
  private int killed;
  private int early;

  private KilledRuns(Path dir, long seed) {
    this.dir = dir;
    this.random = new Random(seed);
  }

  /** Kills so many processes. */
  public static void main(String[] args) throws Exception {
    int count = args.length > 0 ? Integer.parseInt(args[0]) : 100;
    long seed = args.length > 1 ? Long.parseLong(args[1]) : System.nanoTime();
    System.out.println(count + " kills, seed " + seed);
    Path dir = Files.createTempDirectory("killed-runs-");
    try {
      new KilledRuns(dir, seed).run(count);
    } finally {
      delete(dir);
    }
  }

  private void run(int count) throws Exception {
    long start = System.nanoTime();
    for (String job : JOBS) {
      Path place = place("whole", job);
      prepare(job, place);
      long began = System.nanoTime();
      finish(job, place);
      millis.put(job, (System.nanoTime() - began) / 1_000_000);
    }
    for (int i = 0; killed < count; i++) {
      String job = JOBS.get(i % JOBS.size());
      Path place = place("try-" + i, job);
      prepare(job, place);
      int before = killed;
      do {
        kill(job, place);
      } while (job.equals("resume") && random.nextBoolean());
      String when = i + ", " + job + " after " + (killed - before) + " kills";
      if (job.equals("sweep")) {
        check(Files.readString(place.resolve("a.html")).endsWith("</html>\n"), when + ": report");
      }
      finish(job, place);
      compare(job, place, when);
      delete(dir.resolve("try-" + i));
      if (i % 20 == 19) {
        System.out.println(killed + " killed, all well");
      }
    }
    System.out.printf(
        "%d processes killed, %d more had ended before; every job then gave the same files and logs"
            + " and left nothing else: %d s%n",
        killed, early, (System.nanoTime() - start) / 1_000_000_000);
  }

  private Path place(String run, String job) throws IOException {
    return Files.createDirectories(dir.resolve(run)).resolve(job);
  }

  /** Makes what must be there before the job begins. */
  private void prepare(String job, Path place) throws Exception {
    if (job.equals("resume")) {
      kill("train", place);
    }
    if (job.equals("sweep")) {
      Files.createDirectories(place);
      check(start(job, place).waitFor() == 0, "sweep");
    }
  }

  private Path model() {
    return dir.resolve("whole").resolve("train").resolve("model.safetensors");
  }

  private Process start(String job, Path place) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of("--add-modules=jdk.incubator.vector", "-Despalier.cache=" + dir.resolve("cache")));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(
        switch (job) {
          case "prune" ->
              List.of(
                  "prune",
                  model().toString(),
                  "--percent",
                  "0,20,40,50,60,70,80,90,95,99",
                  "--out",
                  place.toString());
          case "sweep" ->
              List.of(
                  "sweep",
                  model().toString(),
                  "--percent",
                  "50,90",
                  "--seconds",
                  "0.02",
                  "--out",
                  place.resolve("a.html").toString());
          default ->
              List.of(
                  "train",
                  "targeted-weight",
                  "--set",
                  "network=[64]",
                  "--set",
                  "epochs=12",
                  "--threads",
                  "1",
                  "--out",
                  place.toString());
        });
    if (Files.exists(place.resolve("checkpoint.safetensors"))) {
      command.add("--resume");
    }
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(dir.resolve("output").toFile())
        .start();
  }

  /** Does a job to its end, as a user would: once more, or with --resume where that is possible. */
  private void finish(String job, Path place) throws Exception {
    Process process = start(job, place);
    check(
        process.waitFor() == 0, job + " doesn't go on: " + Files.readString(dir.resolve("output")));
  }

  /** Kills a job at some moment after it has taken its place, or lets it be if it has ended. */
  private void kill(String job, Path place) throws Exception {
    Process process = start(job, place);
    Path lock =
        job.equals("sweep")
            ? place.resolve(".a.html.espalier-lock")
            : place.resolve(".espalier-lock");
    while (process.isAlive() && !Files.exists(lock)) {
      Thread.sleep(1);
    }
    long most = millis.getOrDefault(job, millis.getOrDefault("train", 1000L));
    process.waitFor(random.nextLong(most * 1000), TimeUnit.MICROSECONDS);
    if (process.isAlive()) {
      killed++;
      process.destroyForcibly();
    } else {
      early++;
      check(process.exitValue() == 0, Files.readString(dir.resolve("output")));
    }
    process.waitFor();
  }

  private void compare(String job, Path place, String when) throws IOException {
    Path whole = dir.resolve("whole").resolve(job);
    check(names(whole).equals(names(place)), when + " left " + names(place));
    for (String name : names(whole)) {
      if (name.equals("log.jsonl")) {
        check(log(whole).equals(log(place)), when + ": the log differs");
      } else if (name.endsWith(".safetensors")) {
        check(
            Arrays.equals(
                Files.readAllBytes(whole.resolve(name)), Files.readAllBytes(place.resolve(name))),
            when + ": " + name + " differs");
      }
    }
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  /** The lines of a log, without what depends on the clock on the wall. */
  private static List<ObjectNode> log(Path folder) throws IOException {
    List<ObjectNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(folder.resolve("log.jsonl"))) {
      ObjectNode node = (ObjectNode) JsonMapper.shared().readTree(line);
      node.remove(List.of("imagesPerSecond", "selectionShare", "waitShare"));
      lines.add(node);
    }
    return lines;
  }

  private static void check(boolean right, String message) {
    if (!right) {
      throw new AssertionError(message);
    }
  }

  private static void delete(Path folder) throws IOException {
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes a) throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path f, IOException e) throws IOException {
            Files.delete(f);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
