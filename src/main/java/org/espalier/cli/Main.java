package org.espalier.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.espalier.InputException;
import org.espalier.kernel.KernelChoice;
import picocli.AutoComplete;
import picocli.CommandLine;

/** Runs a command and exits with its code: 0 done, 1 failed, 2 wrong input or environment. */
public final class Main {
  private static final Failures FAILURES = new Failures();

  private Main() {}

  /** Runs the command that the arguments name. */
  public static void main(String[] args) {
    PrintStream out = open(FileDescriptor.out, System.out.charset());
    PrintStream err = open(FileDescriptor.err, System.err.charset());
    System.setOut(out);
    System.setErr(err);
    int code = run(writer(out), writer(err), args);
    System.exit(code);
  }

  /** Returns the parser of all commands. */
  static CommandLine commandLine() {
    return new CommandLine(new EspalierCommand())
        .addSubcommand("completion", new AutoComplete.GenerateCompletion())
        // Sub-commands take over the settings that are made after they were added.
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler(FAILURES)
        .setExecutionExceptionHandler(FAILURES)
        .setExecutionStrategy(Main::execute);
  }

  /** Runs a command with the given streams and returns its exit code. */
  static int run(PrintWriter out, PrintWriter err, String... args) {
    CommandLine line = commandLine().setOut(out).setErr(err);
    try {
      return line.execute(args);
    } catch (Error e) { // picocli hands on what is not an Exception
      return FAILURES.report(e, line);
    } finally {
      out.flush();
      err.flush();
    }
  }

  /**
   * Runs what was parsed; what is wrong with the kernels' properties shows before anything else.
   */
  private static int execute(CommandLine.ParseResult parsed) {
    Integer help = CommandLine.executeHelpRequest(parsed);
    if (help != null) {
      return help;
    }
    try {
      KernelChoice.detect();
    } catch (InputException e) {
      return FAILURES.report(e, parsed.commandSpec().commandLine());
    }
    return new CommandLine.RunLast().execute(parsed);
  }

  private static PrintWriter writer(PrintStream stream) {
    return new PrintWriter(stream, true, stream.charset());
  }

  /** Opens a stream; where the locale says ASCII, as in many containers, nobody means it. */
  private static PrintStream open(FileDescriptor descriptor, Charset charset) {
    return new PrintStream(
        new FileOutputStream(descriptor),
        true,
        charset.equals(StandardCharsets.US_ASCII) ? StandardCharsets.UTF_8 : charset);
  }
}
