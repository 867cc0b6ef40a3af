package org.espalier.cli.option;

import java.nio.file.Path;
import java.util.function.Consumer;
import org.espalier.io.OutputFolder;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Where results go. */
public final class OutOption {
  @Option(
      names = "--out",
      paramLabel = "DIR",
      required = true,
      description = "Folder for the results, created if missing.")
  private Path folder;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  /** Returns the folder. */
  public Path folder() {
    return folder;
  }

  /** Makes the folder, if it isn't there, and keeps others out of it until it is closed. */
  public OutputFolder open() {
    return OutputFolder.open(folder, warnings(spec));
  }

  /** Returns who prints a line on the error stream for each warning. */
  public static Consumer<String> warnings(CommandSpec spec) {
    return line -> spec.commandLine().getErr().println("espalier: " + line);
  }
}
