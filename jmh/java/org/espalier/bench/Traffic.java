package org.espalier.bench;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Floats that loops read and write, in units of 10⁹ bytes; JMH divides them by the time. */
@State(Scope.Thread)
@AuxCounters(AuxCounters.Type.OPERATIONS)
public class Traffic {
  /** Bytes of every array, once for each time a loop goes over it to read or to write. */
  public double gigabytes;

  void count(long floats) {
    gigabytes += floats * Float.BYTES / 1e9;
  }
}
