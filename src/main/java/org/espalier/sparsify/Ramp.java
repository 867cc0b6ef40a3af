package org.espalier.sparsify;

import org.espalier.op.Clock;
import org.espalier.op.Span;

/**
 * How targeted dropout grows: the targeted share γ rises linearly to 95 % of its value over the
 * first half of a span of training and takes the rest over the second half; the drop rate α rises
 * linearly over the whole span. These are the shapes of the paper's ramping targeted dropout, whose
 * span is 98 epochs.
 *
 * @param over how long it takes; 0 steps means that both have their values from the start
 */
public record Ramp(Span over) {
  /** No ramp. */
  public static final Ramp NONE = new Ramp(new Span(0, Span.Unit.STEPS));

  private static final double FIRST_HALF = 0.95;

  /** Returns by what α is multiplied now, 0 to 1. */
  double drop(Clock clock) {
    return over.passed(clock);
  }

  /** Returns by what γ is multiplied now, 0 to 1; exactly 1 once the span has passed. */
  double target(Clock clock) {
    double t = over.passed(clock);
    if (t >= 1) {
      return 1;
    }
    return t < 0.5 ? FIRST_HALF * 2 * t : FIRST_HALF + (1 - FIRST_HALF) * (2 * t - 1);
  }
}
