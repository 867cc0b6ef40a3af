package org.espalier.op;

import org.espalier.tensor.Tensor;

/** Lets a weight transform be measured without a network around it. */
public final class EffectiveWeights {
  private EffectiveWeights() {}

  /** Returns what a layer with this weight would hand to a transform. */
  public static EffectiveWeight of(Tensor weight) {
    return new EffectiveWeight(weight);
  }
}
