package org.espalier.doctor;

import java.util.ArrayList;
import java.util.List;
import org.espalier.doctor.selftest.SelfTest;
import org.espalier.doctor.selftest.SelfTests;
import org.espalier.kernel.KernelChoice;
import org.espalier.kernel.Kernels;
import org.espalier.machine.Machine;
import org.jspecify.annotations.Nullable;

/** Finds out what the machine is, which kernels run on it, whether they are right and how fast. */
public final class Doctor {
  private Doctor() {}

  /**
   * What was found.
   *
   * @param machine the machine and the JVM
   * @param choice which kernels run, and why
   * @param selfTests what the self-tests of the families of kernels found
   * @param speeds the machine's limits with one thread, and with as many as the JVM may use
   * @param untimed why nothing was timed, or null if it was
   */
  public record Diagnosis(
      Machine machine,
      KernelChoice choice,
      List<SelfTest.Result> selfTests,
      List<Roofline> speeds,
      @Nullable String untimed) {
    /** Returns whether every self-test passed. */
    public boolean healthy() {
      return selfTests.stream().allMatch(SelfTest.Result::passed);
    }
  }

  /** Examines the machine, for a few seconds. */
  public static Diagnosis examine() {
    Machine machine = Machine.detect();
    List<SelfTest.Result> selfTests = new ArrayList<>();
    for (SelfTest<?> test : SelfTests.all()) {
      selfTests.add(test.run());
    }
    List<Roofline> speeds = new ArrayList<>();
    String untimed = Roofline.refusal();
    if (untimed == null) {
      speeds.add(Roofline.measure(machine, 1));
      if (machine.processors() > 1) {
        speeds.add(Roofline.measure(machine, machine.processors()));
      }
    }
    return new Diagnosis(machine, Kernels.choice(), selfTests, speeds, untimed);
  }
}
