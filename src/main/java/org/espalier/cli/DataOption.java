package org.espalier.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which data. */
final class DataOption {
  @Option(
      names = "--data",
      paramLabel = "DIR|FILE",
      description =
          "Folder with the four IDX files, gz or plain, or one images file whose labels lie"
              + " beside it. Default: the embedded part of Fashion-MNIST.")
  private @Nullable Path path;

  /** Returns where the data lies, or null for the embedded data. */
  @Nullable Path path() {
    return path;
  }
}
