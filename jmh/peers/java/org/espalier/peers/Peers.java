package org.espalier.peers;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.json.JsonMapper;

/**
 * Ours beside what a user would take instead: same data, same shapes, same threads, results
 * compared before anything is timed, both by turns in one JVM. Each run of each row has a JVM of
 * its own. Prints Markdown and writes JSON.
 */
@Command(
    name = "peers",
    mixinStandardHelpOptions = true,
    description = "Measures ours beside OpenBLAS, std::nth_element, libtorch and ONNX Runtime.")
public final class Peers implements Callable<Integer> {
  @Parameters(
      paramLabel = "ROW",
      description = "Rows by name, with * and ?; all without any. --list names them.")
  private List<String> patterns = List.of("*");

  @Option(
      names = "--runs",
      description = "Whole runs, of which the median counts: ${DEFAULT-VALUE}.")
  private int runs = 1;

  @Option(names = "--json", description = "File for all figures: ${DEFAULT-VALUE}.")
  private Path json = Path.of("target/peers.json");

  @Option(names = "--list", description = "Names the rows and ends.")
  private boolean list;

  private final PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);

  /** Runs the suite; exit code 1 if a row could not be run or results differ. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new Peers()).execute(args));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    List<Benchmark> chosen =
        Suite.benchmarks().stream().filter(benchmark -> isChosen(benchmark.name())).toList();
    if (list) {
      out.println(MeasuredRoofline.NAME);
      chosen.forEach(benchmark -> out.println(benchmark.name()));
      return CommandLine.ExitCode.OK;
    }
    out.println("environment of the measurements: " + Fork.environment());
    out.println();
    MeasuredRoofline roofline = null;
    if (isChosen(MeasuredRoofline.NAME)) {
      roofline = Fork.run(MeasuredRoofline.class, MeasuredRoofline.class);
      out.println(Scores.limits(roofline).toMarkdown());
    }
    List<Score> scores = new ArrayList<>();
    for (Benchmark benchmark : chosen) {
      scores.add(new Score(benchmark));
    }
    for (int run = 0; run < runs; run++) {
      for (Score score : scores) {
        score.run();
        System.err.println("run " + (run + 1) + " of " + runs + ": " + score);
      }
    }
    if (!scores.isEmpty()) {
      out.println(Scores.table(scores, roofline).toMarkdown());
    }
    long doubtful = scores.stream().filter(score -> !score.doubts().isEmpty()).count();
    if (doubtful > 0) {
      out.println(
          doubtful + " of " + scores.size() + " rows can't be relied on and have no verdict");
    }
    scores.stream().filter(Score::failed).forEach(score -> out.println("NOT RUN: " + score));
    write(Scores.report(scores, roofline, runs));
    return scores.stream().anyMatch(Score::failed)
        ? CommandLine.ExitCode.SOFTWARE
        : CommandLine.ExitCode.OK;
  }

  private boolean isChosen(String name) {
    return patterns.stream()
        .map(pattern -> FileSystems.getDefault().getPathMatcher("glob:" + pattern))
        .anyMatch(matcher -> matcher.matches(Path.of(name)));
  }

  private void write(Object report) throws IOException {
    Files.createDirectories(json.toAbsolutePath().getParent());
    Files.write(
        json, JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsBytes(report));
  }
}
