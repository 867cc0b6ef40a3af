package org.espalier.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.List;
import java.util.stream.Stream;
import org.espalier.InputException;
import org.espalier.cli.option.OldSpellings;
import org.espalier.kernel.KernelChoice;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;

class MainTest {
  /** What a command printed and how it ended. */
  private record Result(int code, String out, String err) {}

  private static Result run(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code = Main.run(new PrintWriter(out), new PrintWriter(err), args);
    return new Result(code, out.toString(), err.toString());
  }

  @Test
  void helpNamesEveryCommand() {
    Result result = run("--help");
    assertEquals(0, result.code);
    assertEquals("", result.err);
    for (String command :
        List.of(
            "demo",
            "train",
            "prune",
            "eval",
            "predict",
            "bench",
            "sweep",
            "inspect",
            "export",
            "doctor",
            "completion")) {
      assertTrue(result.out.contains("\n  " + command + " "), command + " in\n" + result.out);
    }
    assertTrue(result.out.matches("(?s).*\n *2 +wrong input or environment\n.*"), result.out);
    assertTrue(
        result.out.matches("(?s).*\n *130, 143 +ended by Ctrl-C or SIGTERM\n.*"), result.out);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "demo", "train", "prune", "eval", "predict", "bench", "sweep", "inspect", "export", "doctor"
      })
  void everyCommandHelps(String command) {
    Result result = run(command, "--help");
    assertEquals(0, result.code, result.err);
    assertTrue(result.out.startsWith("Usage: espalier " + command + " "), result.out);
    assertTrue(result.out.contains("--help"), result.out);
  }

  /** Whole sentences that fit a terminal, which picocli breaks where the terminal ends. */
  @Test
  void helpTextsAreSentencesOf80Columns() {
    CommandLine espalier = Main.commandLine();
    for (CommandLine command : espalier.getSubcommands().values()) {
      CommandSpec spec = command.getCommandSpec();
      if (spec.name().equals("completion")) {
        continue; // its text is picocli's
      }
      for (String text : spec.usageMessage().description()) {
        assertSentences(spec.name(), text);
      }
      for (ArgSpec argument : spec.args()) {
        assertEquals(1, argument.description().length, argument.toString());
        assertSentences(spec.name() + " " + argument, String.join("", argument.description()));
      }
      String usage = command.setUsageHelpWidth(80).getUsageMessage();
      usage.lines().forEach(line -> assertTrue(line.length() <= 80, line));
    }
  }

  private static void assertSentences(String where, String text) {
    assertTrue(text.matches("[A-Z][^\n]*[.]"), where + ": " + text);
    assertFalse(text.contains("%n"), where + ": " + text);
  }

  /** A hint, then what the option of today does with all that belongs to it. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "bench m --against=ort | bench m --baseline=ort | --against is called --baseline now",
        "bench m --rate 1 --async | bench m --rate 1 --open-loop | --async is called --open-loop"
            + " now",
        "prune m --out o --by x | prune m --out o --granularity x | --by is called --granularity"
            + " now",
        "sweep m --by=unit | sweep m --granularity=unit | --by is called --granularity now",
      })
  void optionsKeepTheirOldNames(String old, String today, String hint) {
    Result result = run(today.split(" "));
    assertEquals(2, result.code);
    assertEquals(new Result(2, "", "espalier: " + hint + "\n" + result.err), run(old.split(" ")));
    String command = old.substring(0, old.indexOf(' '));
    String name = hint.substring(0, hint.indexOf(' '));
    assertFalse(run(command, "--help").out.contains(name + "="), name + " is hidden");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "eval m --kernel block | eval m --kernel bsr | --kernel block is called bsr now",
        "eval m --kernel=block | eval m --kernel=bsr | --kernel block is called bsr now",
        "bench m --baseline=csr,block | bench m --baseline=csr,bsr |"
            + " --baseline block is called bsr now",
      })
  void kernelsKeepTheirOldNames(String old, String today, String hint) {
    Result result = run(today.split(" "));
    assertEquals(2, result.code);
    assertEquals(new Result(2, "", "espalier: " + hint + "\n" + result.err), run(old.split(" ")));
  }

  @Test
  void anUnknownKernelIsToldTheNames() {
    Result result = run("eval", "m", "--kernel", "ell");
    assertEquals(2, result.code);
    assertTrue(
        result.err.contains(
            "expected one of auto, dense, csr, sell, blocked-csr, bsr, found 'ell'"),
        result.err);
  }

  /** What stands behind -- is no option. */
  @Test
  void onlyOptionsAreRenamed() {
    StringWriter err = new StringWriter();
    String[] args = {"--stacktrace", "sweep", "--layers=--by", "--", "--by"};
    assertArrayEquals(args, OldSpellings.renamed(args, new PrintWriter(err)));
    assertEquals("", err.toString());
    String[] other = {"bench", "--by"};
    assertArrayEquals(other, OldSpellings.renamed(other, new PrintWriter(err)));
  }

  @Test
  void versionNamesProgramAndJava() {
    Result result = run("--version");
    assertEquals(0, result.code);
    assertTrue(
        result.out.matches("(?s)espalier \\d+\\.\\d+\\.\\d+\\S* \\(commit \\w+.*\\)\nJava 25.*"),
        result.out);
    assertEquals(result.out, run("train", "--version").out);
  }

  @Test
  void completionIsAScriptForBash() throws Exception {
    Result result = run("completion");
    assertEquals(0, result.code);
    assertTrue(result.out.contains("complete -F _complete_espalier"), result.out);
    assertTrue(result.out.contains("--percent"), result.out);
    Process bash = new ProcessBuilder("bash", "-n").redirectErrorStream(true).start();
    try (var stdin = bash.outputWriter()) {
      stdin.write(result.out);
    }
    assertEquals(0, bash.waitFor(), () -> String.join("\n", bash.inputReader().lines().toList()));
  }

  @Test
  void withoutACommandShowsTheCommandsAndFails() {
    Result result = run();
    assertEquals(2, result.code);
    assertEquals("", result.out);
    assertTrue(result.err.contains("doctor"), result.err);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      delimiter = '>',
      value = {
        "trian > unmatched argument at index 0: 'trian'; did you mean train",
        "demo --sed 3 > unknown options: '--sed', '3'; did you mean --separator or --seeds or"
            + " --set?",
        "train mlp --out o --seed x > invalid value for option '--seed': 'x' is not a long",
        "demo --threads 0 > invalid value for option '--threads': expected a whole number from 1"
            + " to 1024, found '0'",
        "train > missing required options and parameters: '--out=DIR', 'RECIPE'",
        "train mlp --out o --set a > value for option option '--set' (KEY=VALUE) should be in"
            + " KEY=VALUE format but was a",
        "prune m --out o --percent 50,101 > invalid value for option '--percent' (P): expected a"
            + " percentage from 0 to 100, found '101'",
        "prune m --out o --percent 1e9 > invalid value for option '--percent' (P): expected a"
            + " percentage from 0 to 100, found '1e9'",
        "prune m --out o --percent 5 --granularity layer > invalid value for option"
            + " '--granularity': expected one of weight, unit, block-4, block-16, found 'layer'",
        "prune m --precent 5 > unknown option: '--precent' (see",
        "prune m --precent=5 --out o > unknown option: '--precent' (see",
        "predict m > missing required parameter: 'FILE|DIR'",
        "bench m --batch 1,,2 > invalid value for option '--batch' (N): expected a whole number"
            + " from 1 to 1000000, found ''",
        "bench m --baseline ort > invalid value for option '--baseline' (ENGINE): expected"
            + " onnxruntime, onnxruntime-int8 or one of ",
        "inspect > missing required parameter: 'MODEL'",
        "export m > missing required option: '--out=FILE.onnx'",
      })
  void wrongArgumentsAreOneLineAndExitWith2(String line, String expected) {
    Result result = run(line.split(" "));
    assertEquals(2, result.code);
    assertEquals("", result.out);
    assertTrue(result.err.startsWith("espalier: " + expected), result.err);
    assertEquals(1, result.err.lines().count(), result.err);
    assertTrue(result.err.contains(" --help')"), result.err);
  }

  @Test
  void percentagesAreTheDecimalsThatWereWritten() {
    CommandLine line = Main.commandLine();
    line.parseArgs("prune", "m", "--out", "o", "--percent", "0,29,99.5");
    PruneCommand prune = line.getSubcommands().get("prune").getCommand();
    assertEquals("[0, 29, 99.5]", prune.percentages.toString());
  }

  @Test
  void wrongInputIsOneLineAndExitsWith2() {
    Result result = thrown(InputException.expected("m.safetensors", "a header", "3 bytes"));
    assertEquals(2, result.code);
    assertEquals("espalier: m.safetensors: expected a header, found 3 bytes\n", result.err);
  }

  @Test
  void aFaultIsOneLineThatSaysHowToSeeMoreAndExitsWith1() {
    Result result = thrown(new IllegalStateException("broken\nin two"));
    assertEquals(1, result.code);
    assertEquals(
        "espalier: this is a bug in espalier: IllegalStateException: broken in two (--stacktrace"
            + " shows where)\n",
        result.err);
    assertEquals(
        "espalier: this is a bug in espalier: StackOverflowError (--stacktrace shows where)\n",
        thrown(new StackOverflowError()).err);
  }

  @Test
  void stacktraceShowsWhere() {
    Result result = thrown(new IllegalStateException("broken"), "--stacktrace");
    assertEquals(1, result.code);
    assertTrue(
        result.err.startsWith(
            "espalier: this is a bug in espalier: IllegalStateException: broken\njava.lang."),
        result.err);
    assertTrue(result.err.contains("\tat org.espalier.cli.MainTest"), result.err);
  }

  @Test
  void outOfMemoryNamesTheLimit() {
    Result result = thrown(new OutOfMemoryError("Java heap space"));
    assertEquals(1, result.code);
    long mib = Runtime.getRuntime().maxMemory() >> 20;
    assertTrue(
        result.err.startsWith("espalier: out of memory: the heap is limited to " + mib + " MiB;"),
        result.err);
    assertTrue(result.err.contains("ESPALIER_JAVA_OPTS=-Xmx"), result.err);
    assertEquals(1, result.err.lines().count());
    assertEquals(
        "espalier: out of threads: the system gives no more of them; a smaller number of --threads"
            + " or --streams needs fewer\n",
        thrown(new OutOfMemoryError("unable to create native thread: possibly out of memory")).err);
  }

  static Stream<Arguments> failuresOfTheFileSystem() {
    return Stream.of(
        arguments(
            new NoSuchFileException("f"), "f: can't be read or written: no such file or folder"),
        arguments(new AccessDeniedException("f"), "f: can't be read or written: permission denied"),
        arguments(
            new FileAlreadyExistsException("f"), "f: can't be read or written: it exists already"),
        arguments(new NotDirectoryException("f"), "f: can't be read or written: it is no folder"),
        arguments(
            new UncheckedIOException(new FileSystemException("f", null, "Too many open files")),
            "f: can't be read or written: Too many open files"),
        arguments(new IOException("odd"), "can't be read or written: odd"),
        arguments(
            new InvalidPathException("caf\ufffd", "Malformed input"),
            "'caf\ufffd': expected the name of a file, found letters that file names can't have in"
                + " this locale (LC_ALL=C.UTF-8 has all)"));
  }

  @ParameterizedTest
  @MethodSource("failuresOfTheFileSystem")
  void whatTheFileSystemRefusesIsWrongInput(Throwable thrown, String message) {
    Result result = thrown(thrown);
    assertEquals("espalier: " + message + "\n", result.err);
    assertEquals(2, result.code);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "inspect #",
        "eval # --data d",
        "eval m --data #",
        "eval m --test #",
        "train plain --out #",
        "demo --out #",
        "prune # --percent 1 --out o",
        "predict m #",
        "bench #",
        "sweep #",
        "sweep m --out #",
        "export # --out o",
        "export m --out #"
      })
  void aNameThatNoFileCanHaveIsOneLine(String line) {
    for (String name : List.of("", "a\0b")) {
      String[] args =
          Stream.of(line.split(" ")).map(w -> w.equals("#") ? name : w).toArray(String[]::new);
      Result result = run(args);
      assertEquals(2, result.code, result.err);
      assertEquals(1, result.err.lines().count(), result.err);
      assertTrue(result.err.contains("expected the name of a file"), result.err);
    }
  }

  @Test
  void aRecipeWhoseNameNoFileCanHaveIsUnknown() {
    Result result = run("train", "a\0b", "--out", "o");
    assertEquals(2, result.code, result.err);
    assertTrue(
        result.err.startsWith("espalier: recipe: expected a YAML file or one of"), result.err);
  }

  @Test
  void aWrongKernelPropertyIsWrongInput() {
    System.setProperty(KernelChoice.KERNELS_PROPERTY, "fast");
    try {
      Result result = run("doctor");
      assertEquals(2, result.code);
      assertEquals("espalier: espalier.kernels: expected simd or scalar, found fast\n", result.err);
      assertEquals(0, run("--help").code);
    } finally {
      System.clearProperty(KernelChoice.KERNELS_PROPERTY);
    }
  }

  private static Result thrown(Throwable throwable, String... args) {
    StringWriter err = new StringWriter();
    CommandLine line = Main.commandLine().setErr(new PrintWriter(err, true));
    line.parseArgs(args);
    int code = new Failures().report(throwable, line);
    return new Result(code, "", err.toString());
  }
}
