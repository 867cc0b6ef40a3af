package org.espalier.op;

import org.espalier.tensor.Subset;
import org.espalier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Values between two operations, {@code [batch][features]}, and the loss's gradient there. */
public final class Activation {
  private Tensor value;
  private final @Nullable Tensor gradient;
  private @Nullable Subset emitting;

  /** Makes one with a gradient, or without one if nobody asks for it. */
  Activation(Tensor value, @Nullable Tensor gradient) {
    this.value = value;
    this.gradient = gradient;
  }

  /** Makes the network's input, whose gradient nobody asks for. */
  static Activation input(Tensor value) {
    return new Activation(value, null);
  }

  /** Returns the values. */
  public Tensor value() {
    return value;
  }

  /** Puts other values in place: those of the next batch. */
  void value(Tensor tensor) {
    value = tensor;
  }

  /** Returns the columns outside of which all values are +0 and no gradient counts, or null. */
  @Nullable Subset emitting() {
    return emitting;
  }

  /** Says outside of which columns all values are +0 and no gradient counts; null for all. */
  void emitting(@Nullable Subset columns) {
    emitting = columns;
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
