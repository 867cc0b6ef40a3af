package org.espalier.op;

import org.espalier.tensor.BitMask;
import org.espalier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What a layer multiplies with instead of its weight: {@code W ⊙ keep}, never stored, or another
 * tensor altogether. A {@link WeightTransform} fills it in before each forward pass.
 */
public final class EffectiveWeight {
  private final Tensor weight;
  private Tensor value;
  private @Nullable BitMask keep;
  private @Nullable BitMask keepUnits;

  /** Makes one that is the weight itself. */
  EffectiveWeight(Tensor weight) {
    this.weight = weight;
    this.value = weight;
  }

  /** The weight as it is. */
  public void plain() {
    value = weight;
    keep = null;
    keepUnits = null;
  }

  /** The weight, +0 where {@code mask} is clear. */
  public void masked(BitMask mask) {
    plain();
    keep = mask;
  }

  /**
   * The weight, +0 where {@code mask} is clear, and nothing at all from units whose bit is clear in
   * {@code units}, one row of bits: their bias counts as +0 too.
   */
  public void masked(BitMask mask, BitMask units) {
    plain();
    keep = mask;
    keepUnits = units;
  }

  /** Another tensor of the weight's shape. */
  public void replaced(Tensor tensor) {
    plain();
    value = tensor;
  }

  /** Returns the tensor to multiply with, before the mask. */
  public Tensor value() {
    return value;
  }

  /** Returns which entries are kept, or null for all. */
  public @Nullable BitMask keep() {
    return keep;
  }

  /** Returns which units emit at all, or null for all. */
  public @Nullable BitMask keepUnits() {
    return keepUnits;
  }
}
