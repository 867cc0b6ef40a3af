package org.espalier.io.onnx.translate;

/** Says that a node can't be translated. */
final class Unsupported extends Exception {
  private static final long serialVersionUID = 1L;

  Unsupported(String reason) {
    super(reason, null, false, false);
  }
}
