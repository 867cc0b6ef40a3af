package org.espalier.sparsify;

import org.espalier.op.Clock;

/** How much of a unit (or of a layer) is targeted. */
public sealed interface Target {
  /** Returns how many of {@code n} are candidates for dropping when the ramp has passed. */
  int candidates(int n);

  /** Returns how many of {@code n} are candidates now. */
  default int candidates(int n, Ramp ramp, Clock clock) {
    double share = ramp.target(clock);
    return share == 1 ? candidates(n) : (int) (share * exact(n));
  }

  /** Returns the number of candidates before it is rounded down. */
  double exact(int n);

  /**
   * The lowest {@code floor(γ·n)}.
   *
   * @param rate γ, the targeting proportion
   */
  record Proportion(Fraction rate) implements Target {
    @Override
    public int candidates(int n) {
      return rate.of(n);
    }

    @Override
    public double exact(int n) {
      return rate.doubleValue() * n;
    }
  }

  /**
   * All but the strongest so many (the paper's Xtreme dropout).
   *
   * @param count how many are never dropped
   */
  record AllBut(int count) implements Target {
    /** Checks the count. */
    public AllBut {
      if (count < 0) {
        throw new IllegalArgumentException("can't keep " + count + " weights");
      }
    }

    @Override
    public int candidates(int n) {
      return Math.max(0, n - count);
    }

    @Override
    public double exact(int n) {
      return candidates(n);
    }
  }
}
