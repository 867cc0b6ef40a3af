package org.espalier.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import org.espalier.InputException;
import org.espalier.cli.option.OldSpellings;
import org.espalier.cli.option.PathReader;
import org.espalier.cli.output.StandardStream;
import org.espalier.kernel.FallbackNotice;
import org.espalier.kernel.KernelChoice;
import org.espalier.kernel.Kernels;
import org.espalier.machine.FusedMultiplyAdd;
import picocli.AutoComplete;
import picocli.CommandLine;

/** Runs a command and exits with its code: 0 done, 1 failed, 2 wrong input or environment. */
public final class Main {
  private static final Failures FAILURES = new Failures();

  /** Commands that work, or say what they can, where no kernel could. */
  private static final Set<String> COMPUTE_NOTHING =
      Set.of("espalier", "inspect", "export", "doctor", "completion");

  private Main() {}

  /** Runs the command that the arguments name. */
  public static void main(String[] args) {
    System.exit(run(StandardStream.out(), StandardStream.err(), args));
  }

  /** Runs a command on the given streams, which become the JVM's, and returns its exit code. */
  public static int run(StandardStream out, StandardStream err, String... args) {
    System.setOut(out.printStream());
    System.setErr(err.printStream());
    PrintWriter errors = err.writer();
    Thread.setDefaultUncaughtExceptionHandler(
        (_, thrown) -> FAILURES.report(thrown, commandLine().setErr(errors)));
    int code = run(out.writer(), errors, args);
    try {
      out.check();
    } catch (InputException e) {
      return code == CommandLine.ExitCode.OK
          ? FAILURES.report(e, commandLine().setErr(errors))
          : code;
    }
    return code;
  }

  /** Returns the parser of all commands. */
  static CommandLine commandLine() {
    CommandLine completion = new CommandLine(new AutoComplete.GenerateCompletion());
    completion.getCommandSpec().name("completion");
    completion
        .getCommandSpec()
        .usageMessage()
        .description("Prints a completion script for bash and zsh: source <(espalier completion)");
    return new CommandLine(new EspalierCommand())
        .addSubcommand("completion", completion)
        // Sub-commands take over the settings that are made after they were added.
        .registerConverter(Path.class, new PathReader())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler(FAILURES)
        .setExecutionExceptionHandler(FAILURES)
        .setExecutionStrategy(Main::execute);
  }

  /** Runs a command with the given streams and returns its exit code. */
  public static int run(PrintWriter out, PrintWriter err, String... args) {
    CommandLine line = commandLine().setOut(out).setErr(err);
    Locale before = Locale.getDefault(Locale.Category.FORMAT);
    // Libraries format numbers as the system's language does: no shell reads a script with those.
    Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT);
    try {
      return line.execute(OldSpellings.renamed(args, err));
    } catch (Error e) { // picocli hands on what is not an Exception
      return FAILURES.report(e, line);
    } finally {
      Locale.setDefault(Locale.Category.FORMAT, before);
      out.flush();
      err.flush();
    }
  }

  /**
   * Runs what was parsed; what is wrong with the kernels' properties or with the machine shows
   * before anything else.
   */
  private static int execute(CommandLine.ParseResult parsed) {
    Integer help = CommandLine.executeHelpRequest(parsed);
    if (help != null) {
      return help;
    }
    PrintWriter err = parsed.commandSpec().commandLine().getErr();
    FallbackNotice.to(text -> err.println("espalier: " + text));
    try {
      KernelChoice.detect();
      if (!COMPUTE_NOTHING.contains(command(parsed))) {
        FusedMultiplyAdd.require();
        Kernels.choice();
      }
    } catch (InputException e) {
      return FAILURES.report(e, parsed.commandSpec().commandLine());
    }
    return new CommandLine.RunLast().execute(parsed);
  }

  private static String command(CommandLine.ParseResult parsed) {
    CommandLine.ParseResult last = parsed;
    while (last.hasSubcommand()) {
      last = last.subcommand();
    }
    return last.commandSpec().name();
  }
}
