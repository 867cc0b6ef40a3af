package org.espalier.peers;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a ratio is measured by.
 *
 * @param must the least
 * @param reach the aim
 * @param cost whether the ratio is our time ÷ theirs, which should be small; otherwise it is how
 *     many times as fast ours is
 */
record Mark(double must, double reach, boolean cost) {
  /** No mark: how many times as fast ours is, for information. */
  static final Mark NONE = new Mark(Double.NaN, Double.NaN, false);

  /** No mark: our time ÷ the other's, for information. */
  static final Mark COST = new Mark(Double.NaN, Double.NaN, true);

  /** Ours is at least so many times as fast. */
  static Mark speedup(double must, double reach) {
    return new Mark(must, reach, false);
  }

  /** Ours takes at most such a share of the other's time. */
  static Mark cost(double must, double reach) {
    return new Mark(must, reach, true);
  }

  /** Returns the ratio that this mark is about, given how many times as fast ours is. */
  double ratio(double speedup) {
    return cost ? 1 / speedup : speedup;
  }

  /** Returns {@code reached}, {@code met} or {@code MISSED}, or null if there is no mark. */
  @Nullable String verdict(double ratio) {
    if (Double.isNaN(must)) {
      return null;
    }
    if (cost ? ratio <= reach : ratio >= reach) {
      return "reached";
    }
    return (cost ? ratio <= must : ratio >= must) ? "met" : "MISSED";
  }

  /** Returns must and reach, or null if there is no mark. */
  @Nullable String text() {
    return Double.isNaN(must) ? null : (cost ? "≤ " : "≥ ") + number(must) + " / " + number(reach);
  }

  private static String number(double x) {
    return String.format(Locale.ROOT, "%.2f", x).replaceAll("\\.?0+$", "");
  }
}
