package org.espalier.cli;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Where results go. */
final class OutOption {
  @Option(
      names = "--out",
      paramLabel = "DIR",
      required = true,
      description = "Folder for what the command writes; it is made if it isn't there.")
  private Path folder;

  /** Returns the folder. */
  Path folder() {
    return folder;
  }
}
