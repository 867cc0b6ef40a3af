package org.espalier.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The seed of everything that is random. */
final class SeedOption {
  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Seed of everything that is random. Default: the recipe's.")
  private @Nullable Long seed;

  /** Returns the seed, or null for the recipe's. */
  @Nullable Long seed() {
    return seed;
  }
}
