package org.espalier.sparsify;

import java.util.Locale;

/** What is ranked, dropped and pruned as one. */
public enum Granularity {
  /** Single weights, ranked by magnitude within each unit. */
  WEIGHT(1),
  /** Whole units, ranked by the L2 norm of their weights within each layer. */
  UNIT(1),
  /** Blocks of four units by one input, ranked as {@link BlockScores} says. */
  BLOCK_4(4),
  /** Blocks of sixteen units by one input, ranked as {@link BlockScores} says. */
  BLOCK_16(16);

  private final int height;

  Granularity(int height) {
    this.height = height;
  }

  /** Returns how many units' weights of one input make a block; 1 where there are no blocks. */
  public int height() {
    return height;
  }

  /** Returns the name as it is written in recipes and on the command line: {@code block-4}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
