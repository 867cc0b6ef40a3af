package org.espalier.cli;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.espalier.InputException;
import org.espalier.cli.option.JsonOption;
import org.espalier.cli.option.KernelOption;
import org.espalier.doctor.Doctor;
import org.espalier.doctor.Roofline;
import org.espalier.doctor.selftest.SelfTest;
import org.espalier.experiment.tune.KernelTimesFile;
import org.espalier.kernel.KernelChoice;
import org.espalier.machine.Cache;
import org.espalier.machine.FusedMultiplyAdd;
import org.espalier.machine.Machine;
import org.espalier.report.Table;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Looks at the machine. */
@Command(
    name = "doctor",
    description =
        "Shows the machine and its kernels, tests the kernels and measures the machine's limits.")
final class DoctorCommand implements Callable<Integer> {

  @Mixin JsonOption format;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    Optional<String> missing = FusedMultiplyAdd.whyMissing();
    if (missing.isPresent()) {
      format.print(
          spec.commandLine().getOut(), List.of(machine(Machine.detect(), KernelChoice.detect())));
      throw new InputException(missing.get());
    }
    Doctor.Diagnosis diagnosis = Doctor.examine();
    format.print(
        spec.commandLine().getOut(),
        List.of(
            machine(diagnosis.machine(), diagnosis.choice()),
            selfTests(diagnosis),
            speeds(diagnosis),
            kernelTimes()));
    if (diagnosis.untimed() != null) {
      spec.commandLine().getErr().println("espalier: nothing was timed: " + diagnosis.untimed());
    }
    return diagnosis.healthy() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
  }

  private static Table machine(Machine m, KernelChoice choice) {
    Table table = new Table("Machine", Table.Column.text("what"), Table.Column.text("value"));
    table.row("CPU", m.cpu());
    table.row("processors", m.processors() + " of " + m.systemProcessors());
    for (Cache cache : m.caches()) {
      table.row("L" + cache.level() + " data cache", (cache.bytes() >> 10) + " KiB");
    }
    table.row("memory", (m.memoryBytes() >> 20) + " MiB, heap up to " + (m.heapBytes() >> 20));
    table.row("system", m.system());
    table.row("JDK", m.java());
    table.row("collectors", m.collectors());
    table.row("flags", m.flags().toString());
    table.row("started with", String.join(" ", m.arguments()));
    table.row("FMA", FusedMultiplyAdd.whyMissing().isEmpty() ? "an instruction" : "none");
    table.row("kernels", choice.toString());
    table.row(
        "kernel times",
        KernelOption.timesFile()
            .file()
            .map(path -> "in " + path)
            .orElse("kept nowhere: there is no cache"));
    return table;
  }

  private static Table selfTests(Doctor.Diagnosis diagnosis) {
    Table table =
        new Table(
            "Kernels against their specification",
            Table.Column.text("family"),
            Table.Column.number("compared", 0),
            Table.Column.text("result"));
    for (SelfTest.Result r : diagnosis.selfTests()) {
      table.row(
          r.family(), r.comparisons(), r.passed() ? "the same bits" : "DIFFERS: " + r.difference());
    }
    return table;
  }

  /** What 'tune' has kept for this machine, JDK and build. */
  private static Table kernelTimes() {
    KernelTimesFile file = KernelOption.timesFile();
    Table table =
        new Table(
            "Kernel times, measured by tune",
            Table.Column.text("layer"),
            Table.Column.number("batch", 0),
            Table.Column.text("kernel"),
            Table.Column.number("measured (µs)", 1));
    file.read()
        .nanos()
        .forEach(
            (key, nanos) ->
                table.row(key.layer(), key.batch(), key.kernel().toString(), nanos / 1e3));
    return table;
  }

  private static Table speeds(Doctor.Diagnosis diagnosis) {
    Table table =
        new Table(
            "Limits, measured",
            Table.Column.number("threads", 0),
            Table.Column.text("what"),
            Table.Column.number("speed", 1),
            Table.Column.text("unit"));
    for (Roofline speed : diagnosis.speeds()) {
      table.row(speed.threads(), "fp32 fma, registers", speed.gigaflops(), "GFLOP/s");
      for (Roofline.Read read : speed.reads()) {
        table.row(speed.threads(), "read " + read.memory(), read.gigabytesPerSecond(), "GB/s");
      }
    }
    return table;
  }
}
