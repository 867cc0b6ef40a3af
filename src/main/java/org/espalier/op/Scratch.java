package org.espalier.op;

import org.espalier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Storage that operations share because what lies in it is of no use once they return. Made when it
 * is first asked for.
 */
final class Scratch {
  private final int maxBatch;
  private final int maxFeatures;
  private @Nullable Tensor inputs;
  private @Nullable Tensor outputs;

  /** Makes it for the widest of the layers. */
  Scratch(int maxBatch, int maxFeatures) {
    this.maxBatch = maxBatch;
    this.maxFeatures = maxFeatures;
  }

  /** Returns a row for each example, as wide as the widest input or output. */
  Tensor inputs() {
    if (inputs == null) {
      inputs = Tensor.zeros(maxBatch, maxFeatures);
    }
    return inputs;
  }

  /** Returns another one. */
  Tensor outputs() {
    if (outputs == null) {
      outputs = Tensor.zeros(maxBatch, maxFeatures);
    }
    return outputs;
  }
}
