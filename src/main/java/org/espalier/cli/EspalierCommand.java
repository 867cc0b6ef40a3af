package org.espalier.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The command above all commands. */
@Command(
    name = "espalier",
    description =
        "Trains neural networks with targeted dropout, prunes them and runs them fast on CPUs.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    scope = ScopeType.INHERIT,
    sortOptions = false,
    usageHelpAutoWidth = true,
    abbreviateSynopsis = true,
    subcommands = {
      DemoCommand.class,
      TrainCommand.class,
      PruneCommand.class,
      EvalCommand.class,
      PredictCommand.class,
      BenchCommand.class,
      TuneCommand.class,
      SweepCommand.class,
      InspectCommand.class,
      ImportCommand.class,
      ExportCommand.class,
      DoctorCommand.class
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:failed",
      "2:wrong input or environment",
      "130, 143:ended by Ctrl-C or SIGTERM"
    })
final class EspalierCommand implements Callable<Integer> {
  @Option(
      names = "--stacktrace",
      scope = ScopeType.INHERIT,
      description = "On failure, print the stack trace as well.")
  private boolean stacktrace;

  @Spec private CommandSpec spec;

  boolean stacktrace() {
    return stacktrace;
  }

  /** Without a command there is nothing to do: shows what there is. */
  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getErr());
    return CommandLine.ExitCode.USAGE;
  }
}
