package org.espalier.cli;

import picocli.CommandLine.Model.CommandSpec;

/** Stands where a command's work will be. */
final class Pending {
  private Pending() {}

  static IllegalStateException work(CommandSpec spec) {
    return new IllegalStateException("'" + spec.qualifiedName() + "' has no work to do yet");
  }
}
