package org.espalier.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.InvalidPathException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.espalier.InputException;
import org.espalier.machine.Machine;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Says in one line on the error stream what went wrong, and with which code to exit: 2 for what the
 * user can put right, 1 for the rest. With {@code --stacktrace} the stack trace follows.
 */
final class Failures implements IParameterExceptionHandler, IExecutionExceptionHandler {
  /** Longest line; what was found on the command line may be of any length. */
  private static final int LONGEST = 2000;

  @Override
  public int handleParseException(ParameterException e, String[] args) {
    CommandLine line = e.getCommandLine();
    String name = line.getCommandSpec().qualifiedName();
    ParameterException first = e instanceof MissingParameterException ? misspelt(e, args) : e;
    StringBuilder text = new StringBuilder(lowerFirst(String.valueOf(first.getMessage())));
    if (first instanceof UnmatchedArgumentException unmatched) {
      List<String> near = unmatched.getSuggestions();
      if (!near.isEmpty()) {
        text.append("; did you mean ").append(String.join(" or ", near)).append('?');
      }
    }
    print(line, text.append(" (see '").append(name).append(" --help')").toString());
    return ExitCode.USAGE;
  }

  /** A required option that is missing may only be misspelt: then that is what is said. */
  private static ParameterException misspelt(ParameterException missing, String[] args) {
    CommandLine line = missing.getCommandLine();
    List<String> unknown =
        Arrays.stream(args)
            .takeWhile(arg -> !arg.equals("--"))
            .map(arg -> arg.replaceFirst("=.*", ""))
            .filter(arg -> arg.startsWith("--") && line.getCommandSpec().findOption(arg) == null)
            .toList();
    return unknown.isEmpty() ? missing : new UnmatchedArgumentException(line, unknown);
  }

  @Override
  public int handleExecutionException(Exception e, CommandLine line, ParseResult parsed) {
    return report(e, line);
  }

  /** Reports whatever was thrown and returns the exit code. */
  int report(Throwable thrown, CommandLine line) {
    boolean stacktrace =
        line.getCommandSpec().root().userObject() instanceof EspalierCommand root
            && root.stacktrace();
    InputException input = asInput(thrown);
    String message = input == null ? message(thrown) : String.valueOf(input.getMessage());
    print(line, message + (isBug(thrown) && !stacktrace ? " (--stacktrace shows where)" : ""));
    if (stacktrace) {
      thrown.printStackTrace(line.getErr());
    }
    return input == null ? ExitCode.SOFTWARE : ExitCode.USAGE;
  }

  /** Returns what the user can put right, or null if it is nothing of that kind. */
  private static @Nullable InputException asInput(Throwable thrown) {
    return switch (thrown) {
      case InputException e -> e;
      case UncheckedIOException e -> InputException.of(Objects.requireNonNull(e.getCause()));
      case IOException e -> InputException.of(e);
      case InvalidPathException e -> InputException.of(e);
      default -> null;
    };
  }

  /** Whatever nobody foresaw is a fault of the program; memory may be short for any reason. */
  private static boolean isBug(Throwable thrown) {
    return !(thrown instanceof OutOfMemoryError) && asInput(thrown) == null;
  }

  private static String message(Throwable thrown) {
    String message = thrown.getMessage();
    if (!(thrown instanceof OutOfMemoryError)) {
      String kind = thrown.getClass().getSimpleName();
      return "this is a bug in espalier: " + (message == null ? kind : kind + ": " + message);
    }
    if (message != null && message.contains("native thread")) {
      return "out of threads: the system gives no more of them; a smaller number of --threads or"
          + " --streams needs fewer";
    }
    return "out of memory: the heap is limited to "
        + (Runtime.getRuntime().maxMemory() >> 20)
        + " MiB; ESPALIER_JAVA_OPTS=-Xmx4g would set 4 GiB, of the machine's "
        + (Machine.detect().memoryBytes() >> 20)
        + " MiB, and smaller batches need less";
  }

  private static void print(CommandLine line, String message) {
    String cut = message.length() > LONGEST ? message.substring(0, LONGEST) + "…" : message;
    line.getErr().println("espalier: " + cut.replaceAll("[\\p{Cc}\\p{Zl}\\p{Zp}]+", " "));
  }

  private static String lowerFirst(String s) {
    return s.isEmpty() ? s : s.substring(0, 1).toLowerCase(Locale.ROOT) + s.substring(1);
  }
}
