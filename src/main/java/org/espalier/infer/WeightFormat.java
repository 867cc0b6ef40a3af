package org.espalier.infer;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** How the weight of a layer lies in memory, and so by which kernel. All give the same bits. */
public enum WeightFormat {
  /** The one that is expected to be fastest. */
  AUTO,

  /** Every weight, packed for the matrix product. */
  DENSE,

  /**
   * Compressed sparse rows, for single examples and for batches; the values are floats. In a
   * convolution the columns are coded by their distances: a {@link
   * org.espalier.sparse.DeltaCsrMatrix}.
   */
  CSR,

  /**
   * A {@link org.espalier.sparse.SellMatrix}, for single examples of fully connected layers. Where
   * it can't serve batches these have {@link #BLOCKED_CSR}.
   */
  SELL,

  /**
   * A {@link org.espalier.sparse.CacheBlockedMatrix}, for batches of fully connected layers; single
   * examples have {@link #SELL}.
   */
  BLOCKED_CSR,

  /**
   * Blocks of 4 or 16 outputs by one input of which a weight is not zero; their values are floats.
   * Single examples of fully connected layers have {@link #SELL} where blocks are of 4.
   */
  BSR;

  private static final Map<String, WeightFormat> NAMED =
      Arrays.stream(values()).collect(Collectors.toMap(WeightFormat::toString, f -> f));

  private final String name = name().toLowerCase(Locale.ROOT).replace('_', '-');

  /** Returns the name as it is written on the command line: {@code blocked-csr}. */
  @Override
  public String toString() {
    return name;
  }

  /** Returns the format of a name as {@link #toString} gives it. */
  public static Optional<WeightFormat> named(String name) {
    return Optional.ofNullable(NAMED.get(name));
  }
}
