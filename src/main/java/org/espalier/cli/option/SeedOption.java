package org.espalier.cli.option;

import picocli.CommandLine.Option;

/** The seed of everything that is random. */
public final class SeedOption {
  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Seed of all random numbers. Default: ${DEFAULT-VALUE}.",
      defaultValue = "1")
  private long seed;

  /** Returns the seed. */
  public long seed() {
    return seed;
  }
}
