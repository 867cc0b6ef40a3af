package org.espalier.experiment.timing;

import java.util.OptionalLong;
import java.util.function.LongToDoubleFunction;
import org.espalier.machine.Gauges;

/** A machine whose time passes only while a side works, and that does beside what it is told. */
final class FakeGauges implements Gauges {
  private final LongToDoubleFunction others;
  private final LongToDoubleFunction compiling;
  private final int processors;
  private long now;
  private double othersNanos;
  private double compiledNanos;

  /**
   * Makes a machine.
   *
   * @param others by the time, how many processors others use; NaN if it doesn't tell
   * @param compiling by the time, how many compilers work
   */
  FakeGauges(int processors, LongToDoubleFunction others, LongToDoubleFunction compiling) {
    this.processors = processors;
    this.others = others;
    this.compiling = compiling;
  }

  /** Two processors, and nobody else. */
  static FakeGauges quiet() {
    return new FakeGauges(2, _ -> 0, _ -> 0);
  }

  void pass(double nanos) {
    othersNanos += others.applyAsDouble(now) * nanos;
    compiledNanos += compiling.applyAsDouble(now) * nanos;
    now += (long) nanos;
  }

  @Override
  public long nanos() {
    return now;
  }

  @Override
  public Compilation compilation() {
    return new Compilation((long) compiledNanos, compiling.applyAsDouble(now) > 0);
  }

  @Override
  public OptionalLong others() {
    return Double.isNaN(othersNanos) ? OptionalLong.empty() : OptionalLong.of((long) othersNanos);
  }

  @Override
  public int processors() {
    return processors;
  }
}
