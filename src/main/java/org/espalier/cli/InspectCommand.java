package org.espalier.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows what is in a model. */
@Command(
    name = "inspect",
    description = "Shows layers, sparsity, sizes, preprocessing and provenance of a model.")
final class InspectCommand implements Callable<Integer> {

  @Parameters(paramLabel = "MODEL", description = "A model file.")
  Path model;

  @Mixin JsonOption format;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    throw Pending.work(spec);
  }
}
