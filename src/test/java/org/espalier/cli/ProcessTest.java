package org.espalier.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The program in JVMs of its own: other options, other locales, other ends of its streams. */
@EnabledOnOs(OS.LINUX)
class ProcessTest {
  private static final String VECTORS = "--add-modules=jdk.incubator.vector";

  @TempDir Path dir;

  /** What a JVM printed and how it ended; what it says of its incubating modules is left out. */
  private record Result(int code, String out, List<String> err) {}

  private Result run(List<String> jvm, String... args) throws Exception {
    return end(builder(jvm, args));
  }

  private static ProcessBuilder builder(List<String> jvm, String... args) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvm);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(List.of(args));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().keySet().removeIf(name -> name.contains("JAVA"));
    return builder;
  }

  private Result end(ProcessBuilder builder) throws Exception {
    Path err = Files.createTempFile(dir, "err", "");
    Process process = builder.redirectError(err.toFile()).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int code = process.waitFor();
    try (Stream<String> lines = Files.lines(err)) {
      return new Result(code, out, lines.filter(l -> !l.contains("incubator modules")).toList());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"demo", "train plain --out #", "predict # #", "eval #", "bench #"})
  void withoutFmaWhateverComputesIsRefusedAtOnce(String line) throws Exception {
    String out = dir.resolve("out").toString();
    Result result = run(List.of(VECTORS, "-XX:-UseFMA"), line.replace("#", out).split(" "));
    assertEquals(2, result.code, result.err::toString);
    assertEquals(1, result.err.size(), result.err::toString);
    String said = result.err.getFirst();
    assertTrue(said.startsWith("espalier: this CPU or JVM has no FMA (fused multiply-add),"), said);
    assertEquals("", result.out);
    assertFalse(Files.exists(Path.of(out)));
  }

  /** The option says that there is one, and yet there is none. */
  @Test
  void anFmaThatIsNoInstructionIsFoundByWhatItAllocates() throws Exception {
    Result result =
        run(
            List.of(VECTORS, "-XX:+UnlockDiagnosticVMOptions", "-XX:DisableIntrinsic=_fmaF"),
            "train",
            "plain",
            "--out",
            dir.resolve("out").toString());
    assertEquals(2, result.code, result.err::toString);
    assertTrue(
        result.err.getFirst().endsWith(": Math.fma is no instruction for this JVM"),
        result.err::toString);
  }

  @Test
  void withoutFmaTheDoctorSaysSo() throws Exception {
    Result result = run(List.of(VECTORS, "-XX:-UseFMA"), "doctor");
    assertEquals(2, result.code, result.err::toString);
    assertTrue(result.out.matches("(?s).*\nFMA +none\n.*"), result.out);
    assertTrue(result.err.getFirst().contains("has no FMA"), result.err::toString);
  }

  @Test
  void withoutFmaHelpIsGiven() throws Exception {
    Result result = run(List.of("-XX:-UseFMA"), "train", "--help");
    assertEquals(0, result.code, result.err::toString);
    assertTrue(result.out.startsWith("Usage: espalier train "), result.out);
  }

  @Test
  void whereNothingIsCompiledNothingIsTimed() throws Exception {
    Result result = run(List.of(VECTORS, "-XX:TieredStopAtLevel=1"), "bench", "no-model");
    assertEquals(2, result.code, result.err::toString);
    assertEquals(
        List.of(
            "espalier: the scalar kernels run, which give the same results many times slower: the"
                + " JVM compiles with C1 only",
            "espalier: nothing is timed: the JVM compiles with C1 only"),
        result.err);
  }

  @Test
  void theScalarKernelsThatNobodyAskedForAreNamedOnce() throws Exception {
    String line =
        "espalier: the scalar kernels run, which give the same results many times slower: the"
            + " module jdk.incubator.vector is missing (start java with --add-modules"
            + " jdk.incubator.vector)";
    String[] args = {"eval", dir.resolve("none").toString()};
    Result result = run(List.of(), args);
    assertEquals(2, result.code);
    assertEquals(line, result.err.getFirst());
    assertEquals(2, result.err.size(), result.err::toString);
    assertEquals(1, run(List.of("-Despalier.kernels=scalar"), args).err.size());
  }

  @ParameterizedTest
  @ValueSource(strings = {"--version", "train --help"})
  void aFullDiskBehindStandardOutputIsAFailure(String line) throws Exception {
    ProcessBuilder builder = builder(List.of(), line.split(" "));
    Result result = end(builder.redirectOutput(Path.of("/dev/full").toFile()));
    assertEquals(2, result.code);
    assertEquals(
        List.of("espalier: standard output: can't be written: No space left on device"),
        result.err);
  }

  @Test
  void aReaderThatStopsIsNone() throws Exception {
    ProcessBuilder program = builder(List.of(), "completion");
    ProcessBuilder reader = new ProcessBuilder("head", "-1");
    Path err = dir.resolve("err");
    program.redirectError(err.toFile());
    List<Process> both = ProcessBuilder.startPipeline(List.of(program, reader));
    assertEquals(0, both.get(1).waitFor());
    assertEquals(0, both.get(0).waitFor());
    assertEquals("", Files.readString(err));
  }

  @Test
  void withoutALocaleEveryLetterIsReadable() throws Exception {
    Result shown = helpIn("POSIX");
    assertEquals(questionMarks(helpIn("C.UTF-8")), questionMarks(shown), shown.out);
    assertTrue(shown.out.chars().allMatch(c -> c < 0x80), shown.out);
  }

  private Result helpIn(String locale) throws Exception {
    ProcessBuilder help = builder(List.of(), "prune", "--help");
    help.environment().put("LC_ALL", locale);
    return end(help);
  }

  /** A letter that a charset lacks becomes one, but the text has some of its own. */
  private static long questionMarks(Result shown) {
    return shown.out.chars().filter(c -> c == '?').count();
  }

  /** As a library: one warning of the logger, however often kernels are used. */
  @Test
  void aLibraryWarnsOnceOfScalarKernels() throws Exception {
    Path source = dir.resolve("Twice.java");
    Files.writeString(
        source,
        """
        public class Twice {
          public static void main(String[] args) {
            org.espalier.kernel.Kernels.gemm();
            org.espalier.kernel.Kernels.vector();
            System.out.println(org.espalier.kernel.Kernels.choice().isFallback());
          }
        }
        """);
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            source.toString());
    Result result = end(new ProcessBuilder(command));
    assertEquals("true\n", result.out);
    assertEquals(
        1,
        result.err.stream().filter(l -> l.contains("scalar kernels")).count(),
        result.err::toString);
    assertTrue(
        result.err.toString().contains("start java with --add-modules"), result.err::toString);
  }
}
