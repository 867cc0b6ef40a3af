package org.espalier.io.onnx.translate;

/**
 * Says that an operator makes of the axis that counts the examples something else, so that examples
 * can't be computed one by one.
 */
final class MixedBatch extends Exception {
  private static final long serialVersionUID = 1L;

  MixedBatch(String reason) {
    super(reason, null, false, false);
  }
}
