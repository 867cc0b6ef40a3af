package org.espalier.op;

import org.espalier.kernel.Kernels;
import org.espalier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What an operation reads. Where several operations read the same, the one that runs last forward,
 * which is the first backward, writes the gradient there and the others add to it.
 *
 * @param activation the values
 * @param adds whether this operation's part of the gradient is added to what stands there
 */
record OperationInput(Activation activation, boolean adds) {
  /** Returns the values. */
  Tensor value() {
    return activation.value();
  }

  /** Returns where the gradient goes, or null if nobody asks for it. */
  @Nullable Tensor gradient() {
    return activation.gradient();
  }

  /** Hands on rows of a gradient as they are. */
  void hand(Tensor dy, int from, int to) {
    Tensor dx = gradient();
    if (dx == null) {
      return;
    }
    for (int r = from; r < to; r++) {
      if (adds) {
        Kernels.vector().add(dx.cols(), dy.data(), dy.row(r), dx.data(), dx.row(r));
      } else {
        System.arraycopy(dy.data(), dy.row(r), dx.data(), dx.row(r), dx.cols());
      }
    }
  }
}
