package org.espalier.op;

import org.espalier.Internal;

/** What a training step spends its time on. */
@Internal
public enum Stage {
  /** Waiting for a batch of examples. */
  DATA,
  /** Deciding the effective weight: selection and drawing. */
  PREPARE,
  /** The forward pass of an operation. */
  FORWARD,
  /** Loss and its gradient. */
  LOSS,
  /** Back through the rectifier, and the bias's gradient. */
  OUTPUT_GRADIENT,
  /** The gradient of an operation's input. */
  INPUT_GRADIENT,
  /** The gradient of a layer's weight. */
  WEIGHT_GRADIENT,
  /** The optimiser's sweep, and what methods do in it. */
  OPTIMIZER,
  /** What a method does once the weights have changed, and statistics. */
  AFTER_STEP
}
