package org.espalier.op;

import java.util.List;
import org.espalier.Internal;

/** A node of the graph made ready for training: buffers, forward and backward. */
@Internal
public interface Operation {
  /** Computes the output of {@code batch} examples. */
  void forward(Phase phase, Clock clock, int batch);

  /**
   * Computes, from the gradient of the output of the last forward pass of {@link Phase#TRAIN}, the
   * gradients of the parameters and, where it is asked for, of the input. The output's gradient may
   * be overwritten. In the first part of a step, by the clock of that pass, gradients of parameters
   * are written, in later ones the sums are gone on with, so that after the last part they have the
   * bits that one large batch gives.
   */
  void backward(int batch);

  /** Returns the output. */
  Activation output();

  /** Returns what the optimiser changes. */
  List<Trainable> trainables();
}
