package org.espalier.io.onnx;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.espalier.model.Graph;
import org.espalier.model.Node;
import org.espalier.model.Operator;

/** Layers with weights as they are: {@code Gemm} and {@code Conv}. */
final class FloatLayers implements LayerForm {
  /** The opset since which {@code Gemm} needs no bias. */
  private static final int FREE_BIAS = 11;

  private final Graph graph;
  private final OnnxGraph onnx;
  private final WeightStore weights;

  FloatLayers(Graph graph, OnnxGraph onnx, WeightStore weights) {
    this.graph = graph;
    this.onnx = onnx;
    this.weights = weights;
  }

  @Override
  public void linear(Node node, Operator.Linear linear, String input, String output) {
    List<String> inputs = new ArrayList<>(List.of(input));
    inputs.add(weight(node, linear.outputs(), linear.inputs()));
    if (linear.bias()) {
      inputs.add(bias(node, linear.outputs()));
    } else if (onnx.opset() < FREE_BIAS) {
      inputs.add(onnx.floats(node.parameter(Operator.BIAS), new float[1], 1));
    }
    onnx.node("Gemm", output, inputs, new Attribute.Whole("transB", 1));
  }

  @Override
  public void conv(Node node, Operator.Conv2d conv, Optional<Node> norm) {
    List<String> inputs = new ArrayList<>(List.of(node.input()));
    inputs.add(weight(node, LayerForm.dims(conv)));
    if (conv.bias()) {
      inputs.add(bias(node, conv.outputs()));
    }
    onnx.node("Conv", node.name(), inputs, LayerForm.window(conv));
  }

  @Override
  public boolean foldsNormalizations() {
    return false;
  }

  private String weight(Node node, long... dims) {
    String name = node.parameter(Operator.WEIGHT);
    return weights.write(name, graph.parameter(name).value(), dims);
  }

  private String bias(Node node, long units) {
    String name = node.parameter(Operator.BIAS);
    return onnx.floats(name, graph.parameter(name).value().toArray(), units);
  }
}
