package org.espalier.io.onnx;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.espalier.model.Elementwise;
import org.espalier.model.Graph;
import org.espalier.model.Movement;
import org.espalier.model.Node;
import org.espalier.model.Operator;
import org.espalier.model.Reduction;
import org.espalier.model.Resampling;
import org.espalier.model.Window;
import org.espalier.tensor.Nchw16n;

/**
 * Writes the nodes of a graph: those operators that can be trained here, the others in classes of
 * their own.
 */
final class NodeWriter {
  private final Graph graph;
  private final OnnxGraph onnx;
  private final LayerForm layers;
  private final Values values;
  private final ElementwiseNodes elementwise;
  private final MovementNodes movements;
  private final ReductionNodes reductions;
  private final ResamplingNodes resamplings;

  /** Normalisations that the convolution in front of them has done. */
  private final Set<String> folded = new HashSet<>();

  NodeWriter(Graph graph, OnnxGraph onnx, LayerForm layers) {
    this.graph = graph;
    this.onnx = onnx;
    this.layers = layers;
    this.values = new Values(graph, onnx);
    this.elementwise = new ElementwiseNodes(values);
    this.movements = new MovementNodes(graph, onnx, values);
    this.reductions = new ReductionNodes(values);
    this.resamplings = new ResamplingNodes(graph, onnx, values);
  }

  /** Writes all nodes. */
  void write() {
    graph.nodes().forEach(this::write);
  }

  private void write(Node node) {
    if (takesBatches(node.operator())) {
      List<String> inputs = node.inputs().stream().map(values::batched).toList();
      write(new Node(node.name(), node.operator(), inputs, node.outputShape()), node.name(), false);
      return;
    }
    boolean single = node.inputs().stream().allMatch(values::isOnce);
    if (!single) {
      write(node, node.name(), false);
    } else if (graph.outputs().contains(node.name())) {
      String once = onnx.fresh(node.name() + ".once");
      write(node, once, true);
      values.repeat(once, node.outputShape(), node.name());
    } else {
      write(node, node.name(), true);
      values.addOnce(node.name());
    }
  }

  /** Returns whether ONNX's operator wants a batch in any case. */
  private static boolean takesBatches(Operator operator) {
    return switch (operator) {
      case Operator.Layer _,
          Operator.BatchNorm _,
          Operator.Shortcut _,
          Operator.Pool _,
          Operator.GlobalAveragePool _,
          Reduction.LocalResponse _,
          Resampling _ ->
          true;
      case Operator.Relu _,
          Operator.Add _,
          Operator.Flatten _,
          Elementwise _,
          Movement _,
          Reduction.Reduce _,
          Reduction.Softmax _,
          Reduction.Standardize _,
          Reduction.MatMul _ ->
          false;
    };
  }

  private void write(Node node, String output, boolean single) {
    Steps steps = new Steps(onnx, node.name(), output);
    switch (node.operator()) {
      case Operator.Linear linear -> linear(node, linear);
      case Operator.Conv2d conv -> {
        Optional<Node> norm = layers.foldsNormalizations() ? normBehind(node) : Optional.empty();
        norm.map(Node::name).ifPresent(folded::add);
        layers.conv(node, conv, norm);
      }
      case Operator.BatchNorm norm -> {
        if (!folded.contains(node.name())) {
          normalization(node, norm);
        }
      }
      case Operator.Relu _ -> steps.end("Relu", node.input());
      case Operator.Add _ -> steps.end("Add", node.inputs());
      case Operator.Shortcut shortcut -> shortcut(node, shortcut, steps);
      case Operator.MaxPool pool -> {
        if (isDilated(pool.window())) {
          steps.require(10, "windows with gaps");
        }
        steps.end("MaxPool", node.inputs(), window(pool, steps));
      }
      case Operator.AveragePool pool -> {
        if (isDilated(pool.window())) {
          steps.require(19, "means of windows with gaps");
        }
        Attribute[] counts =
            pool.countPadding()
                ? new Attribute[] {new Attribute.Whole("count_include_pad", 1)}
                : new Attribute[0];
        steps.end("AveragePool", node.inputs(), window(pool, steps, counts));
      }
      case Operator.GlobalAveragePool _ -> steps.end("GlobalAveragePool", node.input());
      case Operator.Flatten _ -> {
        if (single) {
          movements.reshape(node.input(), output, node.outputShape(), true);
        } else {
          steps.end("Flatten", node.inputs(), new Attribute.Whole("axis", 1));
        }
      }
      case Elementwise operator -> elementwise.write(node, operator, steps, single);
      case Movement operator -> movements.write(node, operator, output, single);
      case Reduction operator -> reductions.write(node, operator, steps, single);
      case Resampling operator -> resamplings.write(node, operator, steps);
    }
  }

  /** ONNX's layers take rows: those of all examples one behind the other. */
  private void linear(Node node, Operator.Linear linear) {
    int[] dims = node.outputShape().dims();
    if (dims.length == 1) {
      layers.linear(node, linear, node.input(), node.name());
      return;
    }
    String rows = onnx.fresh(node.name() + ".rows");
    values.reshape(node.input(), rows, -1, linear.inputs());
    String products = onnx.fresh(node.name() + ".products");
    layers.linear(node, linear, rows, products);
    values.reshape(products, node.name(), Values.prefixed(-1, dims));
  }

  /** Returns the normalisation that alone reads a convolution. */
  private Optional<Node> normBehind(Node conv) {
    List<Node> readers = graph.readers(conv.name());
    return readers.size() == 1
            && readers.getFirst().operator() instanceof Operator.BatchNorm
            && !graph.outputs().contains(conv.name())
        ? Optional.of(readers.getFirst())
        : Optional.empty();
  }

  private void normalization(Node node, Operator.BatchNorm norm) {
    onnx.node(
        "BatchNormalization",
        node.name(),
        List.of(
            node.input(),
            vector(node, Operator.WEIGHT),
            vector(node, Operator.BIAS),
            vector(node, Operator.BatchNorm.MEAN),
            vector(node, Operator.BatchNorm.VARIANCE)),
        new Attribute.Real("epsilon", (float) norm.epsilon()));
  }

  private String vector(Node node, String role) {
    String name = node.parameter(role);
    float[] values = graph.parameter(name).value().toArray();
    return onnx.floats(name, values, values.length);
  }

  /** Every so many-th pixel, then channels of zeros behind those that there are. */
  private void shortcut(Node node, Operator.Shortcut shortcut, Steps steps) {
    int missing = shortcut.outputs() - channels(node.name());
    boolean pads = missing > 0;
    String pixels = pads ? onnx.fresh(node.name() + ".pixels") : node.name();
    int stride = shortcut.stride();
    if (steps.since(10)) {
      onnx.node(
          "Slice",
          pixels,
          List.of(
              node.input(),
              onnx.wholes(node.name() + ".starts", 0, 0),
              onnx.wholes(node.name() + ".ends", Integer.MAX_VALUE, Integer.MAX_VALUE),
              onnx.wholes(node.name() + ".axes", 2, 3),
              onnx.wholes(node.name() + ".steps", stride, stride)));
    } else { // there were no steps; the largest of one pixel is that pixel
      List<Attribute> window = LayerForm.window(Window.of(1, 1, stride, 0));
      onnx.node("MaxPool", pixels, List.of(node.input()), window.toArray(Attribute[]::new));
    }
    if (pads && steps.since(11)) {
      String pad = onnx.wholes(node.name() + ".pads", 0, 0, 0, 0, 0, missing, 0, 0);
      onnx.node("Pad", node.name(), List.of(pixels, pad));
    } else if (pads) {
      Attribute pad = new Attribute.Wholes("pads", 0, 0, 0, 0, 0, missing, 0, 0);
      onnx.node("Pad", node.name(), List.of(pixels), pad);
    }
  }

  /** Returns the channels that a node reads. */
  private int channels(String node) {
    return Nchw16n.of(graph.shapeOf(graph.node(node).orElseThrow().input())).channels();
  }

  private static boolean isDilated(Window window) {
    return window.dilationY() != 1 || window.dilationX() != 1;
  }

  private static Attribute[] window(Operator.Pool pool, Steps steps, Attribute... more) {
    List<Attribute> attributes = new ArrayList<>(List.of(more));
    attributes.addAll(LayerForm.window(pool.window()));
    if (pool.ceil()) {
      steps.require(10, "a last window that lies in part behind the padding");
      attributes.add(new Attribute.Whole("ceil_mode", 1));
    }
    return attributes.toArray(Attribute[]::new);
  }
}
