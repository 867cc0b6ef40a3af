package org.espalier.data;

import org.espalier.Internal;
import org.espalier.tensor.Tensor;

/**
 * Examples that a network takes together.
 *
 * @param x inputs {@code [size][features]}
 * @param labels class of each
 */
@SuppressWarnings("ArrayRecordComponent") // the buffers are reused, so nobody may keep or compare
@Internal
public record Batch(Tensor x, int[] labels) {
  /** Returns the number of examples. */
  public int size() {
    return labels.length;
  }
}
