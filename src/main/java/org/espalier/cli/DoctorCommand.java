package org.espalier.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Looks at the machine. */
@Command(
    name = "doctor",
    description =
        "Says what the machine is and which kernels run, measures its limits and tests the kernels.")
final class DoctorCommand implements Callable<Integer> {

  @Mixin JsonOption format;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    throw Pending.work(spec);
  }
}
