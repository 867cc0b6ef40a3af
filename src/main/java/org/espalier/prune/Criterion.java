package org.espalier.prune;

import java.util.Locale;
import org.espalier.Internal;

/** By what the weights of a unit are ranked. */
@Internal
public enum Criterion {
  /** Their magnitude. */
  MAGNITUDE,
  /**
   * Their magnitude times the L2 norm of what they are multiplied with (Sun et al. 2023, "A simple
   * and effective pruning approach for large language models").
   */
  WANDA;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
