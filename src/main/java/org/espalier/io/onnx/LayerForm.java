package org.espalier.io.onnx;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.espalier.model.Node;
import org.espalier.model.Operator;
import org.espalier.model.Window;

/** How layers, the operators with a weight, are written. */
interface LayerForm {
  /**
   * Writes a fully connected layer.
   *
   * @param input the name of what it reads, rows
   * @param output the name of what it gives, rows
   */
  void linear(Node node, Operator.Linear linear, String input, String output);

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
    List<Attribute> attributes = window(conv.window());
    attributes.add(new Attribute.Whole("group", conv.groups()));
    return attributes.toArray(Attribute[]::new);
  }

  /** Returns a window. */
  static List<Attribute> window(Window w) {
    List<Attribute> attributes = new ArrayList<>();
    attributes.add(new Attribute.Wholes("kernel_shape", w.height(), w.width()));
    attributes.add(new Attribute.Wholes("strides", w.strideY(), w.strideX()));
    attributes.add(new Attribute.Wholes("pads", w.top(), w.left(), w.bottom(), w.right()));
    if (w.dilationY() != 1 || w.dilationX() != 1) {
      attributes.add(new Attribute.Wholes("dilations", w.dilationY(), w.dilationX()));
    }
    return attributes;
  }

  /** Returns the four extents of a convolution's weight. */
  static long[] dims(Operator.Conv2d conv) {
    return new long[] {
      conv.outputs(), conv.inputs() / conv.groups(), conv.window().height(), conv.window().width()
    };
  }
}
