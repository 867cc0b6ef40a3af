package org.espalier.op;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A length of training, as users write it: {@code 500 steps}, {@code 1.5 epochs}, {@code 75 %} (of
 * the whole training).
 *
 * @param amount how much, at least 0
 * @param unit of what
 */
public record Span(double amount, Unit unit) {
  /** What a span is counted in. */
  public enum Unit {
    /** Gradient steps. */
    STEPS,
    /** Passes over the training data. */
    EPOCHS,
    /** Hundredths of the whole training. */
    PERCENT
  }

  /** What a quantifier has taken it keeps, so that the time is linear in the text. */
  private static final Pattern FORM =
      Pattern.compile("\\s*+([0-9]++(?:\\.[0-9]++)?|\\.[0-9]++)\\s*+(steps?|epochs?|%)\\s*+");

  /** Checks the amount. */
  public Span {
    if (!(amount >= 0) || Double.isInfinite(amount)) {
      throw new IllegalArgumentException("a span of training can't be " + amount);
    }
  }

  /**
   * Reads a span.
   *
   * @throws IllegalArgumentException if the text isn't a number and a unit
   */
  public static Span parse(String text) {
    Matcher m = FORM.matcher(text.toLowerCase(Locale.ROOT));
    if (!m.matches()) {
      throw new IllegalArgumentException(
          "'" + text + "' is no span of training; write '500 steps', '2 epochs' or '75 %'");
    }
    Unit unit =
        switch (m.group(2).charAt(0)) {
          case 's' -> Unit.STEPS;
          case 'e' -> Unit.EPOCHS;
          default -> Unit.PERCENT;
        };
    return new Span(Double.parseDouble(m.group(1)), unit);
  }

  /** Returns how many steps this is in the training that the clock tells of. */
  public double steps(Clock clock) {
    return switch (unit) {
      case STEPS -> amount;
      case EPOCHS -> amount * clock.stepsPerEpoch();
      case PERCENT -> amount / 100 * clock.totalSteps();
    };
  }

  /** Returns the share of this span that has passed, 0 to 1; 1 if the span is empty. */
  public double passed(Clock clock) {
    double steps = steps(clock);
    return clock.step() >= steps ? 1 : clock.step() / steps;
  }

  /** Returns the form that {@link #parse} reads. */
  @Override
  public String toString() {
    String number = amount == Math.rint(amount) ? Long.toString((long) amount) : "" + amount;
    return switch (unit) {
      case STEPS -> number + " steps";
      case EPOCHS -> number + " epochs";
      case PERCENT -> number + " %";
    };
  }
}
