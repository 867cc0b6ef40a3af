package org.espalier.cli;

import java.util.List;
import java.util.Locale;
import org.espalier.InputException;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Says in one line on the error stream what went wrong, and with which code to exit: 2 for what the
 * user can put right, 1 for the rest. With {@code --stacktrace} the stack trace follows.
 */
final class Failures implements IParameterExceptionHandler, IExecutionExceptionHandler {
  @Override
  public int handleParseException(ParameterException e, String[] args) {
    CommandLine line = e.getCommandLine();
    String name = line.getCommandSpec().qualifiedName();
    StringBuilder text = new StringBuilder(lowerFirst(String.valueOf(e.getMessage())));
    if (e instanceof UnmatchedArgumentException unmatched) {
      List<String> near = unmatched.getSuggestions();
      if (!near.isEmpty()) {
        text.append("; did you mean ").append(String.join(" or ", near)).append('?');
      }
    }
    print(line, text.append(" (see '").append(name).append(" --help')").toString());
    return ExitCode.USAGE;
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
    boolean input = thrown instanceof InputException;
    print(line, message(thrown) + (input || stacktrace ? "" : " (--stacktrace shows where)"));
    if (stacktrace) {
      thrown.printStackTrace(line.getErr());
    }
    return input ? ExitCode.USAGE : ExitCode.SOFTWARE;
  }

  private static String message(Throwable thrown) {
    return switch (thrown) {
      case InputException e -> String.valueOf(e.getMessage());
      case OutOfMemoryError _ ->
          "out of memory: the heap is limited to "
              + (Runtime.getRuntime().maxMemory() >> 20)
              + " MiB; ESPALIER_JAVA_OPTS=-Xmx… sets another limit";
      default -> {
        String message = thrown.getMessage();
        String kind = thrown.getClass().getSimpleName();
        yield "failed: " + (message == null ? kind : kind + ": " + message);
      }
    };
  }

  private static void print(CommandLine line, String message) {
    line.getErr().println("espalier: " + message.replaceAll("[\\p{Cc}\\p{Zl}\\p{Zp}]+", " "));
  }

  private static String lowerFirst(String s) {
    return s.isEmpty() ? s : s.substring(0, 1).toLowerCase(Locale.ROOT) + s.substring(1);
  }
}
