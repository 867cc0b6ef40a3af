package org.espalier.parallel;

import org.espalier.Internal;

/** How a loop is cut into pieces: contiguous, in order, of lengths that differ by one at most. */
@Internal
public final class Ranges {
  private Ranges() {}

  /**
   * Returns where a piece begins, which is where the one before it ends.
   *
   * @param n how long the loop is, from 0
   * @param piece from 0; {@code pieces} gives {@code n}
   * @param pieces at least 1
   */
  public static int begin(int n, int piece, int pieces) {
    return (int) ((long) n * piece / pieces);
  }
}
