package org.espalier.cli;

import picocli.CommandLine.Option;

/** How many threads compute. */
final class ThreadsOption {
  @Option(
      names = "--threads",
      paramLabel = "N",
      converter = Count.class,
      description = "Threads that compute; the results don't depend on it. Default: all CPUs.")
  // What the container or the operating system allows, not what the machine has.
  private int threads = Runtime.getRuntime().availableProcessors();

  /** Returns the number of threads. */
  int threads() {
    return threads;
  }
}
