package org.espalier.kernel.contract;

/** Into how many vectors each a run of pixels is cut whose sums stay in registers. */
public final class ConvStrips {
  /** The longest strip: eight chains hide the latency of fma. */
  private static final int LONGEST = 8;

  /** Up to this length what is left is one strip. */
  private static final int SHORT = 5;

  private ConvStrips() {}

  /** Returns the vectors of the next strip: as many as can be, but no short one should remain. */
  public static int next(int left) {
    if (left <= SHORT) {
      return left;
    }
    return left == LONGEST || left > 2 * SHORT ? LONGEST : (left + 1) / 2;
  }
}
