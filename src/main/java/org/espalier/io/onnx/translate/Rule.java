package org.espalier.io.onnx.translate;

/** How nodes of an operator are translated. */
@FunctionalInterface
interface Rule {
  /**
   * Translates a node and gives its outputs to it.
   *
   * @throws MixedBatch if the axis of the batch becomes something else
   * @throws Unsupported if there is no translation
   * @throws IllegalArgumentException if the node doesn't fit what it reads
   * @throws ArithmeticException if an extent doesn't fit its type
   */
  void translate(Site site) throws MixedBatch, Unsupported;
}
