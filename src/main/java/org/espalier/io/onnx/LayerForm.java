package org.espalier.io.onnx;

import java.util.Optional;
import org.espalier.model.Node;
import org.espalier.model.Operator;

/** How layers, the operators with a weight, are written. */
interface LayerForm {
  /** Writes a fully connected layer. */
  void linear(Node node, Operator.Linear linear);

  /**
   * Writes a convolution.
   *
   * @param norm the normalisation that is folded into it, whose name the output then has
   */
  void conv(Node node, Operator.Conv2d conv, Optional<Node> norm);

  /** Returns whether normalisations behind convolutions are folded into them. */
  boolean foldsNormalizations();

  /** Returns the window of a convolution. */
  static Attribute[] window(Operator.Conv2d conv) {
    int p = conv.padding();
    return new Attribute[] {
      new Attribute.Wholes("kernel_shape", conv.kernelHeight(), conv.kernelWidth()),
      new Attribute.Wholes("strides", conv.stride(), conv.stride()),
      new Attribute.Wholes("pads", p, p, p, p),
      new Attribute.Whole("group", conv.groups())
    };
  }

  /** Returns the four extents of a convolution's weight. */
  static long[] dims(Operator.Conv2d conv) {
    return new long[] {
      conv.outputs(), conv.inputs() / conv.groups(), conv.kernelHeight(), conv.kernelWidth()
    };
  }
}
