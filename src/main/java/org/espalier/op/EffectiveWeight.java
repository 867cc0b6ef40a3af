package org.espalier.op;

import org.espalier.tensor.BitMask;
import org.espalier.tensor.Subset;
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
  private @Nullable Subset emitting;
  private @Nullable Subset units;

  /** Makes one that is the weight itself. */
  public EffectiveWeight(Tensor weight) {
    this.weight = weight;
    this.value = weight;
  }

  /** The weight as it is. */
  public void plain() {
    value = weight;
    keep = null;
    emitting = null;
    units = null;
  }

  /** The weight, +0 where {@code mask} is clear. */
  public void masked(BitMask mask) {
    plain();
    keep = mask;
  }

  /**
   * The weight, +0 where {@code mask} is clear, and nothing at all from units that are not in
   * {@code units}: their bias and their normalisation count as +0 too.
   */
  public void masked(BitMask mask, Subset units) {
    plain();
    keep = mask;
    emitting = units;
  }

  /**
   * The weight, +0 in the rows of units that are not kept; only the others are computed.
   *
   * @param kept the units kept, listed
   * @param mask the same as a mask of the weight: whole rows are set or clear
   * @param silent whether units that are not kept emit nothing at all: their bias and their
   *     normalisation count as +0 too
   */
  public void units(Subset kept, BitMask mask, boolean silent) {
    plain();
    keep = mask;
    emitting = silent ? kept : null;
    units = kept;
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

  /** Returns the units that have weights, where the others have none at all, or null. */
  public @Nullable Subset units() {
    return units;
  }

  /** Returns which units emit at all, or null for all. */
  public @Nullable Subset emitting() {
    return emitting;
  }
}
