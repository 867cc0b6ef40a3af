package org.espalier.machine;

import java.util.OptionalLong;

/** What a measurement reads besides its own times; tests put others in the machine's place. */
public interface Gauges {
  /** Returns the time in nanoseconds, as {@link System#nanoTime}. */
  long nanos();

  /**
   * What the JVM's compilers are at.
   *
   * @param nanos how long they have worked so far
   * @param running whether one of them is at work now, or waits for a processor
   */
  record Compilation(long nanos, boolean running) {}

  /** Returns what the JVM's compilers are at. */
  Compilation compilation();

  /**
   * Returns the processors' time that others than this process have used since some moment, in
   * nanoseconds, the time included that a hypervisor gave to other machines; nothing where the
   * system doesn't tell.
   */
  OptionalLong others();

  /** Returns how many processors {@link #others} is about. */
  int processors();

  /** Returns those of this machine. */
  static Gauges ofThisMachine() {
    return MachineGauges.HERE;
  }
}
