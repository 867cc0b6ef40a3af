package org.espalier.cli;

import picocli.CommandLine.Option;

/** The seed of everything that is random. */
final class SeedOption {
  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Seed of all random numbers. Default: ${DEFAULT-VALUE}.",
      defaultValue = "1")
  private long seed;

  /** Returns the seed. */
  long seed() {
    return seed;
  }
}
