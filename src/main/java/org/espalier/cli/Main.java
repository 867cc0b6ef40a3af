package org.espalier.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import picocli.AutoComplete;
import picocli.CommandLine;

/** Runs a command and exits with its code: 0 done, 1 failed, 2 wrong input or environment. */
public final class Main {
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

  /** Runs a command with the given streams and returns its exit code. */
  static int run(PrintWriter out, PrintWriter err, String... args) {
    CommandLine line =
        new CommandLine(new EspalierCommand())
            .addSubcommand("completion", new AutoComplete.GenerateCompletion())
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setOut(out)
            .setErr(err);
    // Sub-commands take over these settings, so they come behind the last one.
    Failures failures = new Failures();
    line.setParameterExceptionHandler(failures).setExecutionExceptionHandler(failures);
    try {
      return line.execute(args);
    } catch (Error e) { // picocli hands on what is not an Exception
      return failures.report(e, line);
    } finally {
      out.flush();
      err.flush();
    }
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
