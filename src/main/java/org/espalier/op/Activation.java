package org.espalier.op;

import org.espalier.Internal;
import org.espalier.tensor.Nchw16n;
import org.espalier.tensor.Subset;
import org.espalier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Values between two operations and the loss's gradient there: vectors as {@code
 * [batch][features]}, feature maps as {@link Nchw16n} says.
 */
@Internal
public final class Activation {
  private Tensor value;
  private final @Nullable Tensor gradient;
  private final @Nullable Nchw16n planes;
  private @Nullable Subset emitting;
  private @Nullable Subset computed;

  /**
   * Makes one.
   *
   * @param gradient null if nobody asks for it
   * @param planes layout of the maps, or null for vectors
   */
  Activation(Tensor value, @Nullable Tensor gradient, @Nullable Nchw16n planes) {
    this.value = value;
    this.gradient = gradient;
    this.planes = planes;
  }

  /** Makes the network's input, whose gradient nobody asks for. */
  static Activation input(Tensor value) {
    return new Activation(value, null, null);
  }

  /** Returns the values. */
  public Tensor value() {
    return value;
  }

  /** Puts other values in place: those of the next batch. */
  void value(Tensor tensor) {
    value = tensor;
  }

  /** Returns the layout of feature maps; null for vectors. */
  public @Nullable Nchw16n planes() {
    return planes;
  }

  /** Returns the layout of feature maps. */
  Nchw16n requiredPlanes() {
    if (planes == null) {
      throw new IllegalStateException("these are vectors, no feature maps");
    }
    return planes;
  }

  /** Returns how many rows of the tensors a batch takes. */
  public int rows(int batch) {
    return planes == null ? batch : Nchw16n.groups(batch) * planes.channels();
  }

  /**
   * Returns the units (columns of vectors, channels of maps) outside of which all values are +0 and
   * no gradient counts, or null.
   */
  @Nullable Subset emitting() {
    return emitting;
  }

  /** Says outside of which units all values are +0 and no gradient counts; null for all. */
  void emitting(@Nullable Subset units) {
    emitting = units;
  }

  /**
   * Returns the units that the layer in front computed in this pass, where the others had no
   * weights left and are constants, or null.
   */
  @Nullable Subset computed() {
    return computed;
  }

  /** Says which units were computed; null for all. */
  void computed(@Nullable Subset units) {
    computed = units;
  }

  /** Returns the gradient, or null if nobody asks for it. */
  public @Nullable Tensor gradient() {
    return gradient;
  }

  /** Returns the gradient of an activation that has one. */
  public Tensor requiredGradient() {
    if (gradient == null) {
      throw new IllegalStateException("the network's input has no gradient");
    }
    return gradient;
  }
}
