package org.espalier.cli.option;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** How many threads compute. */
public final class ThreadsOption {
  // What the container or the operating system allows, not what the machine has.
  private final int processors = Runtime.getRuntime().availableProcessors();

  private int threads = processors;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--threads",
      paramLabel = "N",
      converter = ThreadCount.class,
      description = "Number of threads. The results don't depend on it. Default: all CPUs.")
  void setThreads(int number) {
    threads = number;
    if (number > processors) {
      spec.commandLine()
          .getErr()
          .println(
              "espalier: --threads "
                  + number
                  + ": this JVM may use "
                  + processors
                  + " processors; more threads than that make nothing faster");
    }
  }

  /** Returns the number of threads. */
  public int threads() {
    return threads;
  }
}
