package org.espalier.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Measures accuracy. */
@Command(name = "eval", description = "Measures the accuracy of a model on the test images.")
final class EvalCommand implements Callable<Integer> {

  @Parameters(paramLabel = "MODEL", description = "A model file.")
  Path model;

  @Mixin DataOption data;
  @Mixin ThreadsOption threads;
  @Mixin JsonOption format;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    throw Pending.work(spec);
  }
}
