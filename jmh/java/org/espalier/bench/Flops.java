package org.espalier.bench;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * Floating-point operations, in units of 10⁹; JMH divides them by the time. Two for each weight
 * that is multiplied, and two for each weight that a dense product would multiply.
 */
@State(Scope.Thread)
@AuxCounters(AuxCounters.Type.OPERATIONS)
public class Flops {
  /** Those that are executed. */
  public double realGflop;

  /** Those of the dense product. */
  public double effectiveGflop;

  void count(long real, long effective) {
    realGflop += real / 1e9;
    effectiveGflop += effective / 1e9;
  }
}
