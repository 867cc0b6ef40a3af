package org.espalier.io.onnx;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.espalier.model.Graph;
import org.espalier.model.Node;
import org.espalier.model.Operator;

/** Layers with weights as they are: {@code Gemm} and {@code Conv}. */
final class FloatLayers implements LayerForm {
  private final Graph graph;
  private final OnnxGraph onnx;

  FloatLayers(Graph graph, OnnxGraph onnx) {
    this.graph = graph;
    this.onnx = onnx;
  }

  @Override
  public void linear(Node node, Operator.Linear linear) {
    String weight = constant(node, Operator.WEIGHT, linear.outputs(), linear.inputs());
    String bias = constant(node, Operator.BIAS, linear.outputs());
    onnx.node(
        "Gemm", node.name(), List.of(node.input(), weight, bias), new Attribute.Whole("transB", 1));
  }

  @Override
  public void conv(Node node, Operator.Conv2d conv, Optional<Node> norm) {
    List<String> inputs = new ArrayList<>(List.of(node.input()));
    inputs.add(constant(node, Operator.WEIGHT, LayerForm.dims(conv)));
    if (conv.bias()) {
      inputs.add(constant(node, Operator.BIAS, conv.outputs()));
    }
    onnx.node("Conv", node.name(), inputs, LayerForm.window(conv));
  }

  @Override
  public boolean foldsNormalizations() {
    return false;
  }

  private String constant(Node node, String role, long... dims) {
    String name = node.parameter(role);
    return onnx.floats(name, graph.parameter(name).value().toArray(), dims);
  }
}
